package harden

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sync/errgroup"

	"ucs-harden/controls"
	"ucs-harden/findings"
	"ucs-harden/internal/inroot"
	"ucs-harden/maincf"
	"ucs-harden/mastercf"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
)

// render makes two dry runs. The one with today's registry shows what was edited by hand. The other, with the planned
// registry, shows what will be rendered.
func (s *Server) render(ctx context.Context, p *Planned) error {
	defer s.progress("rendering main.cf and master.cf")()
	p.Rendered = &plan.Rendered{
		Main:   plan.RenderedFile{Path: transaction.MainCF, Now: p.facts.now.main},
		Master: plan.RenderedFile{Path: transaction.MasterCF, Now: p.facts.now.master},
	}
	if err := s.renderAll(ctx, p); err != nil {
		return err
	}
	for _, r := range p.Rendered.Files() {
		r.Diff = plan.Unified(r.Path, string(canonical(r.Path, r.Now)), string(canonical(r.Path, r.Next)))
		if edit := plan.Unified(r.Path, string(canonical(r.Path, r.Current)), string(canonical(r.Path, r.Now))); edit != "" {
			p.find(editedByHand(r.Path, edit))
		}
		p.stillNamed(r)
	}
	var err error
	if p.next, err = parseConfiguration(p.Rendered.Main.Next, p.Rendered.Master.Next); err != nil {
		return fmt.Errorf("cannot read the dry run: %w", because(err, p.registryAfter()))
	}
	p.next.local = p.facts.now.local
	p.expectations()
	return nil
}

// renderAll renders the files with today's registry and, at the same time, with the planned one; only with the first if
// the plan changes nothing.
func (s *Server) renderAll(ctx context.Context, p *Planned) error {
	var files []string
	for _, r := range p.Rendered.Files() {
		files = append(files, strings.TrimPrefix(r.Path, "/"))
	}
	var current, next [][]byte
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		current, err = s.renderWith(ctx, nil, p.facts.registry, files...)
		return err
	})
	classes := p.classes()
	changes := len(p.Variables) > 0 || classes != nil
	if changes {
		group.Go(func() (err error) {
			next, err = s.renderWith(ctx, classes, p.registryAfter(), files...)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, r := range p.Rendered.Files() {
		r.Current, r.Next = current[i], current[i]
		if changes {
			r.Next = next[i]
		}
	}
	return nil
}

func (p *Planned) find(f plan.Finding) { p.Findings = append(p.Findings, f) }

// classes returns the planned content of the file of restriction classes: "" if the plan removes the file, nil if the
// plan does not touch it.
func (p *Planned) classes() *string {
	for _, f := range p.Files {
		if f.Kind == plan.Include {
			classes := ""
			if f.After != nil {
				classes = *f.After
			}
			return &classes
		}
	}
	return nil
}

// registryAfter returns the registry as it will be after the apply.
func (p *Planned) registryAfter() *ucr.Registry {
	set, unset := map[string]string{}, []string{}
	for _, v := range p.Variables {
		if v.After != nil {
			set[v.Key] = *v.After
		} else {
			unset = append(unset, v.Key)
		}
	}
	return p.facts.registry.With(set, unset)
}

// classesEnv is the environment variable that makes our main.cf template read the restriction classes from another
// file.
const classesEnv = "UCS_HARDEN_MAIN_CF="

// renderWith makes a dry run of files. If classes is not nil, they take the place of the restriction classes on disk. If
// their file is missing, the classes of today are those that main.cf still has.
func (s *Server) renderWith(ctx context.Context, classes *string, reg *ucr.Registry, files ...string) ([][]byte, error) {
	if classes == nil {
		if classes = s.lostClasses(); classes == nil {
			return s.ucr().RenderAll(ctx, reg, files)
		}
	}
	proposed, err := os.CreateTemp("", "ucs-harden-") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("cannot render: %w", err)
	}
	defer os.Remove(proposed.Name())
	_, err = proposed.WriteString(*classes)
	if err = errors.Join(err, proposed.Close()); err != nil {
		return nil, fmt.Errorf("cannot render: %w", err)
	}
	return s.ucr().RenderAll(ctx, reg, files, classesEnv+proposed.Name())
}

// lostClasses returns the restriction classes that main.cf has although their file is gone; nil if it has none.
func (s *Server) lostClasses() *string {
	if _, err := inroot.Lstat(s.Root, controls.ClassesFile); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	content, err := s.read(transaction.MainCF)
	if err != nil {
		return nil // reading the configuration says so
	}
	main, err := maincf.Parse(content)
	if err != nil {
		return nil
	}
	return text(restrictions.ClassesOf(main.Value).Bytes())
}

// canonical makes renderings comparable. It removes the header comment, which lists templates. It sorts the -o
// overrides of master.cf, which UCR prints in no fixed order.
func canonical(path string, content []byte) []byte {
	content = ucr.StripHeader(content)
	if path == transaction.MasterCF {
		return mastercf.Canonical(content)
	}
	return content
}

// stillNamed finds files that the plan removes although the configuration still names them, for example in
// main.cf.local.
func (p *Planned) stillNamed(r *plan.RenderedFile) {
	for _, f := range p.Files {
		if f.Action == plan.Remove && f.Kind != plan.Ledger && bytes.Contains(r.Next, []byte(":"+f.Path)) {
			p.find(findings.StillNamed.Of(f.Path).Finding(plan.Error,
				fmt.Sprintf("%s would still name %s, which the plan removes: Postfix would answer 451 4.3.5", r.Path, f.Path),
				"take it out of "+r.Path+".local, then plan again"))
		}
	}
}

func editedByHand(path, edit string) plan.Finding {
	return findings.EditedByHand.Of(path).Doubt(
		path+" differs from what UCR renders from the registry; the manual changes would be lost:\n"+
			strings.TrimSuffix(edit, "\n"),
		"put the lines into "+path+".local, then: ucr commit "+path)
}

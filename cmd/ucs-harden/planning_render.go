package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"ucs-harden/maincf"
	"ucs-harden/mastercf"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
)

// render makes the dry runs: of the registry as it is, to see what was edited
// by hand, and as it will be.
func (g *global) render(ctx context.Context, reg *ucr.Registry, p *plan.Plan) error {
	next := after(reg, p)
	classes := classesOf(p)
	g.busy("rendering main.cf and master.cf")
	defer g.idle()
	p.Rendered = &plan.Rendered{Main: plan.RenderedFile{Path: transaction.MainCF}, Master: plan.RenderedFile{Path: transaction.MasterCF}}
	for _, r := range p.Rendered.Files() {
		path := r.Path
		var err error
		if r.Now, err = g.read(path); err != nil {
			return err
		}
		if r.Now == nil {
			return missingRendered(path)
		}
		file := strings.TrimPrefix(path, "/")
		if r.Current, err = g.renderWith(ctx, nil, reg, file); err != nil {
			return err
		}
		r.Next = r.Current
		if len(p.Variables) > 0 || classes != nil {
			if r.Next, err = g.renderWith(ctx, classes, next, file); err != nil {
				return err
			}
		}
		now := string(canonical(path, r.Now))
		r.Diff = plan.Unified(path, now, string(canonical(path, r.Next)))
		if edit := plan.Unified(path, string(canonical(path, r.Current)), now); edit != "" {
			p.Findings = append(p.Findings, editedByHand(path, edit))
		}
		stillNamed(p, r)
	}
	return expectations(p)
}

// classesOf is the file of restriction classes as the plan will leave it: empty
// when it removes it, nil when it does not touch it.
func classesOf(p *plan.Plan) *string {
	for _, f := range p.Files {
		if f.Kind == plan.Include {
			text := ""
			if f.After != nil {
				text = *f.After
			}
			return &text
		}
	}
	return nil
}

// classesEnv tells our template of main.cf to read the restriction classes from
// another file than the one in force.
const classesEnv = "UCS_HARDEN_MAIN_CF="

// renderWith is a dry run with other restriction classes, if any are given, in
// place of those on disk.
func (g *global) renderWith(ctx context.Context, classes *string, reg *ucr.Registry, file string) ([]byte, error) {
	if classes == nil {
		return g.ucr().Render(ctx, reg, file)
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
	return g.ucr().Render(ctx, reg, file, classesEnv+proposed.Name())
}

// stillNamed finds files that would be removed although the configuration goes
// on naming them: main.cf.local may.
func stillNamed(p *plan.Plan, r *plan.RenderedFile) {
	for _, f := range p.Files {
		if f.Action == plan.Remove && f.Kind != plan.Ledger && bytes.Contains(r.Next, []byte(":"+f.Path)) {
			p.Findings = append(p.Findings, plan.Finding{
				ID: "still-named:" + f.Path, Severity: plan.Error,
				Text: fmt.Sprintf("%s goes on naming %s, which would be removed: Postfix would answer 451 4.3.5", r.Path, f.Path),
				Hint: "take it out of " + r.Path + ".local, then plan again",
			})
		}
	}
}

// after is the registry as the plan will make it.
func after(reg *ucr.Registry, p *plan.Plan) *ucr.Registry {
	set, unset := map[string]string{}, []string{}
	for _, v := range p.Variables {
		if v.After != nil {
			set[v.Key] = *v.After
		} else {
			unset = append(unset, v.Key)
		}
	}
	return reg.With(set, unset)
}

func missingRendered(path string) error {
	return &advice{hint: "check that this is a UCS mail server; if it is: ucr commit " + path, err: fmt.Errorf("cannot read %s: %w", path, fs.ErrNotExist)}
}

// canonical is a rendering without its header comment, which lists templates,
// and with the -o overrides of master.cf in order, which UCR prints in none.
func canonical(path string, content []byte) []byte {
	content = ucr.StripHeader(content)
	if path == transaction.MasterCF {
		return mastercf.Canonical(content)
	}
	return content
}

func editedByHand(path, edit string) plan.Finding {
	return plan.Finding{
		ID: "edited-by-hand:" + path, Severity: plan.Error, Acceptable: true,
		Text: path + " is not what UCR renders from the registry; what was edited there would be lost:\n" + strings.TrimSuffix(edit, "\n"),
		Hint: "put the lines into " + path + ".local, then: ucr commit " + path,
	}
}

// expectations looks whether the rendered files will mean what the controls
// want: a main.cf.local or master.cf.local may have the last word.
func expectations(p *plan.Plan) error {
	main, err := maincf.Parse(p.Rendered.Main.Next)
	if err != nil {
		return fmt.Errorf("cannot read the dry run: %w", err)
	}
	master, err := mastercf.Parse(p.Rendered.Master.Next)
	if err != nil {
		return fmt.Errorf("cannot read the dry run: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Expect.Main)) {
		if got, _ := main.Get(name); !sameList(got, p.Expect.Main[name]) {
			p.Findings = append(p.Findings, overridden(transaction.MainCF, name, got, p.Expect.Main[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Expect.Holds)) {
		if got, _ := main.Get(name); !holds(got, p.Expect.Holds[name]) {
			p.Findings = append(p.Findings, crowdedOut(name, got, p.Expect.Holds[name]))
		}
	}
	for _, entry := range slices.Sorted(maps.Keys(p.Expect.Master)) {
		name, typ, _ := strings.Cut(entry, "/")
		service := master.Service(name, typ)
		for _, parameter := range slices.Sorted(maps.Keys(p.Expect.Master[entry])) {
			want, got := p.Expect.Master[entry][parameter], ""
			if service != nil {
				got, _ = service.Option(parameter)
			}
			if got != want {
				p.Findings = append(p.Findings, overridden(transaction.MasterCF, entry+"/"+parameter, got, want))
			}
		}
	}
	return nil
}

// sameList compares main.cf values but for blanks and commas.
func sameList(a, b string) bool {
	if a == b {
		return true
	}
	return restrictions.Parse(a).String() == restrictions.Parse(b).String()
}

// holds reports whether a main.cf value has a word.
func holds(value, word string) bool {
	return slices.Contains(strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) }), word)
}

func crowdedOut(name, got, want string) plan.Finding {
	return plan.Finding{
		ID: "overridden:" + name, Severity: plan.Error,
		Text: fmt.Sprintf("%s would say %s = %q, which has not %q in it: something after the templates' own line has the last word", transaction.MainCF, name, got, want),
		Hint: fmt.Sprintf("write both into %s.local: %s = %s, %s", transaction.MainCF, name, got, want),
	}
}

func overridden(path, name, got, want string) plan.Finding {
	return plan.Finding{
		ID: "overridden:" + name, Severity: plan.Error,
		Text: fmt.Sprintf("%s would say %s = %q, not %q: something after the templates' own line has the last word", path, name, got, want),
		Hint: "look for " + name[strings.LastIndexByte(name, '/')+1:] + " in " + path + ".local, and in the templates in /etc/univention/templates/files" + path + ".d",
	}
}

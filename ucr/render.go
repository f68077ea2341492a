package ucr

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"ucs-harden/internal/run"
)

// atOnce is how many templates are rendered at the same time. It is small, because the server also has mail to handle.
const atOnce = 2

// TemplateError says that the Python code of a template failed. ucr exits with 0 all the same, and writes what the
// template printed before the failure.
type TemplateError struct {
	Template string
	Said     string // the last line of the traceback, shortened if long
}

func (e *TemplateError) Error() string {
	return fmt.Sprintf("cannot render %s%s", e.Template, because(e.Said))
}

// failed tells whether the code of a template failed. The exit code does not tell it.
func failed(result run.Result) bool {
	return bytes.Contains(result.Stderr, []byte("Traceback (most recent call last)"))
}

// Render gives the content that ucr commit would write to a multifile (like "etc/postfix/main.cf") if the registry were
// reg. Nothing is written except a private temporary copy of reg. The header comment differs, see SameRendering.
//
// Each template of the multifile goes through ucr filter, with UNIVENTION_BASECONF naming that copy. Errors:
// *TemplateError, *run.Error, fs.ErrNotExist when the file has no templates.
//
// A template may read other things than the registry. env ("NAME=VALUE") is added to the environment of the templates,
// so that a variable in it can show them something else.
func (p Program) Render(ctx context.Context, reg *Registry, multifile string, env ...string) ([]byte, error) {
	templates, err := p.templates(multifile)
	if err != nil {
		return nil, err
	}
	return p.render(ctx, reg, templates, env...)
}

// RenderFile does the same as Render for a file with one template (like "etc/postfix/ldap.groups"). The result may
// contain the machine's password.
func (p Program) RenderFile(ctx context.Context, reg *Registry, file string) ([]byte, error) {
	return p.render(ctx, reg, []string{p.template(file)})
}

func (p Program) render(ctx context.Context, reg *Registry, templates []string, env ...string) ([]byte, error) {
	folder, err := os.MkdirTemp("", "ucs-harden-") // mode 0700
	if err != nil {
		return nil, fmt.Errorf("cannot render: %w", err)
	}
	defer os.RemoveAll(folder)
	baseConf := filepath.Join(folder, "base.conf")
	if err := writePrivate(baseConf, reg); err != nil {
		return nil, fmt.Errorf("cannot render: %w", err)
	}

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	parts := make([][]byte, len(templates))
	var first error // the failure that made the others stop
	var once sync.Once
	var group sync.WaitGroup
	env = append(slices.Clone(env), "UNIVENTION_BASECONF="+baseConf)
	slots := make(chan struct{}, atOnce)
	for i, template := range templates {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			part, err := p.filter(ctx, template, env)
			if err != nil {
				once.Do(func() { first = err; cancel() })
			}
			parts[i] = part
		})
	}
	group.Wait()
	if first != nil {
		return nil, first
	}
	return bytes.Join(parts, nil), nil
}

func (p Program) filter(ctx context.Context, template string, env []string) ([]byte, error) {
	content, err := os.ReadFile(template)
	if err != nil {
		return nil, fmt.Errorf("cannot render: %w", err)
	}
	if len(content) == 0 {
		return nil, nil
	}
	result, err := p.Runner.Run(ctx, run.Cmd{
		Argv:  []string{"ucr", "filter"},
		Stdin: content,
		Env:   env,
	})
	if failure := (*run.Error)(nil); errors.As(err, &failure) {
		failure.Stdout = "" // may contain the machine's password
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("cannot render %s: %w", template, err)
	case failed(result):
		return nil, &TemplateError{Template: template, Said: exception(result)}
	}
	return result.Stdout, nil
}

func writePrivate(path string, reg *Registry) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = reg.WriteTo(file)
	return errors.Join(err, file.Close())
}

// template gives the path of a target's template.
func (p Program) template(target string) string {
	return below(p.Root, filepath.Join("etc/univention/templates/files", target))
}

// templates gives the templates of a multifile in the order in which ucr uses them, which is by base name. These are
// the subfiles that the .info files declare for the multifile or, when they declare none, all files of its folder.
func (p Program) templates(multifile string) ([]string, error) {
	var templates []string
	for _, subfile := range p.declarations().subfiles(multifile) {
		// ucr passes over a subfile whose package was removed.
		if _, err := os.Stat(p.template(subfile)); err == nil {
			templates = append(templates, p.template(subfile))
		}
	}
	if templates != nil {
		return templates, nil
	}
	folder := p.template(multifile + ".d")
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("cannot find the templates of %s: %w", multifile, err)
	}
	for _, entry := range entries {
		if !entry.IsDir() && !leftover(entry.Name()) {
			templates = append(templates, filepath.Join(folder, entry.Name()))
		}
	}
	if templates == nil {
		return nil, fmt.Errorf("cannot find the templates of %s: %s is empty: %w", multifile, folder, fs.ErrNotExist)
	}
	return templates, nil
}

// leftover reports whether a file is one that dpkg or an editor leaves beside another file.
func leftover(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") ||
		strings.Contains(name, ".dpkg-") || strings.Contains(name, ".ucf-")
}

// SameRendering compares two renderings of a file and ignores the header comment: in it, ucr commit lists the
// templates, which ucr filter does not know.
func SameRendering(a, b []byte) bool {
	return bytes.Equal(StripHeader(a), StripHeader(b))
}

// StripHeader removes the block of comments and blank lines at the beginning of a file.
func StripHeader(content []byte) []byte {
	for len(content) > 0 {
		line, rest, _ := bytes.Cut(content, []byte("\n"))
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			break
		}
		content = rest
	}
	return content
}

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

	"ucs-harden/internal/run"
)

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
// All templates of the multifile go through one ucr filter, with UNIVENTION_BASECONF naming that copy. Errors:
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

	env = append(slices.Clone(env), "UNIVENTION_BASECONF="+baseConf)
	sources, err := read(templates)
	if err != nil {
		return nil, fmt.Errorf("cannot render: %w", err)
	}
	if separable(sources, reg) {
		var failure *TemplateError
		content, err := p.filter(ctx, strings.Join(templates, ", "), bytes.Join(sources, nil), env)
		if !errors.As(err, &failure) {
			return content, err
		}
	}
	return p.renderEach(ctx, templates, sources, env) // it names the template that fails
}

// renderEach renders templates one by one.
func (p Program) renderEach(ctx context.Context, templates []string, sources [][]byte, env []string) ([]byte, error) {
	parts := make([][]byte, len(templates))
	for i, template := range templates {
		part, err := p.filter(ctx, template, sources[i], env)
		if err != nil {
			return nil, err
		}
		parts[i] = part
	}
	return bytes.Join(parts, nil), nil
}

func read(templates []string) ([][]byte, error) {
	sources := make([][]byte, len(templates))
	for i, template := range templates {
		source, err := os.ReadFile(template)
		if err != nil {
			return nil, err
		}
		sources[i] = source
	}
	return sources, nil
}

// marks are around what UCR replaces in a template: the name of a variable, and Python code.
var marks = []string{"@%@", "@!@"}

// separable tells whether templates in a row mean the same as each alone. They do not if a mark has no partner in its
// template: UCR would look for it in the next one. A value of the registry with a mark in it could bring such a mark.
func separable(sources [][]byte, reg *Registry) bool {
	for _, mark := range marks {
		for _, source := range sources {
			if bytes.Count(source, []byte(mark))%2 != 0 {
				return false
			}
		}
		if slices.ContainsFunc(reg.Prefix(""), func(v Variable) bool { return strings.Contains(v.Text, mark) }) {
			return false
		}
	}
	return true
}

func (p Program) filter(ctx context.Context, name string, source []byte, env []string) ([]byte, error) {
	if len(source) == 0 {
		return nil, nil
	}
	result, err := p.Runner.Run(ctx, run.Cmd{
		Argv:  []string{"ucr", "filter"},
		Stdin: source,
		Env:   env,
	})
	if failure := (*run.Error)(nil); errors.As(err, &failure) {
		failure.Stdout = "" // may contain the machine's password
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("cannot render %s: %w", name, err)
	case failed(result):
		return nil, &TemplateError{Template: name, Said: exception(result)}
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

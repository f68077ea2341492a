package ucr

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
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
	return first(p.RenderAll(ctx, reg, []string{multifile}, env...))
}

// RenderAll does the same as Render for several multifiles, with one ucr filter. The contents have the order of the
// files.
func (p Program) RenderAll(ctx context.Context, reg *Registry, multifiles []string, env ...string) ([][]byte, error) {
	files := make([][]string, len(multifiles))
	for i, multifile := range multifiles {
		var err error
		if files[i], err = p.templates(multifile); err != nil {
			return nil, err
		}
	}
	return p.render(ctx, reg, files, env...)
}

// RenderFile does the same as Render for a file with one template (like "etc/postfix/ldap.groups"). The result may
// contain the machine's password.
func (p Program) RenderFile(ctx context.Context, reg *Registry, file string) ([]byte, error) {
	return first(p.render(ctx, reg, [][]string{{p.template(file)}}))
}

func first(contents [][]byte, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return contents[0], nil
}

// render renders files, each from its templates.
func (p Program) render(ctx context.Context, reg *Registry, files [][]string, env ...string) ([][]byte, error) {
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
	texts, sources := make([][][]byte, len(files)), make([][]byte, len(files))
	for i, templates := range files {
		if texts[i], err = read(templates); err != nil {
			return nil, fmt.Errorf("cannot render: %w", err)
		}
		sources[i] = bytes.Join(texts[i], nil)
	}
	if separable(slices.Concat(texts...), reg) {
		between := []byte("<" + rand.Text() + ">")
		content, err := p.filter(ctx, strings.Join(slices.Concat(files...), ", "), bytes.Join(sources, between), env)
		parts := bytes.Split(content, between)
		switch failure := (*TemplateError)(nil); {
		case err != nil && !errors.As(err, &failure):
			return nil, err
		case err == nil && len(parts) == len(files):
			return parts, nil
		}
	}
	return p.renderEach(ctx, files, texts, env) // it names the template that fails
}

// renderEach renders the templates, whose texts are given, one by one.
func (p Program) renderEach(ctx context.Context, files [][]string, texts [][][]byte, env []string) ([][]byte, error) {
	contents := make([][]byte, len(files))
	for i, templates := range files {
		for n, template := range templates {
			part, err := p.filter(ctx, template, texts[i][n], env)
			if err != nil {
				return nil, err
			}
			contents[i] = append(contents[i], part...)
		}
	}
	return contents, nil
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

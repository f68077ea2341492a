package ucr

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/internal/run"
	"ucs-harden/internal/run/runtest"
)

const files = "templates/files/"

// filter acts as ucr filter: it replaces @%@k@%@ by the value of k in the file that UNIVENTION_BASECONF names.
func filter(t *testing.T, c run.Cmd) string {
	t.Helper()
	baseConf, ok := strings.CutPrefix(c.Env[len(c.Env)-1], "UNIVENTION_BASECONF=")
	assert.True(t, ok)
	data, err := os.ReadFile(baseConf)
	assert.NoError(t, err)
	return strings.ReplaceAll(string(c.Stdin), "@%@k@%@", parseBaseConf(string(data))["k"])
}

func newRenderer(t *testing.T, content map[string]string, play func(run.Cmd) (run.Result, error)) (Program, *runtest.Fake) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	fake := runtest.New().Handle(func(_ context.Context, c run.Cmd) (run.Result, error) {
		if play != nil {
			return play(c)
		}
		return run.Result{Stdout: []byte(filter(t, c))}, nil
	}, "ucr", "filter")
	return Program{Runner: fake, Root: tree(t, content)}, fake
}

// nothingLeft proves that the copy of the registry is gone.
func nothingLeft(t *testing.T) {
	t.Helper()
	entries, err := os.ReadDir(os.Getenv("TMPDIR"))
	require.NoError(t, err)
	assert.Empty(t, entries)
}

func TestRenderJoinsTheTemplatesInOrderOfTheirNames(t *testing.T) {
	var modes []fs.FileMode
	const d = files + "etc/postfix/main.cf.d/"
	p, fake := newRenderer(t, map[string]string{
		d + "10_general": "# head\na = @%@k@%@\n", d + "99_local": "z = @%@k@%@\n", d + "30_maps": "m\n", d + "50_empty": "",
		d + "30_maps.dpkg-old": "no", d + "30_maps~": "no", d + ".hidden": "no", d + "sub/x": "no",
	}, func(c run.Cmd) (run.Result, error) {
		if strings.Contains(string(c.Stdin), "m\n") {
			path := strings.TrimPrefix(c.Env[0], "UNIVENTION_BASECONF=")
			for _, name := range []string{path, filepath.Dir(path)} {
				info, err := os.Stat(name)
				if assert.NoError(t, err) {
					modes = append(modes, info.Mode().Perm())
				}
			}
		}
		return run.Result{Stdout: []byte(filter(t, c))}, nil
	})

	got, err := p.Render(t.Context(), New(map[Layer]map[string]string{Normal: {"k": "n"}, Forced: {"k": "f"}}), "etc/postfix/main.cf")
	require.NoError(t, err)
	assert.Equal(t, "# head\na = f\nm\nz = f\n", string(got))
	assert.Equal(t, []fs.FileMode{0o600, 0o700}, modes)
	assert.Len(t, fake.Calls(), 1)
	nothingLeft(t)
}

func TestRenderCanShowTemplatesSomethingElse(t *testing.T) {
	var envs [][]string
	p, _ := newRenderer(t, map[string]string{files + "etc/postfix/main.cf.d/60_x": "x"}, func(c run.Cmd) (run.Result, error) {
		envs = append(envs, c.Env)
		return run.Result{Stdout: c.Stdin}, nil
	})
	_, err := p.Render(t.Context(), New(nil), "etc/postfix/main.cf", "UCS_HARDEN_MAIN_CF=/next")
	require.NoError(t, err)
	require.Len(t, envs, 1)
	assert.Equal(t, "UCS_HARDEN_MAIN_CF=/next", envs[0][0])
	assert.True(t, strings.HasPrefix(envs[0][1], "UNIVENTION_BASECONF="))
	nothingLeft(t)
}

func TestRenderUsesTheDeclaredSubfiles(t *testing.T) {
	const d = files + "etc/postfix/main.cf.d/"
	p, _ := newRenderer(t, map[string]string{
		d + "10_a": "a\n", d + "20_b": "b\n", d + "15_not_declared": "no\n", files + "etc/other/15_c": "c\n",
		"templates/info/one.info": "Type: multifile\nMultifile: etc/postfix/main.cf\n\nType: subfile\nMultifile: etc/postfix/main.cf\nSubfile: etc/postfix/main.cf.d/20_b\nVariables: x\n\nType: subfile\nMultifile: etc/postfix/main.cf\nSubfile: etc/postfix/main.cf.d/10_a\n",
		"templates/info/two.info": "Type: subfile\nMultifile: etc/postfix/main.cf\nSubfile: etc/other/15_c\n\nType: subfile\nMultifile: etc/postfix/main.cf\nSubfile: etc/postfix/main.cf.d/60_removed\n",
	}, nil)
	got, err := p.Render(t.Context(), New(nil), "etc/postfix/main.cf")
	require.NoError(t, err)
	assert.Equal(t, "a\nc\nb\n", string(got))
}

func TestRenderFileUsesTheOneTemplate(t *testing.T) {
	p, _ := newRenderer(t, map[string]string{files + "etc/postfix/ldap.groups": "x @%@k@%@\n"}, nil)
	got, err := p.RenderFile(t.Context(), New(map[Layer]map[string]string{Normal: {"k": "1"}}), "etc/postfix/ldap.groups")
	require.NoError(t, err)
	assert.Equal(t, "x 1\n", string(got))
	_, err = p.RenderFile(t.Context(), New(nil), "etc/postfix/ldap.none")
	require.ErrorIs(t, err, fs.ErrNotExist)
	nothingLeft(t)
}

func TestRenderFailures(t *testing.T) {
	one := map[string]string{files + "etc/x.d/10_a": "a\n", files + "etc/x.d/20_b": "b\n", files + "etc/x.d/30_c": "c\n"}
	for sentence, c := range map[string]struct {
		play func(run.Cmd) (run.Result, error)
		want string
	}{
		"a template that fails prints only a traceback and exits with 0": {
			func(run.Cmd) (run.Result, error) { return run.Result{Stderr: []byte(traceback)}, nil }, "NameError: name 'x' is not defined",
		},
		"a template that fails halfway": {
			func(run.Cmd) (run.Result, error) {
				return run.Result{Stdout: []byte("half"), Stderr: []byte(traceback)}, nil
			}, "etc/x.d/",
		},
		"ucr fails": {
			func(c run.Cmd) (run.Result, error) {
				return run.Result{Stdout: []byte("secret")}, &run.Error{Argv: c.Argv, ExitCode: 1, Stdout: "secret", Stderr: "E: no"}
			}, "E: no",
		},
		"ucr is missing": {
			func(c run.Cmd) (run.Result, error) { return run.Result{}, runtest.Missing(c) }, "program not found",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			p, _ := newRenderer(t, one, c.play)
			got, err := p.Render(t.Context(), New(nil), "etc/x")
			require.ErrorContains(t, err, c.want)
			assert.Nil(t, got)
			if failure := (*run.Error)(nil); errors.As(err, &failure) {
				assert.Empty(t, failure.Stdout, "may contain the machine's password")
			}
			nothingLeft(t)
		})
	}
}

func TestRenderWithoutTemplates(t *testing.T) {
	p, fake := newRenderer(t, map[string]string{files + "etc/empty.d/.keep": ""}, nil)
	for _, name := range []string{"etc/none", "etc/empty"} {
		_, err := p.Render(t.Context(), New(nil), name)
		require.ErrorIs(t, err, fs.ErrNotExist)
		assert.Contains(t, err.Error(), name)
	}
	assert.Empty(t, fake.Calls())
}

func TestRenderStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p, fake := newRenderer(t, map[string]string{files + "etc/x.d/1": "a", files + "etc/x.d/2": "b"}, func(run.Cmd) (run.Result, error) {
		t.Error("a filter was started after the cancellation")
		return run.Result{}, nil
	})
	cancel()
	_, err := p.Render(ctx, New(nil), "etc/x")
	require.ErrorIs(t, err, context.Canceled)
	assert.Len(t, fake.Calls(), 1)
	nothingLeft(t)
}

// All templates of a file go through one filter. Where a mark has no partner in its template, or a value brings one, UCR
// would look for the partner in the next template; then each goes alone, as in ucr commit.
func TestRenderRunsOneFilterForAFile(t *testing.T) {
	for sentence, c := range map[string]struct {
		first string
		value string
		calls int
	}{
		"all marks have partners":                   {"@%@k@%@ @!@print(1)@!@\n", "v", 1},
		"a variable has no end":                     {"@%@k\n", "v", 2},
		"code has no end":                           {"@!@print(1)\n", "v", 2},
		"code has a mark of a variable in it":       {"@!@ '@%@' @!@\n", "v", 2},
		"a value has a mark, which is one too many": {"@%@k@%@\n", "x @!@ y", 2},
	} {
		t.Run(sentence, func(t *testing.T) {
			p, fake := newRenderer(t, map[string]string{files + "etc/x.d/1": c.first, files + "etc/x.d/2": "second @%@k@%@\n"}, nil)
			got, err := p.Render(t.Context(), New(map[Layer]map[string]string{Normal: {"k": c.value}}), "etc/x")
			require.NoError(t, err)
			assert.Equal(t, strings.ReplaceAll(c.first+"second @%@k@%@\n", "@%@k@%@", c.value), string(got))
			assert.Len(t, fake.Calls(), c.calls)
			nothingLeft(t)
		})
	}
}

func TestRenderAllRendersSeveralFilesWithOneFilter(t *testing.T) {
	content := map[string]string{
		files + "etc/x.d/1": "a @%@k@%@\n", files + "etc/x.d/2": "no line break at the end", files + "etc/y.d/1": "b @%@k@%@\n",
	}
	reg := New(map[Layer]map[string]string{Normal: {"k": "v"}})
	want := [][]byte{[]byte("a v\nno line break at the end"), []byte("b v\n")}

	p, fake := newRenderer(t, content, nil)
	got, err := p.RenderAll(t.Context(), reg, []string{"etc/x", "etc/y"})
	require.NoError(t, err)
	assert.Equal(t, want, got)
	assert.Len(t, fake.Calls(), 1)

	// A template that leaves out what follows it cannot be rendered together with others.
	p, fake = newRenderer(t, content, func(c run.Cmd) (run.Result, error) {
		before, _, _ := strings.Cut(filter(t, c), "<")
		return run.Result{Stdout: []byte(before)}, nil
	})
	got, err = p.RenderAll(t.Context(), reg, []string{"etc/x", "etc/y"})
	require.NoError(t, err)
	assert.Equal(t, want, got)
	assert.Len(t, fake.Calls(), 4)

	_, err = p.RenderAll(t.Context(), reg, []string{"etc/x", "etc/none"})
	require.ErrorIs(t, err, fs.ErrNotExist)
	nothingLeft(t)
}

func TestRenderNamesTheTemplateThatFails(t *testing.T) {
	p, _ := newRenderer(t, map[string]string{files + "etc/x.d/1": "good\n", files + "etc/x.d/2": "bad\n", files + "etc/x.d/3": "good\n"},
		func(c run.Cmd) (run.Result, error) {
			if strings.Contains(string(c.Stdin), "bad") {
				return run.Result{Stderr: []byte(traceback)}, nil
			}
			return run.Result{Stdout: c.Stdin}, nil
		})
	_, err := p.Render(t.Context(), New(nil), "etc/x")
	var failure *TemplateError
	require.ErrorAs(t, err, &failure)
	assert.True(t, strings.HasSuffix(failure.Template, "etc/x.d/2"), failure.Template)
}

func TestSameRendering(t *testing.T) {
	const body = "a = 1\n# a comment of the body\n\nb = 2\n"
	for sentence, c := range map[string]struct {
		a, b string
		want bool
	}{
		"equal":                      {"# head\n\n" + body, "# head\n\n" + body, true},
		"the header lists templates": {"# head\n#\n" + body, "# head\n#   /etc/x\n#   /etc/y\n#\n\n" + body, true},
		"one has no header":          {body, "# head\n" + body, true},
		"a parameter differs":        {body, "a = 2\n# a comment of the body\n\nb = 2\n", false},
		"a comment of the body":      {body, "a = 1\n# another comment\n\nb = 2\n", false},
		"the last line break":        {body, strings.TrimSuffix(body, "\n"), false},
		"both have only a header":    {"# a", "# b\n", true},
		"an indented parameter is not part of the header": {"# a\n  x = 1\n", "# a\n  x = 2\n", false},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, c.want, SameRendering([]byte(c.a), []byte(c.b)))
		})
	}
}

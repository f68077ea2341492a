package access

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/internal/run"
	"ucs-harden/mailbox"
)

// names are names of accounts in the form in which smtpd(8) looks them up, and whether a compiled table can have them.
var names = map[string]bool{
	"boss": true, "boss@company.my": true, "o'brien": true, "sharp#1": true, "paren(x)": true, "a+b@company.my": true,
	"p%q@company.my": true, "a!b@company.my": true, "a,b": true, "a:b": true, "[x]": true, "a/b": true, "$a{1}": true,
	"#hash": false, "max mustermann": false, "müller": false, "müßig@company.my": false, `q"x@company.my`: false,
	`a\b@company.my`: false, "a b.c*d+e?f(g)h[i]j{k}l|m^n$o/p": false, " leading": false, "a$/ b": false,
}

func TestNamesInTables(t *testing.T) {
	for name, compiles := range names {
		assert.Equal(t, compiles, Compiles(name), name)
		assert.True(t, found(t, name), "postmap finds %q", name)
		assert.Equal(t, []Entry{{name, "REJECT $1 x"}}, ParsePatterns([]byte("# x\n"+Pattern(name)+" REJECT $$1 x\n")))
	}
}

// TestCapitals: Postfix folds the capitals of a key in a compiled table itself.
func TestCapitals(t *testing.T) {
	for name, asked := range map[string]string{
		"müller": "MÜLLER", "max mustermann": "Max MUSTERMANN", "müßig": "MÜSSIG", "boss": "BOSS", "ελλάς": "ΕΛΛΆΣ",
	} {
		assert.True(t, finds(t, name, asked), "%q finds %q", asked, name)
	}
	for name, asked := range map[string]string{"müller": "xmüller", "max m": "max mm", "a.b c": "axb c", "(x) y": "x y"} {
		assert.False(t, finds(t, name, asked), "%q does not find %q", asked, name)
	}
}

func found(t *testing.T, name string) bool { return finds(t, name, name) }

// finds asks a table of the type that a name needs.
func finds(t *testing.T, name, asked string) bool {
	t.Helper()
	config, typ, line := t.TempDir(), "hash", name
	if !Compiles(name) {
		typ, line = "regexp", Pattern(name)
	}
	path := filepath.Join(config, "table")
	require.NoError(t, os.WriteFile(filepath.Join(config, "main.cf"), []byte("compatibility_level = 3.6\n"), 0o600))
	require.NoError(t, os.WriteFile(path, []byte(line+" REJECT x\n"), 0o600))
	old := time.Now().Add(-time.Hour) // Postfix waits for a fresh main.cf
	require.NoError(t, os.Chtimes(filepath.Join(config, "main.cf"), old, old))
	if typ == "hash" {
		call(t, run.Cmd{Argv: []string{"postmap", "-c", config, "hash:" + path}})
	}
	res := call(t, run.Cmd{
		Argv: []string{"postmap", "-c", config, "-q", "-", typ + ":" + path}, Stdin: []byte(asked + "\n"),
	})
	return strings.HasSuffix(string(res.Stdout), "\tREJECT x\n")
}

func call(t *testing.T, cmd run.Cmd) run.Result {
	t.Helper()
	res, _ := run.System{}.Run(context.WithoutCancel(t.Context()), cmd)
	require.Empty(t, string(res.Stderr))
	return res
}

// FuzzNames: whatever the name of an account is, smtpd(8) finds it in its table.
func FuzzNames(f *testing.F) {
	for name := range names {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		name = mailbox.Key(name)
		if !mailbox.Speakable(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
			return
		}
		assert.True(t, found(t, name), "%q", name)
		assert.Equal(t, []Entry{{name, "x"}}, ParsePatterns([]byte(Pattern(name)+" x\n")))
	})
}

package postfix_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/internal/run"
	"ucs-harden/internal/run/runtest"
	"ucs-harden/postfix"
)

const sample = "# ours\ncompany.my REJECT 5.7.1 Delivery  not authorized\n.company.my\tWARN x\n  continued\nCompany.Local OK\n"

// query asks the installed table as smtpd(8) would.
func query(t *testing.T, i *instance, table, key string) string {
	t.Helper()
	res, err := run.System{}.Run(t.Context(), run.Cmd{Argv: []string{"postmap", "-c", i.ConfigDir, "-q", key, table}})
	require.NoError(t, err)
	return strings.TrimSuffix(string(res.Stdout), "\n")
}

// tree is what lies in a folder: names, modes, owners and content.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	out := map[string]string{}
	for _, e := range entries {
		info, err := e.Info()
		require.NoError(t, err)
		content := ""
		if info.Mode().IsRegular() {
			b, err := os.ReadFile(filepath.Join(dir, e.Name()))
			require.NoError(t, err)
			content = string(b)
		}
		stat := info.Sys().(*syscall.Stat_t)
		out[e.Name()] = fmt.Sprintf("%s %d:%d %q", info.Mode(), stat.Uid, stat.Gid, content)
	}
	return out
}

func TestBuildTable(t *testing.T) {
	i := newInstance(t, servable)
	for _, typ := range []string{"hash", "btree", "lmdb"} {
		t.Run(typ, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "access")
			ctx := within(t, time.Minute)
			s, err := i.BuildTable(ctx, typ, path, []byte(sample))
			require.NoError(t, err)
			compiled, err := postfix.CompiledName(typ, path)
			require.NoError(t, err)
			assert.NoFileExists(t, path)
			assert.NoFileExists(t, compiled)

			require.NoError(t, s.Install())
			require.NoError(t, s.Discard(), "after Install there is nothing to discard")
			assert.Len(t, tree(t, dir), 2)
			assert.True(t, strings.HasPrefix(tree(t, dir)["access"], "-rw-r--r-- 0:0 "))
			assert.True(t, strings.HasPrefix(tree(t, dir)[filepath.Base(compiled)], "-rw-r--r-- 0:0 "))
			assert.Equal(t, "REJECT 5.7.1 Delivery  not authorized", query(t, i, typ+":"+path, "company.my"))
			assert.Equal(t, "WARN x  continued", query(t, i, typ+":"+path, ".company.my"))
			assert.Equal(t, "OK", query(t, i, typ+":"+path, "company.local"))
			source, err := os.Stat(path)
			require.NoError(t, err)
			database, err := os.Stat(compiled)
			require.NoError(t, err)
			assert.False(
				t, database.ModTime().Before(source.ModTime()), "Postfix warns of a database older than its source",
			)
		})
	}
}

func TestATableThatPostfixReadsFromItsSource(t *testing.T) {
	i := newInstance(t, servable)
	for typ, c := range map[string]struct{ content, key, answer, wrong string }{
		"regexp": {"/^other$/ REJECT 5.7.1 for $$5\n/./ DUNNO\n", "other", "REJECT 5.7.1 for $5", "/^other$ REJECT\n"},
		"cidr":   {"10.99.1.10/32 REJECT\n", "10.99.1.10", "REJECT", "10.99.1.10/33 REJECT\n"},
	} {
		t.Run(typ, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "access")
			ctx := within(t, time.Minute)
			s, err := i.BuildTable(ctx, typ, path, []byte(c.content))
			require.NoError(t, err)
			assert.NoFileExists(t, path)
			require.NoError(t, s.Install())
			assert.Len(t, tree(t, dir), 1)
			assert.Equal(t, c.answer, query(t, i, typ+":"+path, c.key))

			_, err = i.BuildTable(ctx, typ, path, []byte(c.wrong))
			require.ErrorContains(t, err, "postmap says: ", "Postfix would leave the line out")
			assert.Len(t, tree(t, dir), 1)
			assert.Equal(t, c.answer, query(t, i, typ+":"+path, c.key))
		})
	}
}

func TestATableKeepsModeAndOwner(t *testing.T) {
	i := newInstance(t, servable)
	path := filepath.Join(t.TempDir(), "access")
	require.NoError(t, os.WriteFile(path, []byte("old\tOK\n"), 0o600))
	require.NoError(t, os.WriteFile(path+".db", nil, 0o600))
	require.NoError(t, os.Chmod(path, 0o640))
	require.NoError(t, os.Chown(path, 0, 8))
	require.NoError(t, os.Chown(path+".db", 65534, 8))
	s, err := i.BuildTable(within(t, time.Minute), "hash", path, []byte(sample))
	require.NoError(t, err)
	require.NoError(t, s.Install())
	got := tree(t, filepath.Dir(path))
	assert.Equal(t, fmt.Sprintf("-rw-r----- 0:8 %q", sample), got["access"])
	assert.True(t, strings.HasPrefix(got["access.db"], "-rw------- 65534:8 "), got["access.db"])
}

func TestAnEmptyTableIsATable(t *testing.T) {
	i := newInstance(t, servable)
	path := filepath.Join(t.TempDir(), "access")
	s, err := i.BuildTable(within(t, time.Minute), "hash", path, []byte("# nothing\n"))
	require.NoError(t, err)
	require.NoError(t, s.Install())
	assert.FileExists(t, path+".db")
}

func TestDiscardLeavesThePlaceAsItWas(t *testing.T) {
	i := newInstance(t, servable)
	dir := t.TempDir()
	path := filepath.Join(dir, "access")
	require.NoError(t, os.WriteFile(path, []byte("old\tOK\n"), 0o644))
	before := tree(t, dir)
	s, err := i.BuildTable(within(t, time.Minute), "hash", path, []byte(sample))
	require.NoError(t, err)
	assert.NotEqual(t, before, tree(t, dir))
	require.NoError(t, s.Discard())
	require.NoError(t, s.Discard())
	assert.Equal(t, before, tree(t, dir))
}

// Each refusal leaves the folder byte-identical.
func TestBuildTableRefuses(t *testing.T) {
	i := newInstance(t, servable)
	for name, tc := range map[string]struct {
		typ, content, says string
		prepare            func(t *testing.T, path string)
		runner             postfix.Runner
	}{
		"a key twice": {
			typ: "hash", content: "a OK\nA REJECT\n", says: `line 2: the key "a" occurs twice`,
		},
		"a key without a value":            {typ: "hash", content: "a OK\nb\n", says: `line 2: the key "b" has no value`},
		"a key in quotes":                  {typ: "hash", content: "\"a b\" OK\n", says: "quotes"},
		"a key with capitals beyond ASCII": {typ: "hash", content: "MÜLLER@company.my OK\n", says: "capitals beyond ASCII"},
		"a line that continues nothing":    {typ: "hash", content: " a OK\n", says: "nothing to continue"},
		"no text":                          {typ: "hash", content: "a \xff\n", says: "UTF-8"},
		"a type that is no file":           {typ: "ldap", content: sample, says: "ldap: not a lookup table type"},
		"a type that is not installed": {
			typ: "cdb", content: sample, says: "unsupported dictionary type",
			runner: runtest.New().Fail(1, "postmap: fatal: unsupported dictionary type: cdb", "postmap"),
		},
		"a link in the source's place": {
			typ: "hash", content: sample, says: "not a regular file",
			prepare: func(t *testing.T, path string) { require.NoError(t, os.Symlink("/etc/passwd", path)) },
		},
		"a link in the database's place": {
			typ: "hash", content: sample, says: "not a regular file",
			prepare: func(t *testing.T, path string) { require.NoError(t, os.Symlink("/etc/passwd", path+".db")) },
		},
		"postmap leaves an entry out": {
			typ: "hash", content: sample, says: "duplicate",
			runner: altered{stderr: "postmap: warning: %s.db: duplicate entry: \"a\"\n"},
		},
		"the table answers otherwise": {
			typ: "hash", content: sample, says: "does not answer what its source says",
			runner: altered{stdout: "company.my\tOK\n"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "access")
			if tc.prepare != nil {
				tc.prepare(t, path)
			}
			before := tree(t, dir)
			p := i.Postfix
			if tc.runner != nil {
				p.Runner = tc.runner
			}
			_, err := p.BuildTable(within(t, time.Minute), tc.typ, path, []byte(tc.content))
			require.ErrorContains(t, err, tc.says)
			assert.Equal(t, before, tree(t, dir))
		})
	}
	_, err := i.BuildTable(t.Context(), "hash", "access", nil)
	assert.ErrorContains(t, err, "not absolute")
}

// altered runs postmap and changes what it said: postmap itself cannot be made
// to fail in these ways with content that BuildTable lets pass.
type altered struct{ stdout, stderr string }

func (a altered) Run(ctx context.Context, c run.Cmd) (run.Result, error) {
	res, err := run.System{}.Run(ctx, c)
	table := strings.TrimPrefix(c.Argv[len(c.Argv)-1], "hash:")
	switch {
	case c.Stdin == nil && a.stderr != "":
		res.Stderr = fmt.Appendf(res.Stderr, a.stderr, table)
	case c.Stdin != nil && a.stdout != "":
		res.Stdout = []byte(a.stdout)
	}
	return res, err
}

func TestInstallRefusesATargetThatBecameALink(t *testing.T) {
	i := newInstance(t, servable)
	dir := t.TempDir()
	path := filepath.Join(dir, "access")
	s, err := i.BuildTable(within(t, time.Minute), "hash", path, []byte(sample))
	require.NoError(t, err)
	require.NoError(t, os.Symlink("/etc/passwd", path+".db"))
	assert.ErrorContains(t, s.Install(), "not a regular file")
	require.NoError(t, s.Discard())
	assert.Len(t, tree(t, dir), 1)
}

func TestRemoveLeftovers(t *testing.T) {
	i := newInstance(t, servable)
	dir := t.TempDir()
	path := filepath.Join(dir, "access")
	for _, name := range []string{"access", "access2"} {
		_, err := i.BuildTable(within(t, time.Minute), "hash", filepath.Join(dir, name), []byte(sample))
		require.NoError(t, err)
	}
	// The second is what a postmap without space leaves, the third is of a postmap that someone else runs.
	for _, name := range []string{"access", "__db..access.ucs-harden-0123456789abcdef.db", "__db.access.db"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o644))
	}
	require.NoError(t, postfix.RemoveLeftovers(path))
	left := tree(t, dir)
	assert.Len(t, left, 4, "the table itself, the two of its neighbour, and what is not ours")
	assert.Contains(t, left, "access")
	assert.Contains(t, left, "__db.access.db")
	require.NoError(t, postfix.RemoveLeftovers(filepath.Join(dir, "none", "access")))
}

func TestDiscardRemovesWhatPostmapHadBegun(t *testing.T) {
	i := newInstance(t, servable)
	dir := t.TempDir()
	s, err := i.BuildTable(within(t, time.Minute), "hash", filepath.Join(dir, "access"), []byte(sample))
	require.NoError(t, err)
	for name := range tree(t, dir) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "__db."+name), nil, 0o600))
	}
	require.NoError(t, s.Discard())
	assert.Empty(t, tree(t, dir))
}

// FuzzBuildTable: postmap reads the source as BuildTable does, or says itself
// what it does not like; the compiled table is never another one.
func FuzzBuildTable(f *testing.F) {
	for _, seed := range []string{sample, "a b\n\n#c\n d\n", "a\t\tb\r\n", "x:y z\n*@a b c", "ä ö\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		i := newInstance(t, servable)
		dir := t.TempDir()
		s, err := i.BuildTable(within(t, time.Minute), "hash", filepath.Join(dir, "access"), []byte(content))
		if err != nil {
			require.NotContains(t, err.Error(), "does not answer")
			require.Empty(t, tree(t, dir))
			return
		}
		require.NoError(t, s.Discard())
	})
}

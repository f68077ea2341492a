package access

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/internal/run"
)

// tables are sources of access(5) tables and what postmap(1) makes of them.
var tables = map[string]struct {
	content string
	want    []Entry
}{
	"one entry":                                               {"a.my\tREJECT one\n", []Entry{{"a.my", "REJECT one"}}},
	"no line break at the end":                                {"a.my REJECT end", []Entry{{"a.my", "REJECT end"}}},
	"an empty file":                                           {"", nil},
	"a continued line keeps its blanks":                       {"a.my\tREJECT one\n  two\n", []Entry{{"a.my", "REJECT one  two"}}},
	"a comment does not end a continuation":                   {"a.my\tREJECT one\n# c\n\n   \n  two\nb.my WARN\n", []Entry{{"a.my", "REJECT one  two"}, {"b.my", "WARN"}}},
	"an indented comment does not end a continuation":         {"a.my REJECT # c\n  #no\n more\nb.my OK\n", []Entry{{"a.my", "REJECT # c more"}, {"b.my", "OK"}}},
	"an action on the continuation":                           {"a.my\n\tOK\n", []Entry{{"a.my", "OK"}}},
	"an indented first line is dropped":                       {"  a.my REJECT\n still\nb.my OK\n", []Entry{{"b.my", "OK"}}},
	"an indented line after a comment is dropped":             {"#x\n a.my OK\nb.my OK\n", []Entry{{"b.my", "OK"}}},
	"a key alone is no entry":                                 {"a.my\nb.my  \t\nc.my OK\n", []Entry{{"c.my", "OK"}}},
	"carriage returns are white space":                        {"a.my REJECT\r\nb.my OK\r\n", []Entry{{"a.my", "REJECT"}, {"b.my", "OK"}}},
	"a line of a carriage return continues nothing":           {"a.my OK\n\r\nb.my OK\n", []Entry{{"a.my", "OK"}, {"b.my", "OK"}}},
	"quotes keep a key together":                              {`"a b" REJECT x` + "\n" + `i"j k"l OK` + "\n", []Entry{{`"a b"`, "REJECT x"}, {`i"j k"l`, "OK"}}},
	"a quote in the action is text":                           {"a.my REJECT \"x y\nb.my OK\n", []Entry{{"a.my", "REJECT \"x y"}, {"b.my", "OK"}}},
	"a quote that is never closed":                            {"\"a b OK\nb.my OK\n", []Entry{{"b.my", "OK"}}},
	"a backslash before a quote":                              {`"c\" d" REJECT` + "\n", []Entry{{`"c\" d"`, "REJECT"}}},
	"a backslash before a blank":                              {`e\ f REJECT` + "\n", []Entry{{`e\ f`, "REJECT"}}},
	"a backslash before a backslash":                          {`"c\\" d" REJECT` + "\n", []Entry{{`"c\\"`, `d" REJECT`}}},
	"a colon belongs to the key":                              {"a.my: REJECT\n", []Entry{{"a.my:", "REJECT"}}},
	"the first of two wins":                                   {"a.my REJECT 1\nA.MY REJECT 2\n", []Entry{{"a.my", "REJECT 1"}}},
	"only ASCII letters are folded":                           {"ÄB.my OK\n", []Entry{{"Äb.my", "OK"}}},
	"form feed and vertical tab are blanks":                   {"a.my\vREJECT\fx\n\v b.my OK\n", []Entry{{"a.my", "REJECT\fx\v b.my OK"}}},
	"a no-break space is not a blank":                         {"a.my\u00a0OK\nb.my OK\n", []Entry{{"b.my", "OK"}}},
	"a NUL ends the entry":                                    {"a.my REJECT a\x00b\nb.my OK\n", []Entry{{"a.my", "REJECT a"}, {"b.my", "OK"}}},
	"a NUL ends the entry, also with a continuation after it": {"a.my REJECT a\x00b\n c\nb.my OK\n", []Entry{{"a.my", "REJECT a"}, {"b.my", "OK"}}},
	"a line that begins with NUL is no entry":                 {"a.my OK\n\x00x y\n more\nb.my OK\n", []Entry{{"a.my", "OK"}, {"b.my", "OK"}}},
	"a NUL in the key":                                        {"a.\x00my OK\nb.my OK\n", []Entry{{"b.my", "OK"}}},
	"not UTF-8":                                               {"a.my REJECT \xff\n\xff.MY OK\n", []Entry{{"a.my", "REJECT \xff"}, {"\xff.my", "OK"}}},
	"the null sender and a user":                              {"<> REJECT\nuser@ OK\n", []Entry{{"<>", "REJECT"}, {"user@", "OK"}}},
}

func TestParseTable(t *testing.T) {
	for sentence, c := range tables {
		t.Run(sentence, func(t *testing.T) {
			assert.ElementsMatch(t, c.want, Parse([]byte(c.content)))
		})
	}
}

// Postfix itself must give the same entries.
func TestPostmapAgrees(t *testing.T) {
	dir := t.TempDir()
	conf := filepath.Join(dir, "main.cf")
	require.NoError(t, os.WriteFile(conf, nil, 0o644))
	// Postfix tools wait until main.cf is at least a second or two old.
	old := time.Now().Add(-time.Hour)
	require.NoError(t, os.Chtimes(conf, old, old))
	postmap := func(args ...string) string {
		result, err := run.System{}.Run(t.Context(), run.Cmd{Argv: append([]string{"postmap", "-c", dir}, args...)})
		require.NoError(t, err)
		return string(result.Stdout)
	}
	for sentence, c := range tables {
		t.Run(sentence, func(t *testing.T) {
			table := filepath.Join(t.TempDir(), "table")
			require.NoError(t, os.WriteFile(table, []byte(c.content), 0o644))
			postmap("hash:" + table)
			var got []Entry
			for line := range strings.Lines(postmap("-s", "hash:"+table)) {
				key, action, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
				got = append(got, Entry{key, action})
			}
			assert.ElementsMatch(t, c.want, got)
		})
	}
}

func TestKeys(t *testing.T) {
	assert.Equal(t, []string{".a.my", "a.my", "b.my"}, Keys([]byte("b.my OK\na.my WARN\n.a.my WARN\nB.MY REJECT\n")))
	assert.Empty(t, Keys(nil))
}

func FuzzParseTable(f *testing.F) {
	for _, c := range tables {
		f.Add([]byte(c.content))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		entries := Parse(content)
		var printed strings.Builder
		keys := map[string]bool{}
		for _, e := range entries {
			assert.False(t, keys[e.Key], "%q twice", e.Key)
			keys[e.Key] = true
			assert.NotEmpty(t, e.Action)
			printed.WriteString(e.Key + "\t" + e.Action + "\n")
		}
		assert.Equal(t, entries, Parse([]byte(printed.String())))
		assert.Len(t, Keys(content), len(entries))
	})
}

func TestSections(t *testing.T) {
	entries := map[string]string{"boss": "REJECT", "boss@a.my": "REJECT", "leaver": "REJECT", "ä": "REJECT", "x": "OK"}
	of := map[string]string{"boss": "entry b", "boss@a.my": "entry b", "leaver": "mark", "ä": "entry b"}
	compiled, patterns := Split(entries, of)
	source := SectionedSource("Who.", compiled, of)
	assert.Equal(t, fmt.Sprintf(header, "Who.")+
		"x\tOK\n# from: entry b\nboss\tREJECT\nboss@a.my\tREJECT\n# from: mark\nleaver\tREJECT\n", source)
	assert.Equal(t, map[string][]string{
		"": {"x\tOK"}, "entry b": {"boss\tREJECT", "boss@a.my\tREJECT"}, "mark": {"leaver\tREJECT"},
	}, Sections([]byte(source)))
	assert.Equal(t, fmt.Sprintf(header, "Who.")+"x\tOK\n# from: mark\nleaver\tREJECT\n",
		string(WithoutSection([]byte(source), "entry b")))
	assert.Nil(t, WithoutSection([]byte(source), "entry c"))
	assert.Nil(t, WithoutSection(nil, "entry b"))
	assert.Equal(t, []string{"# from: entry b", Pattern("ä") + " REJECT"}, patterns)
	assert.Len(t, Parse([]byte(source)), 4, "sections are comments to Postfix")
}

package ucr

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseBaseConf(t *testing.T) {
	for sentence, c := range map[string]struct {
		text string
		want map[string]string
	}{
		"an empty file has no variable":               {"", map[string]string{}},
		"the header is no variable":                   {"# univention_ base.conf\n\n", map[string]string{}},
		"the last line needs no line break":           {"a: 1\nb: 2", map[string]string{"a": "1", "b": "2"}},
		"a value may be empty":                        {"a: \nb: ", map[string]string{"a": "", "b": ""}},
		"blanks around a value are not part of it":    {"a:   x  \nb: \t y\t", map[string]string{"a": "x", "b": "y"}},
		"a line without colon and blank is ignored":   {"a\nb:\nc:d\ne: f", map[string]string{"e": "f"}},
		"a # before the first colon hides the line":   {"#a: 1\nb#b: 2\n c # d: 3", map[string]string{}},
		"a # after the first colon hides nothing":     {"a: x # y: z\nb:#b: 1", map[string]string{"a": "x # y: z", "b:#b": "1"}},
		"a key may contain blanks and colons":         {"k k: 1\nk:k: 2\nk:: 3", map[string]string{"k k": "1", "k:k": "2", "k:": "3"}},
		"the first colon with a blank ends the key":   {"a: b: c", map[string]string{"a": "b: c"}},
		"quotes, = and dollars are plain characters":  {`q: a=b # c: "d" 'e' $x \y`, map[string]string{"q": `a=b # c: "d" 'e' $x \y`}},
		"the later of two lines with one key counts":  {"a: 1\na: 2", map[string]string{"a": "2"}},
		"lines may end as on other systems":           {"a: 1\r\nb: 2\rc: 3", map[string]string{"a": "1", "b": "2", "c": "3"}},
		"white space of other scripts is trimmed too": {"a: \u2003x\u00a0\x1f", map[string]string{"a": "x"}},
		"umlauts are characters like others":          {"u: Grüße", map[string]string{"u": "Grüße"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, c.want, parseBaseConf(c.text))
		})
	}
}

// naive reads base.conf by the description of ucr, in the slow and obvious way.
func naive(text string) map[string]string {
	hidden := regexp.MustCompile(`^[^:]*#.*$`)
	variable := regexp.MustCompile(`^(.*?): (.*)$`)
	around := regexp.MustCompile(`^[\pZ\t\n\v\f\r\x1c-\x1f\x{85}]+|[\pZ\t\n\v\f\r\x1c-\x1f\x{85}]+$`)
	vars := map[string]string{}
	for _, line := range regexp.MustCompile(`\r\n|\r|\n`).Split(text, -1) {
		if hidden.MatchString(line) {
			continue
		}
		if parts := variable.FindStringSubmatch(line); parts != nil {
			vars[parts[1]] = around.ReplaceAllString(parts[2], "")
		}
	}
	return vars
}

func FuzzBaseConf(f *testing.F) {
	for _, seed := range []string{
		"", "# univention_ base.conf\n\na: 1\nb: 2", "a: ", "a:b: c", "a#: b", ": x", "a: \x1c\u00a0x\u2028", "a:: b\r\nc: d\re: ", "a: b: #c",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || strings.Contains(text, "\x00") {
			require.Error(t, checkText("F", text))
			return
		}
		require.NoError(t, checkText("F", text))
		vars := parseBaseConf(text)
		require.Equal(t, naive(text), vars)

		var out bytes.Buffer
		n, err := New(map[Layer]map[string]string{Normal: vars}).WriteTo(&out)
		require.NoError(t, err)
		require.EqualValues(t, out.Len(), n)
		require.Equal(t, vars, parseBaseConf(out.String()))
	})
}

func TestCheckTextNamesTheLine(t *testing.T) {
	for sentence, c := range map[string]struct {
		text, want string
	}{
		"a NUL byte":      {"a: 1\nb: 2\nc: \x00", "cannot read F: line 3 contains a NUL byte"},
		"Latin-1":         {"a: 1\nb: Gr\xfc\xdfe\n", "cannot read F: line 2 is not UTF-8"},
		"a cut character": {"a: \xc3", "cannot read F: line 1 is not UTF-8"},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.EqualError(t, checkText("F", c.text), c.want)
		})
	}
	assert.NoError(t, checkText("F", "a: Grüße\n"))
}

func TestWriteToIsWhatUcrWrites(t *testing.T) {
	registry := New(map[Layer]map[string]string{
		Default: {"m/d": "default", "ucrtest/9": "never seen"},
		Normal:  {"ucrtest/9": "i", "ucrtest/10": "ii", "ucrtest/100": "iii", "ucrtest/20": "", "ucrtest/m/n": "2", "ucrtest/m": "1"},
		Forced:  {"ucrtest/10": "forced"},
	})
	var out bytes.Buffer
	_, err := registry.WriteTo(&out)
	require.NoError(t, err)
	assert.Equal(t, "# univention_ base.conf\n\nm/d: default\nucrtest/10: forced\nucrtest/100: iii\nucrtest/20: \nucrtest/9: i\nucrtest/m: 1\nucrtest/m/n: 2", out.String())
}

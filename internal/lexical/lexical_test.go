package lexical_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/internal/lexical"
)

// The text of a file, and how Postfix reads it. postconf(5), access(5) and master(5) describe the rules in the same
// words.
func TestLogicalLines(t *testing.T) {
	for sentence, c := range map[string]struct {
		file string
		want []string
		at   []int
	}{
		"no file":                       {"", nil, nil},
		"comments and blank lines only": {"# a\n\n \t\n  # b", nil, nil},
		"one line each":                 {"a = 1\nb = 2\n", []string{"a = 1", "b = 2"}, []int{1, 2}},
		"a line that begins with a blank continues":       {"a =\n\t1\n 2", []string{"a =\t1 2"}, []int{1}},
		"also after a comment and an empty line":          {"a =\n# no\n\n  # no\n 1\nb", []string{"a = 1", "b"}, []int{1, 6}},
		"a comment after the last line is not part of it": {"a\n# no\n", []string{"a"}, []int{1}},
		"nothing to continue":                             {"# c\n x\n y\na\n", []string{" x y", "a"}, []int{2, 4}},
		"a carriage return is a blank, not a line end":    {"a\r\n\r b\r\n", []string{"a\r\r b\r"}, []int{1}},
	} {
		t.Run(sentence, func(t *testing.T) {
			var texts []string
			var at []int
			for _, p := range lexical.Logical([]byte(c.file)) {
				texts, at = append(texts, p.Text), append(at, p.Line)
			}
			assert.Equal(t, c.want, texts)
			assert.Equal(t, c.at, at)
		})
	}
	assert.True(t, lexical.Logical([]byte(" x"))[0].Orphan())
	assert.False(t, lexical.Logical([]byte("x"))[0].Orphan())
}

func FuzzParts(f *testing.F) {
	f.Add([]byte("# a\nx = 1\n\n  2\n# b\ny\n"))
	f.Add([]byte(" \n x\n#\n y"))
	f.Fuzz(func(t *testing.T, content []byte) {
		var whole []byte
		orphans := 0
		for i, p := range lexical.Parts(content) {
			whole = append(whole, p.Raw...)
			assert.NotEmpty(t, p.Raw)
			assert.NotContains(t, p.Text, "\n")
			if p.Orphan() {
				orphans++
				assert.LessOrEqual(t, i, 1, "only ignored lines stand before it")
			}
		}
		assert.True(t, bytes.Equal(content, whole), "lossless")
		assert.LessOrEqual(t, orphans, 1)
	})
}

func TestLower(t *testing.T) {
	assert.Equal(t, "ab\u212a\xff", lexical.Lower("Ab\u212a\xff"))
	assert.True(t, strings.ContainsFunc(lexical.Blanks, lexical.IsBlank))
	for _, r := range "aÄ\u00a0\u2028\x00" {
		assert.Equal(t, strings.ContainsRune(lexical.Blanks, r), lexical.IsBlank(r))
	}
}

func TestWords(t *testing.T) {
	for sentence, c := range map[string]struct {
		value string
		want  []string
	}{
		"nothing":                          {"", []string{}},
		"only separators":                  {" ,\t\r\n", []string{}},
		"commas, blanks and line breaks":   {"a, b\tc,,d\r\n e", []string{"a", "b", "c", "d", "e"}},
		"braces separate and join nothing": {"{a, b}", []string{"{a", "b}"}},
	} {
		t.Run(sentence, func(t *testing.T) { assert.Equal(t, c.want, lexical.Words(c.value)) })
	}
}

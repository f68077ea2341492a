package postfix

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"ucs-harden/internal/lexical"
)

// table is the entries of a table's source.
type table struct {
	keys   []string // folded to lower case, in the order of the source
	values map[string]string
}

// parseTable reads the input of postmap(1): "key blanks value", comments, and lines that begin with a blank and
// continue the line before. It refuses a key with double quotes, which may contain blanks, and a key with capitals beyond
// ASCII, which Postfix folds only if smtputf8_enable is on. We write neither.
func parseTable(content []byte) (*table, error) {
	if !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0 {
		return nil, errors.New("its source is not UTF-8 text")
	}
	t := &table{values: map[string]string{}}
	for _, line := range lexical.Logical(content) {
		if line.Orphan() {
			return nil, fmt.Errorf("line %d: nothing to continue", line.Line)
		}
		key, value := line.Text, ""
		if i := strings.IndexAny(key, lexical.Blanks); i >= 0 {
			key, value = key[:i], strings.Trim(key[i:], lexical.Blanks)
		}
		switch {
		case strings.ContainsFunc(key, func(r rune) bool { return r == '"' || r > unicode.MaxASCII && unicode.ToLower(r) != r }):
			return nil, fmt.Errorf("line %d: the key %q has quotes, or capitals beyond ASCII", line.Line, key)
		case value == "":
			return nil, fmt.Errorf("line %d: the key %q has no value", line.Line, key)
		}
		key = strings.ToLower(key)
		if _, twice := t.values[key]; twice {
			return nil, fmt.Errorf("line %d: the key %q occurs twice", line.Line, key)
		}
		t.keys = append(t.keys, key)
		t.values[key] = value
	}
	return t, nil
}

// answers is what "postmap -q -" prints for the keys.
func (t *table) answers() []byte {
	var b bytes.Buffer
	for _, key := range t.keys {
		fmt.Fprintf(&b, "%s\t%s\n", key, t.values[key])
	}
	return b.Bytes()
}

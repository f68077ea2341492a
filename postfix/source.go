package postfix

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// table is the entries of a table's source.
type table struct {
	keys   []string // folded to lower case, in the order of the source
	values map[string]string
}

// parseTable reads the input of postmap(1): "key blanks value", comments, and
// lines that begin with a blank and continue the one before. Keys with double
// quotes (they may hold blanks) or beyond ASCII (Postfix folds their case in its
// own way) are refused; we write neither.
func parseTable(content []byte) (*table, error) {
	if !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0 {
		return nil, errors.New("its source is not UTF-8 text")
	}
	t := &table{values: map[string]string{}}
	var logical string
	begin, at := 0, 0
	end := func() error {
		if begin == 0 {
			return nil
		}
		key, value := logical, ""
		if i := strings.IndexAny(logical, blanks); i >= 0 {
			key, value = logical[:i], strings.Trim(logical[i:], blanks)
		}
		switch {
		case strings.ContainsFunc(key, func(r rune) bool { return r == '"' || r > unicode.MaxASCII }):
			return fmt.Errorf("line %d: the key %q has quotes or is not ASCII", begin, key)
		case value == "":
			return fmt.Errorf("line %d: the key %q has no value", begin, key)
		}
		key = strings.ToLower(key)
		if _, twice := t.values[key]; twice {
			return fmt.Errorf("line %d: the key %q occurs twice", begin, key)
		}
		t.keys = append(t.keys, key)
		t.values[key] = value
		begin = 0
		return nil
	}
	for line := range strings.Lines(string(content)) {
		at++
		line = strings.TrimSuffix(line, "\n")
		switch bare := strings.TrimLeft(line, blanks); {
		case bare == "" || bare[0] == '#':
		case len(bare) < len(line):
			if begin == 0 {
				return nil, fmt.Errorf("line %d: nothing to continue", at)
			}
			logical += line
		default:
			if err := end(); err != nil {
				return nil, err
			}
			logical, begin = line, at
		}
	}
	if err := end(); err != nil {
		return nil, err
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

package report

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestColumns(t *testing.T) {
	for sentence, c := range map[string]struct {
		layout columns
		width  int
		rows   [][]string
		want   string
	}{
		"two blanks apart, characters counted, nothing behind the last": {
			columns{indent: "  "}, 0, [][]string{{"a", "B"}, {"ünï", "c"}}, "  a    B\n  ünï  c\n",
		},
		"a cell that is too long pushes aside its own row only": {
			columns{most: 3}, 0, [][]string{{"12345", "x"}, {"1", "y"}}, "12345  x\n1    y\n",
		},
		"cells have line breaks": {
			columns{}, 0, [][]string{{"a b", "x\ny"}, {"longer", "z"}}, "a b     x\n        y\nlonger  z\n",
		},
		"on a terminal the widest column is folded until the rows fit, the last of two": {
			columns{}, 21, [][]string{{"ab cd ef gh ij", "kl mn op qr st"}, {"x", "y"}}, "ab cd ef    kl mn op\ngh ij       qr st\nx           y\n",
		},
		"a long word is broken on a terminal": {
			columns{}, 12, [][]string{{"a", "012345678901234"}}, "a  012345678\n   901234\n",
		},
		"in a pipe a row stays one line": {
			columns{}, 0, [][]string{{"a", "012345678901234567890123456789 012345678901234567890123456789 01234567890123456789"}},
			"a  012345678901234567890123456789 012345678901234567890123456789 01234567890123456789\n",
		},
		"a colour widens no column, and goes on in each line of its cell": {
			columns{heading: true}, 13, [][]string{{"H", "I", "J"}, {"a", "\x1b[31mred red red\x1b[0m", "b"}},
			"\x1b[1mH  I         J\x1b[0m\na  \x1b[31mred red\x1b[0m   b\n   \x1b[31mred\x1b[0m\n",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			var out bytes.Buffer
			(&sheet{w: &out, Style: Style{Color: true, Width: c.width}}).table(c.layout, c.rows)
			assert.Equal(t, c.want, out.String())
		})
	}
}

package report

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestColumns(t *testing.T) {
	for sentence, c := range map[string]struct {
		layout columns
		rows   []row
		want   string
	}{
		"two blanks apart, characters counted, nothing behind the last": {
			columns{indent: "  "}, []row{{cells: []string{"a", "B"}}, {cells: []string{"ünï", "c"}}}, "  a    B\n  ünï  c\n",
		},
		"a cell that is too long pushes aside its own row only": {
			columns{most: 3}, []row{{cells: []string{"12345", "x"}}, {cells: []string{"1", "y"}}}, "12345  x\n1    y\n",
		},
		"cells are broken at blanks and where they have line breaks; a long word makes its column wider": {
			columns{wrap: 4}, []row{{cells: []string{"a b cd ef", "x\ny"}}, {cells: []string{"longer", "z"}}}, "a b     x\n  cd    y\n  ef\nlonger  z\n",
		},
		"what is last stands behind all columns, and its colour widens none": {
			columns{bold: true}, []row{{cells: []string{"H", "I"}}, {[]string{"a", ""}, "\x1b[31mred\x1b[0m"}, {cells: []string{"abc", "de"}}},
			"\x1b[1mH    I\x1b[0m\na        \x1b[31mred\x1b[0m\nabc  de\n",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			var out bytes.Buffer
			(&sheet{w: &out, Style: Style{Color: true}}).table(c.layout, c.rows)
			assert.Equal(t, c.want, out.String())
		})
	}
}

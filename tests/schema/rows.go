package schema

import (
	"regexp"
	"slices"
	"strings"

	"ucs-harden/schemas"
)

// Row is a row of the table in schemas/README.md.
type Row struct {
	Command string // "suspend list"; it may end with an option, as "rollback --dry-run"
	Kind    string // the file of a schema, or None
}

var rowPattern = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (?:\\[([a-z-]+\\.json)\\]\\(([a-z-]+\\.json)\\)|none) \\|$")

// Rows are the rows of the table.
func Rows() []Row {
	page, err := schemas.Files.ReadFile("README.md")
	if err != nil {
		panic(err) // the page is embedded
	}
	var rows []Row
	for _, m := range rowPattern.FindAllStringSubmatch(string(page), -1) {
		kind := m[2]
		if kind == "" {
			kind = None
		}
		if m[2] != m[3] {
			panic("schemas/README.md: the link of " + m[1] + " leads elsewhere")
		}
		rows = append(rows, Row{m[1], kind})
	}
	return rows
}

// Of returns the row of a command line, an empty one if there is none. Of several rows, the one with the most words
// counts, then the one whose words come first: "suspend add list" adds an account.
func Of(words []string) (found Row) {
	most, first := 0, 0
	for _, row := range Rows() {
		want := strings.Fields(row.Command)
		if end := within(want, words); end >= 0 && (len(want) > most || len(want) == most && end < first) {
			found, most, first = row, len(want), end
		}
	}
	return found
}

// within returns where the last of the wanted words is found when they are looked for one after another, or -1.
func within(want, words []string) int {
	end := -1
	for _, w := range want {
		next := slices.Index(words[end+1:], w)
		if next < 0 {
			return -1
		}
		end += 1 + next
	}
	return end
}

// Package verdicts_test asks the real mail server in the lab what it accepts from whom, in every mode and after the rollback,
// and compares the answers with tables that a postmaster can read: testdata/*.txt.
//
// # Grammar of a table
//
//	table      = *( line LF )                     "#" begins a comment, at the begin of a line or behind a blank
//	line       = definition / row                 words are separated by blanks
//	definition = "client"    NAME HOST            a host of the lab
//	           / "port"      NAME 1*LOGIN         and the logins that can exist there
//	           / "login"     NAME TYPED           "-" is no login
//	           / "sender"    NAME ADDRESS         "<>" is the empty one
//	           / "recipient" NAME ADDRESS
//	           / "reply"     NAME CODE TEXT       TEXT is a part of the reply
//	           / "log"       NAME KIND ":" TEXT   a line of mail.log: "KIND: RCPT from …", TEXT is a part of it
//	           / "set"       NAME VALUES
//	row        = client port login sender recipient before warn enforce logged why
//	client     = VALUES                           so are port, login, sender and recipient
//	VALUES     = "*" / NAME *( "|" NAME )         a NAME may be that of a set
//	before     = REPLY                            so are warn and enforce
//	logged     = LOGS / LOGS "/" LOGS "/" LOGS    all the warnings of mail.log about the cell: in warn; or before, in warn, in enforce
//	LOGS       = "-" / "silent" / LOG *( "+" LOG ) "silent" is "-" where enforce refuses what warn lets pass
//	why        = 1*WORD
//
// The cells are all combinations of the defined values. The first row that matches a cell counts.
package verdicts_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The columns that select cells, and the phases with a column of their own. After the rollback the first of these is true again.
var (
	dimensions = []string{"client", "port", "login", "sender", "recipient"}
	phases     = []string{"before", "warn", "enforce"}
)

type table struct {
	values  map[string][]string // by dimension, in the order of the definitions
	means   map[string]string   // "client outside" → host, "sender own" → address …
	logins  map[string][]string // by port
	replies map[string]reply
	logs    map[string]logLine
	sets    map[string][]string
	rows    []*row
}

type reply struct {
	code int
	text string
}

type logLine struct{ kind, text string }

type row struct {
	line    int
	match   [5][]string // nil is any
	replies [3]string
	logged  [3][]string // sorted
	silent  bool
	why     string
}

// cell is one dialogue, by the names of the table.
type cell [5]string

func (c cell) String() string {
	return fmt.Sprintf("client %s, port %s, login %s, sender %s, recipient %s", c[0], c[1], c[2], c[3], c[4])
}

func readTable(t *testing.T, path string) *table {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	tab, err := parseTable(string(content))
	require.NoError(t, err, path)
	return tab
}

var comment = regexp.MustCompile(`(^|\s)#(\s.*|$)`)

func parseTable(text string) (*table, error) {
	tab := &table{values: map[string][]string{}, means: map[string]string{}, logins: map[string][]string{},
		replies: map[string]reply{}, logs: map[string]logLine{}, sets: map[string][]string{}}
	n := 0
	for line := range strings.Lines(text) {
		n++
		words := strings.Fields(comment.ReplaceAllString(line, ""))
		if len(words) == 0 {
			continue
		}
		if err := tab.add(n, words); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return tab, nil
}

func (tab *table) add(n int, words []string) error {
	what, rest := words[0], strings.Join(words[min(2, len(words)):], " ")
	// A value may be called as what is defined, but no definition has as many words as a row.
	if len(words) >= len(dimensions)+len(phases)+2 && what != "reply" && what != "log" {
		return tab.addRow(n, words)
	}
	if rest == "" {
		return fmt.Errorf("%q is neither a definition nor a row", strings.Join(words, " "))
	}
	name := words[1]
	switch what {
	case "client", "login", "sender", "recipient":
		tab.values[what] = append(tab.values[what], name)
		tab.means[what+" "+name] = rest
	case "port":
		tab.values[what] = append(tab.values[what], name)
		tab.logins[name] = words[2:]
	case "set":
		tab.sets[name] = strings.Split(rest, "|")
	case "reply":
		code, err := strconv.Atoi(words[2])
		if err != nil {
			return err
		}
		tab.replies[name] = reply{code, strings.Join(words[3:], " ")}
	case "log":
		kind, text, ok := strings.Cut(rest, ": ")
		if !ok {
			return fmt.Errorf("%q is no kind of line and its text", rest)
		}
		tab.logs[name] = logLine{kind, text}
	default:
		return fmt.Errorf("cannot define a %q", what)
	}
	return nil
}

func (tab *table) addRow(n int, words []string) error {
	r := &row{line: n, why: strings.Join(words[len(dimensions)+len(phases)+1:], " ")}
	for i, dimension := range dimensions {
		if words[i] == "*" {
			continue
		}
		for name := range strings.SplitSeq(words[i], "|") {
			members, isSet := tab.sets[name]
			if !isSet {
				members = []string{name}
			}
			for _, m := range members {
				if !slices.Contains(tab.values[dimension], m) {
					return fmt.Errorf("there is no %s %q", dimension, m)
				}
			}
			r.match[i] = append(r.match[i], members...)
		}
	}
	for i := range phases {
		r.replies[i] = words[len(dimensions)+i]
		if _, ok := tab.replies[r.replies[i]]; !ok {
			return fmt.Errorf("there is no reply %q", r.replies[i])
		}
	}
	logged := strings.Split(words[len(dimensions)+len(phases)], "/")
	switch len(logged) {
	case 1:
		logged = []string{"-", logged[0], "-"}
	case len(phases):
	default:
		return fmt.Errorf("%q is not what is logged in one or in %d phases", strings.Join(logged, "/"), len(phases))
	}
	r.silent = logged[1] == "silent"
	for i, names := range logged {
		if names == "-" || names == "silent" {
			continue
		}
		r.logged[i] = strings.Split(names, "+")
		slices.Sort(r.logged[i])
		for _, l := range r.logged[i] {
			if _, ok := tab.logs[l]; !ok {
				return fmt.Errorf("there is no log %q", l)
			}
		}
	}
	tab.rows = append(tab.rows, r)
	return nil
}

// cells are all that can exist, those of one connection next to each other.
func (tab *table) cells() []cell {
	var all []cell
	for _, client := range tab.values["client"] {
		for _, port := range tab.values["port"] {
			for _, login := range tab.logins[port] {
				for _, sender := range tab.values["sender"] {
					for _, recipient := range tab.values["recipient"] {
						all = append(all, cell{client, port, login, sender, recipient})
					}
				}
			}
		}
	}
	return all
}

// row is the first that matches the cell, nil when none does.
func (tab *table) row(c cell) *row {
	for _, r := range tab.rows {
		matches := true
		for i := range dimensions {
			matches = matches && (r.match[i] == nil || slices.Contains(r.match[i], c[i]))
		}
		if matches {
			return r
		}
	}
	return nil
}

func (tab *table) accepts(r *row, phase string) bool {
	return tab.replies[r.replies[slices.Index(phases, phase)]].code < 300
}

// What a table must have whatever a server says: these are the promises themselves.
func TestEveryTable(t *testing.T) {
	for _, path := range []string{"testdata/verdicts.txt", "testdata/administrator.txt"} {
		t.Run(path, func(t *testing.T) {
			tab := readTable(t, path)
			used := map[*row]bool{}
			for _, c := range tab.cells() {
				r := tab.row(c)
				require.NotNil(t, r, "no row for %s", c)
				used[r] = true
			}
			for _, r := range tab.rows {
				assert.True(t, used[r], "line %d: no cell uses this row", r.line)
				assert.True(t, tab.accepts(r, "warn") || !tab.accepts(r, "before"), "line %d: warn refuses", r.line)
				unwarned := tab.accepts(r, "warn") && !tab.accepts(r, "enforce") && len(r.logged[1]) == 0
				assert.Equal(t, unwarned, r.silent, "line %d: warn is silent about what enforce refuses", r.line)
			}
		})
	}
}

func TestATableThatCannotBeMeantIsRefused(t *testing.T) {
	const definitions = "client a mail\nport 25 none\nlogin none -\nsender s s@x\nrecipient r r@x\nreply ok 250 Ok\nlog l warn: text\nset both s|s\n"
	_, err := parseTable(definitions + "* 25 none both r|r ok ok ok l+l because # not this\n")
	require.NoError(t, err)
	for mistake, line := range map[string]string{
		`line 9: there is no client "b"`:                            "b 25 none s r ok ok ok - because",
		`line 9: there is no reply "no"`:                            "a 25 none s r ok ok no - because",
		`line 9: there is no log "m"`:                               "a 25 none s r ok ok ok m because",
		`line 9: "-/l" is not what is logged in one or in 3 phases`: "a 25 none s r ok ok ok -/l because",
		`line 9: cannot define a "colour"`:                          "colour red 1",
		`line 9: "sender x" is neither a definition nor a row`:      "sender x",
		`line 9: "text" is no kind of line and its text`:            "log x text",
	} {
		_, err := parseTable(definitions + line + "\n")
		assert.EqualError(t, err, mistake)
	}
}

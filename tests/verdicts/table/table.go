// Package table plays tables of verdicts on the real mail server of the lab. A postmaster can read and write such a
// table. It says which mail the server accepts from which client, in every mode and after the rollback.
//
// # Grammar of a table
//
//	table      = *( line LF )                     "#" begins a comment, at the begin of a line or behind a blank
//	line       = [ FACE ":" ] ( definition / row )   words are separated by blanks
//	definition = "phases"    1*PHASE              the columns with verdicts; without this line: before warn enforce
//	           / "client"    NAME HOST *PORT      a host of the lab, and its ports when not all
//	           / "port"      NAME 1*LOGIN         and the logins that can exist there
//	           / "login"     NAME TYPED           "-" is no login
//	           / "sender"    NAME ADDRESS *PARAMETER    "<>" is the empty one; parameters of MAIL (SMTPUTF8)
//	           / "recipient" NAME 1*ADDRESS       several are recipients of one transaction
//	           / "reply"     NAME CODE TEXT       TEXT is a part of the reply
//	           / "log"       NAME KIND ":" TEXT   a line of mail.log: "KIND: RCPT from …", TEXT is a part of it
//	           / "set"       NAME VALUES
//	row        = client port login sender recipient 1*verdict logged why    a verdict for each phase
//	client     = VALUES                           so are port, login, sender and recipient
//	VALUES     = "*" / NAME *( "|" NAME )         a NAME may be that of a set
//	verdict    = REPLY *( "," REPLY )             the same for all recipients of a transaction, or one for each
//	logged     = LOGS / LOGS *( "/" LOGS )        the warnings of mail.log about the cell: in warn, or per phase
//	LOGS       = "-" / "silent" / LOG *( "+" LOG ) "silent" is "-" where enforce refuses what warn lets pass
//	why        = 1*WORD
//
// An address is written as a client says it between the angle brackets, with its quotes or source route, and without
// blanks. The cells are all combinations of the defined values. The first row that matches a cell counts. PHASE is the
// name of a column. After a rollback, the column "before" is expected again.
//
// A line that begins with the release of a UCS, such as "5.0:", counts on that UCS only. The other lines count on every
// UCS.
package table

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

	"ucs-harden/tests/lab"
)

// Dimensions are the columns of a row that select cells.
var Dimensions = []string{"client", "port", "login", "sender", "recipient"}

// defined are the words that begin a definition; no client may have such a name.
var defined = []string{"phases", "client", "port", "login", "sender", "recipient", "reply", "log", "set"}

// faces are the words that begin a line which counts on one UCS only.
var faces = []string{lab.UCS52.String() + ":", lab.UCS50.String() + ":"}

// Table is a table of verdicts.
type Table struct {
	Phases  []string
	Values  map[string][]string // by dimension, in the order of the definitions
	means   map[string]string   // "client outside" → host, "sender own" → address …
	logins  map[string][]string // by port
	ports   map[string][]string // by client; absent is all
	replies map[string]reply
	logs    map[string]logLine
	sets    map[string][]string
	rows    []*Row
	every   int // of so many cells one is played; 0 is all
}

type reply struct {
	code int
	text string
}

type logLine struct{ kind, text string }

// Row is the expectation for the cells that it matches.
type Row struct {
	line    int
	match   [5][]string // the values that match; nil is any
	replies [][]string  // by phase
	logged  [][]string  // by phase, sorted
	silent  bool
	why     string
}

// Cell is one dialogue, described by the names that the table defines.
type Cell [5]string

func (c Cell) String() string {
	return fmt.Sprintf("client %s, port %s, login %s, sender %s, recipient %s", c[0], c[1], c[2], c[3], c[4])
}

// Read reads a table from a file, as it counts on UCS 5.2.
func Read(t *testing.T, path string) *Table {
	t.Helper()
	return ReadFor(t, path, lab.UCS52)
}

// ReadFor reads a table from a file, as it counts on this UCS.
func ReadFor(t *testing.T, path string, face lab.Face) *Table {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	tab, err := Parse(string(content), face)
	require.NoError(t, err, path)
	return tab
}

var comment = regexp.MustCompile(`(^|\s)#(\s.*|$)`)

// Parse reads a table, as it counts on this UCS. An error names the line and what is wrong with it.
func Parse(text string, face lab.Face) (*Table, error) {
	tab := &Table{
		Phases: []string{"before", "warn", "enforce"}, Values: map[string][]string{}, means: map[string]string{},
		logins: map[string][]string{}, ports: map[string][]string{},
		replies: map[string]reply{}, logs: map[string]logLine{}, sets: map[string][]string{},
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		words := strings.Fields(comment.ReplaceAllString(line, ""))
		if len(words) > 1 && slices.Contains(faces, words[0]) {
			if words[0] != face.String()+":" {
				continue
			}
			words = words[1:]
		}
		if len(words) == 0 {
			continue
		}
		if err := tab.add(n, words); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return tab, nil
}

func (tab *Table) add(n int, words []string) error {
	what, rest := words[0], strings.Join(words[min(2, len(words)):], " ")
	if !slices.Contains(defined, what) && len(words) >= len(Dimensions)+len(tab.Phases)+2 {
		return tab.addRow(n, words)
	}
	if rest == "" {
		return fmt.Errorf("%q is neither a definition nor a row", strings.Join(words, " "))
	}
	name := words[1]
	switch what {
	case "phases":
		tab.Phases = words[1:]
	case "client":
		tab.Values[what] = append(tab.Values[what], name)
		tab.means[what+" "+name], tab.ports[name] = words[2], words[3:]
	case "login", "sender", "recipient":
		tab.Values[what] = append(tab.Values[what], name)
		tab.means[what+" "+name] = rest
	case "port":
		tab.Values[what] = append(tab.Values[what], name)
		tab.logins[name] = words[2:]
	case "set":
		tab.sets[name] = tab.members(rest)
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

// members are the values of a text of names with "|" between them; a set is replaced by its members.
func (tab *Table) members(names string) (all []string) {
	for name := range strings.SplitSeq(names, "|") {
		if members, isSet := tab.sets[name]; isSet {
			all = append(all, members...)
		} else {
			all = append(all, name)
		}
	}
	return all
}

func (tab *Table) addRow(n int, words []string) error {
	r := &Row{line: n, why: strings.Join(words[len(Dimensions)+len(tab.Phases)+1:], " ")}
	for i, dimension := range Dimensions {
		if words[i] == "*" {
			continue
		}
		r.match[i] = tab.members(words[i])
		for _, name := range r.match[i] {
			if !slices.Contains(tab.Values[dimension], name) {
				return fmt.Errorf("there is no %s %q", dimension, name)
			}
		}
	}
	for i := range tab.Phases {
		r.replies = append(r.replies, strings.Split(words[len(Dimensions)+i], ","))
		for _, name := range r.replies[i] {
			if _, ok := tab.replies[name]; !ok {
				return fmt.Errorf("there is no reply %q", name)
			}
		}
	}
	logged := strings.Split(words[len(Dimensions)+len(tab.Phases)], "/")
	r.silent = slices.Contains(logged, "silent")
	switch len(logged) {
	case 1:
		inWarn := logged[0]
		logged = slices.Repeat([]string{"-"}, len(tab.Phases))
		logged[tab.column("warn")] = inWarn
	case len(tab.Phases):
	default:
		return fmt.Errorf("%q is not what is logged in one or in %d phases", strings.Join(logged, "/"), len(tab.Phases))
	}
	for _, names := range logged {
		if names == "-" || names == "silent" {
			r.logged = append(r.logged, nil)
			continue
		}
		all := strings.Split(names, "+")
		slices.Sort(all)
		for _, l := range all {
			if _, ok := tab.logs[l]; !ok {
				return fmt.Errorf("there is no log %q", l)
			}
		}
		r.logged = append(r.logged, all)
	}
	tab.rows = append(tab.rows, r)
	return nil
}

// Sample is the table with one of so many cells, for a phase in which the same files are there as before; or the whole
// table, when the tests are thorough.
func (tab *Table) Sample(every int) *Table {
	if lab.Thorough() {
		return tab
	}
	sample := *tab
	sample.every = every
	return &sample
}

// Cells are all cells that can exist, or a sample. Cells that share a connection are next to each other.
func (tab *Table) Cells() []Cell {
	var all []Cell
	n := 0
	for _, client := range tab.Values["client"] {
		for _, port := range tab.Values["port"] {
			if ports := tab.ports[client]; len(ports) > 0 && !slices.Contains(ports, port) {
				continue
			}
			for _, login := range tab.logins[port] {
				for _, sender := range tab.Values["sender"] {
					for _, recipient := range tab.Values["recipient"] {
						if n++; tab.every == 0 || n%tab.every == 0 {
							all = append(all, Cell{client, port, login, sender, recipient})
						}
					}
				}
			}
		}
	}
	return all
}

// Row is the first row that matches the cell; nil when none does.
func (tab *Table) Row(c Cell) *Row {
	for _, r := range tab.rows {
		matches := true
		for i := range Dimensions {
			matches = matches && (r.match[i] == nil || slices.Contains(r.match[i], c[i]))
		}
		if matches {
			return r
		}
	}
	return nil
}

func (tab *Table) column(phase string) int {
	i := slices.Index(tab.Phases, phase)
	if i < 0 {
		panic("a table without the phase " + phase)
	}
	return i
}

// Check checks the table itself, whatever the server replies: each cell has a row, each row is used, and the promises
// hold. Warn refuses nothing that was accepted before, and it logs everything that enforce refuses, unless the row says
// "silent".
func (tab *Table) Check(t *testing.T) {
	t.Helper()
	used := map[*Row]bool{}
	for _, c := range tab.Cells() {
		r := tab.Row(c)
		if !assert.NotNil(t, r, "no row for %s", c) {
			continue
		}
		used[r] = true
		for _, names := range r.replies {
			assert.True(t, len(names) == 1 || len(names) == len(tab.recipients(c)), "line %d: %d replies for %s", r.line, len(names), c)
		}
	}
	for _, r := range tab.rows {
		assert.True(t, used[r], "line %d: no cell uses this row", r.line)
		before, warn, enforce := tab.accepted(r, "before"), tab.accepted(r, "warn"), tab.accepted(r, "enforce")
		unwarned := false
		for i := range max(len(before), len(warn), len(enforce)) {
			of := func(phase []bool) bool { return phase[min(i, len(phase)-1)] }
			assert.True(t, of(warn) || !of(before), "line %d: warn refuses", r.line)
			unwarned = unwarned || of(warn) && !of(enforce) && len(r.logged[tab.column("warn")]) == 0
		}
		assert.Equal(t, unwarned, r.silent, "line %d: warn is silent about what enforce refuses", r.line)
	}
}

// accepted says for each reply of a row whether it accepts the recipient.
func (tab *Table) accepted(r *Row, phase string) (all []bool) {
	for _, name := range r.replies[tab.column(phase)] {
		all = append(all, tab.replies[name].code < 300)
	}
	return all
}

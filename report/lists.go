package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"ucs-harden/lists"
	"ucs-harden/plan"
)

// List is the list of a control.
type List struct {
	Schema  int       `json:"schema"`
	Control string    `json:"control"`
	Mode    plan.Mode `json:"mode"`
	// Settings are the other registry variables that select whom the control is for, as far as they are set.
	Settings map[string]string `json:"settings"`
	Entries  []ListLine        `json:"entries"`
}

// ListLine is an entry of a list, and whether it has an effect.
type ListLine struct {
	lists.Entry
	Expired bool `json:"expired"`
	// Fault is the reason why the entry cannot be used.
	Fault string `json:"fault,omitempty"`
}

// Useless counts the entries without effect. A faulty entry does not count as expired.
func (l List) Useless() (expired, faulty int) {
	for _, e := range l.Entries {
		switch {
		case e.Fault != "":
			faulty++
		case e.Expired:
			expired++
		}
	}
	return expired, faulty
}

// HasSenders tells whether the entries name senders.
func (l List) HasSenders() bool { return l.Control == "protected" }

// MayWrite tells who may write to a protected address: "insiders", "nobody", or the senders of the entry.
func (e ListLine) MayWrite() string {
	switch {
	case e.Variant == "" || e.Variant == "clients":
		return "insiders"
	case strings.TrimSpace(e.Senders) == "":
		return "nobody"
	}
	return e.Senders
}

const (
	// widestColumn limits the width of a column, so that one long name does not push all other entries aside.
	widestColumn = 40
	// longestCell is where a text is cut without Full.
	longestCell = 40
)

// ListText writes a list for people, one line for each entry. Full shows long texts whole.
func ListText(w io.Writer, l List, style Style) error {
	s := &sheet{w: w, Style: style}
	if len(l.Entries) > 0 {
		s.entries(l)
		s.line("")
	}
	expired, faulty := l.Useless()
	summary := count(len(l.Entries), "entry", "entries")
	if expired > 0 {
		summary += fmt.Sprintf(", %d expired", expired)
	}
	if faulty > 0 {
		summary += fmt.Sprintf(", %d faulty", faulty)
	}
	s.line("%s; %s is %s.", summary, l.Control, modeWords[l.Mode])
	if len(l.Settings) > 0 {
		s.line("")
		s.line("Further settings:")
		for _, key := range slices.Sorted(maps.Keys(l.Settings)) {
			s.line("    %s = %s", key, plain(l.Settings[key]))
		}
	}
	return s.err
}

var modeWords = map[plan.Mode]string{plan.Off: "off", plan.Warn: "in mode warn", plan.Enforce: "in mode enforce"}

func (s *sheet) entries(l List) {
	first := "ACCOUNT"
	if l.HasSenders() {
		first = "ADDRESS"
	}
	head := []string{first, "NAME", "REASON", "OWNER", "EXPIRES"}
	if l.HasSenders() {
		head = slices.Insert(head, 2, "MAY WRITE")
	}
	rows := []row{{cells: head}}
	for _, e := range l.Entries {
		cells := []string{cell(e.About()), cell(e.Name), s.short(e.Reason), s.short(e.Owner), cell(e.Expires)}
		if l.HasSenders() {
			cells = slices.Insert(cells, 2, s.short(e.MayWrite()))
		}
		rows = append(rows, row{cells, s.mark(e)})
	}
	s.table(columns{most: widestColumn, bold: true}, rows)
}

// mark is why an entry has no effect.
func (s *sheet) mark(e ListLine) string {
	switch {
	case e.Fault != "":
		return s.paint(red, "faulty: "+plain(e.Fault))
	case e.Expired:
		return s.paint(yellow, "expired")
	}
	return ""
}

// cell is a value in a table. An empty value is a dash, so that every line has the same number of columns.
func cell(value string) string {
	if value == "" {
		return "-"
	}
	return plain(value)
}

func (s *sheet) short(value string) string {
	value = cell(value)
	if s.Full || utf8.RuneCountInString(value) <= longestCell {
		return value
	}
	return string([]rune(value)[:longestCell-1]) + "…"
}

package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"ucs-harden/harden"
	"ucs-harden/internal/plural"
	"ucs-harden/plan"
)

const (
	// widestColumn limits the width of a column, so that one long name does not push all other entries aside.
	widestColumn = 40
	// longestCell is where a text is cut without Full.
	longestCell = 40
)

// ListText writes a list for people, one line for each entry. Full shows long texts whole.
func ListText(w io.Writer, l *harden.List, style Style) error {
	s := &sheet{w: w, Style: style}
	if len(l.Entries) > 0 {
		s.entries(l)
		s.line("")
	}
	expired, faulty := l.Useless()
	summary := plural.Count(len(l.Entries), "entry", "entries")
	if expired > 0 {
		summary += fmt.Sprintf(", %d expired", expired)
	}
	if faulty > 0 {
		summary += fmt.Sprintf(", %d faulty", faulty)
	}
	s.line("%s; %s is %s.", summary, l.Control, modeWords[l.Mode])
	s.effective(l)
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

func (s *sheet) entries(l *harden.List) {
	first := "ACCOUNT"
	if l.Senders {
		first = "ADDRESS"
	}
	head := []string{first, "NAME", "REASON", "OWNER", "EXPIRES"}
	switch {
	case l.Senders:
		head = slices.Insert(head, 2, "MAY WRITE")
	case l.As:
		head = slices.Insert(head, 2, "WRITES AS")
	}
	rows := [][]string{head}
	for _, e := range l.Entries {
		cells := []string{cell(e.About()), cell(e.Name), s.short(e.Reason), s.short(e.Owner), cell(e.Expires)}
		switch {
		case l.Senders:
			cells = slices.Insert(cells, 2, s.short(e.MayWrite()))
		case l.As:
			cells = slices.Insert(cells, 2, s.short(e.WritesAs()))
		}
		rows = append(rows, append(cells, s.mark(e)))
	}
	s.table(columns{most: widestColumn, heading: true}, rows)
}

// shownAccounts is how many effective accounts are shown without Full.
const shownAccounts = 20

// effective says on which accounts the control acts now, and why.
func (s *sheet) effective(l *harden.List) {
	if len(l.Effective)+len(l.Live) == 0 {
		return
	}
	s.line("")
	s.line("In the tables of Postfix:")
	rows := [][]string{}
	for i, e := range l.Effective {
		if i == shownAccounts && !s.Full {
			break
		}
		why := source(e.Source)
		if e.Always {
			why += ", stopped in every mode"
		}
		rows = append(rows, []string{cell(e.Account), why})
	}
	s.table(columns{indent: "  ", most: widestColumn}, rows)
	if more := len(l.Effective) - len(rows); more > 0 {
		s.line("  … and %d more (--full shows all)", more)
	}
	for _, path := range l.Live {
		s.line("  and whom the directory names at that moment (%s)", path)
	}
}

// source is where an account is from, in words.
func source(text string) string {
	kind, name, _ := strings.Cut(text, " ")
	switch kind {
	case "entry":
		return "listed as " + plain(name)
	case "group":
		return "member of " + plain(name)
	case "mark":
		return "marked in the directory"
	}
	return "not known why"
}

// mark is why an entry has no effect, or that it has it in every mode.
func (s *sheet) mark(e harden.Entry) string {
	switch {
	case e.Fault != "":
		return s.paint(red, "faulty: "+plain(e.Fault))
	case e.Expired:
		return s.paint(yellow, "expired")
	case e.Always():
		return "stopped in every mode"
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

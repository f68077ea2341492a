package report

import (
	"io"
	"strings"
	"time"

	"ucs-harden/fleet"
	"ucs-harden/internal/plural"
	"ucs-harden/plan"
)

// Fleet writes the table of all servers: one row each, and below it what is wrong there and what to do. On a terminal that
// is too narrow for the table, each server is a small list. Full shows the notes and the differences, too.
func Fleet(w io.Writer, f *fleet.Fleet, style Style) error {
	s := &sheet{w: w, Style: style}
	s.hang("", s.fleetSummary(f))
	s.line("")
	shown, off := f.Shown()
	rows := [][]string{append([]string{"SERVER", "STATE", "SYNC"}, headings(shown)...)}
	for i := range f.Servers {
		row := []string{plain(f.Servers[i].Name), s.fleetState(&f.Servers[i]), lastSync(f, &f.Servers[i])}
		for _, name := range shown {
			row = append(row, s.modeCell(f.Servers[i].Control(name)))
		}
		rows = append(rows, row)
	}
	switch {
	case len(f.Servers) == 0:
	case s.Width > 0 && narrowestTable(rows) > s.Width:
		s.fleetLists(f, shown)
	default:
		for i, line := range s.lay(columns{whole: 1, heading: true}, rows) {
			if i == 0 {
				s.line("%s", s.paint(bold, line))
				continue
			}
			s.line("%s", line)
			s.fleetTroubles(&f.Servers[i-1])
		}
	}
	if len(off) > 0 {
		s.line("")
		s.hang("", "Off on every server: "+strings.Join(off, ", ")+".")
	}
	for _, u := range f.Unreadable {
		s.line("")
		s.hang("", s.paint(red, "cannot read "+plain(u.Source)+": "+plain(u.Error)))
		s.hang("  hint: ", u.Hint)
	}
	return s.err
}

// fleetSummary counts the servers.
func (s *sheet) fleetSummary(f *fleet.Fleet) string {
	errors, warnings := f.Count(plan.Error), f.Count(plan.Warning)
	text := plural.Count(len(f.Servers), "server", "servers")
	if well := len(f.Servers) - errors - warnings; well > 0 {
		text += ", " + s.paint(green, plural.Count(well, "as planned", "as planned"))
	}
	if warnings > 0 {
		text += ", " + s.paint(yellow, plural.Count(warnings, "with a warning", "with warnings"))
	}
	if errors > 0 {
		text += ", " + s.paint(red, plural.Count(errors, "with an error", "with errors"))
	}
	if n := len(f.Unreadable); n > 0 {
		text += ", " + s.paint(red, plural.Count(n, "file that cannot be read", "files that cannot be read"))
	}
	return text
}

// headings are the names of controls, broken at their hyphens.
func headings(names []string) (out []string) {
	for _, name := range names {
		out = append(out, strings.ReplaceAll(name, "-", "-\n"))
	}
	return out
}

// fleetState is the gravest trouble in a few words.
func (s *sheet) fleetState(of *fleet.Server) string {
	colors := map[plan.Severity]string{plan.Error: red, plan.Warning: yellow}
	color, known := colors[of.Severity]
	if !known {
		color = green
	}
	return s.paint(color, of.Label().String())
}

// lastSync is how long ago the newest sync was.
func lastSync(f *fleet.Fleet, of *fleet.Server) string {
	if of.Sync.Last == nil {
		return "-"
	}
	return fleet.Age(f.Time.Sub(*of.Sync.Last)).String() + " ago"
}

// modeCell is the mode that runs, and behind an arrow the one that is wanted if it is another one.
func (s *sheet) modeCell(c *fleet.Control) string {
	switch {
	case c == nil:
		return "-"
	case !c.AsWanted():
		return s.paint(yellow, string(c.Running)+" → "+string(c.Wanted))
	case c.Idle:
		return string(c.Wanted) + ", idle"
	case c.Wanted == plan.Warn && c.Ready != nil && *c.Ready:
		return string(c.Wanted) + ", ready"
	}
	return string(c.Wanted)
}

// fleetTroubles writes what stands below a server.
func (s *sheet) fleetTroubles(of *fleet.Server) {
	const indent = "    "
	for _, t := range of.Troubles {
		if t.Severity == plan.Note && !s.Full {
			continue
		}
		s.hang(indent, PlainLines(oneLine(t.Text.String())))
		if !t.Hint.IsZero() {
			s.hang(indent+"hint: ", PlainLines(oneLine(t.Hint.String())))
		}
	}
	if !s.Full {
		return
	}
	for _, c := range of.Controls {
		if c.Held && len(c.Lacks) <= fleet.MostLacks {
			continue // they are said above
		}
		for _, lack := range c.Lacks {
			s.hang(indent+c.Name+" lacks: ", PlainLines(oneLine(lack.String())))
		}
	}
	for _, d := range of.Drift {
		s.hang(indent, plain(d))
	}
	if of.Time != nil {
		when := of.Time.Local().Format(time.DateTime)
		s.hang(indent, "status of "+when+", ucs-harden "+plain(of.Version)+", "+plain(of.Source))
	}
}

// oneLine is a text without line breaks and tabs.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// narrowestTable is how wide a table is whose words are not broken.
func narrowestTable(rows [][]string) int {
	var widths []int
	for _, row := range rows {
		for j, cell := range row {
			if j == len(widths) {
				widths = append(widths, 0)
			}
			if j == 0 {
				widths[j] = max(widths[j], visible(cell))
				continue
			}
			for word := range strings.FieldsSeq(bare(cell)) {
				widths[j] = max(widths[j], narrowest, visible(word))
			}
		}
	}
	return sum(widths) + 2*(len(widths)-1)
}

// fleetLists writes a small list for each server.
func (s *sheet) fleetLists(f *fleet.Fleet, shown []string) {
	for i := range f.Servers {
		of := &f.Servers[i]
		if i > 0 {
			s.line("")
		}
		for _, text := range s.fold(plain(of.Name), s.width()) {
			s.line("%s", s.paint(bold, text))
		}
		s.line("  %s; last sync: %s", s.fleetState(of), lastSync(f, of))
		var rows [][]string
		for _, name := range shown {
			if c := of.Control(name); c != nil {
				rows = append(rows, []string{name, s.modeCell(c)})
			}
		}
		s.table(columns{indent: "  "}, rows)
		s.fleetTroubles(of)
	}
}

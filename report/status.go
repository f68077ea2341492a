package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"ucs-harden/controls"
	"ucs-harden/harden"
	"ucs-harden/internal/plural"
	"ucs-harden/plan"
)

// StatusText writes the state for people; brief is one line.
func StatusText(w io.Writer, st *harden.Status, brief bool, style Style) error {
	s := &sheet{w: w, Style: style}
	if brief {
		s.line("mode %s, %s", controls.ModeText(st.Mode, st.Controls), s.state(st))
		return s.err
	}
	s.hang("State          ", s.state(st))
	if hint := stateHint(st); hint != "" {
		s.hang("               hint: ", hint)
	}
	if st.Silent != "" {
		s.hang("               ", plain(st.Silent))
	}
	s.some(st.Drift)
	s.line("Mode           %s", st.Mode)
	var rows [][]string
	for _, c := range st.Controls {
		rows = append(rows, []string{c.Name, string(c.After) + listed(c) + s.running(st, c)})
		rows = append(rows, ownModes(c)...)
	}
	s.table(columns{indent: "  "}, rows)
	for i, r := range st.Readiness {
		if i == 0 {
			s.line("Readiness")
		}
		s.hang(fmt.Sprintf("  %-16s  ", r.Name()), s.readyOrNot(r))
	}
	if n := len(st.Accepted); n > 0 {
		s.line("Accepted       %s, which --json shows", plural.Count(n, "finding or group", "findings or groups"))
	}
	s.line("Mail domains   %d hosted, %d in the sender table", st.Domains, st.Covered)
	if st.Controllers >= 0 {
		s.line("Controllers    %d with an address", st.Controllers)
	}
	if len(st.Stopped) > 0 {
		s.hang("Stopped        ", plain(strings.Join(st.Stopped, ", "))+"; in every mode, until ucs-harden suspend remove")
	}
	if st.Last != nil {
		mode := "mode " + st.Last.Modes
		if st.Last.Urgent {
			mode = st.Last.Modes
		}
		s.hang("Last change    ", st.Last.ID+", "+mode+", "+when(*st.Last))
	}
	s.logged(st)
	s.syncs(st)
	if c := st.TakenBack; c != nil {
		s.hang("Taken back     ", c.ID+", mode "+c.Modes+", was not confirmed in time: "+c.Ended.Local().Format(time.DateTime))
	}
	s.findingsBrief(st.Findings)
	return s.err
}

// ResumeHint is the hint while syncs wait after a rollback.
const ResumeHint = "syncs wait until the next apply or ucs-harden sync --resume"

// stateHint is the hint of the verdict.
func stateHint(st *harden.Status) string {
	switch verdict := st.Verdict(); {
	case verdict == harden.Drifted && st.Sync.Paused != nil:
		return "ucs-harden plan shows the differences; " + ResumeHint
	case verdict == harden.Unsynced:
		return plain(st.Sync.Last.Hint)
	default:
		return statusHints[verdict]
	}
}

// syncs says that syncs wait, or what the last one has not done.
func (s *sheet) syncs(st *harden.Status) {
	last := st.Sync.Last
	switch {
	case st.Sync.Paused != nil:
		p := st.Sync.Paused
		s.hang("Syncs          ", s.paint(yellow, "wait")+" since the rollback of "+p.ID+", "+p.Time.Local().Format(time.DateTime)+
			", until the next apply or ucs-harden sync --resume")
	case last != nil && last.Result == harden.SyncFailed:
		s.hang("Last sync      ", s.paint(red, "failed")+" "+last.Time.Local().Format(time.DateTime)+": "+plain(last.Error))
		if last.Hint != "" {
			s.hang("               hint: ", plain(last.Hint))
		}
	case last != nil && last.Result == harden.SyncPartly:
		s.hang("Last sync      ", s.paint(yellow, "not complete")+", "+last.Time.Local().Format(time.DateTime)+": "+plain(last.Error))
	}
	if st.Sync.Wanted != nil {
		s.line("Announced      a change, %s, which the next sync takes up", st.Sync.Wanted.Local().Format(time.DateTime))
	}
}

// soon is how many days before the last day of an entry a status names it.
const soon = 30

// logged says what the mail log shows since the modes were last changed, and what expires soon.
func (s *sheet) logged(st *harden.Status) {
	if st.Hits != nil {
		var hits, troubles []string
		for _, control := range slices.Sorted(maps.Keys(st.Hits.Counts)) {
			for _, mode := range slices.Sorted(maps.Keys(st.Hits.Counts[control])) {
				if n := st.Hits.Counts[control][mode]; n > 0 {
					hits = append(hits, fmt.Sprintf("%s %d in %s", control, n, mode))
				}
			}
		}
		if t := st.Troubles; t != nil && t.Milters > 0 {
			troubles = append(troubles, plural.Count(t.Milters, "warning", "warnings")+" about milters")
		}
		if t := st.Troubles; t != nil && t.Tables > 0 {
			troubles = append(troubles, plural.Count(t.Tables, "warning", "warnings")+" about lookup tables")
		}
		since := ", since " + st.Hits.Since.Local().Format(time.DateTime)
		if len(hits) > 0 {
			s.hang("Letters        ", strings.Join(hits, ", ")+since)
		}
		if len(troubles) > 0 {
			s.hang("Troubles       ", s.paint(yellow, strings.Join(troubles, ", "))+since+" (/var/log/mail.log)")
		}
	}
	if e := st.Expires; e != nil && e.Days <= soon {
		s.hang("Expires        ", plain(e.List+" "+e.Name)+", last day "+e.Date+", "+plural.Count(e.Days, "day", "days")+" left")
	}
}

// mostShown is how many differences and kinds of findings a status shows, so that it fits one screen.
const mostShown = 8

// some writes the first of many differences.
func (s *sheet) some(all []string) {
	for _, d := range all[:min(len(all), mostShown)] {
		s.hang("               ", plain(d))
	}
	if more := len(all) - mostShown; more > 0 {
		s.line("               … and %d more, which ucs-harden plan shows", more)
	}
}

// running says what Postfix does, where that is not what the registry wants.
func (s *sheet) running(st *harden.Status, c plan.Control) string {
	runs, known := st.Running[c.Name]
	if !known || runs == c.Strongest() || runs == plan.Off && c.Idle {
		return ""
	}
	return s.paint(yellow, "; in Postfix: "+string(runs))
}

// state is the verdict in words.
func (s *sheet) state(st *harden.Status) string {
	switch st.Verdict() {
	case harden.Broken:
		return s.paint(red, "interrupted change "+st.Interrupted)
	case harden.ToConfirm:
		return s.paint(yellow, "waits to be confirmed until "+st.Waiting.Deadline.Local().Format(time.DateTime))
	case harden.Down:
		return s.paint(red, "Postfix is not running")
	case harden.Undecided:
		return s.paint(red, "not known: the directory does not answer")
	case harden.Unsynced:
		return s.paint(red, "the last sync failed")
	case harden.Drifted:
		return s.paint(yellow, "drift: "+plural.Count(len(st.Drift), "difference", "differences"))
	case harden.Faulty:
		return s.paint(red, plural.Count(st.Errors(), "error", "errors")+", which ucs-harden plan shows")
	}
	return s.paint(green, "as planned")
}

// ConfirmHint is the hint while an apply waits to be confirmed.
const ConfirmHint = "ucs-harden confirm keeps it, ucs-harden rollback takes it back"

var statusHints = map[harden.Verdict]string{
	harden.Broken:    "ucs-harden recover",
	harden.ToConfirm: ConfirmHint,
	harden.Down:      "postfix start; /var/log/mail.log says why it does not run",
	harden.Undecided: "univention-ldapsearch -LLL -s base dn must work on this server",
	harden.Drifted:   "ucs-harden plan shows the differences; ucs-harden sync removes them",
}

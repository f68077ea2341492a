package fleet

import (
	"slices"
	"strings"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/harden"
	"ucs-harden/plan"
)

// The limits beyond which something is a trouble.
const (
	// patience is how long an announced change may wait for a sync. A burst of changes takes seconds.
	patience = time.Hour
	// skew is by how much clocks may differ.
	skew = 5 * time.Minute
	// soon is how many days before its end an entry is named.
	soon = 14
)

// MostLacks is how many reasons the text about a control has that is held back.
const MostLacks = 3

// What a hint names.
const (
	// StatusCommand writes the status of a server.
	StatusCommand   = "ucs-harden status --json"
	planCommand     = "ucs-harden plan"
	syncCommand     = "ucs-harden sync"
	resumeCommand   = "ucs-harden sync --resume"
	confirmCommand  = "ucs-harden confirm"
	rollbackCommand = "ucs-harden rollback"
	askDirectory    = "univention-ldapsearch -LLL -s base dn"
	mailLog         = "/var/log/mail.log"
	// firstDated is the version whose status says its server and its time.
	firstDated = "0.2.0"
)

// list collects troubles.
type list []Trouble

func (l *list) add(kind Kind, severity plan.Severity, text, hint evidence.Phrase) {
	*l = append(*l, Trouble{kind, severity, text, hint})
}

// troubles are those of a server, sorted by severity. of are its documents, the newest first.
func (o Options) troubles(s *Server, of []document) []Trouble {
	all, d := list{}, &of[0]
	if d.Error != "" {
		all.add(NoStatus, plan.Error,
			evidence.Phrasef("it has no status: %s", evidence.Verbatim(d.Error)), evidence.Verbatim(d.Hint))
	} else {
		all.now(d)
		all.paused(d)
		all.controls(s, d)
		all.syncs(d)
		all.later(d)
		o.age(&all, s)
	}
	if d.Schema > harden.StatusSchema && d.Error == "" {
		all.add(Newer, plan.Note,
			evidence.Phrasef("its ucs-harden is newer than this one, which may not see everything"), evidence.Phrase{})
	}
	if len(of) > 1 {
		var sources []string
		for _, other := range of[1:] {
			if !slices.Contains(sources, other.source) {
				sources = append(sources, other.source)
			}
		}
		names := clip(strings.Join(sources, ", "))
		all.add(Twice, plan.Note,
			evidence.Phrasef("there is an older status of it, which does not count: %s", names), evidence.Phrase{})
	}
	slices.SortStableFunc(all, func(a, b Trouble) int { return rank(a.Severity) - rank(b.Severity) })
	return all
}

// now is what is wrong at this moment.
func (l *list) now(d *document) {
	if d.Interrupted != "" {
		l.add(Interrupted, plan.Error, evidence.Phrasef("a crash left the change %s unfinished", d.Interrupted),
			evidence.Verbatim("ucs-harden recover"))
	}
	if d.Postfix == "stopped" {
		l.add(Down, plan.Error, evidence.Phrasef("Postfix is not running"),
			evidence.Phrasef("%s says why", mailLog))
	}
	if d.Silent != "" {
		l.add(Silent, plan.Error, evidence.Phrasef("the directory does not answer: %s", evidence.Verbatim(d.Silent)),
			evidence.Phrasef("%s must work on this server", askDirectory))
	}
	if n := d.errors(); n > 0 {
		l.add(Faulty, plan.Error, evidence.Counted(n, "%d finding of severity error", "%d findings of severity error"),
			evidence.Verbatim(planCommand))
	}
	if w := d.Waiting; w != nil {
		l.add(ToConfirm, plan.Warning, evidence.Phrasef("an apply waits to be confirmed until %s", moment(w.Deadline)),
			evidence.Phrasef("%s keeps it, %s takes it back", confirmCommand, rollbackCommand))
	}
}

// errors counts the findings of severity error that nobody has accepted.
func (d *document) errors() (n int) {
	for _, f := range d.Findings {
		accepted := func(a finding) bool { return a.ID == f.ID }
		if f.Severity == plan.Error && !slices.ContainsFunc(d.Accepted, accepted) {
			n++
		}
	}
	return n
}

// controls is what differs from what is wanted.
func (l *list) controls(s *Server, d *document) {
	for _, c := range s.Controls {
		if !c.Held {
			continue
		}
		why := evidence.Phrasef("no evidence")
		for i, lack := range c.Lacks {
			switch {
			case i == 0:
				why = lack
			case i < MostLacks:
				why = evidence.Phrasef("%s; %s", why, lack)
			case i == MostLacks:
				why = evidence.Phrasef("%s, and more", why)
			}
		}
		text := evidence.Phrasef("%s is wanted in %s, and stays in %s: %s", c.Name, c.Wanted, plan.Warn, why)
		if running(c) != string(plan.Warn) { // the next sync brings it there
			text = evidence.Phrasef("%s is wanted in %s, and may only come to %s: %s", c.Name, c.Wanted, plan.Warn, why)
		}
		l.add(Held, plan.Warning, text, evidence.Verbatim("ucs-harden report"))
	}
	if d.differences > 0 {
		hint := evidence.Phrasef("%s shows them, %s makes the changes", planCommand, syncCommand)
		if d.Sync.Paused != nil { // a sync would do nothing
			hint = evidence.Verbatim(planCommand)
		}
		l.add(Drifted, plan.Warning,
			evidence.Counted(d.differences, "the next sync would change %d thing", "the next sync would change %d things"), hint)
		return // the modes are a part of it
	}
	for _, c := range s.Controls {
		if !c.Held && !c.AsWanted() {
			l.add(Differs, plan.Warning,
				evidence.Phrasef("%s is wanted in %s, and runs in %s", c.Name, c.Wanted, running(c)),
				evidence.Verbatim(planCommand))
		}
	}
}

// running is the mode of a control in Postfix, in words.
func running(c Control) string {
	if c.Running == "" {
		return string(plan.Off)
	}
	return string(c.Running)
}

// paused is that the server follows nothing since a rollback. So it stands before the differences that this explains.
func (l *list) paused(d *document) {
	if p := d.Sync.Paused; p != nil {
		l.add(Paused, plan.Warning, evidence.Phrasef("syncs wait since a rollback, %s", moment(p.Time)),
			evidence.Phrasef("%s, or the next apply, ends it", resumeCommand))
	}
}

// syncs is what else keeps the server from following the registry and the directory.
func (l *list) syncs(d *document) {
	if run := d.Sync.Last; run != nil {
		switch {
		case run.Result == "failed":
			l.add(SyncFailed, plan.Error,
				evidence.Phrasef("the sync failed, %s: %s", moment(run.Time), evidence.Verbatim(run.Error)),
				evidence.Verbatim(run.Hint))
		case run.Result == "partly" && !slices.ContainsFunc(*l, func(t Trouble) bool { return t.Kind == Held }):
			l.add(Partly, plan.Warning,
				evidence.Phrasef("the sync left something out: %s", evidence.Verbatim(run.Error)),
				evidence.Verbatim(run.Hint))
		}
	}
	if w := d.Sync.Wanted; w != nil && d.Time != nil && d.Time.Sub(*w) > patience {
		l.add(Overdue, plan.Warning, evidence.Phrasef("a change waits for a sync since %s", moment(*w)),
			evidence.Verbatim("systemctl status ucs-harden-sync.path ucs-harden-sync.service"))
	}
}

// later is what will need somebody.
func (l *list) later(d *document) {
	if t := d.Troubles; t != nil && t.Milters > 0 {
		text := evidence.Counted(t.Milters,
			"the mail log has %d warning about a milter", "the mail log has %d warnings about milters")
		l.add(Failing, plan.Note, text, evidence.Phrase{})
	}
	if t := d.Troubles; t != nil && t.Tables > 0 {
		text := evidence.Counted(t.Tables,
			"the mail log has %d warning about a lookup table", "the mail log has %d warnings about lookup tables")
		l.add(Failing, plan.Note, text, evidence.Phrase{})
	}
	if e := d.Expires; e != nil && e.Days <= soon {
		l.add(Expires, plan.Note,
			evidence.Phrasef("%s (%s) ends on %s", e.Name, e.List, evidence.Date(e.Date)), evidence.Phrase{})
	}
}

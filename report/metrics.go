package report

import (
	"io"
	"maps"
	"slices"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/harden"
	"ucs-harden/plan"
)

// The numbers of the modes, so that an alert can compare them.
var modeNumbers = map[plan.Mode]float64{plan.Off: 0, plan.Warn: 1, plan.Enforce: 2}

// Metrics writes a state that was read at a time as metrics for Prometheus. No address, account or domain is in it: everybody
// on the server may read the file.
func Metrics(w io.Writer, st *harden.Status, at time.Time) error {
	e := &exposition{instance: st.Server}
	e.family("ucs_harden_up", "Whether the state of the mail server could be read.", one(1))
	e.family("ucs_harden_collected_timestamp_seconds", "When the state was read.", instant(at))
	e.family("ucs_harden_info", "The version of ucs-harden.", sample{[]label{{"version", st.Version}}, 1})
	e.modes(st)
	e.readiness(st)
	e.state(st)
	e.syncs(st.Sync)
	e.log(st)
	if x := st.Expires; x != nil {
		if end, err := time.ParseInLocation(time.DateOnly, x.Date, at.Location()); err == nil {
			e.family("ucs_harden_next_expiry_timestamp_seconds",
				"The end of the last day of the entry of a list, or of the exception, that expires next.", instant(end.AddDate(0, 0, 1)))
		}
	}
	return e.write(w)
}

// instant is a sample that tells a time.
func instant(at time.Time) sample { return one(float64(at.Unix())) }

// of is a sample about a control.
func of(control string, value float64) sample { return sample{[]label{{"control", control}}, value} }

// modes are the modes of the controls. Of a control whose domains have modes of their own it is the strongest.
func (e *exposition) modes(st *harden.Status) {
	var wanted, running, held, idle []sample
	for _, c := range st.Controls {
		want, isHeld := c.Strongest(), false
		for _, r := range st.Readiness {
			if r.Control == c.Name && r.Wanted == plan.Enforce && modeIn(c, r.Domain) != plan.Enforce {
				want, isHeld = plan.Enforce, true
			}
		}
		wanted = append(wanted, of(c.Name, modeNumbers[want]))
		held = append(held, of(c.Name, yes(isHeld)))
		idle = append(idle, of(c.Name, yes(c.Idle)))
		if mode, known := st.Running[c.Name]; known {
			running = append(running, of(c.Name, modeNumbers[mode]))
		}
	}
	e.family("ucs_harden_mode_wanted", "The mode that the registry wants of a control: 0 off, 1 warn, 2 enforce.", wanted...)
	e.family("ucs_harden_mode_running", "The mode that a control has in Postfix: 0 off, 1 warn, 2 enforce.", running...)
	e.family("ucs_harden_held", "Whether the registry wants enforce and the control stays in warn for lack of evidence.", held...)
	e.family("ucs_harden_idle", "Whether a control is on and has nothing to do, since its list is empty.", idle...)
}

// modeIn is the mode that the plan gives a domain, or the control as a whole.
func modeIn(c plan.Control, domain string) plan.Mode {
	if mode, own := c.Domains[domain]; own {
		return mode
	}
	return c.Strongest()
}

// readiness is that of the controls that the gate applies to. A control is ready when all its domains are.
func (e *exposition) readiness(st *harden.Status) {
	targets := map[string][]evidence.Readiness{}
	for _, r := range st.Readiness {
		targets[r.Control] = append(targets[r.Control], r)
	}
	var ready, open, shown []sample
	for _, control := range slices.Sorted(maps.Keys(targets)) {
		all, groups, days := true, map[string]bool{}, targets[control][0].Days
		for _, r := range targets[control] {
			all, days = all && r.Ready, min(days, r.Days)
			for _, id := range r.Open {
				groups[id] = true
			}
		}
		ready = append(ready, of(control, yes(all)))
		open = append(open, of(control, float64(len(groups))))
		shown = append(shown, of(control, days*24*60*60))
	}
	e.family("ucs_harden_ready", "Whether a control may come to enforce, by what the mail log shows.", ready...)
	e.family("ucs_harden_open_groups", "Groups of mail that look legitimate and that enforce would refuse.", open...)
	e.family("ucs_harden_evidence_seconds", "How much time the mail log shows of what a control does.", shown...)
}

// state is what an administrator has to look at.
func (e *exposition) state(st *harden.Status) {
	if st.Silent == "" {
		e.family("ucs_harden_drift", "Differences between the server and what the registry and the directory want.",
			one(float64(len(st.Drift))))
	}
	var findings []sample
	for _, severity := range []plan.Severity{plan.Error, plan.Warning, plan.Note} {
		n := 0
		for _, f := range st.Findings {
			if f.Severity == severity {
				n++
			}
		}
		findings = append(findings, sample{[]label{{"severity", string(severity)}}, float64(n)})
	}
	e.family("ucs_harden_findings", "Findings, by severity.", findings...)
	e.family("ucs_harden_directory_up", "Whether the directory answers.", one(yes(st.Silent == "")))
	if running := st.Postfix == "running"; running || st.Postfix == "stopped" {
		e.family("ucs_harden_postfix_running", "Whether Postfix is running.", one(yes(running)))
	}
	e.family("ucs_harden_interrupted", "Whether a crash left a change unfinished.", one(yes(st.Interrupted != "")))
	e.family("ucs_harden_confirmation_pending", "Whether an apply waits to be confirmed.", one(yes(st.Waiting != nil)))
	if st.Waiting != nil {
		e.family("ucs_harden_confirmation_deadline_timestamp_seconds", "When the apply that waits is taken back.",
			instant(st.Waiting.Deadline))
	}
	e.family("ucs_harden_domains", "Hosted mail domains.", one(float64(st.Domains)))
	e.family("ucs_harden_stopped_accounts", "Accounts that are stopped in every mode.", one(float64(len(st.Stopped))))
}

// syncs are those of the server.
func (e *exposition) syncs(s harden.SyncState) {
	e.family("ucs_harden_sync_paused", "Whether syncs wait since somebody rolled back.", one(yes(s.Paused != nil)))
	if s.Wanted != nil {
		e.family("ucs_harden_sync_wanted_timestamp_seconds", "When the change was announced that no sync has taken up yet.",
			instant(*s.Wanted))
	}
	if s.Last != nil {
		e.family("ucs_harden_sync_last_timestamp_seconds", "When the last sync ended.", instant(s.Last.Time))
		e.family("ucs_harden_sync_failed", "Whether the last sync failed.", one(yes(s.Failed())))
		e.family("ucs_harden_sync_partial", "Whether the last sync left something out, or a control in warn.",
			one(yes(s.Last.Result == harden.SyncPartly)))
	}
	if s.Succeeded != nil {
		e.family("ucs_harden_sync_success_timestamp_seconds", "When the last sync ended that did all that the registry wants.",
			instant(*s.Succeeded))
	}
}

// log is what the mail log shows.
func (e *exposition) log(st *harden.Status) {
	if h := st.Hits; h != nil {
		e.family("ucs_harden_modes_changed_timestamp_seconds", "From when on hits and failures are counted: the last change of a mode.",
			instant(h.Since))
		var hits []sample
		for _, control := range slices.Sorted(maps.Keys(h.Counts)) {
			for _, mode := range slices.Sorted(maps.Keys(h.Counts[control])) {
				hits = append(hits, sample{
					[]label{{"control", control}, {"mode", mode}}, float64(h.Counts[control][mode]),
				})
			}
		}
		e.family("ucs_harden_hits", "Letters that a control has warned of or refused since the last change of a mode.", hits...)
	}
	if t := st.Troubles; t != nil {
		e.family("ucs_harden_milter_warnings", "Warnings of Postfix about milters since the last change of a mode.",
			one(float64(t.Milters)))
		e.family("ucs_harden_table_errors", "Warnings of Postfix about lookup tables that fail since the last change of a mode.",
			one(float64(t.Tables)))
	}
}

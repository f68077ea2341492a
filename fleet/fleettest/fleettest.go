// Package fleettest has a fleet for tests: servers with every kind of trouble, and with none.
package fleettest

import (
	"encoding/json"
	"io"
	"strings"
	"time"

	"ucs-harden/controls"
	"ucs-harden/evidence"
	"ucs-harden/fleet"
	"ucs-harden/harden"
	"ucs-harden/plan"
)

// Now is when the table is made.
var Now = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// Well is the state of a server of which everything is as planned: all controls in mode warn.
func Well(name string) *harden.Status {
	synced := Now.Add(-3 * time.Hour)
	st := &harden.Status{
		Schema: harden.StatusSchema, Time: Now.Add(-10 * time.Minute), Server: name, Version: "0.2.0", Mode: plan.Warn,
		Running: map[string]plan.Mode{}, Postfix: "running", Domains: 2, Covered: 2, Controllers: 2,
		Stopped: []string{}, Drift: []string{},
		Findings: []plan.Finding{}, Readiness: []evidence.Readiness{}, Accepted: []evidence.Acceptance{},
		Sync: harden.SyncState{Last: &harden.SyncRun{Time: synced, Result: "done"}, Succeeded: &synced},
	}
	for _, name := range controls.Names() {
		st.Controls = append(st.Controls, plan.Control{Name: name, Before: plan.Warn, After: plan.Warn})
		st.Running[name] = plan.Warn
	}
	return st
}

// Held is the state of a server that is to enforce sender-spoofing and lacks evidence. The mode of the control is the one
// that the next sync gives it.
func Held(name string) *harden.Status {
	st := Well(name)
	st.Sync.Last.Result, st.Sync.Last.Exit = "partly", 5
	st.Readiness = []evidence.Readiness{{
		Control: st.Controls[0].Name, Wanted: plan.Enforce, Running: plan.Warn, Gated: true,
		By: evidence.FromWarn, Days: 2.5, MinDays: 7,
		Open: []string{"a", "b"}, Missing: []evidence.Phrase{evidence.Verbatim("the log shows 2.5 of 7 days")},
	}}
	return st
}

// With is a state after a change of it.
func With(st *harden.Status, change func(st *harden.Status)) *harden.Status {
	change(st)
	return st
}

// Text is what status --json prints.
func Text(st *harden.Status) string {
	text, err := json.Marshal(st)
	if err != nil {
		panic(err) // a status can always be printed
	}
	return string(text) + "\n"
}

// From is a source with this content.
func From(name string, content ...string) fleet.Source {
	return fleet.Source{Name: name, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(strings.Join(content, ""))), nil
	}}
}

// Failed is what status --json prints when it ends with an error.
const Failed = `{"schema":1,"error":"cannot read the registry: permission denied","hint":"run it as root",` +
	`"unchanged":true,"exit_status":1}`

// Small is a fleet of ten servers in many states, and a file that cannot be read.
func Small() *fleet.Fleet {
	off := func(st *harden.Status) {
		for i := range st.Controls {
			if name := st.Controls[i].Name; name == "relay" {
				st.Controls[i].After, st.Running[name] = plan.Off, plan.Off
			}
		}
	}
	all := []fleet.Source{
		From("mail1.json", Text(With(Well("mail1.company.my"), off))),
		From("mail2.json", Text(With(Held("mail2.company.my"), off))),
		From("mail3.json", Text(With(With(Well("mail3.company.my"), off), func(st *harden.Status) {
			st.Postfix = "stopped"
			st.Waiting = &harden.Waiting{ID: "20261130T115500Z-00000001", Deadline: Now.Add(5 * time.Minute)}
		}))),
		From("mail4.json", Text(With(With(Well("mail4.company.my"), off), func(st *harden.Status) {
			st.Drift = []string{"+ mail/postfix/mynetworks", "~ /etc/postfix/check_custom_sender_access"}
			st.Sync.Last = &harden.SyncRun{
				Time: Now.Add(-26 * time.Hour), Result: "failed", Exit: 1, Error: "cannot ask the directory", Hint: "look at slapd",
			}
		}))),
		From("mail5.json", Text(With(With(Well("mail5.company.my"), off), func(st *harden.Status) {
			st.Time, st.Sync.Last = Now.Add(-9*24*time.Hour), nil
			st.Sync.Paused = &harden.Pause{
				ID: "20261120T100000Z-00000002", Time: Now.Add(-10 * 24 * time.Hour), By: "anna (rollback)",
			}
		}))),
		From("mail6.json", Text(With(With(Well("mail6.company.my"), off), func(st *harden.Status) {
			st.Running["suspended"], st.Controls[3].Idle = plan.Off, true
			st.Readiness = []evidence.Readiness{{
				Control: "sender-spoofing", Wanted: plan.Warn, Running: plan.Warn, Gated: true, Ready: true,
				Open: []string{}, Missing: []evidence.Phrase{},
			}}
			st.Expires = &harden.Expiry{List: "exception", Name: "scanner", Date: "2026-12-04", Days: 4}
		}))),
		From("mail7.json", Failed),
		From("mail8.json", ""),
	}
	return fleet.Read(all, fleet.Options{Now: Now, MaxAge: 48 * time.Hour})
}

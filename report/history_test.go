package report_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"ucs-harden/harden"
	"ucs-harden/history"
	"ucs-harden/plan"
	"ucs-harden/report"
	"ucs-harden/transaction"
)

// changes are told in local time; here that is two hours east.
func changes(t *testing.T) []history.Change {
	t.Helper()
	local := time.Local
	time.Local = time.FixedZone("EET", 2*60*60)
	t.Cleanup(func() { time.Local = local })
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 15, 0, 0, time.UTC) }
	return []history.Change{
		{ID: "20261118T081500Z-6f2a31b0", Time: at(18, 8), By: "root (apply)", State: transaction.Undone, Ended: at(18, 9), EndedBy: "admin (rollback)", Mode: plan.Warn, Modes: "warn", Version: "0.1.0", Variables: []string{"+ mail/harden/mode"}, Files: []string{}},
		{ID: "20261118T221500Z-77aa31b0", Time: at(18, 22), By: "admin (apply)", State: transaction.Applied, Mode: plan.Warn, Modes: "warn, suspended enforce, protected off", Version: "0.1.0",
			Variables: []string{"+ mail/harden/mode", "~ mail/postfix/mynetworks"}, Files: []string{"+ " + sender}, Accepted: []string{"dormant:x"}, Controls: map[string]plan.Mode{"relay": plan.Warn, "suspended": plan.Enforce, "sender-spoofing": plan.Warn, "protected": plan.Off}},
		{ID: "20261119T101500Z-11cc31b0", Time: at(19, 10), By: "admin (apply)", State: transaction.Unconfirmed, Ended: at(19, 11), Why: "it was not confirmed in time", Mode: plan.Enforce, Modes: "enforce", Version: "0.1.0", Variables: []string{}, Files: []string{}},
		{ID: "20261120T101500Z-0c1d31b0", Time: at(20, 10), By: "root (sync)", State: transaction.Unfinished, Mode: plan.Enforce, Modes: "enforce", Version: "0.1.0", Variables: []string{"~ mail/\x1b[2J"}, Files: []string{"~ " + sender}},
	}
}

func TestHistory(t *testing.T) {
	for _, c := range []struct {
		name    string
		changes []history.Change
		style   report.Style
	}{
		{"history", changes(t), report.Style{}},
		{"history-80", changes(t), report.Style{Width: 80}},
		{"history-120", changes(t), report.Style{Width: 120}},
		{"history-colour-80", changes(t), report.Style{Width: 80, Color: true}},
		{"history-full", changes(t), report.Style{Full: true}},
		{"history-full-80", changes(t), report.Style{Full: true, Width: 80}},
		{"history-none", nil, report.Style{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			golden(t, c.name, func(w *bytes.Buffer) error { return report.History(w, c.changes, c.style) })
		})
	}
}

func TestStatus(t *testing.T) {
	last := changes(t)[1]
	good := harden.Status{
		Schema: 1, Mode: plan.Warn, Domains: 2, Covered: 2, Controllers: 3, Drift: []string{}, Last: &last,
		Controls: []plan.Control{{Name: "sender-spoofing", Before: plan.Warn, After: plan.Warn}, {Name: "relay", Before: plan.Off, After: plan.Off}},
	}
	drift := good
	drift.Covered, drift.Drift = 1, []string{"~ mail/postfix/mynetworks", "~ " + sender}
	drift.Findings = findings(&plan.Plan{}).Findings[3:4]
	interrupted := drift
	interrupted.Interrupted = "20261120T101500Z-0c1d31b0"
	errors := good // a control that cannot have its way is not "as planned"
	errors.Findings = findings(&plan.Plan{}).Findings[:1]
	logged := good
	logged.Hits = &harden.Hits{Since: time.Date(2026, 11, 19, 10, 15, 0, 0, time.UTC), Counts: map[string]map[string]int{"suspended": {"enforce": 3, "warn": 1}, "relay": {"warn": 0}, "sender-spoofing": {"warn": 12}}}
	logged.Troubles = &harden.Troubles{Milters: 1, Tables: 4}
	logged.Expires = &harden.Expiry{List: "exception", Name: "crm\x1b[2J", Date: "2026-12-01", Days: 1}
	fresh := harden.Status{Mode: plan.Off, Controls: warn().Controls[2:], Domains: 2, Controllers: -1}
	stopped := good
	stopped.Stopped, stopped.Postfix = []string{"boss", "x\x1b[2J"}, "stopped"
	stopped.Running = map[string]plan.Mode{"sender-spoofing": plan.Off, "relay": plan.Off}
	silent := good
	silent.Silent, silent.Controls = "cannot look up whose addresses these are in LDAP: \x1b[2J", []plan.Control{{Name: "suspended", After: plan.Enforce, Listed: 3, Stopped: 2}}
	silent.Running = map[string]plan.Mode{"suspended": plan.Enforce}
	crowded := good
	for i := range 150 {
		crowded.Findings = append(crowded.Findings, plan.Finding{ID: fmt.Sprintf("list-unknown:suspended/a%d", i), Severity: plan.Warning, Text: fmt.Sprintf("the directory has no account a%d", i), Hint: "remove the entry"})
		crowded.Drift = append(crowded.Drift, fmt.Sprintf("+ mail/harden/a%d", i))
	}
	crowded.Findings = append(crowded.Findings, findings(&plan.Plan{}).Findings...)
	for name, style := range map[string]report.Style{"80": {Width: 80}, "120": {Width: 120}, "colour-80": {Width: 80, Color: true}} {
		t.Run("status-crowded-"+name, func(t *testing.T) {
			golden(t, "status-crowded-"+name, func(w *bytes.Buffer) error {
				err := report.StatusText(w, &crowded, false, style)
				assert.Less(t, strings.Count(w.String(), "\n"), 35, "it fits one screen")
				return err
			})
		})
	}
	for name, status := range map[string]harden.Status{"status-stopped": stopped, "status-silent": silent, "status": good, "status-drift": drift, "status-interrupted": interrupted, "status-errors": errors, "status-logged": logged, "status-fresh": fresh} {
		t.Run(name, func(t *testing.T) {
			golden(t, name, func(w *bytes.Buffer) error { return report.StatusText(w, &status, false, report.Style{}) })
			golden(t, name+"-brief", func(w *bytes.Buffer) error { return report.StatusText(w, &status, true, report.Style{}) })
		})
	}
}

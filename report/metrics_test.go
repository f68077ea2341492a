package report_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
	"ucs-harden/harden"
	"ucs-harden/plan"
	"ucs-harden/report"
)

var halfPastEight = time.Date(2026, 11, 30, 8, 30, 0, 0, time.UTC)

// watchedServer is a server that has everything that metrics can tell.
func watchedServer() *harden.Status {
	at := func(hour int) *time.Time {
		t := time.Date(2026, 11, 30, hour, 0, 0, 0, time.UTC)
		return &t
	}
	return &harden.Status{
		Server: "mail.company.my", Version: "0.2.0", Mode: plan.Enforce, Postfix: "running",
		Controls: []plan.Control{
			{Name: "sender-spoofing", After: plan.Warn, Domains: map[string]plan.Mode{"company.my": plan.Warn, "sales.my": plan.Enforce}},
			{Name: "submission", After: plan.Warn}, {Name: "suspended", After: plan.Enforce, Idle: true}, {Name: "relay", After: plan.Off},
		},
		Running: map[string]plan.Mode{
			"sender-spoofing": plan.Warn, "submission": plan.Warn, "suspended": plan.Off, "relay": plan.Off,
		},
		Domains: 2, Covered: 2, Controllers: 1, Stopped: []string{"joe@company.my"}, Drift: []string{"~ mail/x"},
		Findings: []plan.Finding{{Severity: plan.Error}, {Severity: plan.Note}, {Severity: plan.Note}},
		Readiness: []evidence.Readiness{
			{Control: "sender-spoofing", Domain: "company.my", Wanted: plan.Enforce, Running: plan.Warn, Days: 2.5, Open: []string{"a", "b"}},
			{Control: "sender-spoofing", Domain: "sales.my", Wanted: plan.Enforce, Running: plan.Warn, Days: 3, Open: []string{"b"}, Ready: true},
			{Control: "submission", Wanted: plan.Warn, Running: plan.Warn, Ready: true, Days: 8},
		},
		Waiting: &harden.Waiting{ID: "20261130T090000Z-00000000", Deadline: *at(9)},
		Sync: harden.SyncState{
			Wanted: at(8), Succeeded: at(6),
			Last: &harden.SyncRun{Time: *at(7), Result: "failed", Exit: 1, Error: "cannot reach joe@company.my"},
		},
		Hits: &harden.Hits{Since: *at(1), Counts: map[string]map[string]int{
			"submission": {"warn": 3}, "sender-spoofing": {"warn": 0, "enforce": 4},
		}},
		Troubles: &harden.Troubles{Milters: 1, Tables: 2},
		Expires:  &harden.Expiry{List: "suspended", Name: "joe", Date: "2026-12-02", Days: 2},
	}
}

func TestMetrics(t *testing.T) {
	golden(t, "metrics", func(w *bytes.Buffer) error {
		err := report.Metrics(w, watchedServer(), halfPastEight)
		assert.NotContains(t, w.String(), "joe")
		assert.NotContains(t, w.String(), "sales.my")
		return err
	})
}

// What is not known is absent: a zero would say that all is well.
func TestMetricsOfWhatIsNotKnown(t *testing.T) {
	var out bytes.Buffer
	st := &harden.Status{Server: "mail.company.my", Silent: "no answer", Postfix: "unknown"}
	require.NoError(t, report.Metrics(&out, st, halfPastEight))
	for _, absent := range []string{
		"drift", "postfix_running", "hits", "table_errors", "milter", "sync_failed", "sync_last", "sync_success", "expiry", "mode", "ready",
	} {
		assert.NotContains(t, out.String(), "ucs_harden_"+absent)
	}
	assert.Contains(t, out.String(), "ucs_harden_directory_up{instance=\"mail.company.my\"} 0\n")
}

func TestLabelsAreEscaped(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, report.Metrics(&out, &harden.Status{Server: "a\"b\\c\nd", Postfix: "unknown"}, halfPastEight))
	assert.Contains(t, out.String(), `ucs_harden_up{instance="a\"b\\c\nd"} 1`+"\n")
}

package report_test

import (
	"bytes"
	"testing"

	"ucs-harden/evidence"
	"ucs-harden/evidence/evidencetest"
	"ucs-harden/plan"
	"ucs-harden/report"
)

func TestReplay(t *testing.T) {
	inUTC(t)
	counts := func(c evidence.Replayed) *evidence.Report {
		r := evidencetest.Nothing()
		r.Source, r.Replayed = evidence.FromReplay, &c
		return r
	}
	all := evidence.Replayed{
		Mode: plan.Enforce, Letters: 123_456, Refused: 812, RefusedToday: 4, Unchanged: 100_000, RefusedThen: 2_000, Local: 31,
		CannotTell: 24_000, Asked: 187, Explained: 3,
	}
	none := evidence.Replayed{Letters: 1, Unchanged: 1, Local: 1, Asked: 12}
	for name, c := range map[string]struct {
		report *evidence.Report
		asked  bool
		style  report.Style
	}{
		"replay":           {counts(all), true, report.Style{}},
		"replay-80":        {counts(all), true, report.Style{Width: 80}},
		"replay-colour-80": {counts(all), true, report.Style{Width: 80, Color: true}},
		"replay-none":      {counts(none), true, report.Style{}},
		"replay-not-asked": {counts(evidence.Replayed{Letters: 2, RefusedThen: 2, Unchanged: 2}), false, report.Style{}},
	} {
		t.Run(name, func(t *testing.T) {
			golden(t, name, func(w *bytes.Buffer) error { return report.Replay(w, c.report, c.asked, c.style) })
		})
	}
}

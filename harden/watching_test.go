package harden

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"ucs-harden/plan"
	"ucs-harden/transaction"
)

func TestSinceWhenAControlWatches(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 11, n, 12, 0, 0, 0, time.UTC) }
	change := func(n int, mode plan.Mode) transaction.Record {
		return transaction.Record{State: transaction.Applied, Manifest: &transaction.Manifest{
			Time: day(n), Mode: mode, Controls: []plan.Control{{Name: "protected", After: mode}},
		}}
	}
	ended := func(r transaction.Record, state transaction.State, n int) transaction.Record {
		r.State, r.Ended = state, day(n)
		return r
	}
	idle := func(r transaction.Record) transaction.Record {
		r.Controls[0].Idle = true
		return r
	}
	urgent := func(r transaction.Record) transaction.Record {
		r.Urgent = true
		return r
	}
	for sentence, c := range map[string]struct {
		records []transaction.Record
		since   int // the day, 0: it does not watch
		stands  plan.Mode
	}{
		"nothing was applied":          {nil, 0, ""},
		"warn":                         {[]transaction.Record{change(2, plan.Warn)}, 2, plan.Warn},
		"warn, and again":              {[]transaction.Record{change(2, plan.Warn), change(5, plan.Warn)}, 2, plan.Warn},
		"warn, then enforce":           {[]transaction.Record{change(2, plan.Warn), change(5, plan.Enforce)}, 2, plan.Enforce},
		"warn, off, warn":              {[]transaction.Record{change(2, plan.Warn), change(5, plan.Off), change(7, plan.Warn)}, 7, plan.Warn},
		"warn, then off":               {[]transaction.Record{change(2, plan.Warn), change(5, plan.Off)}, 0, plan.Off},
		"enforce that was rolled back": {[]transaction.Record{change(2, plan.Warn), ended(change(5, plan.Enforce), transaction.RolledBack, 6)}, 2, plan.Warn},
		"off that was rolled back":     {[]transaction.Record{change(2, plan.Warn), ended(change(5, plan.Off), transaction.RolledBack, 6)}, 6, plan.Warn},
		"warn that was rolled back":    {[]transaction.Record{ended(change(2, plan.Warn), transaction.RolledBack, 6)}, 0, ""},
		"enforce that nobody has confirmed": {[]transaction.Record{
			change(2, plan.Warn), ended(change(5, plan.Enforce), transaction.Unconfirmed, 5),
		}, 2, plan.Warn},
		"enforce that waits to be confirmed": {[]transaction.Record{change(2, plan.Warn), ended(change(5, plan.Enforce), transaction.Waiting, 5)}, 2, plan.Enforce},
		"an apply that failed":               {[]transaction.Record{ended(change(2, plan.Warn), transaction.Undone, 2)}, 0, ""},
		"nothing was listed until later":     {[]transaction.Record{idle(change(2, plan.Warn)), change(5, plan.Warn)}, 5, plan.Warn},
		"nothing is listed":                  {[]transaction.Record{idle(change(2, plan.Enforce))}, 0, plan.Enforce},
		"an account was stopped":             {[]transaction.Record{change(2, plan.Warn), urgent(change(5, plan.Off))}, 2, plan.Warn},
		"a damaged change":                   {[]transaction.Record{{State: transaction.Applied}, change(2, plan.Warn)}, 2, plan.Warn},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := watchingSince(c.records)
			want := time.Time{}
			if c.since > 0 {
				want = day(c.since)
			}
			assert.Equal(t, want, w.of("protected", ""))
			assert.Equal(t, c.stands, w.mode("protected", ""))
		})
	}
}

func TestSinceWhenADomainIsWatched(t *testing.T) {
	at := func(n int) time.Time { return time.Date(2026, 11, n, 12, 0, 0, 0, time.UTC) }
	change := func(n int, after plan.Mode, domains map[string]plan.Mode) transaction.Record {
		return transaction.Record{State: transaction.Applied, Manifest: &transaction.Manifest{
			Time: at(n), Controls: []plan.Control{{Name: "sender-spoofing", After: after, Domains: domains}},
		}}
	}
	w := watchingSince([]transaction.Record{
		change(2, plan.Warn, nil),
		change(5, plan.Warn, map[string]plan.Mode{"company.my": plan.Enforce, "company.local": plan.Off, "new.example": plan.Warn}),
	})
	for domain, want := range map[string]time.Time{"company.my": at(2), "company.local": {}, "new.example": at(2), "other.example": at(2)} {
		assert.Equal(t, want, w.of("sender-spoofing", domain), domain)
	}
	assert.Equal(t, plan.Enforce, w.mode("sender-spoofing", "company.my"))
	assert.Equal(t, plan.Warn, w.mode("sender-spoofing", ""))

	w = watchingSince([]transaction.Record{
		change(2, plan.Off, map[string]plan.Mode{"company.my": plan.Warn, "company.local": plan.Off}),
		change(5, plan.Warn, nil),
	})
	assert.Equal(t, at(5), w.of("sender-spoofing", "company.local"), "it follows the control since then")
	assert.Equal(t, at(5), w.of("sender-spoofing", "company.my"), "the history of a mode of its own ends with it")
}

func TestWhenTheModesLastChanged(t *testing.T) {
	at := func(n int) time.Time { return monday.AddDate(0, 0, n) }
	record := func(day int, spoofing plan.Mode, domains map[string]plan.Mode) transaction.Record {
		return transaction.Record{State: transaction.Applied, Manifest: &transaction.Manifest{Time: at(day), Controls: []plan.Control{
			{Name: "sender-spoofing", After: spoofing, Domains: domains}, {Name: "relay", After: plan.Off},
		}}}
	}
	back := func(r transaction.Record, day int) transaction.Record {
		r.State, r.Ended = transaction.RolledBack, at(day)
		return r
	}
	for sentence, c := range map[string]struct {
		records []transaction.Record
		day     int // -1: never
	}{
		"never":                          {nil, -1},
		"with the first apply":           {[]transaction.Record{record(1, plan.Warn, nil)}, 1},
		"not with one of the same modes": {[]transaction.Record{record(1, plan.Warn, nil), record(2, plan.Warn, nil)}, 1},
		"with another mode":              {[]transaction.Record{record(1, plan.Warn, nil), record(2, plan.Enforce, nil)}, 2},
		"with a rollback":                {[]transaction.Record{record(1, plan.Warn, nil), back(record(2, plan.Enforce, nil), 3)}, 3},
		"with the mode of a domain": {[]transaction.Record{record(1, plan.Warn, nil),
			record(2, plan.Warn, map[string]plan.Mode{"a.my": plan.Enforce, "b.my": plan.Warn})}, 2},
		"not with a new domain that has the mode of the control": {[]transaction.Record{
			record(1, plan.Warn, map[string]plan.Mode{"a.my": plan.Enforce}),
			record(2, plan.Warn, map[string]plan.Mode{"a.my": plan.Enforce, "b.my": plan.Warn})}, 1},
	} {
		t.Run(sentence, func(t *testing.T) {
			want := time.Time{}
			if c.day >= 0 {
				want = at(c.day)
			}
			assert.Equal(t, want, watchingSince(c.records).changed)
		})
	}
}

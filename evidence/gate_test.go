package evidence

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"ucs-harden/maillog"
	"ucs-harden/plan"
)

// noon is the time of the clock in these tests.
var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func ago(days float64) time.Time { return noon.Add(-time.Duration(days * float64(24*time.Hour))) }

// logFor is a log with mail on each of the last days.
func logFor(days float64) Log {
	c := maillog.Coverage{From: ago(days), To: noon, Days: map[string]int64{}, Mail: map[string]int64{}}
	for at := c.From; !at.After(noon); at = at.Add(time.Hour) {
		c.Days[at.Format(time.DateOnly)] += 100
		c.Mail[at.Format(time.DateOnly)] += 20
	}
	return LogOf(c)
}

func group(control, domain, from string, v Verdict, count int64) Group {
	k := Key{control, domain, from}
	return Group{ID: k.String(), Cell: Cell{Key: k}, Count: count, Verdict: v}
}

func reportOf(l Log, groups ...Group) *Report {
	r := &Report{Coverage: l.Coverage(), Groups: groups}
	r.Settle(nil)
	return r
}

// replayOf is a replay of 100 letters.
func replayOf(l Log, groups ...Group) *Report {
	r := reportOf(l, groups...)
	r.Replayed = &Replayed{Letters: 100, Unchanged: 100}
	return r
}

// cannotTell is a replay of 100 letters that does not know what a control does with n of them, because of the port.
func cannotTell(l Log, control string, n int64) *Report {
	r := replayOf(l)
	r.Replayed.Unchanged, r.Replayed.CannotTell, r.Replayed.CannotTellOf = 100-n, n, map[string]int64{control: n}
	return r
}

// unknown is such a replay that does not know who sent n of the letters.
func unknown(l Log, control string, n int64) *Report {
	r := cannotTell(l, control, n)
	r.Replayed.UnknownOf, r.Replayed.CannotTellOf = r.Replayed.CannotTellOf, nil
	return r
}

// refusedThen is a replay of a log with many letters that were refused when they came.
func refusedThen(r *Report, n int64) *Report {
	r.Replayed.Letters, r.Replayed.Unchanged, r.Replayed.RefusedThen = r.Replayed.Letters+n, r.Replayed.Unchanged+n, n
	return r
}

// onlyRefused is a replay of a log in which every letter was refused when it came.
func onlyRefused(l Log) *Report {
	r := replayOf(l)
	r.Replayed.RefusedThen = r.Replayed.Unchanged
	return r
}

func TestTheGate(t *testing.T) {
	spoofing := Target{Control: "sender-spoofing", Wanted: plan.Enforce, Running: plan.Warn, Gated: true, Changes: true, Since: ago(8)}
	young, never := spoofing, spoofing
	young.Since, never.Since = ago(2), time.Time{}
	mine, theirs := spoofing, spoofing
	mine.Domain, theirs.Domain = "company.my", "company.local"
	week := logFor(20)
	with := func(change func(*Log)) Log {
		l := week.Clone()
		change(&l)
		return l
	}
	provider := group("sender-spoofing", "company.my", "newsletter.example", Provider, 812)
	forged := group("sender-spoofing", "company.my", "203.0.113.0/24", Forged, 90000)
	for sentence, c := range map[string]struct {
		target Target
		q      Question
		passes bool
		by     Source
		days   float64
		says   string // of Missing
		open   []string
	}{
		"warn for eight days, and forgers only": {
			target: spoofing, q: Question{Log: week, Watched: reportOf(week, forged)}, passes: true, by: FromWarn, days: 8,
		},
		"exactly seven days": {
			target: Target{Control: "sender-spoofing", Gated: true, Changes: true, Since: ago(7)}, q: Question{Log: week},
			passes: true, by: FromWarn, days: 7,
		},
		"a minute less than seven days": {
			target: Target{Control: "sender-spoofing", Gated: true, Since: ago(7).Add(time.Minute)}, q: Question{Log: week},
			by: FromWarn, days: 6.9, says: "the log shows 6.9 of 7 days",
		},
		"an open group": {
			target: spoofing, q: Question{Log: week, Watched: reportOf(week, provider, forged)}, by: FromWarn, days: 8,
			open: []string{provider.ID},
		},
		"an open group of another control": {
			target: Target{Control: "submission", Gated: true, Since: ago(8)}, q: Question{Log: week, Watched: reportOf(week, provider)},
			passes: true, by: FromWarn, days: 8,
		},
		"an open group of the domain": {
			target: mine, q: Question{Log: week, Watched: reportOf(week, provider)}, by: FromWarn, days: 8, open: []string{provider.ID},
		},
		"an open group of another domain": {
			target: theirs, q: Question{Log: week, Watched: reportOf(week, provider)}, passes: true, by: FromWarn, days: 8,
		},
		"warn for two days": {
			target: young, q: Question{Log: week, NoReplay: Verbatim("a reason")}, by: FromWarn, days: 2, says: "the log cannot be replayed: a reason",
		},
		"warn for two days, and a replay of twenty": {
			target: young, q: Question{Log: week, Replayed: replayOf(week)}, passes: true, by: FromReplay, days: 20,
		},
		"no warn at all, and a replay of twenty days": {
			target: never, q: Question{Log: week, Replayed: replayOf(week)}, passes: true, by: FromReplay, days: 20,
		},
		"no warn, and a replay that cannot tell of half of the letters what the control does": {
			target: never, q: Question{Log: week, Replayed: cannotTell(week, "sender-spoofing", 50)}, by: FromReplay, days: 20,
			says: "the log does not show the port of 50 of 100 letters, and it depends",
		},
		"no warn, and a replay that cannot tell of one letter": {
			target: never, q: Question{Log: week, Replayed: cannotTell(week, "sender-spoofing", 1)}, passes: true, by: FromReplay, days: 20,
		},
		"no warn, and a replay that cannot tell what another control does": {
			target: never, q: Question{Log: week, Replayed: cannotTell(week, "submission", 50)}, passes: true, by: FromReplay, days: 20,
		},
		"no warn, and a replay that does not know who sent half of the letters": {
			target: never, q: Question{Log: week, Replayed: unknown(week, "sender-spoofing", 50)}, by: FromReplay, days: 20,
			says: "of 50 of 100 letters the log does not show who sent them or whether somebody had logged in, and sender-spoofing may",
		},
		"a flood of refused letters does not hide what a replay does not know": {
			target: never, q: Question{Log: week, Replayed: refusedThen(unknown(week, "sender-spoofing", 50), 99900)}, by: FromReplay, days: 20,
			says: "of 50 of 100 letters the log does not show",
		},
		"no warn, and a replay that does not know who sent a letter": {
			target: never, q: Question{Log: week, Replayed: unknown(week, "sender-spoofing", 1)}, passes: true, by: FromReplay, days: 20,
		},
		"no warn, and a replay of refused letters only": {
			target: never, q: Question{Log: week, Replayed: onlyRefused(week)}, by: FromReplay, days: 20,
			says: "the log has no letter that this server accepted from a client",
		},
		"no warn, and a replay of three days": {
			target: never, q: Question{Log: logFor(3), Replayed: replayOf(logFor(3))}, by: FromReplay, days: 3, says: "the log shows 3 of 7 days",
		},
		"no warn, and a replay that finds a provider": {
			target: never, q: Question{Log: week, Replayed: replayOf(week, provider)}, by: FromReplay, days: 20, open: []string{provider.ID},
		},
		"a replay that passes, and a group of two days of warn": {
			target: young, q: Question{Log: week, Replayed: replayOf(week), Watched: reportOf(week, provider)}, by: FromReplay, days: 20,
			open: []string{provider.ID},
		},
		"no warn, and nothing else": {target: never, q: Question{Log: week}, says: "the log shows 0 of 7 days"},
		"the log lacks two of the eight days": {
			target: spoofing, q: Question{Log: with(func(l *Log) {
				delete(l.Days, "2026-11-25")
				delete(l.Days, "2026-11-26")
			})}, by: FromWarn, days: 6, says: "(2 days since 2026-11-22 12:00:00 have no mail in it)",
		},
		"a gap of a day": {
			target: spoofing, q: Question{Log: with(func(l *Log) { l.Silences = []maillog.Gap{{From: ago(5), To: ago(3.5)}} })},
			by: FromWarn, days: 6.5, says: "the log shows 6.5 of 7 days",
		},
		"a silence every night is no gap": {
			target: spoofing, q: Question{Log: with(func(l *Log) {
				for n := range 8 {
					l.Silences = append(l.Silences, maillog.Gap{From: ago(float64(n) + 0.5), To: ago(float64(n) + 0.2)})
				}
			})}, passes: true, by: FromWarn, days: 8,
		},
		"outages that come again and again do not hide each other": {
			target: spoofing, q: Question{Log: with(func(l *Log) {
				for _, n := range []float64{7.9, 5.9, 3.9, 1.9} {
					l.Silences = append(l.Silences, maillog.Gap{From: ago(n), To: ago(n - 1.8)})
				}
			})}, by: FromWarn, days: 0.7, says: "the log shows 0.7 of 7 days (7.3 days since",
		},
		"too many lines were dropped": {
			target: spoofing, q: Question{Log: with(func(l *Log) { l.Days["2026-11-28"] = Day{Lines: 2400, Mail: 480, Lost: 500} })}, by: FromWarn, days: 8,
			says: "dropped by syslogd (",
		},
		"few lines were dropped": {
			target: spoofing, q: Question{Log: with(func(l *Log) { l.Days["2026-11-28"] = Day{Lines: 2400, Mail: 480, Lost: 50} })}, passes: true, by: FromWarn, days: 8,
		},
		"lines were dropped before warn began": {
			target: spoofing, q: Question{Log: with(func(l *Log) { l.Days["2026-11-18"] = Day{Lines: 2400, Mail: 480, Lost: 5000} })}, passes: true, by: FromWarn, days: 8,
		},
		"too many lines were not understood": {
			target: spoofing, q: Question{Log: with(func(l *Log) { l.Days["2026-11-28"] = Day{Lines: 2400, Mail: 480, Unparsed: 100} })}, by: FromWarn, days: 8,
			says: "limit: 1.0 %)",
		},
		"the lines of other programs hide that many lines about mail were not understood": {
			target: spoofing, q: Question{Log: with(func(l *Log) { l.Days["2026-11-28"] = Day{Lines: 240000, Mail: 480, Unparsed: 100} })},
			by: FromWarn, days: 8, says: "lines about mail were not understood (",
		},
		"many refusals are ambiguous, because a client wants to keep the gate shut": {
			target: spoofing, q: Question{Log: with(func(l *Log) { l.Days["2026-11-28"] = Day{Lines: 2400, Mail: 480, Ambiguous: 480} })},
			passes: true, by: FromWarn, days: 8,
		},
		"the log has lines of other programs only": {
			target: spoofing, q: Question{Log: with(func(l *Log) { foreignSince(l, "") })}, by: FromWarn,
			says: "the mail log has no line of smtpd(8) about a letter since",
		},
		"a replay of lines of other programs only": {
			target: never, q: Question{Replayed: replayOf(with(func(l *Log) { foreignSince(l, "") }))},
			says: "the log shows 0 of 7 days",
		},
		"a day without mail does not count": {
			target: spoofing, q: Question{Log: with(func(l *Log) { l.Days["2026-11-28"] = Day{Lines: 2400} })}, passes: true, by: FromWarn, days: 7,
		},
		"mail is logged elsewhere since three days": {
			target: Target{Control: "submission", Gated: true, Since: ago(19)}, q: Question{Log: with(func(l *Log) { foreignSince(l, "2026-11-27") })},
			by: FromWarn, days: 15.5, says: "the newest letter of the mail log is of 2026-11-26 (limit: 3 days ago)",
		},
		"a weekend without mail": {
			target: Target{Control: "submission", Gated: true, Since: ago(19)}, q: Question{Log: with(func(l *Log) { foreignSince(l, "2026-11-28") })},
			passes: true, by: FromWarn, days: 16.5,
		},
		"the log has ended": {
			target: spoofing, q: Question{Log: with(func(l *Log) { l.To = ago(1.5); delete(l.Days, "2026-11-30") })}, by: FromWarn, days: 6.5,
			says: "the log shows 6.5 of 7 days",
		},
		"a log file cannot be read": {
			target: spoofing, q: Question{Log: with(func(l *Log) {
				l.Unreadable = []maillog.Unreadable{{Path: "/var/log/mail.log.3.gz", Why: "it is damaged"}}
			})},
			by: FromWarn, days: 8, says: "/var/log/mail.log.3.gz cannot be read: it is damaged",
		},
		"a log file that cannot be read ends before the days that count": {
			target: spoofing, q: Question{Log: with(func(l *Log) {
				l.Unreadable = []maillog.Unreadable{{Path: "/var/log/mail.log.3.gz", Why: "it is damaged", Written: ago(15)}}
			})},
			passes: true, by: FromWarn, days: 8,
		},
		"a log file that cannot be read ends within the days that count": {
			target: spoofing, q: Question{Log: with(func(l *Log) {
				l.Unreadable = []maillog.Unreadable{{Path: "/var/log/mail.log.1", Why: "it is damaged", Written: ago(7)}}
			})},
			by: FromWarn, days: 8, says: "/var/log/mail.log.1 cannot be read: it is damaged",
		},
		"no log": {target: spoofing, q: Question{Log: NewLog()}, by: FromWarn, says: "the mail log has no line since "},
		"a control that needs no evidence": {
			target: Target{Control: "relay", Wanted: plan.Enforce}, q: Question{Log: NewLog()}, passes: true,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			c.q.Now, c.q.MinDays = noon, 7
			r := Gate(c.q, []Target{c.target})[0]
			assert.Equal(t, c.passes, r.Ready, "%+v", r)
			assert.Equal(t, c.by, r.By)
			assert.InDelta(t, c.days, r.Days, 0.01)
			assert.Subset(t, r.Open, c.open)
			assert.Len(t, r.Open, len(c.open))
			if c.says == "" {
				assert.Empty(t, r.Missing)
			} else {
				assert.Contains(t, join(r.Missing), c.says)
			}
		})
	}
}

// foreignSince leaves from a day on only the lines of other programs.
func foreignSince(l *Log, day string) {
	for name, d := range l.Days {
		if name >= day {
			d.Mail = 0
			l.Days[name] = d
		}
	}
}

func join(phrases []Phrase) (all string) {
	for _, p := range phrases {
		all += p.String() + "\n"
	}
	return all
}

func TestAnAcceptanceHoldsUntilTheGroupIsAnotherOne(t *testing.T) {
	g := group("sender-spoofing", "company.my", "newsletter.example", Provider, 100)
	g.Kinds = []Distinct{{Client: addr("203.0.113.7")}, {Client: addr("10.99.1.50")}, {Login: "boss", Client: addr("198.51.100.1")}}
	a := Accepting(g, "root", ago(1))
	assert.Equal(t, []string{"10.99.1.50", "203.0.113.0/24", "boss"}, a.Clients)
	for sentence, c := range map[string]struct {
		change func(*Group)
		reopen string
	}{
		"nothing has changed":             {func(*Group) {}, ""},
		"it has more letters":             {func(g *Group) { g.Count = 199 }, ""},
		"it has twice as many":            {func(g *Group) { g.Count = 200 }, "it had 100 letters when it was accepted on 2026-11-29, and has 200"},
		"another address of the network":  {func(g *Group) { g.Kinds = append(g.Kinds, Distinct{Client: addr("203.0.113.8")}) }, ""},
		"another network":                 {func(g *Group) { g.Kinds = append(g.Kinds, Distinct{Client: addr("192.0.2.1")}) }, "192.0.2.0/24 is new since it was accepted on 2026-11-29"},
		"another device":                  {func(g *Group) { g.Kinds = append(g.Kinds, Distinct{Client: addr("10.99.1.51")}) }, "10.99.1.51 is new since it was accepted on 2026-11-29"},
		"the login writes from elsewhere": {func(g *Group) { g.Kinds = append(g.Kinds, Distinct{Login: "boss", Client: addr("192.0.2.9")}) }, ""},
		"a client is gone":                {func(g *Group) { g.Kinds = g.Kinds[:1] }, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			now := g
			now.Kinds = append([]Distinct{}, g.Kinds...)
			c.change(&now)
			r := &Report{Groups: []Group{group("protected", "staff@company.my", "-", Forged, 9), now}}
			r.Settle([]Acceptance{a, {ID: "held:x"}})
			assert.Equal(t, now.ID, r.Groups[0].ID, "larger or open ones come first")
			assert.Equal(t, c.reopen, r.Groups[0].Reopened.String())
			assert.Equal(t, c.reopen != "", r.Groups[0].Open)
			assert.Equal(t, c.reopen == "", r.Groups[0].Accepted != nil)
		})
	}
	r := reportOf(NewLog(), g)
	_, unknown := r.Accept([]string{"evidence:sender-spoofing:company.my:newsleter.example"}, "root", noon)
	assert.Equal(t, "evidence:sender-spoofing:company.my:newsleter.example", unknown)
	accepted, unknown := r.Accept([]string{"evidence:" + g.ID}, "root", noon)
	assert.Empty(t, unknown)
	assert.Equal(t, []Acceptance{{ID: "evidence:" + g.ID, By: "root", At: noon, Count: 100, Clients: a.Clients}}, accepted)
}

func TestASummaryHasTheGroupsOfItsControls(t *testing.T) {
	l := logFor(8)
	r := reportOf(l, group("sender-spoofing", "company.my", "newsletter.example", Provider, 5),
		group("sender-spoofing", "company.my", "203.0.113.0/24", Forged, 7), group("submission", "company.my", "boss", NotOwned, 9))
	s := Summarise([]Readiness{{Control: "sender-spoofing"}}, r, nil, r)
	assert.Equal(t, []GroupSummary{{"sender-spoofing:company.my:newsletter.example", Provider, 5, false}}, s.Groups)
	assert.Equal(t, int64(7), s.Forged)
	assert.True(t, s.From.Equal(l.From) && s.To.Equal(l.To))
}

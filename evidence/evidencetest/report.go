// Package evidencetest makes reports for tests: a small company with one group of each verdict, a large one, and one in
// which every text is hostile. They are the same in every run.
package evidencetest

import (
	"fmt"
	"net/netip"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/maillog"
	"ucs-harden/plan"
)

// Now is the time of the reports.
var Now = time.Date(2026, 11, 30, 9, 30, 0, 0, time.UTC)

// day is a day before Now, as reports count.
func day(back int) string { return Now.AddDate(0, 0, -back).Format(time.DateOnly) }

func at(back, hour int) time.Time {
	return time.Date(2026, 11, 30, hour, 12, 0, 0, time.UTC).AddDate(0, 0, -back)
}

// group is a group with so many letters on each of the days before Now, the first one the oldest.
func group(control, domain, from string, verdict evidence.Verdict, reason evidence.Phrase, perDay []int64, s evidence.Sample) evidence.Group {
	k := evidence.Key{Control: control, Domain: domain, From: from}
	s.Source, s.Time = evidence.FromWarn, at(1, 11)
	g := evidence.Group{ID: k.String(), Verdict: verdict, Reason: reason, Fixes: []evidence.Fix{}, Open: verdict.Positive()}
	g.Cell = evidence.Cell{
		Key: k, Days: map[evidence.Source]map[string]int64{evidence.FromWarn: {}}, Samples: []evidence.Sample{s},
	}
	for i, n := range perDay {
		back := len(perDay) - i
		if n == 0 {
			continue
		}
		if g.Count == 0 {
			g.First = at(back, 7)
		}
		g.Last = at(back, 18)
		g.Count += n
		g.Days[evidence.FromWarn][day(back)] = n
	}
	g.Kinds = []evidence.Distinct{{
		Client: s.Client, ClientName: s.ClientName, Login: s.Login, Sender: s.Sender, Recipient: s.Recipient, Port: s.Port,
		Count: g.Count, First: g.First, Last: g.Last,
	}}
	return g
}

// forged is the reason of a group without any sign.
func forged(from string) evidence.Phrase {
	return say("no sign of legitimacy: %s", say("%s; %s", say("%s is not of your network and no server of the directory", from),
		say("SPF does not list it")))
}

func sample(port int, client, name, login, sender, recipient string) evidence.Sample {
	return evidence.Sample{
		Port: port, Client: netip.MustParseAddr(client), ClientName: name, Helo: name, Login: login, Sender: sender, Recipient: recipient,
	}
}

// Small is the report of a small company two weeks after it began to warn. Each verdict occurs.
func Small() *evidence.Report {
	accepted := group("sender-spoofing", "company.my", "198.51.100.0/24", evidence.Unclear,
		say("%s writes as %s %s, always as %s%s", "198.51.100.17", "company.my", evidence.Counted(10, "on %d day", "on %d days"),
			"orders@company.my", say("; SPF of the domain neither lists nor refuses it")),
		[]int64{2, 2, 0, 0, 2, 2, 2, 2, 2, 0, 0, 2, 2, 2}, sample(25, "198.51.100.17", "", "", "orders@company.my", "clerk@company.my"))
	accepted.Open = false
	accepted.Accepted = &evidence.Acceptance{
		ID: "evidence:" + accepted.ID, By: "admin", At: at(3, 16), Count: 14, Clients: []string{"198.51.100.17"},
	}
	reopened := group("protected", "all@company.my", "partner.example", evidence.Unclear,
		say("%s writes to %s %s with senders of its own domain: an outsider, and perhaps a wanted one", "partner.example (192.0.2.45)",
			"all@company.my", evidence.Counted(6, "on %d day", "on %d days")),
		[]int64{0, 0, 0, 0, 3, 0, 0, 1, 0, 0, 4, 2, 7, 5}, sample(25, "192.0.2.45", "mx.partner.example", "", "news@partner.example", "all@company.my"))
	reopened.Reopened = say("%s is new since it was accepted on %s", "192.0.2.0/24", evidence.Date(day(10)))
	fixed := group("submission", "company.my", "boss", evidence.NotOwned,
		say("%s wrote as %s", "boss", say("%s, which nobody holds: an alias is missing", "chief@company.my")),
		[]int64{1, 0, 2, 0, 1}, sample(587, "203.0.113.90", "dsl90.foreign.example", "boss", "chief@company.my", "clerk@company.my"))
	fixed.Open, fixed.Fixed, fixed.Cleared = false, true, true
	groups := []evidence.Group{provider(), device(), login(), reopened, returning(), server(), fixed, accepted}
	for i, n := range []int64{431, 96, 41, 12, 7, 3, 1} {
		from := fmt.Sprintf("203.0.113.%d/24", 0)
		name := ""
		if i%2 == 0 {
			from, name = fmt.Sprintf("spam%d.example", i), fmt.Sprintf("out.spam%d.example", i)
		}
		if i%2 == 1 {
			from = fmt.Sprintf("203.0.%d.0/24", 100+i)
		}
		groups = append(groups, group("sender-spoofing", "company.my", from, evidence.Forged,
			forged(from),
			[]int64{0, n / 3, 0, n - n/3 - n/4, 0, 0, n / 4}, sample(25, fmt.Sprintf("203.0.%d.66", 100+i), name, "", "boss@company.my", "clerk@company.my")))
	}
	r := &evidence.Report{
		Schema: evidence.ReportSchema, At: Now, Host: "mail.company.my", Source: evidence.FromWarn, Groups: groups,
		Administrator: 17, Notes: []evidence.Phrase{
			say("SPF has answers for %d of %s; the others got none in time, or were too many", 12, evidence.Counted(14, "%d client", "%d clients")),
		}, Exceptions: exceptions(), Coverage: coverage(14),
		Controls: []evidence.Readiness{
			{Control: "sender-spoofing", Wanted: plan.Warn, Running: plan.Warn, Gated: true, By: evidence.FromWarn, Days: 14, MinDays: 7},
			{Control: "submission", Wanted: plan.Enforce, Running: plan.Warn, Gated: true, By: evidence.FromWarn, Days: 14, MinDays: 7},
			{Control: "relay", Wanted: plan.Enforce, Running: plan.Enforce, Ready: true},
			{Control: "foreign-sender", Wanted: plan.Warn, Running: plan.Warn, Gated: true, By: evidence.FromWarn, Days: 2.5, MinDays: 7,
				Missing: []evidence.Phrase{say("the log shows %s of %s days", evidence.Decimal("2.5"), evidence.Decimal("7"))}},
			{Control: "suspended", Wanted: plan.Enforce, Running: plan.Enforce, Ready: true},
			{Control: "local-only", Wanted: plan.Warn, Running: plan.Warn, Gated: true, Ready: true, By: evidence.FromReplay, Days: 41, MinDays: 7},
			{Control: "protected", Wanted: plan.Warn, Running: plan.Warn, Gated: true, By: evidence.FromWarn, Days: 14, MinDays: 7},
			{Control: "sender-spoofing", Domain: "company.local", Wanted: plan.Warn, Running: plan.Warn, Gated: true, Ready: true,
				By: evidence.FromWarn, Days: 14, MinDays: 7},
		},
	}
	return finish(r)
}

// finish adds what follows from the groups.
func finish(r *evidence.Report) *evidence.Report {
	r.PerDay = map[string]map[string]int64{}
	for i := range r.Groups {
		g := &r.Groups[i]
		for n := range g.Fixes {
			if g.Fixes[n].Commands == nil {
				g.Fixes[n].Commands = [][]string{}
			}
		}
		for _, days := range g.Days {
			for d, n := range days {
				if r.PerDay[d] == nil {
					r.PerDay[d] = map[string]int64{}
				}
				r.PerDay[d][g.Control] += n
			}
		}
	}
	for i := range r.Controls {
		c := &r.Controls[i]
		if c.Missing == nil {
			c.Missing = []evidence.Phrase{}
		}
		c.Open = []string{}
		for _, g := range r.Groups {
			if g.Open && g.Control == c.Control && c.Domain == "" {
				c.Open = append(c.Open, g.ID)
			}
		}
	}
	return r
}

func exceptions() []evidence.ExceptionUse {
	last := at(2, 14)
	return []evidence.ExceptionUse{
		{Name: "fax", Client: "10.99.1.61/32", Sender: "fax@company.my", Reason: "the fax machine in the hall", Owner: "clerk",
			Expires: "2027-03-31", InForce: true, Uses: 212, Last: &last},
		{Name: "survey", Sender: "company.my", Client: "192.0.2.128/25", Reason: "survey of the spring", Expires: "2026-10-31"},
		{Name: "travel", Client: "198.51.100.200/32", Reason: "travel agency", InForce: true, Unused: true},
	}
}

func coverage(days int) maillog.Coverage {
	c := maillog.Coverage{
		From: at(days, 0), To: at(0, 9), Bytes: 412_331_008, Lines: 2_711_904, Unparsed: 12, Foreign: 40_113, Days: map[string]int64{}, Mail: map[string]int64{},
		Files: []maillog.File{
			{Path: "/var/log/mail.log.1", Inode: 4711, Offset: 300_000_000, Fingerprint: "a1"},
			{Path: "/var/log/mail.log", Inode: 4712, Offset: 112_331_008, Fingerprint: "b2"},
		},
		Gaps: []maillog.Gap{{From: at(5, 1), To: at(5, 6)}}, Lost: []maillog.Loss{{Time: at(5, 6), Count: 214}},
		Unreadable: []maillog.Unreadable{{Path: "/var/log/mail.log.2.gz", Why: "unexpected EOF"}},
	}
	for i := range days {
		c.Days[day(i+1)] = int64(120_000 + 9_000*(i%7))
		c.Mail[day(i+1)] = c.Days[day(i+1)] / 6
	}
	return c
}

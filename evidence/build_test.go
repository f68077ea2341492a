package evidence_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/dmarc"
	"ucs-harden/evidence"
	"ucs-harden/identity"
	"ucs-harden/owners"
	"ucs-harden/spf"
)

const spoofing = "sender-spoofing"

// asked are answers of SPF about one client and one domain.
func asked(client, domain string, a spf.Answer) map[spf.Question]spf.Answer {
	return map[spf.Question]spf.Answer{{Client: addr(client), Domain: domain}: a}
}

func reported(client string, record dmarc.Record) *dmarc.Sums {
	record.Client, record.HeaderFrom = addr(client), "company.my"
	sums := dmarc.NewSums()
	sums.Add(&dmarc.Report{Org: "receiver.example", ID: "1", Domain: "company.my", Records: []dmarc.Record{record}})
	return sums
}

func TestVerdicts(t *testing.T) {
	provider := letter{control: spoofing, client: "198.51.100.80", name: "mta1.newsletter.example", sender: "news@company.my", count: 12, days: 1}
	habit := provider
	habit.days = 4
	long := provider
	long.days, long.every = 5, 6
	for sentence, c := range map[string]struct {
		letters []letter
		facts   func(*evidence.Facts)
		verdict evidence.Verdict
		reason  string // a part of it
	}{
		"a printer in the LAN": {
			letters: []letter{{control: spoofing, client: "10.99.1.60", name: "printer.company.my", helo: "printer.company.my", sender: "scan@company.my", count: 8}},
			verdict: evidence.InsideDevice, reason: "10.99.1.60 is in the network 10.99.1.0/24 of this server, and writes as scan@company.my; the directory has it as printer.company.my",
		},
		"a device in another private network": {
			letters: []letter{{control: spoofing, client: "192.168.7.9", sender: "scan@company.my"}},
			verdict: evidence.InsideDevice, reason: "192.168.7.9 is a private address",
		},
		"a neighbour in the wide public network of this server is a stranger": {
			letters: []letter{{control: spoofing, client: "203.0.113.66", sender: "boss@company.my"}},
			verdict: evidence.Forged, reason: "203.0.113.66 is not of your network",
		},
		"a public network of eight addresses is ours": {
			letters: []letter{{control: spoofing, client: "192.0.2.3", sender: "scan@company.my"}},
			verdict: evidence.InsideDevice, reason: "in the network 192.0.2.0/29 of this server",
		},
		"a second mail server that the directory has without the service": {
			letters: []letter{{control: spoofing, client: "10.99.1.25", name: "mail2.company.my", sender: "boss@company.my"}},
			verdict: evidence.OwnServer, reason: "10.99.1.25 is mail2.company.my, a server of the directory that is not named as a mail server",
		},
		"a second mail server that the directory does not have": {
			letters: []letter{{control: spoofing, client: "10.99.1.26", helo: "mx2.company.my", sender: "boss@company.my"}},
			verdict: evidence.OwnServer, reason: "calls itself mx2.company.my: a mail server that the directory lacks",
		},
		"a controller": {
			letters: []letter{{control: spoofing, client: "10.99.1.10", sender: "root@company.my"}},
			verdict: evidence.OwnServer, reason: "10.99.1.10 is dc2.company.my, a domain controller",
		},
		"an address of this machine": {
			letters: []letter{{control: spoofing, client: "203.0.113.1", sender: "root@company.my"}},
			verdict: evidence.OwnServer, reason: "203.0.113.1 is an address of this server",
		},
		"the address translator in front of this machine": {
			letters: []letter{{control: spoofing, client: "198.51.100.1", sender: "root@company.my"}},
			verdict: evidence.OwnServer, reason: "is an address of this server",
		},
		"a branch whose name in our own DNS is confirmed": {
			letters: []letter{{control: spoofing, client: "198.51.100.9", name: "branch.company.my", sender: "boss@company.my"}},
			verdict: evidence.OwnServer, reason: "the DNS of company.my itself gives 198.51.100.9 the name branch.company.my",
		},
		"a forger who greets as mail.company.my, with a name that is not confirmed": {
			letters: []letter{{control: spoofing, client: "198.51.100.66", helo: "mail.company.my", sender: "boss@company.my", count: 500}},
			verdict: evidence.Forged, reason: "no sign of legitimacy",
		},
		"a forger with a confirmed name in a domain that only ends alike": {
			letters: []letter{{control: spoofing, client: "198.51.100.66", name: "mail.notcompany.my", sender: "boss@company.my"}},
			verdict: evidence.Forged, reason: "no sign of legitimacy",
		},
		"the relay host of this server": {
			letters: []letter{{control: spoofing, client: "198.51.100.44", name: "out.smarthost.example", sender: "boss@company.my"}},
			verdict: evidence.Provider, reason: "the relay host [smtp.smarthost.example]:587",
		},
		"a provider that our SPF lists": {
			letters: []letter{provider},
			facts: func(f *evidence.Facts) {
				f.SPF = asked("198.51.100.80", "company.my", spf.Answer{Result: spf.Pass, Via: "spf.newsletter.example"})
			},
			verdict: evidence.Provider, reason: "SPF of the sender's domain lists the client by way of spf.newsletter.example, for 12 of 12 letters",
		},
		"SPF that passes everybody proves nothing": {
			letters: []letter{provider},
			facts: func(f *evidence.Facts) {
				f.SPF = asked("198.51.100.80", "company.my", spf.Answer{Result: spf.Pass, Everybody: true})
			},
			verdict: evidence.Forged, reason: "SPF passes everybody",
		},
		"nobody asked SPF, and it was one day":   {letters: []letter{provider}, verdict: evidence.Forged, reason: "no sign of legitimacy"},
		"nobody asked SPF, and it was some days": {letters: []letter{habit}, verdict: evidence.Forged, reason: "no sign of legitimacy"},
		"nobody asked SPF, and it is a habit": {
			letters: []letter{long}, verdict: evidence.Unclear,
			reason: "newsletter.example (198.51.100.80) writes as company.my on 5 days, always as news@company.my; nobody has asked the DNS whether it may (--spf)",
		},
		"a forger with one host and one sender, every day for a week": {
			letters: []letter{{control: spoofing, client: "198.51.100.66", name: "a.forger.example", sender: "boss@company.my", count: 40, days: 8}},
			verdict: evidence.Forged,
		},
		"two letters with weeks between them are no habit": {
			letters: []letter{{control: spoofing, client: "198.51.100.66", name: "a.forger.example", sender: "boss@company.my", count: 2, days: 2, every: 40}},
			verdict: evidence.Forged,
		},
		"a habit that SPF refuses": {
			letters: []letter{long},
			facts: func(f *evidence.Facts) {
				f.SPF = asked("198.51.100.80", "company.my", spf.Answer{Result: "softfail"})
			},
			verdict: evidence.Forged, reason: "SPF of the domain refuses the client",
		},
		"a DMARC report alone decides nothing": {
			letters: []letter{provider},
			facts:   func(f *evidence.Facts) { f.DMARC = reported("198.51.100.80", dmarc.Record{Count: 100, DKIM: true}) },
			verdict: evidence.Forged, reason: "a DMARC report alone decides nothing",
		},
		"a DMARC report and a habit": {
			letters: []letter{habit},
			facts:   func(f *evidence.Facts) { f.DMARC = reported("198.51.100.80", dmarc.Record{Count: 100, DKIM: true}) },
			verdict: evidence.Provider, reason: "DMARC reports of receiver.example say that 100 of 100 messages from there passed for company.my",
		},
		"a DMARC report that says it failed": {
			letters: []letter{provider},
			facts:   func(f *evidence.Facts) { f.DMARC = reported("198.51.100.80", dmarc.Record{Count: 100}) },
			verdict: evidence.Forged, reason: "DMARC reports say that it did not pass",
		},
		"a list that returns our mail": {
			letters: []letter{{control: spoofing, client: "198.51.100.90", name: "lists.example", sender: "boss@company.my", count: 9, returned: true}},
			verdict: evidence.Returning, reason: "9 of 9 letters have a message ID that left this server before",
		},
		"a list that sends one mail of ours to many": {
			letters: []letter{{control: spoofing, client: "198.51.100.90", name: "lists.example", sender: "boss@company.my", count: 40, returned: true, id: "a@mail.company.my"}},
			verdict: evidence.Returning,
		},
		"a message ID of ours that was copied, with other senders": {
			letters: []letter{
				{control: spoofing, client: "198.51.100.90", sender: "boss@company.my", count: 3, returned: true, id: "a@mail.company.my"},
				{control: spoofing, client: "198.51.100.90", sender: "clerk@company.my", count: 3, returned: true, id: "a@mail.company.my"},
			},
			verdict: evidence.Forged, reason: "message IDs of ours were copied",
		},
		"a forwarder that also sends mail of its own as ours": {
			letters: []letter{
				{control: spoofing, client: "198.51.100.90", name: "lists.example", sender: "boss@company.my", count: 2, returned: true},
				{control: spoofing, client: "198.51.100.90", name: "lists.example", sender: "clerk@company.my", count: 9},
			},
			verdict: evidence.Unclear, reason: "2 of 11 letters have a message ID that left this server before, and the others have not",
		},
		"a forger without a name who copies a few message IDs": {
			letters: []letter{
				{control: spoofing, client: "198.51.100.66", sender: "scan@company.my", count: 2, returned: true},
				{control: spoofing, client: "198.51.100.66", sender: "clerk@company.my", count: 9},
			},
			verdict: evidence.Forged,
		},
		"a botnet of one provider, with many senders on many days": {
			letters: func() (out []letter) {
				for i := range 40 {
					out = append(out, letter{control: spoofing, client: fmt.Sprintf("198.51.100.%d", i+100), name: fmt.Sprintf("dsl%d.isp.example", i), sender: fmt.Sprintf("user%d@company.my", i), count: 5, days: 5})
				}
				return out
			}(),
			verdict: evidence.Forged,
		},
		"somebody on 587 without a login": {
			letters: []letter{{control: "submission", client: "198.51.100.66", sender: "boss@company.my"}},
			verdict: evidence.Forged, reason: "used 465 or 587 without a login",
		},
		"a device on 587 without a login": {
			letters: []letter{{control: "submission", client: "10.99.1.60", sender: "scan@company.my"}},
			verdict: evidence.InsideDevice, reason: "it uses 465 or 587 without a login",
		},
		"an alias is missing": {
			letters: []letter{{control: "submission", client: "203.0.113.66", login: "clerk", sender: "info@company.my", count: 3}},
			verdict: evidence.NotOwned, reason: "clerk wrote as info@company.my, which nobody holds: an alias is missing",
		},
		"a shared address": {
			letters: []letter{{control: "submission", client: "203.0.113.66", login: "boss", sender: "team@company.my"}},
			verdict: evidence.NotOwned, reason: "boss wrote as team@company.my, which clerk and anna share",
		},
		"a shared mailbox": {
			letters: []letter{{control: "submission", client: "203.0.113.66", login: "boss", sender: "support@company.my"}},
			verdict: evidence.NotOwned, reason: "boss wrote as support@company.my, a shared mailbox",
		},
		"the address of a group": {
			letters: []letter{{control: "submission", client: "203.0.113.66", login: "boss", sender: "sales@company.my"}},
			verdict: evidence.NotOwned, reason: "the address of the group sales",
		},
		"the address of a colleague": {
			letters: []letter{{control: "submission", client: "203.0.113.66", login: "clerk", sender: "boss@company.my"}},
			verdict: evidence.NotOwned, reason: "clerk wrote as boss@company.my, the address of boss",
		},
		"an application that sends for others": {
			letters: []letter{
				{control: "submission", client: "10.99.1.40", login: "ticket", sender: "boss@company.my"},
				{control: "submission", client: "10.99.1.40", login: "ticket", sender: "clerk@company.my"},
				{control: "submission", client: "10.99.1.40", login: "ticket", sender: "noreply@company.my"},
			},
			verdict: evidence.NotOwned, reason: "an application that sends for others looks like this",
		},
		"the directory does not answer": {
			letters: []letter{{control: "submission", client: "203.0.113.66", login: "clerk", sender: "info@company.my"}},
			facts:   func(f *evidence.Facts) { f.Book, f.Judge, f.NoDirectory = nil, nil, "no answer" },
			verdict: evidence.NotOwned, reason: "the directory did not say",
		},
		"a bound account that wrote to elsewhere": {
			letters: []letter{{control: "local-only", client: "203.0.113.66", login: "clerk", sender: "clerk@company.my", to: "x@partner.example"}},
			verdict: evidence.Unclear, reason: "clerk logged in and wrote to elsewhere although it may only write to its destinations: 1 letter, last to x@partner.example",
		},
		"a stranger with a bound account as sender": {
			letters: []letter{{control: "local-only", client: "198.51.100.66", sender: "clerk@company.my", to: "x@partner.example"}},
			verdict: evidence.Forged,
		},
		"spam to a protected address": {
			letters: []letter{{control: "protected", client: "198.51.100.66", name: "a.spam.example", sender: "x@other.example", to: "staff@company.my", count: 9, days: 9}},
			verdict: evidence.Forged, reason: "staff@company.my takes mail from inside",
		},
		"a partner that writes to a protected address again and again": {
			letters: []letter{{control: "protected", client: "198.51.100.66", name: "mx.partner.example", sender: "x@partner.example", to: "staff@company.my", count: 9, days: 9, every: 3}},
			verdict: evidence.Unclear, reason: "an outsider, and perhaps a wanted one",
		},
		"a controller that forwards mail": {
			letters: []letter{{control: "foreign-sender", client: "10.99.1.10", sender: "x@foreign.example"}},
			verdict: evidence.OwnServer, reason: "it forwards mail, or somebody has broken into it",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := company()
			if c.facts != nil {
				c.facts(&f)
			}
			r := evidence.Build(log(c.letters...), f)
			require.Len(t, r.Groups, 1)
			g := r.Groups[0]
			assert.Equal(t, c.verdict, g.Verdict, g.Reason.String())
			assert.Contains(t, g.Reason.String(), c.reason)
			assert.Equal(t, c.verdict.Positive(), g.Open)
			if c.verdict == evidence.Forged {
				assert.Empty(t, g.Fixes, "nobody is asked about it")
			}
		})
	}
}

// TestABotnetOfManyNetworks: each network is a group, and none of them asks anything.
func TestABotnetOfManyNetworks(t *testing.T) {
	var all []letter
	for i := range 500 {
		all = append(all, letter{control: spoofing, client: fmt.Sprintf("198.%d.%d.7", 20+i/250, i%250), sender: fmt.Sprintf("user%d@company.my", i), count: 2, days: 2})
	}
	r := evidence.Build(log(all...), company())
	require.Len(t, r.Groups, 500)
	for _, g := range r.Groups {
		assert.Equal(t, evidence.Forged, g.Verdict)
		assert.False(t, g.Open)
		assert.Empty(t, g.Fixes)
	}
	assert.Empty(t, evidence.Names(log(all...), company()), "the directory is not asked about them")
}

func TestAStolenPassword(t *testing.T) {
	var all []letter
	for i := range 6 {
		all = append(all, letter{control: "submission", client: "198.51.100.66", login: "clerk", sender: fmt.Sprintf("x@bank%d.example", i)})
	}
	r := evidence.Build(log(all...), company())
	require.Len(t, r.Groups, 1)
	assert.Contains(t, r.Groups[0].Reason.String(), "a stolen password looks like this")
	for _, fix := range r.Groups[0].Fixes {
		assert.Empty(t, fix.Commands, "no right is proposed")
	}
}

func TestWhatHasEnded(t *testing.T) {
	l := letter{control: "submission", client: "203.0.113.66", login: "clerk", sender: "info@company.my", count: 30, days: 30}
	build := func(change func(*evidence.Facts, *evidence.Digest)) evidence.Group {
		f, d := company(), log(l)
		change(&f, d)
		return evidence.Build(d, f).Groups[0]
	}
	owns := func(f *evidence.Facts) {
		f.Book = owners.New(append(f.Book.All(), identity.Account{UID: "clerk", Alternatives: []string{"info@company.my"}})...)
		f.Judge = judgeOf(f)
	}
	g := build(func(*evidence.Facts, *evidence.Digest) {})
	assert.True(t, g.Open)
	assert.False(t, g.Cleared)

	g = build(func(f *evidence.Facts, _ *evidence.Digest) {
		owns(f)
		f.Coverage.To = today.AddDate(0, 0, -1).Add(time.Minute)
	})
	assert.False(t, g.Open, "the plan of today refuses none of its letters")
	assert.True(t, g.Cleared)
	assert.False(t, g.Fixed, "no newer log shows it yet")
	assert.Empty(t, g.Fixes)

	g = build(func(f *evidence.Facts, _ *evidence.Digest) { owns(f); f.Coverage.To = today.AddDate(0, 0, 2) })
	assert.True(t, g.Fixed, "for longer than its letters were apart, there was none")

	g = build(func(f *evidence.Facts, _ *evidence.Digest) {
		owns(f)
		f.Coverage.To, f.Changed = today.AddDate(0, 0, 2), today.AddDate(0, 0, 2).Add(-time.Hour)
	})
	assert.False(t, g.Fixed, "the change is newer")
}

func TestAnExceptionInUse(t *testing.T) {
	d := log(letter{control: spoofing, client: "10.99.1.60", sender: "scan@company.my", count: 5})
	f := company()
	f.Coverage.To = today
	f.Exceptions = []evidence.ExceptionUse{
		{Name: "scanner", Client: "10.99.1.60", Sender: "scan@company.my", InForce: true},
		{Name: "old", Client: "10.99.1.61", InForce: true}, {Name: "over", Sender: "x@company.my"},
	}
	f.Inside.Servers = []identity.Host{{Name: "printer", Addresses: []netip.Addr{addr("10.99.1.60")}}} // accepted now
	f.Judge = judgeOf(&f)
	d.Uses = map[string]*evidence.Use{"scanner": {Name: "scanner", Days: map[string]int64{"2026-11-28": 2, "2026-11-29": 1}, Last: today}}
	r := evidence.Build(d, f)
	assert.True(t, r.Groups[0].Fixed, "it was used after the last letter was logged")
	require.Len(t, r.Exceptions, 3)
	assert.EqualValues(t, 3, r.Exceptions[0].Uses)
	assert.Equal(t, today, *r.Exceptions[0].Last)
	assert.False(t, r.Exceptions[0].Unused)
	assert.True(t, r.Exceptions[1].Unused, "in 60 days of log it was not used")
	assert.False(t, r.Exceptions[2].Unused, "it is over anyway")
}

func TestHostileTextStaysOneLine(t *testing.T) {
	for _, sender := range []string{"a\x1b[31m\nb@company.my", "\u202eevil@company.my", strings.Repeat("x", 5000) + "@company.my", "a\xff@company.my", `"; rm -rf"@company.my`, "-x@company.my"} {
		d := log(
			letter{control: spoofing, client: "10.99.1.60", helo: "mail.\x1b", sender: sender},
			letter{control: "submission", client: "10.99.1.60", login: "clerk", sender: sender},
			letter{control: "submission", client: "10.99.1.60", login: "--\nx", sender: "boss@company.my"},
		)
		for _, g := range evidence.Build(d, company()).Groups {
			texts := []string{g.Reason.String()}
			for _, fix := range g.Fixes {
				texts = append(texts, fix.Text.String(), fix.Admits.String(), fix.Risk.String())
				for _, command := range fix.Commands {
					texts = append(texts, strings.Join(command, " "))
				}
			}
			for _, text := range texts {
				assert.NotContains(t, text, "\n")
				assert.NotContains(t, text, "\x1b")
				assert.NotContains(t, text, "\u202e")
				assert.Less(t, len(text), 1500)
			}
		}
	}
}

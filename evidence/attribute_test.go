package evidence_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/evidence"
	"ucs-harden/maillog"
)

const submissionProgram = "postfix/submission/smtpd"

var ours = evidence.Ours{
	Domains: []string{"company.local", "company.my", "news.company.my"}, Names: []string{"localhost"},
	Ports: map[string]int{submissionProgram: 587, "postfix/smtps/smtpd": 465},
}

func addr(a string) netip.Addr { return netip.MustParseAddr(a) }

func TestWhoMadeALine(t *testing.T) {
	for sentence, c := range map[string]struct {
		hit           maillog.Hit
		control       string
		exception     string
		administrator bool
	}{
		"a tag of ours":       {hit: maillog.Hit{Tag: "sender-spoofing", Action: maillog.Warned}, control: "sender-spoofing"},
		"an exception in use": {hit: maillog.Hit{Tag: "exception:scanner", Action: maillog.Informed}, exception: "scanner"},
		"not owned, on 587":   {hit: maillog.Hit{Program: submissionProgram, Action: maillog.WouldRefuse, Text: "Sender address rejected: not owned by user clerk"}, control: "submission"},
		"not owned, of a session in which nobody had logged in": {
			hit: maillog.Hit{Program: submissionProgram, Action: maillog.Refused, LoginKnown: true, Text: "Sender address rejected: not owned by user clerk"},
		},
		"a recipient that looks like a reply about an owner": {
			hit:           maillog.Hit{Program: submissionProgram, Action: maillog.WouldRefuse, Text: "Sender address rejected: not owned by user ceo@company.my>: Recipient address rejected: User unknown"},
			administrator: true,
		},
		"a recipient that looks like a reply about an owner, and the bare reject": {
			hit: maillog.Hit{Program: submissionProgram, Action: maillog.Refused, Text: "Sender address rejected: not owned by user ceo@company.my>: Recipient address rejected: Access denied"},
		},
		"not logged in, on 465":   {hit: maillog.Hit{Program: "postfix/smtps/smtpd", Action: maillog.Refused, Text: ": Sender address rejected: not logged in"}, control: "submission"},
		"the bare reject, on 587": {hit: maillog.Hit{Program: submissionProgram, Action: maillog.WouldRefuse, Text: "Recipient address rejected: Access denied"}, control: "submission"},
		"a REJECT without a text, of somebody who logged in, is not our bare reject": {
			hit: maillog.Hit{Program: submissionProgram, Action: maillog.Refused, Login: "clerk", Text: "Recipient address rejected: Access denied"},
		},
		"a domain that does not exist, on 587":                      {hit: maillog.Hit{Program: submissionProgram, Action: maillog.Refused, Text: "Recipient address rejected: Domain not found"}, control: "submission"},
		"the domain of the sender is not what we ask":               {hit: maillog.Hit{Program: submissionProgram, Action: maillog.WouldRefuse, Text: "Sender address rejected: Domain not found"}, administrator: true},
		"the same words on 25 are those of the administrator":       {hit: maillog.Hit{Program: "postfix/smtpd", Action: maillog.WouldRefuse, Text: "Sender address rejected: not owned by user clerk"}, administrator: true},
		"a program that begins like ours":                           {hit: maillog.Hit{Program: "postfix/submission/smtpd2", Action: maillog.WouldRefuse, Text: "Sender address rejected: not logged in"}, administrator: true},
		"warn_if_reject of the administrator":                       {hit: maillog.Hit{Program: "postfix/smtpd", Action: maillog.WouldRefuse, Text: "Client host rejected: cannot find your reverse hostname"}, administrator: true},
		"WARN in a table of the administrator is nobody's":          {hit: maillog.Hit{Program: "postfix/smtpd", Action: maillog.Warned, Text: "odd"}},
		"a refusal of an unknown recipient is nobody's":             {hit: maillog.Hit{Program: "postfix/smtpd", Action: maillog.Refused, Text: "Recipient address rejected: User unknown in virtual mailbox table"}},
		"INFO of the administrator is nobody's":                     {hit: maillog.Hit{Program: "postfix/smtpd", Action: maillog.Informed, Text: "seen"}},
		"the published procedure warned, without a tag":             {hit: maillog.Hit{Action: maillog.Warned, Sender: "boss@company.my", Text: "*** Invalid Inbound Sender ***"}, control: "sender-spoofing"},
		"the published procedure refused, without a tag":            {hit: maillog.Hit{Action: maillog.Refused, Sender: "boss@it.company.my", Text: "Sender address rejected: Delivery not authorized, message refused"}, control: "sender-spoofing"},
		"the same words about a foreign sender are somebody else's": {hit: maillog.Hit{Action: maillog.Refused, Sender: "x@foreign.example", Text: "Sender address rejected: Delivery not authorized, message refused"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := ours.Of(&c.hit)
			assert.Equal(t, c.control, got.Control)
			assert.Equal(t, c.exception, got.Exception)
			assert.Equal(t, c.administrator, got.Administrator)
			assert.Equal(t, c.control+c.exception != "", got.Ours)
			if got.Ours && c.hit.Tag == "" && c.hit.Action == maillog.Refused {
				butFor, plain := ours.Plain(c.hit.Program)
				assert.True(t, !plain || strings.Contains(c.hit.Text, butFor), "the log is read without it")
			}
		})
	}
}

func TestRefusalsThatAreNotRead(t *testing.T) {
	_, plain := ours.Plain("postfix/smtpd")
	assert.True(t, plain)
	_, plain = ours.Plain(submissionProgram)
	assert.False(t, plain)
}

func TestTheGroupOfALetter(t *testing.T) {
	remembering := ours.Remembering()
	for sentence, c := range map[string]struct {
		control string
		m       evidence.Message
		want    string
	}{
		"the organisation of a confirmed name":           {"sender-spoofing", evidence.Message{Client: addr("198.51.100.80"), ClientName: "mta1.eu.newsletter.co.uk", Sender: "x@company.my"}, "sender-spoofing:company.my:newsletter.co.uk"},
		"each customer of a hoster by itself":            {"sender-spoofing", evidence.Message{Client: addr("198.51.100.80"), ClientName: "me.github.io", Sender: "x@company.my"}, "sender-spoofing:company.my:me.github.io"},
		"the network of a client without a name":         {"sender-spoofing", evidence.Message{Client: addr("198.51.100.80"), Sender: "X@Company.MY"}, "sender-spoofing:company.my:198.51.100.0/24"},
		"that of IPv6":                                   {"sender-spoofing", evidence.Message{Client: addr("2001:db8:1:2::3"), Sender: "x@company.my"}, "sender-spoofing:company.my:2001:db8:1::/48"},
		"an IPv4 address written as IPv6":                {"sender-spoofing", evidence.Message{Client: addr("::ffff:198.51.100.80"), Sender: "x@company.my"}, "sender-spoofing:company.my:198.51.100.0/24"},
		"a private client is one device":                 {"sender-spoofing", evidence.Message{Client: addr("10.99.1.60"), ClientName: "printer.company.my", Sender: "x@company.my"}, "sender-spoofing:company.my:10.99.1.60"},
		"a name without an organisation":                 {"sender-spoofing", evidence.Message{Client: addr("198.51.100.80"), ClientName: "printer", Sender: "x@company.my"}, "sender-spoofing:company.my:198.51.100.0/24"},
		"a name that is no host name":                    {"sender-spoofing", evidence.Message{Client: addr("198.51.100.80"), ClientName: "a:b.example", Sender: "x@company.my"}, "sender-spoofing:company.my:198.51.100.0/24"},
		"a sub-domain belongs to the nearest domain":     {"sender-spoofing", evidence.Message{Client: addr("10.99.1.60"), Sender: "x@a.news.company.my"}, "sender-spoofing:news.company.my:10.99.1.60"},
		"a sender at a name of this server has none":     {"sender-spoofing", evidence.Message{Client: addr("10.99.1.60"), Sender: "root@localhost"}, "sender-spoofing:-:10.99.1.60"},
		"a sender of a stranger's making gets into none": {"sender-spoofing", evidence.Message{Client: addr("10.99.1.60"), Sender: "x@[IPv6:::1]"}, "sender-spoofing:-:10.99.1.60"},
		"the login, in lower case":                       {"submission", evidence.Message{Client: addr("203.0.113.9"), Login: "Clerk", Sender: "boss@company.my"}, "submission:company.my:clerk"},
		"no login":                                       {"submission", evidence.Message{Client: addr("10.99.1.60"), Sender: "boss@company.my"}, "submission:company.my:10.99.1.60"},
		"a protected address":                            {"protected", evidence.Message{Client: addr("198.51.100.80"), ClientName: "mx.partner.example", Sender: "x@partner.example", Recipient: "Staff@company.my"}, "protected:staff@company.my:partner.example"},
		"a system that may relay":                        {"foreign-sender", evidence.Message{Client: addr("10.99.1.10"), Sender: "x@foreign.example"}, "foreign-sender:-:10.99.1.10"},
		"an account that may write inside only":          {"local-only", evidence.Message{Client: addr("10.99.1.60"), Login: "boss", Sender: "boss@company.my"}, "local-only:company.my:boss"},
	} {
		t.Run(sentence, func(t *testing.T) {
			key := ours.KeyOf(c.control, c.m)
			assert.Equal(t, c.want, key.String())
			again, err := evidence.ParseKey(key.String())
			assert.NoError(t, err)
			assert.Equal(t, key, again, "the name is stable")
			for range 2 {
				assert.Equal(t, key, remembering.KeyOf(c.control, c.m), "it is remembered")
			}
		})
	}
}

func TestOldPostfixNamesTheLoginInTheReply(t *testing.T) {
	h := maillog.Hit{Program: submissionProgram, Action: maillog.WouldRefuse, Text: "Sender address rejected: not owned by user clerk", Sender: "info@company.my"}
	assert.Equal(t, "submission:company.my:clerk", ours.Of(&h).String())
	s := ours.SampleOf(&h)
	assert.Equal(t, "clerk", s.Login)
	assert.Equal(t, 587, s.Port)
	assert.Equal(t, evidence.FromWarn, s.Source)
}

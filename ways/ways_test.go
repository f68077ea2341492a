package ways_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/doors"
	"ucs-harden/privatepostfix"
	"ucs-harden/ways"
)

var server = []doors.Door{
	{Name: "25", Role: doors.MX}, {Name: "587", Role: doors.Submission, Auth: true},
	{Name: "2525", Role: doors.Submission, Further: true, Auth: true},
	{Name: "127.0.0.1:10025", Role: doors.MX, Further: true, Loopback: true},
}

func described(all []privatepostfix.Dialogue) (out []string) {
	for _, d := range all {
		out = append(out, fmt.Sprintf("%s %s %q %s > %s", d.Client, d.At(), d.Login, d.Sender, d.Recipient))
	}
	return out
}

func TestEveryWay(t *testing.T) {
	boss := ways.Account{Logins: []string{"boss", "bössin"}, Senders: []string{"boss@a.my"}}
	assert.Equal(t, []string{
		`203.0.113.77 25 "" boss@a.my > boss@a.my`, `127.0.0.1 25 "" boss@a.my > boss@a.my`,
		`203.0.113.77 587 "boss" boss@a.my > boss@a.my`, `203.0.113.77 587 "" boss@a.my > boss@a.my`, `127.0.0.1 587 "" boss@a.my > boss@a.my`,
		`203.0.113.77 2525 "boss" boss@a.my > boss@a.my`, `203.0.113.77 2525 "" boss@a.my > boss@a.my`, `127.0.0.1 2525 "" boss@a.my > boss@a.my`,
	}, described(boss.Of(server, "postmaster@a.my")), "a name that SMTP cannot say, and a filter's smtpd, are left out")
	assert.Equal(t, []string{`203.0.113.77 587 "robot"  > postmaster@a.my`, `203.0.113.77 2525 "robot"  > postmaster@a.my`},
		described(ways.Account{Logins: []string{"robot"}}.Of(server, "postmaster@a.my")), "who has no address writes without a sender")
	many := ways.Account{Senders: []string{"1@a.my", "2@a.my", "3@a.my", "4@a.my", "5@a.my", "6@a.my"}}
	assert.Len(t, many.Of(server[:1], ""), 8, "a few names are enough: all stand in the same tables")
}

func TestTheAnswersAreJudged(t *testing.T) {
	letters := ways.Account{Logins: []string{"boss"}, Senders: []string{"boss@a.my"}}.Of(server[1:2], "")
	reply := func(code int, text string) privatepostfix.Reply { return privatepostfix.Reply{Code: code, Text: text} }
	stopped, ok, off, other := reply(554, "no #x:suspended"), reply(250, "Ok"), reply(451, "later"), reply(550, "unknown")
	for sentence, c := range map[string]struct {
		replies        []privatepostfix.Reply
		sends, refused []string
		undecided      bool
	}{
		"stopped":   {[]privatepostfix.Reply{stopped, stopped, other}, nil, []string{"port 587 logged in as boss (554 no #x:suspended)", "port 587 without a login as boss@a.my from outside (554 no #x:suspended)"}, false},
		"sends":     {[]privatepostfix.Reply{ok, other, ok}, []string{"port 587 logged in as boss (250 Ok)", "port 587 without a login as boss@a.my from this server itself (250 Ok)"}, nil, false},
		"put off":   {[]privatepostfix.Reply{off, off, reply(0, "dead")}, nil, nil, true},
		"some only": {[]privatepostfix.Reply{off, other, off}, nil, nil, false},
	} {
		sends, err := ways.StillSends(letters, c.replies)
		assert.Equal(t, c.sends, sends, sentence)
		assert.Equal(t, c.undecided, err != nil, sentence)
		refused, err := ways.StillRefused(letters, c.replies, "#x:suspended")
		assert.Equal(t, c.refused, refused, sentence)
		assert.Equal(t, c.undecided, err != nil, sentence)
	}
	_, err := ways.StillSends(nil, nil)
	assert.Error(t, err)
}

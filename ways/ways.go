// Package ways tries out whether an account can send. It makes the messages that the account could begin, one for each way:
//
//	by login    wherever clients can log in, with each login
//	by sender   at every port, with each sender and without a login, from outside and from this server itself
//
// and judges the answers of Postfix.
package ways

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/doors"
	"ucs-harden/privatepostfix"
)

// Account is an account by the names with which smtpd(8) knows it.
type Account struct{ Logins, Senders []string }

// namesTried is how many logins and senders of an account are tried out at each port. All stand in the same tables.
const namesTried = 4

// The clients of the messages: nobody's address (RFC 5737), and this server.
var (
	outsider = netip.MustParseAddr("203.0.113.77")
	here     = netip.MustParseAddr("127.0.0.1")
)

// Of are the messages that an account could begin. The recipient is the account itself, or somebody else if it has no
// address that a private Postfix can be told.
func (a Account) Of(all []doors.Door, somebody string) (out []privatepostfix.Dialogue) {
	logins, senders := speakable(a.Logins), speakable(a.Senders)
	first := append(slices.Clone(senders), "")[0]
	to := first
	if to == "" {
		to = somebody
	}
	for _, d := range all {
		if d.Further && d.Loopback {
			continue // no client comes there, only what a filter of this server hands back
		}
		at := privatepostfix.Dialogue{Helo: "ucs-harden.invalid", Port: d.Role, Recipient: to}
		if d.Further {
			at.Service = d.Name
		}
		add := func(client netip.Addr, login, sender string) {
			at.Client, at.Login, at.Sender = client, login, sender
			out = append(out, at)
		}
		for _, login := range logins {
			if d.Auth {
				add(outsider, login, first)
			}
		}
		for _, sender := range senders {
			add(outsider, "", sender)
			add(here, "", sender)
		}
	}
	return out
}

// speakable are the first names that a dialogue with a private Postfix can have.
func speakable(names []string) []string {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' })
	})
	return names[:min(namesTried, len(names))]
}

// StillSends are the ways in which an account that is stopped can send, with the answers. The error says that nothing was
// decided.
func StillSends(letters []privatepostfix.Dialogue, replies []privatepostfix.Reply) ([]string, error) {
	return judge(letters, replies, privatepostfix.Reply.Accepted)
}

// StillRefused are the ways in which an account that may send again is refused for the reason with a tag.
func StillRefused(letters []privatepostfix.Dialogue, replies []privatepostfix.Reply, tag string) ([]string, error) {
	return judge(letters, replies, func(r privatepostfix.Reply) bool {
		return r.Code/100 == 5 && strings.Contains(r.Text, tag)
	})
}

func judge(
	letters []privatepostfix.Dialogue, replies []privatepostfix.Reply, wrong func(privatepostfix.Reply) bool,
) (ways []string, err error) {
	undecided := 0
	for i, r := range replies {
		switch {
		case r.Code == 0 || r.Code/100 == 4:
			undecided++
		case wrong(r):
			ways = append(ways, fmt.Sprintf("%s (%s)", words(letters[i]), r))
		}
	}
	if len(letters) == 0 {
		return ways, errors.New("no answer of Postfix decides")
	}
	if undecided == len(letters) {
		return ways, fmt.Errorf("every message is put off: %s", replies[0])
	}
	return ways, nil
}

// words are the way of a message in words.
func words(d privatepostfix.Dialogue) string {
	switch {
	case d.Login != "":
		return "port " + d.At() + " logged in as " + d.Login
	case d.Client == here:
		return "port " + d.At() + " without a login as " + d.Sender + " from this server itself"
	}
	return "port " + d.At() + " without a login as " + d.Sender + " from outside"
}

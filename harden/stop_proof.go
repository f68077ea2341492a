package harden

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/controls"
	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/stage"
)

// namesTried is how many logins and senders of an account are tried out at each port. All stand in the same tables.
const namesTried = 4

// outsider is the client of the dialogues: nobody's (RFC 5737).
var outsider = netip.MustParseAddr("203.0.113.77")

// prove asks Postfix, as it is configured now, whether an account can send: with each login wherever clients log in, and
// with each sender from outside and from this server itself, without a login.
func (s *Server) prove(ctx context.Context, st *Stopped) {
	defer s.progress("asking a private Postfix")()
	still, err := s.tryOut(ctx, st)
	if err != nil {
		st.Untested = err.Error()
	}
	st.Still = list(still)
}

func (s *Server) tryOut(ctx context.Context, st *Stopped) (still []string, err error) {
	f, err := s.facts(ctx, Request{stop: true, blind: true}, nil)
	if err != nil {
		return nil, err
	}
	today, _, err := s.configurations(ctx, &Planned{facts: f, Plan: &plan.Plan{}})
	if err != nil {
		return nil, err
	}
	raised, err := stage.RaiseToday(ctx, PrivatePrograms(s.Runner), today)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, raised.Close()) }()
	letters := attempts(f, st)
	replies, err := raised.Today(ctx, letters)
	if err != nil {
		return nil, err
	}
	undecided := 0
	for i, r := range replies {
		refused := r.Code >= 500 && (!st.Lifted || strings.Contains(r.Text, controls.SuspendedTag))
		switch {
		case r.Code == 0 || r.Code >= 400 && r.Code < 500:
			undecided++
		case refused == st.Lifted:
			still = append(still, fmt.Sprintf("%s (%s)", way(letters[i]), r))
		}
	}
	if len(letters) == 0 || undecided == len(letters) {
		err = errors.New("no answer of Postfix decides")
		if len(letters) > 0 {
			err = fmt.Errorf("every message is put off: %s", replies[0])
		}
	}
	return still, err
}

// attempts are the messages of prove.
func attempts(f *facts, st *Stopped) (out []privatepostfix.Dialogue) {
	logins, senders := speakable(st.Logins), speakable(st.Senders)
	first := append(slices.Clone(senders), "")[0]
	for _, d := range f.Doors {
		if d.Further && d.Loopback {
			continue // no client comes there, only what a filter of this server hands back
		}
		at := privatepostfix.Dialogue{Client: outsider, Helo: "ucs-harden.invalid", Port: d.Role, Recipient: first}
		if d.Further {
			at.Service = d.Name
		}
		if at.Recipient == "" {
			at.Recipient = "postmaster@" + f.now.maincf.Value("myhostname")
		}
		for _, login := range logins {
			if d.Auth {
				by := at
				by.Login, by.Sender = login, first
				out = append(out, by)
			}
		}
		for _, sender := range senders {
			by := at
			by.Sender = sender
			here := by
			here.Client = netip.MustParseAddr("127.0.0.1")
			out = append(out, by, here)
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

// way is how an account sends, in words.
func way(d privatepostfix.Dialogue) string {
	if d.Login != "" {
		return "port " + d.At() + " logged in as " + d.Login
	}
	from := "from outside"
	if d.Client != outsider {
		from = "from this server itself"
	}
	return "port " + d.At() + " without a login as " + d.Sender + " " + from
}

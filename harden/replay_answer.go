package harden

import (
	"net/netip"

	"ucs-harden/evidence"
	"ucs-harden/maillog"
	"ucs-harden/rehearsal"
	"ucs-harden/rules"
)

// asked is all of a letter that its answer depends on, and the doors through which it may have come.
type asked struct {
	doors                    int
	client                   netip.Addr
	login, sender, recipient string
}

// maxFound bounds the answers that a replay remembers.
const maxFound = 1 << 15

// classAt is a class of letters, and the doors through which they may have come.
type classAt struct {
	rehearsal.Class
	doors int
}

// classAnswer is the answer about a class, and how many of its letters were judged one by one.
type classAnswer struct {
	*prediction
	judged int
}

// answer is what the plan does with a letter that was accepted for a recipient. Most letters are of a class about which
// the rules were asked before. The first of each class are judged one by one, so that the sample has some of them. The
// reason may be that of another letter of the class, see because.
func (r *replay) answer(l *maillog.Letter, recipient string, roles []int) *prediction {
	class, ordinary := r.court.Class(l.Client, l.Login, l.Sender, recipient)
	if !ordinary {
		return r.remembered(l, recipient, roles)
	}
	at := classAt{class, doorsKey(roles)}
	known := r.classes[at]
	if known == nil {
		if len(r.classes) >= maxFound {
			clear(r.classes)
		}
		known = &classAnswer{}
		r.classes[at] = known
	}
	if known.judged < perClass {
		known.judged++
		known.prediction = r.remembered(l, recipient, roles)
	}
	return known.prediction
}

// because is the reason for which a letter would be refused.
func (r *replay) because(l *maillog.Letter, recipient string, a *prediction) string {
	if _, ordinary := r.court.Class(l.Client, l.Login, l.Sender, recipient); !ordinary {
		return a.ruling.Reason
	}
	return rules.ByName(a.ruling.Name).Because(rules.Letter{
		Port: a.port, Client: r.court.ClientIs(l.Client), Login: l.Login, Sender: l.Sender, Recipient: recipient,
	})
}

// remembered judges a letter, unless the same was judged before.
func (r *replay) remembered(l *maillog.Letter, recipient string, roles []int) *prediction {
	q := asked{doorsKey(roles), l.Client, l.Login, l.Sender, recipient}
	a, known := r.found[q]
	if known {
		return a
	}
	if len(r.found) >= maxFound {
		clear(r.found)
	}
	answered := r.ask(l, recipient, roles)
	r.found[q] = &answered
	return &answered
}

// ask asks the rules about a letter, at each door through which it may have come.
func (r *replay) ask(l *maillog.Letter, recipient string, roles []int) prediction {
	m := evidence.Message{Client: l.Client, ClientName: l.ClientName, Login: l.Login, Sender: l.Sender, Recipient: recipient}
	known := r.recipientIs(recipient)
	var a prediction
	for i, role := range roles {
		m.Port = role
		one := prediction{port: role, ruling: r.court.Ruling(dialogueOf(m), rehearsal.Addition{}, known)}
		one.refused = decides(one.ruling)
		one.refusedToday = one.refused && decides(r.court.RuledToday(dialogueOf(m), known))
		switch {
		case i == 0:
			a = one
		case a.refused != one.refused || a.refusedToday != one.refusedToday:
			a.why = evidence.NoPort
			if a.perhaps = controlOf(one.ruling); a.refused {
				a.perhaps = controlOf(a.ruling)
			}
		}
	}
	if a.why == "" {
		m.Port = a.port
		r.sample.add(m, l.Helo, r.court.ClientIs(l.Client), a)
	}
	return a
}

func doorsKey(roles []int) (key int) {
	for _, role := range roles {
		key = key<<10 | role
	}
	return key
}

package evidence

import (
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/rules"
)

// proposal is a fix with the change that proves it. Without commands there is nothing to prove.
type proposal struct {
	Fix
	change Change
}

// message is a kind of letters as the rules see it. A letter whose port the log does not show was written where its
// control refuses: without a login on 25, with one on 587.
func (c *Cell) message(k Distinct) Message {
	port := k.Port
	switch {
	case port != 0:
	case c.Control == submission || k.Login != "":
		port = 587
	default:
		port = 25
	}
	return Message{
		Port: port, Client: k.Client, ClientName: k.ClientName, Login: k.Login, Sender: k.Sender, Recipient: k.Recipient,
	}
}

// stopped reports whether a letter is refused, or a control warns of it.
func stopped(r rules.Ruling) bool { return r.Effect == rules.Refuse || r.Warned }

// remaining are the kinds that the plan of today stops, all when nothing can be judged. Kinds of which only the network
// of the client is known do not count beside others: no fix could be shown to clear them.
func (f *Facts) remaining(c *Cell) []Distinct {
	var kinds []Distinct
	old := !slices.ContainsFunc(c.Kinds, func(k Distinct) bool { return !masked(k) })
	for _, k := range c.Kinds {
		if masked(k) && !old {
			continue
		}
		if f.Judge == nil || stopped(f.Judge(c.message(k), nil)) {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// masked reports whether Digest.Mask has reduced the client of a kind to its network.
func masked(k Distinct) bool {
	a := k.Client.Unmap()
	return a.IsValid() && !isPrivate(a) && k.ClientName == "" && Network(a).Addr() == a
}

// prove judges the letters that the plan of today stops, under the plan with the change. It reports whether the fix is
// worth to be printed: one with commands has to clear something.
func (f *Facts) prove(c *Cell, left []Distinct, p *proposal) bool {
	if len(p.Commands) == 0 {
		return true
	}
	if f.Judge == nil {
		return false
	}
	p.Clears, p.Of = 0, 0
	for _, k := range left {
		p.Of += k.Count
		if !stopped(f.Judge(c.message(k), &p.change)) {
			p.Clears += k.Count
		}
	}
	return p.Clears > 0
}

// admits says what else exceptions let in: addresses that nobody has written from, senders that nobody has used, and the
// letters of groups without a sign of legitimacy.
func (b *builder) admits(c *Cell, exceptions []rules.Exception) (text, risk Phrase) {
	add := func(more Phrase) {
		if text.IsZero() {
			text = more
		} else {
			text = Phrasef("%s, %s", text, more)
		}
	}
	for _, e := range exceptions {
		switch {
		case e.Client.IsSingleIP() && !strings.Contains(e.Sender, "@"):
			add(Phrasef("every sender in %s from %s", e.Sender, e.Client.Addr()))
		case !e.Client.IsSingleIP():
			add(Phrasef("%s for %s", addresses(e.Client), e.Sender))
		}
	}
	if others := b.others(c, exceptions); others > 0 {
		add(Phrasef("%s that are most likely forged", letters(others)))
		risk = Phrasef("it would have let in letters that are most likely forged")
	}
	return text, risk
}

// addresses is how many addresses a network has.
func addresses(p netip.Prefix) Phrase {
	host := p.Addr().BitLen() - p.Bits()
	if host > 32 {
		return Phrasef("2^%d addresses", host)
	}
	return Phrasef("%d addresses", int64(1)<<host)
}

// others are the letters of groups without a sign of legitimacy that exceptions would let in.
func (b *builder) others(c *Cell, exceptions []rules.Exception) int64 {
	var n int64
	for _, other := range b.cells {
		if other == c || other.Control != c.Control || b.judged[other].verdict.Positive() {
			continue
		}
		for _, k := range other.Kinds {
			for _, e := range exceptions {
				if e.Admits(k.Client, k.Sender) {
					n += k.Count
					break
				}
			}
		}
	}
	return n
}

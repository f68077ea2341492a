package evidence

import (
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/identity"
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

// remaining are the kinds that the plan of today stops, all when nothing can be judged.
func (f *Facts) remaining(c *Cell) []Distinct {
	if f.Judge == nil {
		return slices.Clone(c.Kinds)
	}
	return slices.DeleteFunc(slices.Clone(c.Kinds), func(k Distinct) bool { return !f.stops(c, k, nil) })
}

// left are the kinds that an opinion is about and that the plan of today stops.
func (o opinion) left(stopped []Distinct) []Distinct { return exact(o.among(stopped), o.kinds) }

// exact are the kinds of which the client is known. Kinds of which only the network is known count only if there are no
// others of the same sign: no fix could be proposed that clears them.
func exact(kinds, all []Distinct) []Distinct {
	if slices.ContainsFunc(all, func(k Distinct) bool { return !k.NetworkOnly }) {
		return slices.DeleteFunc(slices.Clone(kinds), networkOnly)
	}
	return kinds
}

func networkOnly(k Distinct) bool { return k.NetworkOnly }

// stops reports whether the plan with a change stops letters of a kind. Where only the network of the client is known, it
// does not if it lets in a client that somebody has named in this network: in an exception or as a server of the
// directory.
func (f *Facts) stops(c *Cell, k Distinct, change *Change) bool {
	var named []netip.Prefix
	if k.NetworkOnly {
		for _, e := range f.Exceptions {
			if e.InForce {
				named = append(named, e.rule().Client)
			}
		}
		if change != nil {
			for _, e := range change.Exceptions {
				named = append(named, e.Client)
			}
		}
		for _, hosts := range [][]identity.Host{f.Inside.Servers, f.Controllers} {
			for _, host := range hosts {
				named = append(named, prefixes(host.Addresses)...)
			}
		}
	}
	return !slices.ContainsFunc(k.clients(named...), func(client netip.Addr) bool {
		m := c.message(k)
		m.Client = client
		return !stopped(f.Judge(m, change))
	})
}

// clients are who may have sent the letters of a kind: its client; where only the network is known, also those in it that
// somebody has named.
func (d *Distinct) clients(named ...netip.Prefix) []netip.Addr {
	out := []netip.Addr{d.Client}
	for _, p := range named {
		if d.NetworkOnly && p.IsValid() && Network(d.Client).Contains(p.Addr()) {
			out = append(out, p.Addr())
		}
	}
	return out
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
		if !f.stops(c, k, &p.change) {
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

// others are the letters without a sign of legitimacy that exceptions would let in.
func (b *builder) others(c *Cell, exceptions []rules.Exception) int64 {
	var n int64
	for _, other := range b.cells {
		if other.Control != c.Control {
			continue
		}
		for _, k := range other.Kinds {
			admits := func(e rules.Exception) bool { return !k.NetworkOnly && e.Admits(k.Client, k.Sender) }
			if slices.ContainsFunc(exceptions, admits) && !b.signed(other, &k) {
				n += k.Count
			}
		}
	}
	return n
}

package evidence

import (
	"net/netip"
	"slices"

	"ucs-harden/rules"
)

// fixes are what ends the hits that an opinion is about, the right one first. left are their kinds, stopped all kinds of
// the cell, which the plan of today stops.
func (b *builder) fixes(o opinion, left, stopped []Distinct) []Fix {
	if len(left) == 0 {
		return []Fix{}
	}
	var all []proposal
	switch {
	case o.verdict == Forged:
	case o.cell.Control == senderSpoofing:
		all = b.ofSender(o, left)
	case o.verdict == NotOwned:
		all = b.ofLogin(o.signs)
	default:
		all = words(o.elsewhere(o.verdict))
	}
	out := []Fix{}
	for _, p := range all {
		if b.prove(o.cell, stopped, &p) {
			if p.Commands == nil {
				p.Commands = [][]string{}
			}
			out = append(out, p.Fix)
		}
	}
	return out
}

func words(texts ...Phrase) []proposal {
	out := make([]proposal, len(texts))
	for i, t := range texts {
		out[i].Text = t
	}
	return out
}

// ofSender are the fixes for a client that writes as one of ours on port 25.
func (b *builder) ofSender(o opinion, left []Distinct) []proposal {
	s := o.signs
	switch o.verdict {
	case InsideDevice:
		own := Phrasef("give the device a login of its own, with the address that it writes as, and let it send through port 587")
		return append(words(own), b.exception(s, left, "device"))
	case OwnServer:
		return append(b.ofServer(s), b.exception(s, left, "server"))
	case Provider:
		p := b.exception(s, left, "provider")
		p.Risk = joined(s.sharedRisk(p.change.Exceptions), p.Risk)
		return append(words(Phrasef("let %s use an envelope sender in a domain of its own, for bounces;"+
			" what people see in From: stays as it is", s.who())), p)
	case Returning:
		p := b.exception(s, left, "list or forwarder")
		p.Risk = joined(Phrasef("a message ID is no proof: whoever got a mail of yours can copy it"), p.Risk)
		return append(words(Phrasef("a mailing list should write with a bounce address of its own, a forwarder with SRS:"+
			" ask who runs %s", s.who())), p)
	}
	return words(s.toLookAt())
}

// ofServer are the fixes for a server of ours, besides an exception.
func (b *builder) ofServer(s *signs) []proposal {
	if s.facts.thisHost(s.clients[0]) {
		return words(Phrasef("the next sync exempts the addresses of the interfaces; for what stands in front of them, make an exception"))
	}
	if host := hostAt(s.facts.Controllers, s.clients[0]); host != nil {
		return words(Phrasef("%s is a domain controller: control relay lets it write as yours", host.Name))
	}
	host := s.facts.directoryHost(s.clients[0])
	switch {
	case host == nil:
		return words(Phrasef("if it is yours: join it to the domain as a mail server, so that the directory knows it"))
	case host.DN == "" || !canServe(host.Type):
		return words(Phrasef("the directory has it as %s, which cannot have the service SMTP: let it send through a mail server",
			host.Name))
	}
	p := proposal{Fix: Fix{
		Text: Phrasef("name %s as a mail server in the directory", host.Name),
		Commands: [][]string{
			{"udm", host.Type, "modify", "--dn", host.DN, "--append", "service=SMTP"}, sync,
		},
	}}
	for _, address := range prefixes(host.Addresses) { // a mail server of the directory is exempt as by an exception
		p.change.Exceptions = append(p.change.Exceptions, rules.Exception{Name: host.Name, Client: address})
	}
	p.Admits = Phrasef("every sender of yours from %s", clientsText(prefixes(host.Addresses)))
	return []proposal{p}
}

func prefixes(all []netip.Addr) []netip.Prefix {
	out := make([]netip.Prefix, len(all))
	for i, a := range all {
		out[i] = netip.PrefixFrom(a, a.BitLen())
	}
	return out
}

// sharedRisk says why an exception for a provider is risky: its addresses may be those of other customers.
func (s *signs) sharedRisk(exceptions []rules.Exception) Phrase {
	wide := slices.ContainsFunc(exceptions, func(e rules.Exception) bool { return !e.Client.IsSingleIP() })
	switch {
	case len(s.via) > 0:
		return Phrasef("the addresses of %s may be shared: its other customers could write as yours", s.via[0])
	case wide:
		return Phrasef("the network is wider than the clients that were seen")
	case s.listed == 0:
		return Phrasef("no record of your own domain lists these clients")
	}
	return Phrase{}
}

// toLookAt says what would tell a group with a sign that nothing explains.
func (s *signs) toLookAt() Phrase {
	look := Phrasef("find out who %s is: ask %s, and look at the letters below", s.who(), some(s.senders, ofSenders))
	if s.facts.SPF == nil {
		return Phrasef("%s; ask the DNS with --spf", look)
	}
	return look
}

// elsewhere says what to do where no command of a change can be judged.
func (s *signs) elsewhere(v Verdict) Phrase {
	login := shown(s.cell.login())
	switch {
	case s.cell.Control == localOnly:
		return Phrasef("if it should write there: add the destination, or take the account from the list (ucs-harden restrict)")
	case s.cell.Control == suspended:
		return Phrasef("if it should write again: ucs-harden suspend remove")
	case s.cell.Control == foreignSender:
		return Phrasef("if it forwards mail on purpose: name it in mail/harden/foreign-sender/except; else look at what it sends")
	case s.cell.Control == protected && s.cell.login() != "":
		return Phrasef("if %s should write to %s: add it to the senders of the entry (ucs-harden protect)",
			login, shown(s.cell.Domain))
	case s.cell.Control == protected:
		return Phrasef("if this mail is wanted: name its senders in the entry of %s (ucs-harden protect), or let it log in",
			shown(s.cell.Domain))
	case v == InsideDevice || v == OwnServer:
		return Phrasef("give it a login of its own, or let it write on port 25; an exception does not reach ports 465 and 587")
	}
	return Phrasef("look at the letters below, and ask %s", login)
}

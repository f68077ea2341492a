package evidence

import (
	"net/netip"
	"slices"
)

// opinion is what the letters of some kinds of a cell most likely are, and why.
type opinion struct {
	*signs
	verdict Verdict
	reason  Phrase
}

func (s *signs) are(v Verdict, reason Phrase) opinion { return opinion{s, v, reason} }

// opinions are what the letters of a cell most likely are. There are several when its kinds have different signs, the
// strongest first. Kinds in none of them have no sign. If no kind has one, the only opinion is that all are forged.
func (s *signs) opinions() []opinion {
	if len(s.kinds) == 0 {
		return []opinion{s.are(Forged,
			Phrasef("only counted: the letters of many infrastructures, each without a group of its own"))}
	}
	switch s.cell.Control {
	case submission:
		if s.cell.login() == "" {
			return s.withoutLogin()
		}
		return []opinion{s.loggedIn()}
	case localOnly, suspended:
		return s.account()
	case protected:
		return s.intoProtected()
	case foreignSender:
		return []opinion{s.are(OwnServer, Phrasef("%s may relay, and writes as %s: it forwards mail, or somebody has broken into it",
			s.who(), some(s.senders, ofSenders)))}
	}
	return s.stranger()
}

// inside tells clients of ours from strangers, by what no stranger can choose: an opinion about each such client.
func (s *signs) inside() (all []opinion) {
	f := s.facts
	own := func(a netip.Addr) bool { return f.thisHost(a) || f.server(a) != nil || f.near(a) }
	for _, client := range s.clients {
		if !own(client) {
			continue
		}
		if part := s.of(func(a netip.Addr) bool { return a == client }); part != nil {
			all = append(all, part.ours(client))
		}
	}
	named := s.only(func(k *Distinct) bool { return s.ownName(k) != "" && (k.NetworkOnly || !own(k.client())) })
	if named == nil {
		return all
	}
	name := s.ownName(&named.kinds[0])
	return append(all, named.are(OwnServer,
		Phrasef("the DNS of %s itself gives %s the name %s: a mail server that the directory lacks",
			f.Ours.hosted(name), named.client(named.clients[0]), name)))
}

// ours is the opinion about a client of ours.
func (s *signs) ours(client netip.Addr) opinion {
	f := s.facts
	if f.thisHost(client) {
		return s.are(OwnServer, Phrasef("%s is an address of this server", s.who()))
	}
	if server := f.server(client); server != nil {
		what := Phrasef("a server of the directory that is not named as a mail server")
		if hostAt(f.Controllers, client) != nil {
			what = Phrasef("a domain controller")
		} else if hostAt(f.Inside.Servers, client) != nil {
			what = Phrasef("a mail server of the directory")
		}
		return s.are(OwnServer, Phrasef("%s is %s, %s", client, server.Name, what))
	}
	where := Phrasef("a private address")
	if p, own := f.ownNetwork(client); own {
		where = Phrasef("in the network %s of this server", p)
	}
	if name := s.serverName(); name != "" {
		return s.are(OwnServer, Phrasef("%s, %s, calls itself %s: a mail server that the directory lacks",
			client, where, shown(name)))
	}
	known := Phrase{}
	if host := f.directoryHost(client); host != nil {
		known = Phrasef("; the directory has it as %s", host.Name)
	}
	return s.are(InsideDevice, Phrasef("%s is %s, and writes as %s%s", client, where, some(s.senders, ofSenders), known))
}

// stranger are the opinions about clients that write as one of ours on port 25.
func (s *signs) stranger() []opinion {
	all := s.inside()
	for _, h := range s.facts.Inside.RelayHosts {
		if part := s.of(func(a netip.Addr) bool { return slices.Contains(h.Addresses, a) }); part != nil {
			all = append(all, part.are(Provider,
				Phrasef("%s is the relay host %s, which takes the outgoing mail of this server", part.who(), h.Name)))
		}
	}
	if part := s.spfLists(); part != nil {
		all = append(all, part.are(Provider, part.spfReason()))
	}
	if part, other := s.dmarcAgrees(); part != nil {
		all = append(all, part.are(Provider,
			Phrasef("DMARC reports of %s say that %d of %d messages from there passed for %s, and %s",
				some(part.reporters, ofReceivers), part.aligned, part.reported, s.cell.Domain, other)))
	}
	most, few := s.bringsBack()
	if most != nil {
		all = append(all, most.are(Returning,
			Phrasef("%d of %s have a message ID that left this server before: %s brings our own mail back,"+
				" as lists and forwarders do. It is a sign, no proof: whoever got a mail of ours can copy its ID",
				most.returned, letters(most.letters), most.who())))
	}
	if few != nil && few.organisation != "" { // lists and forwarders have a name
		all = append(all, few.are(Unclear,
			Phrasef("%d of %s have a message ID that left this server before, and the others have not",
				few.returned, letters(few.letters))))
	}
	if part := s.habit(alone).notRefused(); part != nil {
		all = append(all, part.are(Unclear, Phrasef("%s writes as %s %s, always as %s%s", part.who(), s.cell.Domain,
			part.onDays(), some(part.senders, ofSenders), part.spfMissing())))
	}
	if len(all) > 0 {
		return all
	}
	return []opinion{s.are(Forged, Phrasef("no sign of legitimacy: %s", joined(s.against()...)))}
}

// dmarcAgrees are the kinds of which DMARC reports say that they pass, and that have another sign as well; nil if there
// are none.
func (s *signs) dmarcAgrees() (part *signs, other Phrase) {
	passes := s.dmarcPass()
	if passes == nil {
		return nil, Phrase{}
	}
	if most, _ := passes.bringsBack(); most != nil {
		return most, Phrasef("%d of %s bring our own mail back", most.returned, letters(most.letters))
	}
	if part = passes.habit(agreeing); part != nil {
		return part, Phrasef("%s writes regularly, %s", part.who(), part.onDays())
	}
	return nil, Phrase{}
}

func (s *signs) spfReason() Phrase {
	via := Phrase{}
	if len(s.via) > 0 {
		via = Phrasef(" by way of %s", some(s.via, ofDomains))
	}
	reason := Phrasef("SPF of the sender's domain lists the client%s, for %d of %s", via, s.listed, letters(s.letters))
	if s.dmarcPasses() {
		return Phrasef("%s; DMARC reports of %s agree", reason, some(s.reporters, ofReceivers))
	}
	return reason
}

// spfMissing says what SPF could still tell.
func (s *signs) spfMissing() Phrase {
	switch {
	case s.facts.SPF == nil:
		return Phrasef("; nobody has asked the DNS whether it may (--spf)")
	case s.asked == 0:
		return Phrasef("; the DNS has not said whether it may (--spf asks)")
	case s.everybody:
		return Phrasef("; SPF of the domain passes everybody, which proves nothing")
	}
	return Phrasef("; SPF of the domain neither lists nor refuses it")
}

// against are the signs that were looked for and are missing.
func (s *signs) against() []Phrase {
	out := []Phrase{Phrasef("%s is not of your network and no server of the directory", s.who())}
	switch {
	case s.asked > 0 && s.everybody:
		out = append(out, Phrasef("SPF passes everybody, which proves nothing"))
	case s.refused > 0:
		out = append(out, Phrasef("SPF of the domain refuses the client"))
	case s.facts.SPF != nil:
		out = append(out, Phrasef("SPF does not list it"))
	}
	if s.cell.Copied > 0 {
		out = append(out, Phrasef("message IDs of ours were copied, with other senders"))
	}
	switch {
	case s.reported == 0:
	case s.dmarcPasses():
		out = append(out, Phrasef("a DMARC report alone decides nothing"))
	default:
		out = append(out, Phrasef("DMARC reports say that it did not pass"))
	}
	return out
}

// onDays says on how many days there were letters.
func (s *signs) onDays() Phrase { return Counted(s.days, "on %d day", "on %d days") }

// login is the login of a cell, "" if nobody had logged in.
func (c *Cell) login() string {
	for _, k := range c.Kinds {
		if k.Login != "" {
			return k.Login
		}
	}
	return ""
}

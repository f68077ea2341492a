package evidence

import (
	"net/netip"
	"slices"
)

// verdict says what the letters of a cell most likely are, and why.
func (s *signs) verdict() (Verdict, Phrase) {
	if len(s.cell.Kinds) == 0 {
		return Forged, Phrasef("only counted: the letters of many infrastructures, each without a group of its own")
	}
	switch s.cell.Control {
	case submission:
		if s.cell.login() == "" {
			return s.withoutLogin()
		}
		return s.loggedIn()
	case localOnly, suspended:
		return s.account()
	case protected:
		return s.intoProtected()
	case foreignSender:
		return OwnServer, Phrasef("%s may relay, and writes as %s: it forwards mail, or somebody has broken into it",
			s.who(), some(s.senders, ofSenders))
	}
	return s.stranger()
}

// inside tells a client of ours from a stranger, by what no stranger can choose. ok is false for a stranger.
func (s *signs) inside() (v Verdict, reason Phrase, ok bool) {
	f := s.facts
	switch {
	case s.every(f.thisHost):
		return OwnServer, Phrasef("%s is an address of this server", s.who()), true
	case s.every(func(a netip.Addr) bool { return f.server(a) != nil }):
		what := Phrasef("a server of the directory that is not named as a mail server")
		if hostAt(f.Controllers, s.clients[0]) != nil {
			what = Phrasef("a domain controller")
		} else if hostAt(f.Inside.Servers, s.clients[0]) != nil {
			what = Phrasef("a mail server of the directory")
		}
		return OwnServer, Phrasef("%s is %s, %s", s.clients[0], f.server(s.clients[0]).Name, what), true
	case s.every(f.near):
		where := Phrasef("a private address")
		if p, own := f.ownNetwork(s.clients[0]); own {
			where = Phrasef("in the network %s of this server", p)
		}
		if name := s.serverName(); name != "" {
			return OwnServer, Phrasef("%s, %s, calls itself %s: a mail server that the directory lacks",
				s.clients[0], where, shown(name)), true
		}
		known := Phrase{}
		if host := f.directoryHost(s.clients[0]); host != nil {
			known = Phrasef("; the directory has it as %s", host.Name)
		}
		return InsideDevice, Phrasef("%s is %s, and writes as %s%s",
			s.clients[0], where, some(s.senders, ofSenders), known), true
	case s.ownName != "":
		return OwnServer, Phrasef("the DNS of %s itself gives %s the name %s: a mail server that the directory lacks",
			s.facts.Ours.hosted(s.ownName), s.clients[0], s.ownName), true
	}
	return "", Phrase{}, false
}

// stranger is the verdict about a client that writes as one of ours on port 25.
func (s *signs) stranger() (Verdict, Phrase) {
	if v, reason, ok := s.inside(); ok {
		return v, reason
	}
	switch name := s.relayHost(); {
	case name != "":
		return Provider, Phrasef("%s is the relay host %s, which takes the outgoing mail of this server", s.who(), name)
	case s.listed > 0:
		return Provider, s.spfReason()
	case s.dmarcPasses() && (s.comesBack() || s.regular()):
		return Provider, Phrasef("DMARC reports of %s say that %d of %d messages from there passed for %s, and %s",
			some(s.reporters, ofReceivers), s.aligned, s.reported, s.cell.Domain, s.otherSign())
	case s.comesBack():
		return Returning, Phrasef("%d of %s have a message ID that left this server before: %s brings our own mail back,"+
			" as lists and forwarders do. It is a sign, no proof: whoever got a mail of ours can copy its ID",
			s.returned, letters(s.letters), s.who())
	case s.returned > 0 && s.cell.Copied == 0 && s.organisation != "": // lists and forwarders have a name
		return Unclear, Phrasef("%d of %s have a message ID that left this server before, and the others have not",
			s.returned, letters(s.letters))
	case s.regular() && 2*s.refused < s.asked+1:
		return Unclear, Phrasef("%s writes as %s %s, always as %s%s", s.who(), s.cell.Domain,
			s.onDays(), some(s.senders, ofSenders), s.spfMissing())
	}
	return Forged, Phrasef("no sign of legitimacy: %s", joined(s.against()...))
}

// otherSign is what agrees with a DMARC report.
func (s *signs) otherSign() Phrase {
	if s.comesBack() {
		return Phrasef("%d of %s bring our own mail back", s.returned, letters(s.letters))
	}
	return Phrasef("%s writes regularly, %s", s.who(), s.onDays())
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

// relayHost is the name of the relay host that all clients belong to, "" if there is none.
func (s *signs) relayHost() string {
	for _, h := range s.facts.Inside.RelayHosts {
		if s.every(func(a netip.Addr) bool { return slices.Contains(h.Addresses, a) }) {
			return h.Name
		}
	}
	return ""
}

// newest is the kind of the newest letter.
func (s *signs) newest() Distinct {
	var out Distinct
	for _, k := range s.cell.Kinds {
		if k.Last.After(out.Last) {
			out = k
		}
	}
	return out
}

// login is the login of a cell, "" if nobody had logged in.
func (c *Cell) login() string {
	for _, k := range c.Kinds {
		if k.Login != "" {
			return k.Login
		}
	}
	return ""
}

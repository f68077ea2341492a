package rehearsal

import (
	"strings"

	"ucs-harden/mynetworks"
	"ucs-harden/privatepostfix"
	"ucs-harden/restrictions"
	"ucs-harden/rules"
	"ucs-harden/smtpdaccess"
)

// stepOf is the step of a refusal. The log names it as smtpd(8) does; without a log it is the step that was answered.
func stepOf(r privatepostfix.Reply) string {
	for _, line := range r.Log {
		if m := logged.FindStringSubmatch(line); m != nil && m[1] == actionReject {
			return step(m[2])
		}
	}
	return step(r.At)
}

// step is the name of a step in smtpdaccess. HELO counts as EHLO, and XCLIENT as the connection of another client.
func step(name string) string {
	switch name {
	case "HELO":
		return smtpdaccess.Ehlo
	case privatepostfix.AtXclient:
		return smtpdaccess.Connect
	}
	return name
}

// permission is what a restriction in front means for those behind it in the same list.
type permission int

const (
	permitsNot permission = iota
	mayPermit
	permitsSurely
)

// permission says whether a restriction permits a letter.
func (s Service) permission(p Place, l rules.Letter) permission {
	is := func(yes bool) permission {
		if yes {
			return permitsSurely
		}
		return permitsNot
	}
	switch name, _ := p.name(); {
	case name == "permit":
		return permitsSurely
	case name == "permit_mynetworks" && !s.opaque():
		return is(l.Client&(rules.Controller|rules.Named|rules.Listed) != 0)
	case name == "permit_sasl_authenticated":
		return is(l.Login != "")
	case name == "permit_auth_destination":
		return is(l.RecipientIs&(rules.Known|rules.Unknown) != 0)
	case restrictions.MayPermit(p.Restriction):
		return mayPermit
	}
	return permitsNot
}

// opaque: which clients are in mynetworks is not known.
func (s Service) opaque() bool {
	networks, _ := s.Parameters.Resolve("mynetworks")
	return mynetworks.Parse(networks).Opaque()
}

// at returns the service with only those restrictions that can answer at a step and that a letter can meet. A
// restriction behind a permit of the same list is left out if the permit surely permits the letter. A restriction that
// stands in a later list again is left out there if the letter surely met it before: it would have said the same. A
// policy service may say something else the second time.
func (s Service) at(step string, l rules.Letter) Service {
	so := map[string]permission{} // by list: what stands in front
	met := map[string]bool{}
	var places []Place
	for _, p := range s.Places {
		name, args := p.name()
		same := strings.TrimSpace(name + " " + args)
		switch {
		case p.Asked == "":
			places = append(places, p)
			continue
		case so[p.Asked] == permitsSurely || p.Step != step && step != "" || met[same] && !p.warns():
			continue
		}
		places = append(places, p)
		if so[p.Asked] == permitsNot && !p.warns() && name != "check_policy_service" {
			met[same] = true
		}
		so[p.Asked] = max(so[p.Asked], s.permission(p, l))
	}
	s.Places, s.sender = places, l.Sender
	return s
}

// refusesRelaying reports whether the relay restrictions refuse a letter before the recipient restrictions are asked.
func (s Service) refusesRelaying(l rules.Letter) bool {
	if l.RecipientIs&(rules.Elsewhere|rules.Nowhere) == 0 {
		return false
	}
	for _, p := range s.Places {
		switch name, _ := p.name(); {
		case p.Asked == smtpdaccess.Recipient:
			return false
		case p.Asked != smtpdaccess.Relay:
		case s.permission(p, l) != permitsNot:
			return false
		case !p.warns() && (unauthDestination[name] || name == "reject" || name == "defer"):
			return true
		}
	}
	return false
}

// relayRefused reports whether a reply is a refusal to relay by the relay restrictions, whatever the controls say.
func (s Service) relayRefused(r privatepostfix.Reply, l rules.Letter) bool {
	d := s.Decided(r, l)
	return d != nil && d.Kind == Relaying && len(d.Places) > 0 && d.Places[0].Asked == smtpdaccess.Relay
}

// unauthDestination are the restrictions that refuse to relay.
var unauthDestination = map[string]bool{
	"reject_unauth_destination": true, "defer_unauth_destination": true, "check_relay_domains": true,
}

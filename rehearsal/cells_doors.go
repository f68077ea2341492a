package rehearsal

import (
	"cmp"
	"maps"
	"slices"

	"ucs-harden/controls"
	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
)

// Door is a further smtpd(8) that a client can reach, besides the three that the UCS template makes.
type Door struct {
	// Name and Role are those of doors.Door.
	Name string
	Role int
	Auth bool
	// Submission: it asks the recipient list of 465 and 587. Else it asks that of the MX.
	Submission bool
	// Service is what it asks.
	Service Service
}

// door is the further smtpd of a dialogue, nil when it is one of the three.
func (s Side) door(d privatepostfix.Dialogue) *Door {
	if i := slices.IndexFunc(s.Further, func(f Door) bool { return f.Name == d.Service }); i >= 0 {
		return &s.Further[i]
	}
	return nil
}

// auth reports whether a client can log in where a dialogue takes place.
func (s Side) auth(d privatepostfix.Dialogue) bool {
	if f := s.door(d); f != nil {
		return f.Auth
	}
	return s.Ports[d.Port]
}

// service is what is asked where a dialogue takes place.
func (s Side) service(d privatepostfix.Dialogue) Service {
	if f := s.door(d); f != nil {
		return f.Service
	}
	return s.Services[d.Port]
}

// modes are the modes of the controls where a dialogue takes place. The list of 465 and 587 does not hold at a further
// smtpd that does not ask it.
func (s Side) modes(d privatepostfix.Dialogue) map[string]plan.Mode {
	if f := s.door(d); f != nil && !f.Submission {
		return controls.OnMainList(s.Modes)
	}
	return s.Modes
}

// at is where the smtpd of a role listens, for a note.
func (b *cellBuilder) at(role int) string {
	return privatepostfix.Dialogue{Port: role, Service: b.service(role)}.At()
}

// service is the name of the smtpd of a role if the role does not tell it. Both configurations must have it there.
func (b *cellBuilder) service(role int) string {
	if b.Today.At[role] != b.Plan.At[role] {
		return ""
	}
	return b.Plan.At[role]
}

// further asks at every further smtpd what matters most: about strangers who forge a sender or want to relay, and about
// what a login permits.
func (b *cellBuilder) further() {
	for _, f := range b.Plan.Further {
		i := slices.IndexFunc(b.Today.Further, func(d Door) bool { return d.Name == f.Name })
		if i < 0 {
			b.note("on port %s an smtpd is new in the plan; it is not rehearsed", f.Name)
			continue
		}
		ways := []access{{port: f.Role, service: f.Name}}
		if u := b.first(); u != nil && (f.Auth || b.Today.Further[i].Auth) {
			for _, login := range []string{u.Primary, u.UID} {
				ways = append(ways, access{f.Role, login, u, f.Name})
			}
		}
		for _, a := range ways {
			for _, s := range append(b.senders[:2:2], b.colleague(), b.foreignSender(), sender{words: "the empty sender"}) {
				b.add(b.strangers[0], a, s, b.recipients[0])
				b.add(b.strangers[0], a, s, b.elsewhere())
			}
		}
		for _, name := range b.suspects() {
			b.suspect(f, name)
		}
	}
}

// suspects are a few accounts of the lists that may not send, or only inside.
func (b *cellBuilder) suspects() []string {
	listed := b.Plan.Listings.Samples(1)
	return slices.Concat(listed.Suspended, listed.Bound)
}

// suspect asks what a listed account may do at a further smtpd.
func (b *cellBuilder) suspect(f Door, name string) {
	u := b.owner(name)
	if u == nil {
		return
	}
	ways := []access{{port: f.Role, service: f.Name}}
	if login := loginOf(name, b.book); f.Auth && login != nil {
		ways = append(ways, access{f.Role, name, login, f.Name})
	}
	for _, a := range ways {
		b.add(b.strangers[0], a, own(u), b.elsewhere())
	}
}

// portsOf are the ports of cells, in the order of their roles.
func portsOf(cells []Cell) []string {
	roles := map[string]int{}
	for _, c := range cells {
		roles[c.Dialogue.At()] = c.Dialogue.Port
	}
	return slices.SortedFunc(maps.Keys(roles), func(a, b string) int {
		return cmp.Or(cmp.Compare(roles[a], roles[b]), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
}

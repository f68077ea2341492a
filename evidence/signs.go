package evidence

import (
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/hosteddomains"
	"ucs-harden/mailbox"
	"ucs-harden/spf"
)

// signs are what letters of a cell tell about who sends them: all letters, or those of some kinds. A stranger chooses the
// sender, the HELO name, the message ID and, for a client of his own, its name in the DNS. He does not choose a private
// address, the records of our own domains, or what the directory has.
//
// Strangers can add kinds to a cell whose infrastructure they share. So a sign is looked for in each kind, and letters of
// other kinds never take it away.
type signs struct {
	cell  *Cell
	facts *Facts
	kinds []Distinct
	known map[sameKind]bool // see has
	// part: the cell has letters of other kinds.
	part    bool
	letters int64 // of the kinds that were kept
	clients []netip.Addr
	// networks are those of the clients that stand for their network, see Distinct.NetworkOnly.
	networks []netip.Addr
	senders  []string // mailbox.Key
	// organisation is that of the forward-confirmed names, "" when no client has one.
	organisation string
	days         int

	returned          int64 // letters with a message ID that left this server before and that nobody copied
	listed            int64 // letters whose client SPF of the sender's domain lists
	refused           int64 // letters whose client it refuses
	asked             int64 // letters about which SPF gave an answer
	everybody         bool  // SPF of a sender's domain passes everybody
	via               []string
	reported, aligned int64 // messages in DMARC reports, those that passed
	reporters         []string
}

// read reads the signs of all letters of a cell.
func read(c *Cell, f *Facts) *signs { return readKinds(c, f, c.Kinds, false) }

func readKinds(c *Cell, f *Facts, kinds []Distinct, part bool) *signs {
	s := &signs{cell: c, facts: f, kinds: kinds, part: part}
	for i := range kinds {
		s.kind(&kinds[i])
	}
	if !part {
		s.days = c.days()
	}
	if _, err := netip.ParsePrefix(c.From); err != nil && s.organisation == "" && c.login() == "" {
		s.organisation = Organisation(c.From) // the names of old clients are not kept
	}
	s.dmarc()
	return s
}

// only are the signs of the kinds that have a property, nil if there are none.
func (s *signs) only(has func(*Distinct) bool) *signs {
	var kinds []Distinct
	for i := range s.kinds {
		if has(&s.kinds[i]) {
			kinds = append(kinds, s.kinds[i])
		}
	}
	switch len(kinds) {
	case 0:
		return nil
	case len(s.kinds):
		return s
	}
	return readKinds(s.cell, s.facts, kinds, true)
}

// of are the signs of the kinds whose client has a property, nil if there are none. Clients of which only the network is
// known have none.
func (s *signs) of(has func(netip.Addr) bool) *signs {
	return s.only(func(k *Distinct) bool { return k.Client.IsValid() && !k.NetworkOnly && has(k.client()) })
}

// has reports whether these are signs of a kind.
func (s *signs) has(k *Distinct) bool {
	if s.known == nil {
		s.known = make(map[sameKind]bool, len(s.kinds))
		for i := range s.kinds {
			s.known[s.kinds[i].sameKind()] = true
		}
	}
	return s.known[k.sameKind()]
}

// among are the kinds of a list that these are signs of.
func (s *signs) among(kinds []Distinct) []Distinct {
	return slices.DeleteFunc(slices.Clone(kinds), func(k Distinct) bool { return !s.has(&k) })
}

// same reports whether two kinds are counted as one.
func (d *Distinct) same(o *Distinct) bool {
	return d.sameKind() == o.sameKind()
}

func (d *Distinct) client() netip.Addr { return d.Client.Unmap().WithZone("") }

func (s *signs) kind(k *Distinct) {
	s.letters += k.Count
	s.returned += k.back()
	s.days = max(s.days, k.Days)
	client := k.client()
	if client.IsValid() && !slices.Contains(s.clients, client) {
		s.clients = append(s.clients, client)
	}
	if k.NetworkOnly {
		s.networks = append(s.networks, client)
	}
	if sender := mailbox.Key(k.Sender); !slices.Contains(s.senders, sender) {
		s.senders = append(s.senders, sender)
	}
	if s.organisation == "" {
		s.organisation = Organisation(k.ClientName)
	}
	answer, ok := s.facts.SPF[questionOf(k)]
	if !ok {
		return
	}
	s.asked += k.Count
	switch {
	case answer.Proves():
		s.listed += k.Count
		if answer.Via != "" && !slices.Contains(s.via, answer.Via) {
			s.via = append(s.via, answer.Via)
		}
	case answer.Result.Refuses():
		s.refused += k.Count
	case answer.Everybody:
		s.everybody = true
	}
}

// dmarc adds what the reports say of the clients.
func (s *signs) dmarc() {
	if s.facts.DMARC == nil || s.cell.Domain == "" {
		return
	}
	for _, client := range s.clients {
		sum, ok := s.facts.DMARC.Of(client, s.cell.Domain)
		if !ok {
			continue
		}
		s.reported += sum.Count
		s.aligned += sum.Count - sum.Neither
		for _, org := range sum.Orgs {
			if !slices.Contains(s.reporters, org) {
				s.reporters = append(s.reporters, org)
			}
		}
	}
}

// questionOf is the question to SPF about a kind of letters.
func questionOf(k *Distinct) spf.Question {
	return spf.Question{Client: k.client(), Domain: hosteddomains.ASCII(domainOf(k.Sender))}
}

// ownName is the forward-confirmed name of a client in a hosted domain, "" if it has none: then the DNS of the domain
// itself names the client. Of a client whose name is not kept, the organisation in the name of the cell is.
func (s *signs) ownName(k *Distinct) string {
	name := strings.ToLower(strings.TrimSuffix(k.ClientName, "."))
	if k.NetworkOnly {
		name = Organisation(s.cell.From)
	}
	if s.facts.Ours.hosted(name) == "" {
		return ""
	}
	return name
}

// spfLists are the kinds whose clients SPF of the sender's domain lists.
func (s *signs) spfLists() *signs {
	return s.only(func(k *Distinct) bool { return s.facts.SPF[questionOf(k)].Proves() })
}

// back is how many letters of a kind bring our own mail back.
func (d *Distinct) back() int64 { return max(0, d.Returned-d.Copied) }

// bringsBack are the kinds of the clients most of whose letters bring our own mail back. some are those of the other
// clients that have such letters.
func (s *signs) bringsBack() (most, some *signs) {
	type count struct{ back, all int64 }
	byClient := map[netip.Addr]count{}
	for i := range s.kinds {
		n := byClient[s.kinds[i].client()]
		byClient[s.kinds[i].client()] = count{n.back + s.kinds[i].back(), n.all + s.kinds[i].Count}
	}
	mostly := func(k *Distinct) bool { n := byClient[k.client()]; return 2*n.back >= n.all }
	most = s.only(func(k *Distinct) bool { return k.back() > 0 && mostly(k) })
	some = s.only(func(k *Distinct) bool { return byClient[k.client()].back > 0 && !mostly(k) })
	return most, some
}

// dmarcPasses reports whether the DMARC reports say that most mail of these clients passes for our domain.
func (s *signs) dmarcPasses() bool { return s.aligned > 0 && 2*s.aligned >= s.reported }

// dmarcPass are the kinds of the clients of which that is said.
func (s *signs) dmarcPass() *signs {
	if s.reported == 0 {
		return nil
	}
	return s.of(func(a netip.Addr) bool {
		sum, ok := s.facts.DMARC.Of(a, s.cell.Domain)
		return ok && sum.Count > sum.Neither && 2*(sum.Count-sum.Neither) >= sum.Count
	})
}

// names are the names of the clients: those of the DNS, and those that they gave themselves.
func (s *signs) names() []string {
	var out []string
	for _, k := range s.kinds {
		out = append(out, k.ClientName)
	}
	for _, sample := range s.cell.Samples {
		if slices.Contains(s.clients, sample.Client.Unmap().WithZone("")) {
			out = append(out, sample.Helo)
		}
	}
	return out
}

// newest is the kind of the newest letter.
func (s *signs) newest() Distinct {
	var out Distinct
	for _, k := range s.kinds {
		if k.Last.After(out.Last) {
			out = k
		}
	}
	return out
}

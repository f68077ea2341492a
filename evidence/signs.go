package evidence

import (
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/hosteddomains"
	"ucs-harden/mailbox"
	"ucs-harden/spf"
)

// signs are what the letters of a cell tell about who sends them. A stranger chooses the sender, the HELO name, the
// message ID and, for a client of his own, its name in the DNS. He does not choose a private address, the records of our
// own domains, or what the directory has.
type signs struct {
	cell    *Cell
	facts   *Facts
	letters int64 // of the kinds that were kept
	clients []netip.Addr
	senders []string // mailbox.Key
	// organisation is that of the forward-confirmed names, "" when no client has one.
	organisation string
	// ownName is a forward-confirmed name in a hosted domain: the DNS of the domain names the client.
	ownName string
	days    int

	returned          int64
	listed            int64 // letters whose client SPF of the sender's domain lists
	refused           int64 // letters whose client it refuses
	asked             int64 // letters about which SPF gave an answer
	everybody         bool  // SPF of a sender's domain passes everybody
	via               []string
	reported, aligned int64 // messages in DMARC reports, those that passed
	reporters         []string
	byListed          map[netip.Addr]bool
}

func read(c *Cell, f *Facts) *signs {
	s := &signs{cell: c, facts: f, byListed: map[netip.Addr]bool{}}
	s.days = c.days()
	for i := range c.Kinds {
		s.kind(&c.Kinds[i])
	}
	if _, err := netip.ParsePrefix(c.From); err != nil && s.organisation == "" && c.login() == "" {
		s.organisation = Organisation(c.From) // the names of old clients are not kept
	}
	s.dmarc()
	return s
}

func (s *signs) kind(k *Distinct) {
	s.letters += k.Count
	s.returned += k.Returned
	client := k.Client.Unmap().WithZone("")
	if client.IsValid() && !slices.Contains(s.clients, client) {
		s.clients = append(s.clients, client)
	}
	if sender := mailbox.Key(k.Sender); !slices.Contains(s.senders, sender) {
		s.senders = append(s.senders, sender)
	}
	if k.ClientName != "" {
		name := strings.ToLower(strings.TrimSuffix(k.ClientName, "."))
		if s.organisation == "" {
			s.organisation = Organisation(name)
		}
		if s.ownName == "" && s.facts.Ours.hosted(name) != "" {
			s.ownName = name
		}
	}
	answer, ok := s.facts.SPF[questionOf(k)]
	if !ok {
		return
	}
	s.asked += k.Count
	switch {
	case answer.Proves():
		s.listed += k.Count
		s.byListed[client] = true
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

// signed are the kinds that have the sign of a verdict themselves. An organisation may send mail of forgers besides ours:
// no fix is for that, and the gate does not wait for it.
func (s *signs) signed(v Verdict, kinds []Distinct) []Distinct {
	return slices.DeleteFunc(slices.Clone(kinds), func(k Distinct) bool {
		switch {
		case v == Provider && s.listed > 0:
			return !s.byListed[k.Client.Unmap().WithZone("")]
		case v == Returning:
			return k.Returned == 0
		}
		return false
	})
}

// questionOf is the question to SPF about a kind of letters.
func questionOf(k *Distinct) spf.Question {
	return spf.Question{Client: k.Client.Unmap().WithZone(""), Domain: hosteddomains.ASCII(domainOf(k.Sender))}
}

// regular reports whether the letters look like a habit: a client with a name, a few clients and senders, on several
// days. A botnet has many of each, and a campaign is over in a day.
func (s *signs) regular() bool {
	const days, senders, clients = 3, 3, 4
	return s.organisation != "" && s.days >= days && s.cell.Others == 0 &&
		len(s.senders) <= senders && len(s.clients) <= clients
}

// comesBack reports whether most letters carry a message ID that left this server before, and nobody copied it.
func (s *signs) comesBack() bool {
	return s.returned > 0 && 2*s.returned >= s.letters && s.cell.Copied == 0
}

// dmarcPasses reports whether the DMARC reports say that most mail of these clients passes for our domain.
func (s *signs) dmarcPasses() bool { return s.aligned > 0 && 2*s.aligned >= s.reported }

// every reports whether all clients have a property.
func (s *signs) every(has func(netip.Addr) bool) bool {
	return len(s.clients) > 0 && !slices.ContainsFunc(s.clients, func(a netip.Addr) bool { return !has(a) })
}

// names are the names of the clients: those of the DNS, and those that they gave themselves.
func (s *signs) names() []string {
	var out []string
	for _, k := range s.cell.Kinds {
		out = append(out, k.ClientName)
	}
	for _, sample := range s.cell.Samples {
		out = append(out, sample.Helo)
	}
	return out
}

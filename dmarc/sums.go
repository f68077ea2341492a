package dmarc

import (
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Sum is what all reports say of one client and one domain of From:.
type Sum struct {
	// Count are all messages; SPF and DKIM are those for which it passed, Neither those for which none did.
	Count, SPF, DKIM, Neither int64
	// Orgs are who reported, sorted, at most a few.
	Orgs []string
}

// Passes reports whether at least half of the messages passed by SPF or DKIM.
func (s Sum) Passes() bool { return s.Count > 0 && 2*s.Neither <= s.Count }

// Sums are what reports say, by client and domain.
type Sums struct {
	Reports  int
	From, To time.Time
	// Left are records that were left out because there are too many clients.
	Left int64

	sums  map[netip.Addr]map[string]*Sum // by client and domain
	pairs int
	seen  map[string]bool
}

const maxOrgs = 5

// NewSums is the sum of no report.
func NewSums() *Sums { return &Sums{sums: map[netip.Addr]map[string]*Sum{}, seen: map[string]bool{}} }

// Add adds a report. One that was added before, by its sender and ID, does not count again.
func (s *Sums) Add(r *Report) {
	id := r.Org + "\x00" + r.ID
	if r.ID != "" && s.seen[id] {
		return
	}
	s.seen[id] = true
	s.Reports++
	if !r.From.IsZero() && (s.From.IsZero() || r.From.Before(s.From)) {
		s.From = r.From
	}
	if r.To.After(s.To) {
		s.To = r.To
	}
	for _, record := range r.Records {
		from := record.HeaderFrom
		if from == "" {
			from = r.Domain
		}
		s.record(r.Org, from, record)
	}
}

func (s *Sums) record(org, domain string, r Record) {
	sum := s.sums[r.Client][domain]
	if sum == nil {
		if s.pairs == most.sources {
			s.Left++
			return
		}
		if s.sums[r.Client] == nil {
			s.sums[r.Client] = map[string]*Sum{}
		}
		sum = &Sum{}
		s.sums[r.Client][domain] = sum
		s.pairs++
	}
	sum.Count += r.Count
	switch {
	case r.SPF || r.DKIM:
		if r.SPF {
			sum.SPF += r.Count
		}
		if r.DKIM {
			sum.DKIM += r.Count
		}
	default:
		sum.Neither += r.Count
	}
	if org != "" && len(sum.Orgs) < maxOrgs && !slices.Contains(sum.Orgs, org) {
		sum.Orgs = append(sum.Orgs, org)
		slices.Sort(sum.Orgs)
	}
}

// Of is what the reports say of a client and a domain with its sub-domains. ok tells whether they say anything.
func (s *Sums) Of(client netip.Addr, domain string) (all Sum, ok bool) {
	if s == nil {
		return all, false
	}
	for from, sum := range s.sums[client.Unmap()] {
		if from != domain && !strings.HasSuffix(from, "."+domain) {
			continue
		}
		ok = true
		all.Count, all.SPF = all.Count+sum.Count, all.SPF+sum.SPF
		all.DKIM, all.Neither = all.DKIM+sum.DKIM, all.Neither+sum.Neither
		all.Orgs = append(all.Orgs, sum.Orgs...)
	}
	slices.Sort(all.Orgs)
	all.Orgs = slices.Compact(all.Orgs)
	return all, ok
}

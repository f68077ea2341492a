package evidence

import "time"

// period is for how long somebody has to write until it is a habit: on so many days, of which the first and the last are
// so far apart.
type period struct {
	days int
	span time.Duration
}

var (
	// alone is a habit that is a sign of legitimacy by itself. A forger who has one host and one sender for some weeks has
	// a habit as well. So it is longer than campaigns are, and such a group is asked about, not trusted.
	alone = period{days: 5, span: 21 * 24 * time.Hour}
	// agreeing is a habit that agrees with another sign, such as a DMARC report.
	agreeing = period{days: 3}
)

// The most that an infrastructure has for its letters to be one habit: a botnet has many of each.
const (
	mostSenders = 3
	mostHosts   = 4
)

func (p period) in(days int, first, last time.Time) bool {
	return days >= p.days && last.Sub(first) >= p.span
}

// habit are the kinds that look like a habit, nil if there are none: a client with a name that writes as one sender for
// the period. Several clients and senders have a habit together only if they are few and all that the cell has.
func (s *signs) habit(p period) *signs {
	if s.organisation == "" {
		return nil
	}
	if own := s.only(func(k *Distinct) bool { return p.in(k.Days, k.First, k.Last) }); own != nil {
		return own
	}
	few := !s.part && s.cell.Others == 0 && len(s.senders) <= mostSenders && len(s.clients) <= mostHosts
	if few && p.in(s.days, s.cell.First, s.cell.Last) {
		return s
	}
	return nil
}

// notRefused are the kinds whose client SPF does not refuse, nil if there are none.
func (s *signs) notRefused() *signs {
	if s == nil {
		return nil
	}
	return s.only(func(k *Distinct) bool { return !s.facts.SPF[questionOf(k)].Result.Refuses() })
}

// unasked is the note about groups that count as forged although their clients have a habit, while nobody has asked the
// DNS whether these may write as one of ours.
func (b *builder) unasked() Phrase {
	n := 0
	for _, c := range b.cells {
		s := b.all[c]
		if c.Control == senderSpoofing && !b.verdictOf(c).Positive() && s.asked == 0 && s.habit(agreeing) != nil {
			n++
		}
	}
	if n == 0 {
		return Phrase{}
	}
	return Phrasef("%s as one of yours on several days; before you enforce, ucs-harden report --spf asks the DNS whether they may",
		Counted(n, "%d group that counts as forged writes", "%d groups that count as forged write"))
}

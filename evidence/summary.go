package evidence

import "time"

// Summary is what the history keeps of the evidence with which a control came to enforce.
type Summary struct {
	// Asked is false if the gate was not asked, by --no-evidence. Then nothing else is known.
	Asked bool `json:"asked"`
	// From and To are the first and last stamp of the log.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	// Controls are the controls and domains that came to enforce.
	Controls []Readiness `json:"controls"`
	// Groups are the largest groups about them.
	Groups []GroupSummary `json:"groups"`
	// Forged is how many letters without any sign of legitimacy there were, Others how many of the groups that are not here.
	Forged int64 `json:"forged"`
	Others int64 `json:"others"`
}

// GroupSummary is a group in short.
type GroupSummary struct {
	ID       string  `json:"id"`
	Verdict  Verdict `json:"verdict"`
	Count    int64   `json:"count"`
	Accepted bool    `json:"accepted,omitempty"`
}

// mostInSummary bounds what the history keeps.
const mostInSummary = 100

// Summarise makes the summary of what the gate has said. A report may be nil.
func Summarise(answers []Readiness, reports ...*Report) *Summary {
	s := &Summary{Asked: true, Controls: answers, Groups: []GroupSummary{}}
	seen := map[string]bool{}
	for _, r := range reports {
		if r == nil {
			continue
		}
		if !r.Coverage.From.IsZero() && (s.From.IsZero() || r.Coverage.From.Before(s.From)) {
			s.From = r.Coverage.From
		}
		s.To = later(s.To, r.Coverage.To)
		for _, g := range r.Groups {
			if seen[g.ID] || !concerns(answers, g) {
				continue
			}
			seen[g.ID] = true
			switch {
			case g.Verdict == Forged:
				s.Forged += g.Count
			case len(s.Groups) < mostInSummary:
				s.Groups = append(s.Groups, GroupSummary{g.ID, g.Verdict, g.Count, g.Accepted != nil})
			default:
				s.Others += g.Count
			}
		}
	}
	return s
}

func concerns(answers []Readiness, g Group) bool {
	for _, a := range answers {
		if a.Control == g.Control && (a.Domain == "" || a.Domain == g.Domain) {
			return true
		}
	}
	return false
}

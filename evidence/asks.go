package evidence

import (
	"cmp"
	"slices"

	"ucs-harden/spf"
)

// Names are the logins, senders and recipients that the directory should be asked about before a report is built: those
// of the groups that are not forged. The facts need no book and no judge for this.
func Names(d *Digest, f Facts) []string {
	b := newBuilder(d, f)
	seen := map[string]bool{"": true}
	var out []string
	for _, c := range b.cells {
		if !b.verdictOf(c).Positive() {
			continue
		}
		for _, k := range c.Kinds {
			for _, name := range []string{k.Login, k.Sender, k.Recipient} {
				if !seen[name] {
					seen[name] = true
					out = append(out, name)
				}
			}
		}
	}
	return out
}

// Questions are the questions to SPF that the groups raise: those of clients outside our network that write as one of
// ours, the groups first that were seen on most days. The records of foreign domains are not asked for.
func Questions(d *Digest, f Facts) []spf.Question {
	const perGroup = 8
	b := newBuilder(d, f)
	slices.SortStableFunc(b.cells, func(x, y *Cell) int {
		a, c := b.all[x], b.all[y]
		return cmp.Or(cmp.Compare(c.days, a.days), cmp.Compare(c.letters, a.letters))
	})
	var out []spf.Question
	for _, c := range b.cells {
		if c.Control != senderSpoofing && c.Control != protected {
			continue
		}
		kinds := slices.Clone(c.Kinds)
		slices.SortStableFunc(kinds, func(x, y Distinct) int { return cmp.Compare(y.Count, x.Count) })
		asked := map[spf.Question]bool{}
		for i := range kinds {
			q := questionOf(&kinds[i])
			public := f.Ours.hosted(q.Domain) != "" && q.Client.IsValid() && !kinds[i].NetworkOnly && !f.near(q.Client)
			if public && !asked[q] && len(asked) < perGroup {
				asked[q] = true
				out = append(out, q)
			}
		}
	}
	return out
}

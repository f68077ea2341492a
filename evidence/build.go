package evidence

import (
	"cmp"
	"slices"
	"time"
)

// Build makes the report of a digest: each cell becomes a group with its verdict, and each group that somebody should
// look at gets the fixes that were proven. Whether the controls are ready, the gate says.
func Build(d *Digest, f Facts) *Report {
	b := newBuilder(d, f)
	r := &Report{
		Schema: ReportSchema, At: f.At, Host: f.Host, Source: cmp.Or(f.Source, FromWarn), Coverage: f.Coverage,
		Controls: []Readiness{}, Groups: []Group{}, PerDay: map[string]map[string]int64{},
		Exceptions: b.exceptions(d), Notes: f.Notes,
	}
	for _, c := range b.cells {
		r.Groups = append(r.Groups, b.group(c))
		for _, days := range c.Days {
			for day, n := range days {
				if r.PerDay[day] == nil {
					r.PerDay[day] = map[string]int64{}
				}
				r.PerDay[day][c.Control] += n
			}
		}
	}
	for _, n := range d.Administrator {
		r.Administrator += n
	}
	Sort(r.Groups)
	return r
}

// Sort sorts groups: open ones first, then by count.
func Sort(groups []Group) {
	slices.SortStableFunc(groups, func(a, b Group) int {
		if a.Open != b.Open {
			if a.Open {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.ID, b.ID))
	})
}

type builder struct {
	Facts
	cells  []*Cell // by name
	judged map[*Cell]judged
	names  map[string]bool
	uses   map[string]*Use
}

type judged struct {
	*signs
	verdict Verdict
	reason  Phrase
}

func newBuilder(d *Digest, f Facts) *builder {
	b := &builder{Facts: f, judged: map[*Cell]judged{}, names: map[string]bool{}, uses: d.Uses}
	for _, c := range d.Cells {
		b.cells = append(b.cells, c)
		s := read(c, &b.Facts)
		v, reason := s.verdict()
		b.judged[c] = judged{s, v, reason}
	}
	slices.SortFunc(b.cells, func(x, y *Cell) int { return cmp.Compare(x.String(), y.String()) })
	for _, e := range f.Exceptions {
		b.names[e.Name] = true
	}
	return b
}

func (b *builder) group(c *Cell) Group {
	g := Group{ID: c.String(), Cell: *c, Count: c.Letters(), Fixes: []Fix{}}
	s := b.judged[c]
	g.Verdict, g.Reason = s.verdict, s.reason
	switch {
	case !g.Verdict.Positive():
		return g
	case b.Off[c.Control]:
		g.Cleared = true
		return g
	}
	left := b.remaining(c)
	g.Fixes = b.fixes(s.signs, g.Verdict, left)
	g.Cleared = len(s.signed(g.Verdict, left)) == 0
	g.Fixed = g.Cleared && b.quietSince(c, g.Count)
	g.Open = !g.Cleared
	return g
}

// quietSince reports whether the log shows that a cell has ended. Either an exception for its letters was used since the
// last of them. Or the log goes on behind the last of them, and behind the last change of the server, for an hour and
// for as long as the letters usually were apart.
func (b *builder) quietSince(c *Cell, count int64) bool {
	for _, e := range b.Exceptions {
		if use := b.uses[e.Name]; use != nil && use.Last.After(c.Last) && e.rule().about(c) {
			return true
		}
	}
	apart := 24 * time.Hour
	if count > 1 {
		apart = max(time.Hour, c.Last.Sub(c.First)/time.Duration(count-1))
	}
	return b.Coverage.To.Sub(later(c.Last, b.Changed)) >= apart
}

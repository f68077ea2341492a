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
	if note := b.unasked(); !note.IsZero() {
		r.Notes = append(slices.Clone(r.Notes), note)
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
	cells    []*Cell // by name
	all      map[*Cell]*signs
	opinions map[*Cell][]opinion
	names    map[string]bool
	uses     map[string]*Use
}

func newBuilder(d *Digest, f Facts) *builder {
	b := &builder{
		Facts: f, all: map[*Cell]*signs{}, opinions: map[*Cell][]opinion{}, names: map[string]bool{}, uses: d.Uses,
	}
	b.collect()
	for _, c := range d.Cells {
		b.cells = append(b.cells, c)
		b.all[c] = read(c, &b.Facts)
		b.opinions[c] = b.all[c].opinions()
	}
	slices.SortFunc(b.cells, func(x, y *Cell) int { return cmp.Compare(x.String(), y.String()) })
	for _, e := range f.Exceptions {
		b.names[e.Name] = true
	}
	return b
}

// verdictOf is the verdict about the strongest sign of a cell.
func (b *builder) verdictOf(c *Cell) Verdict { return b.opinions[c][0].verdict }

// signed reports whether a kind of a cell has a sign of legitimacy.
func (b *builder) signed(c *Cell, k *Distinct) bool {
	return slices.ContainsFunc(b.opinions[c], func(o opinion) bool { return o.verdict.Positive() && o.has(k) })
}

// group is what is thought of a cell. Its verdict is about the strongest sign of which the plan of today still stops
// letters. It is cleared when there is none.
func (b *builder) group(c *Cell) Group {
	g := Group{ID: c.String(), Cell: *c, Count: c.Letters(), Fixes: []Fix{}}
	o := b.opinions[c][0]
	g.Verdict, g.Reason = o.verdict, o.reason
	switch {
	case !g.Verdict.Positive():
		return g
	case b.Off[c.Control]:
		g.Cleared = true
		return g
	}
	stopped := b.remaining(c)
	var left []Distinct
	for _, one := range b.opinions[c] {
		if left = one.left(stopped); len(left) > 0 {
			o = one
			break
		}
	}
	g.Verdict, g.Reason = o.verdict, o.reason
	g.Samples = o.samplesFirst()
	g.Fixes = b.fixes(o, left, exact(stopped, c.Kinds))
	g.Cleared = len(left) == 0
	g.Fixed = g.Cleared && b.quietSince(c, g.Count)
	g.Open = !g.Cleared
	return g
}

// samplesFirst are the samples of the cell, those of the kinds that an opinion is about first. If there is none of these,
// the newest letter of the kinds becomes one, as far as it is known.
func (o opinion) samplesFirst() []Sample {
	out := slices.Clone(o.cell.Samples)
	about := func(s Sample) int {
		if o.has(&Distinct{Client: s.Client, Login: s.Login, Sender: s.Sender, Port: s.Port, NetworkOnly: s.NetworkOnly}) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(out, func(x, y Sample) int { return about(x) - about(y) })
	if len(out) > 0 && about(out[0]) == 0 {
		return out
	}
	k := o.newest()
	newest := Sample{
		Time: k.Last, Source: o.source(), Port: k.Port, Client: k.Client, NetworkOnly: k.NetworkOnly, ClientName: k.ClientName,
		Login: k.Login, Sender: k.Sender, Recipient: k.Recipient,
	}
	return append([]Sample{newest}, out[:min(len(out), MaxSamples-1)]...)
}

// source is where most of the knowledge about a cell is from.
func (o opinion) source() Source {
	best, most := FromWarn, int64(-1)
	for source, days := range o.cell.Days {
		n := int64(0)
		for _, count := range days {
			n += count
		}
		if n > most || n == most && source < best {
			best, most = source, n
		}
	}
	return best
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

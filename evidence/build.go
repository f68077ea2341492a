package evidence

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"ucs-harden/rules"
	"ucs-harden/spf"
)

// unusedAfter is how long an exception is not used before the report says so.
const unusedAfter = 45 * 24 * time.Hour

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
	reason  string
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
	g.Cleared = len(left) == 0
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

// exception is an exception as the rules have it.
type exception struct{ rules.Exception }

// rule is the exception as the rules have it. What cannot be read admits nobody.
func (e ExceptionUse) rule() exception {
	out := exception{rules.Exception{Name: e.Name, Sender: e.Sender}}
	if p, err := netip.ParsePrefix(e.Client); err == nil {
		out.Client = p
	} else if a, err := netip.ParseAddr(e.Client); err == nil {
		out.Client = netip.PrefixFrom(a, a.BitLen())
	} else if e.Client != "" {
		return exception{}
	}
	return out
}

// about reports whether the exception is about a letter of a cell.
func (e exception) about(c *Cell) bool {
	return slices.ContainsFunc(c.Kinds, func(k Distinct) bool {
		client := k.Client
		if masked(k) && e.Client.IsValid() && e.Client.Overlaps(Network(client)) {
			client = e.Client.Addr()
		}
		return e.Admits(client, k.Sender)
	})
}

// exceptions are all exceptions with their use.
func (b *builder) exceptions(d *Digest) []ExceptionUse {
	out := []ExceptionUse{}
	for _, e := range b.Exceptions {
		if use := d.Uses[e.Name]; use != nil {
			last := use.Last
			e.Last, e.Uses = &last, 0
			for _, n := range use.Days {
				e.Uses += n
			}
		}
		old := b.At.Add(-unusedAfter)
		e.Unused = e.InForce && !b.Coverage.From.IsZero() && b.Coverage.From.Before(old) && (e.Last == nil || e.Last.Before(old))
		out = append(out, e)
	}
	return out
}

// Names are the logins, senders and recipients that the directory should be asked about before a report is built: those
// of the groups that are not forged. The facts need no book and no judge for this.
func Names(d *Digest, f Facts) []string {
	b := newBuilder(d, f)
	seen := map[string]bool{"": true}
	var out []string
	for _, c := range b.cells {
		if !b.judged[c].verdict.Positive() {
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
// ours, the groups first that were seen on most days.
func Questions(d *Digest, f Facts) []spf.Question {
	const perGroup = 8
	b := newBuilder(d, f)
	slices.SortStableFunc(b.cells, func(x, y *Cell) int {
		a, c := b.judged[x], b.judged[y]
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
			if q.Client.IsValid() && !f.near(q.Client) && q.Domain != "" && !asked[q] && len(asked) < perGroup {
				asked[q] = true
				out = append(out, q)
			}
		}
	}
	return out
}

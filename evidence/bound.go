package evidence

import (
	"cmp"
	"slices"
)

// The limits of a digest, so that a flood of spam fills neither the memory nor the disk.
const (
	// MaxCells is how many cells a digest keeps. The letters of all others are counted in a cell of their control and
	// domain, which has no kinds and no samples: its Key.From is TheOthers.
	MaxCells = 10000
	// MaxKinds is how many kinds of letters a digest keeps in all cells together. While letters are counted there may be
	// twice as many.
	MaxKinds = 40000

	// TheOthers stands in a key for the infrastructures that have no cell of their own.
	TheOthers = "others"
)

// Bound keeps the cells that are most likely to be somebody's legitimate mail: first those with a login, of an address
// that is private, or whose mail left this server before; then those with letters on most days; then the largest. A flood
// comes from many networks and for few days, so that it cannot push out a provider that writes every day.
func (d *Digest) Bound(most int) {
	if len(d.Cells) > most {
		var all []*Cell
		rank, days := map[*Cell]int{}, map[*Cell]int{}
		for _, c := range d.Cells {
			all = append(all, c)
			rank[c], days[c] = c.rank(), c.days()
		}
		slices.SortFunc(all, func(a, b *Cell) int {
			return cmp.Or(cmp.Compare(rank[b], rank[a]), cmp.Compare(days[b], days[a]), cmp.Compare(b.Letters(), a.Letters()),
				cmp.Compare(a.String(), b.String()))
		})
		for _, c := range all[most:] {
			delete(d.Cells, c.String())
			d.toOthers(c)
		}
	}
	kinds := 0
	for _, c := range d.Cells {
		kinds += len(c.Kinds)
	}
	for limit := MaxDistinct; kinds > MaxKinds; limit /= 2 {
		kinds = 0
		for _, c := range d.Cells {
			c.limitKinds(limit)
			kinds += len(c.Kinds)
		}
	}
	d.kinds = kinds
}

// rank is 2 for a cell of the others, 1 for a sign of legitimacy that an attacker cannot make by himself.
func (c *Cell) rank() int {
	switch {
	case c.From == TheOthers:
		return 2
	case slices.ContainsFunc(c.Kinds, func(k Distinct) bool {
		return k.Login != "" || k.Returned > 0 || k.Client.Unmap().IsPrivate() || k.Client.IsLoopback()
	}):
		return 1
	}
	return 0
}

func (d *Digest) toOthers(c *Cell) {
	key := Key{Control: c.Control, Domain: c.Domain, From: TheOthers}
	others := &Cell{Key: key, Days: c.Days, First: c.First, Last: c.Last, Others: c.Others, Kinds: []Distinct{}, Samples: []Sample{}}
	for _, k := range c.Kinds {
		others.Others += k.Count
	}
	if there := d.Cells[key.String()]; there != nil {
		there.merge(others)
		return
	}
	d.Cells[key.String()] = others
}

// limitKinds keeps the kinds that were seen on most days, and of these the most frequent.
func (c *Cell) limitKinds(most int) {
	if len(c.Kinds) <= most {
		return
	}
	slices.SortStableFunc(c.Kinds, func(a, b Distinct) int {
		return cmp.Or(cmp.Compare(b.back(), a.back()), cmp.Compare(b.Days, a.Days), cmp.Compare(b.Count, a.Count))
	})
	for _, k := range c.Kinds[most:] {
		c.Others += k.Count
	}
	c.setKinds(slices.Clip(c.Kinds[:most]))
}

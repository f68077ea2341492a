package evidence

import (
	"maps"
	"slices"
)

// Merge adds the counts of another digest, which says what a later part of the log says. The other digest is not used
// any more.
func (d *Digest) Merge(o *Digest) {
	for name, c := range o.Cells {
		if mine := d.Cells[name]; mine != nil {
			mine.merge(c)
		} else {
			d.Cells[name] = c
		}
	}
	for name, u := range o.Uses {
		mine := d.Uses[name]
		if mine == nil {
			d.Uses[name] = u
			continue
		}
		addCounts(mine.Days, u.Days)
		mine.Last = later(mine.Last, u.Last)
	}
	addCounts(d.Administrator, o.Administrator)
	d.Bound(MaxCells)
}

func (c *Cell) merge(o *Cell) {
	for source, days := range o.Days {
		if c.Days[source] == nil {
			c.Days[source] = map[string]int64{}
		}
		addCounts(c.Days[source], days)
	}
	c.First, c.Last = earlier(c.First, o.First), later(c.Last, o.Last)
	c.Others += o.Others
	c.Copied += o.Copied
	for _, kind := range o.Kinds {
		c.addKind(kind)
	}
	// The newest samples are those that somebody still remembers.
	c.Samples = append(c.Samples, o.Samples...)
	slices.SortStableFunc(c.Samples, func(a, b Sample) int { return b.Time.Compare(a.Time) })
	c.Samples = c.Samples[:min(len(c.Samples), MaxSamples)]
}

// addKind adds the letters of a kind.
func (c *Cell) addKind(k Distinct) {
	hash := k.hash()
	if mine := c.find(&k, hash); mine != nil {
		mine.Days = mine.daysWith(&k)
		if !k.Last.Before(mine.Last) {
			mine.Recipient, mine.ClientName = k.Recipient, k.ClientName
		}
		mine.Count, mine.Returned, mine.Copied = mine.Count+k.Count, mine.Returned+k.Returned, mine.Copied+k.Copied
		mine.First, mine.Last = earlier(mine.First, k.First), later(mine.Last, k.Last)
		c.leavesEarlier()
		return
	}
	c.insert(k, hash)
}

// daysWith is on how many days there were letters of either of two kinds. Where their times overlap, it is at least so many.
func (d *Distinct) daysWith(o *Distinct) int {
	if o.First.Before(d.First) {
		d, o = o, d
	}
	switch first, last := dayOf(o.First), dayOf(d.Last); {
	case first > last:
		return d.Days + o.Days
	case first == last:
		return max(d.Days+o.Days-1, d.Days)
	}
	return max(d.Days, o.Days)
}

func addCounts(to, from map[string]int64) {
	for day, n := range from {
		to[day] += n
	}
}

// Letters is how many letters a cell counts.
func (c *Cell) Letters() (n int64) {
	for _, days := range c.Days {
		for _, count := range days {
			n += count
		}
	}
	return n
}

// days are the days on which the cell has letters.
func (c *Cell) days() int {
	all := map[string]bool{}
	for _, days := range c.Days {
		for day := range days {
			all[day] = true
		}
	}
	return len(all)
}

// Clone is a copy that shares nothing with the digest.
func (d *Digest) Clone() *Digest {
	out := &Digest{Cells: map[string]*Cell{}, Uses: map[string]*Use{}, Administrator: maps.Clone(d.Administrator)}
	for name, c := range d.Cells {
		copied := *c
		copied.setKinds(slices.Clone(c.Kinds))
		copied.Samples, copied.returned = slices.Clone(c.Samples), nil
		copied.Days = map[Source]map[string]int64{}
		for source, days := range c.Days {
			copied.Days[source] = maps.Clone(days)
		}
		out.Cells[name] = &copied
	}
	for name, u := range d.Uses {
		out.Uses[name] = &Use{Name: u.Name, Days: maps.Clone(u.Days), Last: u.Last}
	}
	return out
}

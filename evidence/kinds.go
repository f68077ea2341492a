package evidence

import (
	"cmp"
	"container/heap"
	"hash/maphash"
	"net/netip"
)

// kinds finds the kinds of a cell while letters are counted. In a flood each letter may be of a new kind: to look at all
// kinds of the cell for each would take longer than to read the log.
type kinds struct {
	places map[uint64]int // in Cell.Kinds, by the hash of what tells a kind from others
	leave  leaving        // nil while there is room
	early  bool           // some may leave earlier than leave has it
	met    int            // how many kinds came
}

// sameKind is what letters have in common that are counted as one kind.
type sameKind struct {
	client        netip.Addr
	networkOnly   bool
	login, sender string
	port          int
}

func (d *Distinct) sameKind() sameKind {
	return sameKind{d.Client, d.NetworkOnly, d.Login, d.Sender, d.Port}
}

var kindSeed = maphash.MakeSeed()

// hash is that of what tells a kind from others.
func (d *Distinct) hash() uint64 {
	var text [256]byte
	address := d.Client.As16()
	b := append(text[:0], address[:]...)
	b = append(b, byte(d.Client.BitLen()), byte(d.Port), byte(d.Port>>8), 0)
	if d.NetworkOnly {
		b[len(b)-1] = 1
	}
	b = append(append(append(b, d.Client.Zone()...), 0), d.Login...)
	return maphash.Bytes(kindSeed, append(append(b, 0), d.Sender...))
}

// fewKinds are looked at one by one.
const fewKinds = 8

// find is the kind that is counted as one with another, nil if there is none. hash is that of the kind.
func (c *Cell) find(k *Distinct, hash uint64) *Distinct {
	if len(c.Kinds) <= fewKinds {
		for i := range c.Kinds {
			if c.Kinds[i].same(k) {
				return &c.Kinds[i]
			}
		}
		return nil
	}
	if place, known := c.finder().places[hash]; known && c.Kinds[place].same(k) {
		return &c.Kinds[place]
	}
	return nil
}

func (c *Cell) finder() *kinds {
	if c.kinds == nil {
		c.kinds = &kinds{places: make(map[uint64]int, len(c.Kinds)), met: len(c.Kinds)}
		for i := range c.Kinds {
			c.kinds.places[c.Kinds[i].hash()] = i
		}
	}
	return c.kinds
}

// setKinds replaces the kinds of a cell.
func (c *Cell) setKinds(to []Distinct) { c.Kinds, c.kinds = to, nil }

// insert adds a kind that the cell does not have. Where there is no room, it takes the place of the first one to leave.
// So a flood of kinds that are seen once pushes out itself.
func (c *Cell) insert(k Distinct, hash uint64) {
	if len(c.Kinds) < MaxDistinct {
		c.Kinds = append(c.Kinds, k)
		if c.kinds != nil {
			c.kinds.places[hash] = len(c.Kinds) - 1
			c.kinds.met++
		}
		return
	}
	f := c.finder()
	gone := f.first(c.Kinds)
	c.Others += c.Kinds[gone.place].Count
	delete(f.places, gone.hash)
	c.Kinds[gone.place] = k
	f.places[hash] = gone.place
	*gone = k.leaver(f.met, gone.place, hash)
	f.met++
	heap.Fix(&f.leave, 0)
}

// first is the first one to leave. A kind that was seen again leaves later than it was thought: this is found out when its
// turn comes.
func (f *kinds) first(all []Distinct) *leaver {
	if f.leave == nil {
		for i := range all {
			f.leave = append(f.leave, all[i].leaver(i, i, all[i].hash()))
		}
		f.early = true
	}
	if f.early {
		for i := range f.leave {
			f.leave[i].look(all)
		}
		heap.Init(&f.leave)
		f.early = false
	}
	for {
		first := &f.leave[0]
		was := *first
		if first.look(all); first.compare(&was) == 0 {
			return first
		}
		heap.Fix(&f.leave, 0)
	}
}

// leavesEarlier has to be called when a kind may leave earlier than it was thought.
func (c *Cell) leavesEarlier() {
	if c.kinds != nil {
		c.kinds.early = true
	}
}

// leaver is what tells when a kind leaves: first those that brought least of our own mail back; of these, those that were
// seen on the fewest days; of these, those that were not seen for longest; of these, those that came first.
type leaver struct {
	back       int64
	days       int
	last       int64 // in microseconds
	met, place int
	hash       uint64
}

func (d *Distinct) leaver(met, place int, hash uint64) leaver {
	return leaver{d.back(), d.Days, d.Last.UnixMicro(), met, place, hash}
}

// look looks again when a kind leaves.
func (l *leaver) look(all []Distinct) { *l = all[l.place].leaver(l.met, l.place, l.hash) }

func (l *leaver) compare(o *leaver) int {
	return cmp.Or(
		cmp.Compare(l.back, o.back), cmp.Compare(l.days, o.days), cmp.Compare(l.last, o.last), cmp.Compare(l.met, o.met))
}

// leaving has the first one to leave at its beginning, see container/heap.
type leaving []leaver

func (l leaving) Len() int           { return len(l) }
func (l leaving) Less(i, j int) bool { return l[i].compare(&l[j]) < 0 }
func (l leaving) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *leaving) Push(x any)        { *l = append(*l, x.(leaver)) } //nolint:forcetypeassert // heap.Interface
func (l *leaving) Pop() (x any)      { n := len(*l) - 1; x, *l = (*l)[n], (*l)[:n]; return x }

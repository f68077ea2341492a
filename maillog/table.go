package maillog

// table finds what is open by a digest, which is never 0. It has open addressing: a digest is as good as any hash of it.
type table[T any] struct {
	slots []slotOf[T]
	used  int
}

type slotOf[T any] struct {
	digest uint64
	of     *T
}

const fewest = 1 << 8 // slots

func newTable[T any]() table[T] { return table[T]{slots: make([]slotOf[T], fewest)} }

// find is the slot of a digest, or the free one where it would be.
func (t *table[T]) find(digest uint64) uint64 {
	last := uint64(len(t.slots) - 1)
	i := digest >> 32 & last
	for t.slots[i].digest != digest && t.slots[i].of != nil {
		i = (i + 1) & last
	}
	return i
}

func (t *table[T]) get(digest uint64) *T { return t.slots[t.find(digest)].of }

func (t *table[T]) put(digest uint64, o *T) {
	s := &t.slots[t.find(digest)]
	if s.of == nil {
		t.used++
	}
	*s = slotOf[T]{digest, o}
	if 2*t.used > len(t.slots) {
		t.resize(2 * len(t.slots))
	}
}

// remove removes a digest, and moves what had to give way to it.
func (t *table[T]) remove(digest uint64) {
	last := uint64(len(t.slots) - 1)
	free := t.find(digest)
	if t.slots[free].of == nil {
		return
	}
	t.used--
	for i := (free + 1) & last; t.slots[i].of != nil; i = (i + 1) & last {
		if home := t.slots[i].digest >> 32 & last; (i-home)&last >= (i-free)&last {
			t.slots[free] = t.slots[i]
			free = i
		}
	}
	t.slots[free] = slotOf[T]{}
	if len(t.slots) > fewest && 16*t.used < len(t.slots) {
		t.resize(len(t.slots) / 2)
	}
}

func (t *table[T]) resize(n int) {
	old := t.slots
	t.slots = make([]slotOf[T], n)
	for _, s := range old {
		if s.of != nil {
			t.slots[t.find(s.digest)] = s
		}
	}
}

// all is all that is in a table.
func (t *table[T]) all() []*T {
	all := make([]*T, 0, t.used)
	for _, s := range t.slots {
		if s.of != nil {
			all = append(all, s.of)
		}
	}
	return all
}

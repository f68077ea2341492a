package maillog

// table finds messages by a digest, which is never 0. It has open addressing: a digest is as good as any hash of it.
type table struct {
	slots []slotOf
	used  int
}

type slotOf struct {
	digest uint64
	mail   *mail
}

const fewest = 1 << 8 // slots

func newTable() table { return table{slots: make([]slotOf, fewest)} }

// find is the slot of a digest, or the free one where it would be.
func (t *table) find(digest uint64) uint64 {
	last := uint64(len(t.slots) - 1)
	i := digest >> 32 & last
	for t.slots[i].digest != digest && t.slots[i].mail != nil {
		i = (i + 1) & last
	}
	return i
}

func (t *table) get(digest uint64) *mail { return t.slots[t.find(digest)].mail }

func (t *table) put(digest uint64, o *mail) {
	s := &t.slots[t.find(digest)]
	if s.mail == nil {
		t.used++
	}
	*s = slotOf{digest, o}
	if 2*t.used > len(t.slots) {
		t.resize(2 * len(t.slots))
	}
}

// remove removes a digest, and moves what had to give way to it.
func (t *table) remove(digest uint64) {
	last := uint64(len(t.slots) - 1)
	free := t.find(digest)
	if t.slots[free].mail == nil {
		return
	}
	t.used--
	for i := (free + 1) & last; t.slots[i].mail != nil; i = (i + 1) & last {
		if home := t.slots[i].digest >> 32 & last; (i-home)&last >= (i-free)&last {
			t.slots[free] = t.slots[i]
			free = i
		}
	}
	t.slots[free] = slotOf{}
	if len(t.slots) > fewest && 16*t.used < len(t.slots) {
		t.resize(len(t.slots) / 2)
	}
}

func (t *table) resize(n int) {
	old := t.slots
	t.slots = make([]slotOf, n)
	for _, s := range old {
		if s.mail != nil {
			t.slots[t.find(s.digest)] = s
		}
	}
}

// all are the messages of a table.
func (t *table) all() []*mail {
	all := make([]*mail, 0, t.used)
	for _, s := range t.slots {
		if s.mail != nil {
			all = append(all, s.mail)
		}
	}
	return all
}

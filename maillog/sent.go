package maillog

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
)

// Sent remembers the message IDs of the last messages, and which of them came from inside: from this machine, from a
// login, or from a client with a private address. It has a constant size. It holds digests of at least the last 196,608
// message IDs, of which 50 bits are compared: that a strange one is taken for one of them has a probability below 10⁻⁸.
type Sent struct {
	key uint64 // makes the digests, so that nobody can choose IDs whose digests collide
	// slots are two tables side by side, so that what both say of a message ID is read from memory at once: table young
	// is filled, and when it is full, it becomes the other one. They have open addressing, see kept.
	slots [][2]uint32
	young int
	used  int // of the young one

	fetched uint32 // means nothing; without it, nothing would be fetched
}

const (
	slotBits  = 19
	sentSlots = 1 << slotBits
	sentFull  = 3 << 16
)

// NewSent is an empty memory.
func NewSent() *Sent {
	return &Sent{key: rand.Uint64()}
}

func (s *Sent) digest(b []byte) uint64 { return digest(s.key, b) }

// sentID is the digest of a message ID, with the lowest bit for a message from inside.
func sentID(h uint64, inside bool) uint64 { return h&^1 | uint64(bit(inside)) }

// slotOfID is where a digest is looked for first: by its highest bits.
func slotOfID(h uint64) int { return int(h >> (64 - slotBits)) }

// kept is what is kept of a digest in its slot: the bits behind those, and whether it is from inside. 0 is a free slot.
func kept(h uint64) uint32 { return max(uint32(h>>(32-slotBits))&^1, 2) | uint32(h)&1 }

// fetch fetches what it takes to meet many message IDs at once: one after the other, each would be waited for.
func (s *Sent) fetch(digests []uint64) {
	s.grow()
	fetched := uint32(0)
	for _, h := range digests {
		fetched |= s.slots[slotOfID(h)][0]
	}
	s.fetched = fetched
}

// meet tells of a sentID whether it came from inside before, and remembers it. The first message counts: one from outside that
// returns through a content filter on this machine does not make its ID one of ours.
func (s *Sent) meet(h uint64) (before bool) {
	s.grow()
	id, free := kept(h), -1
	for i, old := slotOfID(h), true; free < 0 || old; i = (i + 1) % sentSlots {
		slot := &s.slots[i]
		switch y := slot[s.young]; {
		case free >= 0:
		case y == 0:
			free = i
		case y&^1 == id&^1:
			return y&1 == 1
		}
		switch o := slot[1-s.young]; {
		case !old:
		case o == 0:
			old = false
		case o&^1 == id&^1:
			return o&1 == 1
		}
	}
	if s.used >= sentFull {
		s.Turn()
		free = s.free(slotOfID(h))
	}
	s.slots[free][s.young] = id
	s.used++
	return false
}

// free is a slot of the young table that is free, from a slot on.
func (s *Sent) free(i int) int {
	for s.slots[i][s.young] != 0 {
		i = (i + 1) % sentSlots
	}
	return i
}

// Turn forgets what was met before the last Turn.
func (s *Sent) Turn() {
	s.grow()
	s.young = 1 - s.young
	for i := range s.slots {
		s.slots[i][s.young] = 0
	}
	s.used = 0
}

// grow makes the tables, which need 4 MiB. They are written to before they are read: a page that is read first is mapped
// twice by the kernel, and the second time all processors have to be told.
func (s *Sent) grow() {
	if s.slots == nil {
		s.slots = make([][2]uint32, sentSlots)
		clear(s.slots)
	}
}

// MarshalBinary gives the key and the digests as far as they are kept, the older table first, all as 8 bytes each.
func (s *Sent) MarshalBinary() ([]byte, error) {
	out := binary.LittleEndian.AppendUint64(nil, s.key)
	for _, table := range []int{1 - s.young, s.young} {
		n := 0
		at := len(out)
		out = binary.LittleEndian.AppendUint64(out, 0)
		for i := range s.slots {
			if id := uint64(s.slots[i][table]); id != 0 {
				out = binary.LittleEndian.AppendUint64(out, uint64(i)<<(64-slotBits)|id&^1<<(32-slotBits)|id&1)
				n++
			}
		}
		binary.LittleEndian.PutUint64(out[at:], uint64(n))
	}
	return out, nil
}

// UnmarshalBinary reads what MarshalBinary wrote: what came to a slot in the order of slots comes to the same slot
// again.
func (s *Sent) UnmarshalBinary(b []byte) error {
	fresh := NewSent()
	if len(b) < 8 {
		return errSent
	}
	fresh.key = binary.LittleEndian.Uint64(b)
	b = b[8:]
	for range 2 {
		fresh.Turn()
		if len(b) < 8 {
			return errSent
		}
		n := binary.LittleEndian.Uint64(b)
		b = b[8:]
		if n > sentFull || uint64(len(b)) < 8*n {
			return errSent
		}
		for range n {
			h := binary.LittleEndian.Uint64(b)
			b = b[8:]
			if h&^1 == 0 {
				return errSent
			}
			fresh.slots[fresh.free(slotOfID(h))][fresh.young] = kept(h)
		}
		fresh.used = int(n)
	}
	*s = *fresh
	return nil
}

var errSent = errors.New("cannot read the memory of message IDs: it is damaged")

package maillog

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
)

// Sent remembers the message IDs of the last messages, and which of them came from inside: from this machine, from a
// login, or from a client with a private address. It has a constant size. It holds 64-bit digests of at least the last
// 196,608 message IDs: that a strange one is taken for one of them has a probability below 2·10⁻¹⁴.
type Sent struct {
	key    uint64      // makes the digests, so that nobody can choose IDs whose digests collide
	tables [2][]uint64 // open addressing; the low bit is: from inside; 0 is free
	used   int         // of the first table. When it is three quarters full, it becomes the second one.

	fetched uint64 // means nothing; without it, nothing would be fetched
}

const (
	sentSlots = 1 << 18
	sentFull  = sentSlots / 4 * 3
)

// NewSent is an empty memory.
func NewSent() *Sent {
	return &Sent{key: rand.Uint64()}
}

func (s *Sent) digest(b []byte) uint64 { return digest(s.key, b) }

func find(table []uint64, h uint64) (slot int, found bool) {
	for i := h >> 46; ; i = (i + 1) % sentSlots {
		switch table[i] &^ 1 {
		case 0:
			return int(i), false
		case h &^ 1:
			return int(i), true
		}
	}
}

// sentID is the digest of a message ID, with the lowest bit for a message from inside.
func sentID(h uint64, inside bool) uint64 {
	h &^= 1
	if inside {
		h |= 1
	}
	return h
}

// fetch fetches what it takes to meet many message IDs at once: one after the other, each would be waited for.
func (s *Sent) fetch(ids []sentOf) {
	s.grow()
	fetched := uint64(0)
	for i := range ids {
		h := ids[i].digest
		fetched |= s.tables[0][h>>46] | s.tables[1][h>>46]
	}
	s.fetched = fetched
}

// meet tells of a sentID whether it came from inside before, and remembers it. The first message counts: one from outside that
// returns through a content filter on this machine does not make its ID one of ours.
func (s *Sent) meet(h uint64) (before bool) {
	s.grow()
	free, found := find(s.tables[0], h)
	if found {
		return s.tables[0][free]&1 == 1
	}
	if i, found := find(s.tables[1], h); found {
		return s.tables[1][i]&1 == 1
	}
	if s.used >= sentFull {
		s.Turn()
		free, _ = find(s.tables[0], h)
	}
	s.tables[0][free] = h
	s.used++
	return false
}

// Turn forgets what was met before the last Turn.
func (s *Sent) Turn() {
	s.grow()
	s.tables[0], s.tables[1] = s.tables[1], s.tables[0]
	clear(s.tables[0])
	s.used = 0
}

// grow makes the tables, which need 4 MiB.
func (s *Sent) grow() {
	if s.tables[0] == nil {
		s.tables = [2][]uint64{make([]uint64, sentSlots), make([]uint64, sentSlots)}
	}
}

// MarshalBinary gives the key and the digests, the older table first, all as 8 bytes each.
func (s *Sent) MarshalBinary() ([]byte, error) {
	out := binary.LittleEndian.AppendUint64(nil, s.key)
	for _, table := range [][]uint64{s.tables[1], s.tables[0]} {
		n := 0
		at := len(out)
		out = binary.LittleEndian.AppendUint64(out, 0)
		for _, h := range table {
			if h != 0 {
				out = binary.LittleEndian.AppendUint64(out, h)
				n++
			}
		}
		binary.LittleEndian.PutUint64(out[at:], uint64(n))
	}
	return out, nil
}

// UnmarshalBinary reads what MarshalBinary wrote.
func (s *Sent) UnmarshalBinary(b []byte) error {
	fresh := NewSent()
	fresh.grow()
	if len(b) < 8 {
		return errSent
	}
	fresh.key = binary.LittleEndian.Uint64(b)
	b = b[8:]
	for _, table := range [][]uint64{fresh.tables[1], fresh.tables[0]} {
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
			i, _ := find(table, h)
			table[i] = h
		}
		fresh.used = int(n)
	}
	*s = *fresh
	return nil
}

var errSent = errors.New("cannot read the memory of message IDs: it is damaged")

package harden

import (
	"hash/maphash"

	"ucs-harden/maillog"
)

// returns knows which messages left this server, by hashes of their message IDs. A message that comes in with the same ID
// later has been sent back by a list or a forwarder. The first message with an ID counts: one from outside that a program
// on this server sends on, such as a filter or a redirection, does not make its ID one of ours. Of long logs it knows the
// newest messages only.
type returns struct {
	seed     maphash.Seed
	now, old map[uint64]firstSeen
}

// firstSeen is the time of the first message with an ID, in seconds, doubled. The low bit says that it came from inside.
type firstSeen int64

// keptIDs bounds each of the two sets.
const keptIDs = 1 << 17

func newReturns() *returns {
	return &returns{seed: maphash.MakeSeed(), now: map[uint64]firstSeen{}, old: map[uint64]firstSeen{}}
}

// saw takes note of a letter, and reports whether it comes from outside and has returned. Letters come in the order in
// which they end, so the first one to end need not be the first.
func (r *returns) saw(l *maillog.Letter, inside bool) bool {
	if l.MessageID == "" {
		return false
	}
	id := maphash.String(r.seed, l.MessageID)
	at := firstSeen(l.Time.Unix()) << 1
	if inside {
		at |= 1
	}
	first, known := r.now[id]
	if !known {
		first, known = r.old[id]
	}
	if known && first>>1 <= at>>1 {
		return !inside && first&1 == 1
	}
	if len(r.now) >= keptIDs {
		r.old, r.now = r.now, r.old
		clear(r.now)
	}
	r.now[id] = at
	return false
}

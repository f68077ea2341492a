package harden

import (
	"hash/maphash"

	"ucs-harden/maillog"
)

// returns knows which messages left this server, by hashes of their message IDs. A message that comes in with the same ID
// has been sent back by a list or a forwarder. Of long logs it knows the newest messages only.
type returns struct {
	seed     maphash.Seed
	now, old map[uint64]struct{}
}

// keptIDs bounds each of the two sets.
const keptIDs = 1 << 17

func newReturns() *returns {
	return &returns{seed: maphash.MakeSeed(), now: map[uint64]struct{}{}, old: map[uint64]struct{}{}}
}

// saw takes note of a letter that comes from inside, and reports whether one from outside has returned.
func (r *returns) saw(l *maillog.Letter, inside bool) bool {
	if l.MessageID == "" {
		return false
	}
	id := maphash.String(r.seed, l.MessageID)
	if !inside {
		_, now := r.now[id]
		_, old := r.old[id]
		return now || old
	}
	if len(r.now) >= keptIDs {
		r.old, r.now = r.now, r.old
		clear(r.now)
	}
	r.now[id] = struct{}{}
	return false
}

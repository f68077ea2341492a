package maillog

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// sifter leaves out of a batch what cannot matter for a hit, so that the one who consumes the batches in their order has
// little to do. It belongs to one goroutine.
//
// What sessions do is noted as turns, in their order. When the batch ends it is known in which sessions a check has spoken:
// only their turns are needed, and the messages whose first line or whose message ID is not in the batch. Of all other
// messages only the digest of the ID is left. The turns of sessions that go on from the batch before are found by the one
// who knows these sessions.
type sifter struct {
	sent *Sent
	// last is the last turn at a place, see placeOf; begun is the last turn that begins a message, by some bytes of its queue
	// ID. 0 is none. spoken are the places in which a check has spoken, in bits.
	last   [places]int32
	begun  [1 << 8]int32
	spoken spoken
}

// spoken are places of processes, in bits.
type spoken [places / 64]uint64

// in is 1 for the place of a process.
func (s *spoken) in(pid int32) uint8 {
	at := placeOf(pid)
	return uint8(s[at/64]>>(at%64)) & 1
}

// turn is a line in which a session begins or ends, begins a message, or a check speaks; or one of pickup(8), which begins a
// message without a session.
type turn struct {
	pid             int32
	text, rest, end int32
	before          int32 // the turn at the same place before this one
	at              int32 // the place of what a check said
	kind            kind  // other: it is not needed
	quiet           bool  // of a client: its session began in the batch, and no check has spoken in it
	settled         bool  // no hit needs the message that begins with it
	border          uint8 // 1: a session begins or ends
	leads           uint8 // 1: it may belong to a session that began before the batch
}

// given is a message ID that a hit may need.
type given struct {
	text, rest, end int32
	sent            int32 // how many of batch.sent come before
}

// places are those of processes. A place that several share is that of a session in which more happened than is needed.
const places = 1 << 10

func placeOf(pid int32) uint32 { return uint32(pid) % places }

func queueOf(buf []byte, text, rest int32) []byte { return buf[text : rest-2] }

// next begins a batch.
func (s *sifter) next(b *batch) {
	clear(s.last[:])
	clear(s.begun[:])
	clear(s.spoken[:])
	b.turns = append(b.turns, turn{pid: -1}) // so that 0 is none
}

// put puts a line to the batch.
func (s *sifter) put(b *batch, l *line) {
	if l.kind == messageID {
		s.messageID(b, l.text, l.rest, l.end)
		return
	}
	at := placeOf(l.pid)
	n, before := int32(len(b.turns)), s.last[at]
	b.turns = append(b.turns, turn{
		pid: l.pid, text: l.text, rest: l.rest, end: l.end, before: before, at: l.check, kind: l.kind,
		leads: b.turns[before].leadsTo(l.pid), border: bit(l.kind == connect || l.kind == disconnect),
	})
	s.last[at] = n
	switch l.kind {
	case check:
		s.speak(l.pid)
	case client, pickedUp:
		s.begin(b, n)
	}
}

// speak notes that a check has spoken in the session of a process.
func (s *sifter) speak(pid int32) {
	at := placeOf(pid)
	s.spoken[at/64] |= 1 << (at % 64)
}

// begin begins a message with a turn of a client or of pickup(8).
func (s *sifter) begin(b *batch, n int32) {
	t := &b.turns[n]
	b.messages = append(b.messages, n)
	t.quiet = t.kind == pickedUp || s.quiet(b, t)
	if t.rest-t.text != int32(len("NOQUEUE: ")) || string(queueOf(b.buf, t.text, t.rest)) != "NOQUEUE" {
		s.begun[queuePlace(b.buf, t.rest)] = n
	} else {
		t.settled = true
	}
}

// queuePlace is a place for the queue ID that ends before rest.
func queuePlace(buf []byte, rest int32) uint64 {
	return binary.LittleEndian.Uint64(buf[rest-10:]) * 0x9e3779b97f4a7c15 >> 56
}

// sameQueue compares two queue IDs. Both have eight bytes before them in the buffer.
func sameQueue(buf []byte, text, rest, other, otherRest int32) bool {
	if n := rest - text - 2; n != otherRest-other-2 || n > 16 {
		return n > 16 && bytes.Equal(queueOf(buf, text, rest), queueOf(buf, other, otherRest))
	} else if n < 8 {
		return bytes.Equal(buf[text:text+n], buf[other:other+n])
	}
	return binary.LittleEndian.Uint64(buf[rest-10:]) == binary.LittleEndian.Uint64(buf[otherRest-10:]) &&
		binary.LittleEndian.Uint64(buf[text:]) == binary.LittleEndian.Uint64(buf[other:])
}

// quiet reports whether the session of a turn began in the batch, and no check has spoken in it before.
func (s *sifter) quiet(b *batch, t *turn) bool {
	for n := t.before; n > 0; n = b.turns[n].before {
		u := &b.turns[n]
		if u.pid != t.pid {
			continue
		}
		switch u.kind {
		case connect, disconnect:
			return true
		case client:
			return u.quiet
		case check:
			return false
		}
	}
	return false
}

// messageID is the message ID of a message, of which the digest is left if no hit needs more.
func (s *sifter) messageID(b *batch, text, rest, end int32) {
	place := queuePlace(b.buf, rest)
	if n := s.begun[place]; n > 0 && s.settled(b, n, text, rest) {
		s.begun[place] = 0
		t := &b.turns[n]
		t.settled = true
		if id := idOf(b.buf[rest+int32(len("message-id=")) : end]); len(id) > 0 {
			inside := t.kind == pickedUp || fromInside(b.buf[t.rest+int32(len("client=")):t.end])
			b.sent = append(b.sent, sentID(s.sent.digest(id), inside))
		}
		return
	}
	b.given = append(b.given, given{text: text, rest: rest, end: end, sent: int32(len(b.sent))})
}

// settled reports whether a message ID is that of the message that began with a turn, and no hit needs to know it.
func (s *sifter) settled(b *batch, n, text, rest int32) bool {
	t := &b.turns[n]
	if !t.quiet || t.settled || t.text > text || !sameQueue(b.buf, t.text, t.rest, text, rest) {
		return false
	}
	if t.kind == pickedUp {
		return true
	}
	for k := s.last[placeOf(t.pid)]; k > n; k = b.turns[k].before {
		if u := &b.turns[k]; u.kind == check && u.pid == t.pid && u.text < text {
			return false
		}
	}
	return true
}

// leadsTo is 1 where the next turn at the same place, one of a process, may belong to a session that began before the batch.
func (t *turn) leadsTo(pid int32) uint8 {
	return bit(t.pid != pid) | t.leads&^t.border
}

// bit is 1 for true.
func bit(b bool) (n uint8) {
	if b {
		n = 1
	}
	return n
}

// done leaves out the turns that are not needed. Needed are those of sessions in which a check has spoken, or that begin a
// message that is not settled; those of sessions that began before; and of a session that goes on its last client.
func (s *sifter) done(b *batch) {
	for _, n := range b.messages {
		if t := &b.turns[n]; t.kind == pickedUp && !t.settled {
			t.leads = 1
		} else if t.kind == client && (!t.settled || s.goesOn(b, n)) {
			s.speak(t.pid)
		}
	}
	b.connects = slices.Grow(b.connects, len(b.turns))[:len(b.turns)]
	connects, turns := 0, 0
	for i := range b.turns { // without a branch that depends on the turn
		t := b.turns[i]
		spoken := s.spoken.in(t.pid)
		first := t.leads & bit(t.before == 0) & bit(t.kind == connect)
		b.connects[connects].pid = t.pid
		connects += int(first &^ spoken)
		b.turns[turns] = t
		turns += int(spoken | t.leads&^first)
	}
	b.connects, b.turns = b.connects[:connects], b.turns[:turns]
}

// goesOn reports whether a turn is the last one of its process.
func (s *sifter) goesOn(b *batch, n int32) bool {
	pid := b.turns[n].pid
	for k := s.last[placeOf(pid)]; k > n; k = b.turns[k].before {
		if b.turns[k].pid == pid {
			return false
		}
	}
	return true
}

// loggedInNever reads what disconnect says of the commands of a session (Postfix 3.0 and up): "… ehlo=1 auth=0/1 mail=1
// commands=3/4".
func loggedInNever(text []byte) bool {
	if !has(text[bytes.LastIndexByte(text, ' ')+1:], "commands=") {
		return false
	}
	for {
		before, after, found := bytes.Cut(text, []byte("auth=")) // is faster than to look for a blank, of which there are many
		if !found || bytes.HasSuffix(before, blank) {
			return !found || has(after, "0/")
		}
		text = after
	}
}

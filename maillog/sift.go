package maillog

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// sifter finds out what of a batch a hit may need, so that the one who consumes the batches in their order has little
// to do. It belongs to one goroutine.
//
// The lines in which sessions begin and end are noted, and those that begin messages. When the batch ends it is known
// in which sessions a check has spoken: only these are looked at by the one who consumes the batch, and those that
// began in an earlier batch, and the messages of which not all is in this batch. Of the message IDs of all others it
// gets the digests.
type sifter struct {
	sent *Sent
	// last are the last borders of places, and before those before each border: as places in the batch, from 1 on.
	last   [places]int32
	before []int32
	// begun are the first lines of messages by some bytes of the queue ID, as their places in the batch, from 1 on.
	begun [1 << 8]int32
}

// border is a line in which a session begins or ends. The lowest bit of line is 1 where it begins, the others are the
// place of the text: it has eight bytes, because the one who consumes the batch looks at all of them.
type border struct{ pid, line int32 }

func (b border) text() int32  { return b.line >> 1 }
func (b border) begins() bool { return b.line&1 == 1 }

// firstLine is the first line of a message: of a client, or of pickup(8).
type firstLine struct {
	pid, text, rest, end int32
	pickedUp             bool
	settled              bool // its message ID is in the batch, or it has none
	needed               bool // whatever the session is, see sifter.done
	begun                bool // the one who consumes the batch has it among the messages
}

func (f *firstLine) queue(buf []byte) []byte { return queueOf(buf, f.text, f.rest) }

// spoken is what a check said in a line.
type spoken struct {
	pid, text, rest int32
	*pending
}

// given is a message ID of a message that did not begin in the batch.
type given struct{ text, rest, end int32 }

// sentOf is the message ID of a message, and its digest, see sentID. 0: the message ID is empty.
type sentOf struct {
	digest    uint64
	message   int32 // the place of its first line
	rest, end int32
}

// places are those of processes. Of those that share one it is as if all said what one of them says.
const places = 1 << 10

func placeOf(pid int32) uint32 { return uint32(pid) % places }

// heard are places of processes, in bits.
type heard [places / 64]uint64

func (h *heard) add(pid int32) {
	at := placeOf(pid)
	h[at/64] |= 1 << (at % 64)
}

func (h *heard) in(pid int32) bool {
	at := placeOf(pid)
	return h[at/64]>>(at%64)&1 == 1
}

func queueOf(buf []byte, text, rest int32) []byte { return buf[text : rest-2] }

// next begins a batch.
func (s *sifter) next() {
	clear(s.last[:])
	s.before = s.before[:0]
	clear(s.begun[:])
}

// put puts a line to the batch.
func (s *sifter) put(b *batch, l *line) {
	switch l.kind {
	case connect, disconnect:
		s.border(b, l.pid, l.text, bit(l.kind == connect))
	case client, pickedUp:
		s.begin(b, l.pid, l.text, l.rest, l.end, l.kind == pickedUp)
	case messageID:
		s.messageID(b, l.text, l.rest, l.end)
	}
}

func (s *sifter) border(b *batch, pid, text int32, begins uint8) {
	last := &s.last[placeOf(pid)]
	b.borders = append(b.borders, border{pid, text<<1 | int32(begins)})
	s.before = append(s.before, *last)
	*last = int32(len(b.borders))
}

// begin begins a message. A filter before the queue takes a message without a queue ID.
func (s *sifter) begin(b *batch, pid, text, rest, end int32, pickedUp bool) {
	n := len(b.firsts)
	b.firsts = slices.Grow(b.firsts, 1)[:n+1]
	f := &b.firsts[n] // field by field: to copy it would take as long as to read the line
	f.pid, f.text, f.rest, f.end, f.pickedUp, f.needed, f.begun = pid, text, rest, end, pickedUp, false, false
	f.settled = string(f.queue(b.buf)) == "NOQUEUE"
	if !f.settled {
		s.begun[queuePlace(b.buf, f.rest)] = int32(len(b.firsts))
	}
}

// speak puts what a check said to the batch.
func (s *sifter) speak(b *batch, it spoken) {
	b.checks = append(b.checks, it)
	b.heard.add(it.pid)
}

// messageID puts a message ID to the batch.
func (s *sifter) messageID(b *batch, text, rest, end int32) {
	place := queuePlace(b.buf, rest)
	n := s.begun[place] - 1
	if n < 0 || !sameQueue(b.buf, b.firsts[n].text, b.firsts[n].rest, text, rest) || b.firsts[n].text > text {
		b.given = append(b.given, given{text, rest, end})
		return
	}
	s.begun[place] = 0
	f := &b.firsts[n]
	f.settled = true
	it := sentOf{message: n, rest: rest + int32(len("message-id=")), end: end}
	if id := idOf(b.buf[it.rest:end]); len(id) > 0 {
		it.digest = sentID(s.sent.digest(id), f.pickedUp || fromInside(b.buf[f.rest+int32(len("client=")):f.end]))
		b.ids = append(b.ids, it.digest)
	}
	b.sent = append(b.sent, it)
}

// done tells which messages are needed whatever their session is: those of which the message ID may follow in another
// batch, and in a session that goes on the last one, which tells the login.
func (s *sifter) done(b *batch) {
	for i := range b.firsts {
		f := &b.firsts[i]
		f.needed = !f.settled || !f.pickedUp && s.goesOn(b, f)
		if !f.settled {
			b.heard.add(f.pid)
		}
	}
}

// goesOn reports whether no border of its process follows a line.
func (s *sifter) goesOn(b *batch, f *firstLine) bool {
	for n := s.last[placeOf(f.pid)]; n > 0 && b.borders[n-1].text() > f.text; n = s.before[n-1] {
		if b.borders[n-1].pid == f.pid {
			return false
		}
	}
	return true
}

// queuePlace is a place for the queue ID that ends before rest.
func queuePlace(buf []byte, rest int32) uint64 {
	return binary.LittleEndian.Uint64(buf[rest-10:]) * 0x9e3779b97f4a7c15 >> 56
}

// sameQueue compares two queue IDs. There are eight bytes before the end of each in the buffer, and behind its
// beginning.
func sameQueue(buf []byte, text, rest, other, otherRest int32) bool {
	if n := rest - text - 2; n != otherRest-other-2 || n < 8 || n > 16 {
		return bytes.Equal(queueOf(buf, text, rest), queueOf(buf, other, otherRest))
	}
	return binary.LittleEndian.Uint64(buf[rest-10:]) == binary.LittleEndian.Uint64(buf[otherRest-10:]) &&
		binary.LittleEndian.Uint64(buf[text:]) == binary.LittleEndian.Uint64(buf[other:])
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

package maillog

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// sorting is what is done with a line that begins in some way. What it begins with is compared in eight bytes at its begin,
// and eight more.
type sorting struct {
	first, second, mask uint64
	secondAt            uint8
	turn, border        uint8 // 1: it is a turn, and begins or ends a session
	queue, id, other    uint8 // 1: it is read once more
	kind                kind
}

// compared is what is looked at of a text.
const compared = 24

// sortings are by the beginning.
var sortings = func() (of [unusual + 1]sorting) {
	border := func(text string, k kind) sorting {
		b, second := []byte(text), len(text)-8
		return sorting{
			first: binary.LittleEndian.Uint64(b), second: binary.LittleEndian.Uint64(b[second:]), mask: ^uint64(0),
			secondAt: uint8(second), turn: 1, border: 1, kind: k,
		}
	}
	of[connects] = border("connect from ", connect)
	of[disconnects] = border("disconnect from ", disconnect)
	for _, b := range []uint8{queueOfSmtpd, queueOfPostscreen, queueOfPickup} {
		of[b] = sorting{turn: 1, queue: 1}
	}
	of[queueOfCleanup].id = 1
	for _, b := range []uint8{breaks, times, warns} {
		of[b].other = 1
	}
	return of
}()

// sorted are lines that are read once more, by their places.
type sorted struct {
	queued      [linesAtOnce]queuedLine
	ids, others [linesAtOnce]uint8

	queuesUsed, idsUsed, otherUsed int
}

type queuedLine struct{ turn, line int32 }

// forHits reads the lines that Hits needs.
func (r *reader) forHits(b *batch, lines []said) {
	for len(lines) > 0 {
		n := r.sort(b, lines)
		r.queues(b, lines)
		for _, i := range r.ids[:r.idsUsed] {
			l := &lines[i]
			if k := quickQueueID(b.buf, l.text); k > 0 && has(b.buf[l.text+int32(k)+2:], "message-id=") {
				r.sifter.messageID(b, l.text, l.text+int32(k)+2, l.end)
			}
		}
		for _, i := range r.others[:r.otherUsed] {
			l := &lines[i]
			switch text := b.buf[l.text:]; {
			case l.beginning == times, l.beginning == warns && mayBeTrouble(text):
				r.needed(b, l)
			case l.beginning == breaks && has(text, "lost connection after "):
				b.broken++
			}
		}
		if n < len(lines) {
			r.needed(b, &lines[n])
			n++
		}
		lines = lines[n:]
	}
}

// sort puts lines where what they begin with says, up to one that is to be read slowly. There is no branch that depends on a
// line.
func (r *reader) sort(b *batch, lines []said) int {
	s, buf := r.sifter, b.buf
	n := int32(len(b.turns))
	b.turns = slices.Grow(b.turns, len(lines)+1)
	turns := b.turns[:len(b.turns)+len(lines)+1]
	queues, ids, others := 0, 0, 0
	i := 0
	for ; i < len(lines); i++ {
		l := &lines[i]
		if l.beginning >= unusual {
			break
		}
		what := &sortings[l.beginning]
		text := (*[compared]byte)(buf[l.text:])
		turned := int32(0)
		if ((binary.LittleEndian.Uint64(text[:])^what.first)|
			(binary.LittleEndian.Uint64(text[what.secondAt&15:])^what.second))&what.mask == 0 {
			turned = int32(what.turn)
		}
		place := placeOf(l.pid)
		before := s.last[place]
		t := &turns[n]
		t.pid, t.text, t.end, t.before, t.kind, t.quiet, t.settled = l.pid, l.text, l.end, before, what.kind, false, false
		t.leads, t.border = turns[before].leadsTo(l.pid), what.border
		s.last[place] = before + (n-before)*turned
		q, id, o := &r.queued[queues&(linesAtOnce-1)], &r.ids[ids&(linesAtOnce-1)], &r.others[others&(linesAtOnce-1)]
		q.turn, q.line = n, int32(i)
		*id, *o = uint8(i), uint8(i)
		n += turned
		queues += int(what.queue)
		ids += int(what.id)
		others += int(what.other)
	}
	b.turns = turns[:n]
	r.queuesUsed, r.idsUsed, r.otherUsed = queues, ids, others
	return i
}

// queues reads what stands behind queue IDs of smtpd, postscreen and pickup.
func (r *reader) queues(b *batch, lines []said) {
	s := r.sifter
	for _, q := range r.queued[:r.queuesUsed] {
		t := &b.turns[q.turn]
		k := quickQueueID(b.buf, t.text)
		if k == 0 {
			continue
		}
		t.rest = t.text + int32(k) + 2
		l := &lines[q.line]
		from := &r.met[l.program]
		switch text := b.buf[t.rest:t.end]; from.daemon {
		case smtpdDaemon:
			if has(text, "client=") {
				b.mail++
				t.kind = client
				s.begin(b, q.turn)
			} else if checks(text) {
				b.mail++
				r.quickCheck(b, from, l, t)
			}
		case pickupDaemon:
			if has(text, "uid=") {
				t.kind = pickedUp
				s.begin(b, q.turn)
			}
		case postscreenDaemon:
			if k == len("NOQUEUE") && has(text, "reject: ") {
				r.quickCheck(b, from, l, t)
			}
		}
	}
}

// quickCheck reads a line of a check.
func (r *reader) quickCheck(b *batch, from *program, l *said, t *turn) {
	if p := r.hit(b, from, l.begin, t.rest, t.end, true); p != nil {
		p.PID = numberOf(t.pid)
		t.kind, t.at = check, b.keep(p)
		r.sifter.speak(t.pid)
	}
}

// quickQueueID is queueID for a text that has more than 16 bytes behind it.
func quickQueueID(buf []byte, at int32) int {
	in := (*[18]byte)(buf[at:])
	if in[0] >= 'a' {
		return 0
	}
	k := bits.TrailingZeros64(notInQueueID(binary.LittleEndian.Uint64(in[:]))) >> 3
	if k == 8 {
		k += bits.TrailingZeros64(notInQueueID(binary.LittleEndian.Uint64(in[8:]))) >> 3
	}
	if k == 16 {
		return queueID(buf[at:])
	}
	if k < 5 || in[k] != ':' || in[k+1] != ' ' {
		return 0
	}
	return k
}

// notInQueueID has the high bits of those of eight bytes that are no letters and no digits.
func notInQueueID(word uint64) uint64 {
	low := word &^ highBits
	small := low | eachByte*0x20
	digit := (low + eachByte*(0x80-'0')) &^ (low + eachByte*(0x80-'9'-1))
	letter := (small + eachByte*(0x80-'a')) &^ (small + eachByte*(0x80-'z'-1))
	return (^(digit | letter) | word) & highBits
}

package maillog

import (
	"encoding/binary"
	"math/bits"
)

// needed is a line that is needed, from the name of its program on.
type needed struct {
	at, end int32
	program uint16 // its place among those that were met
}

const (
	// linesAtOnce is how many lines that are needed are put aside, before what they tell is read.
	linesAtOnce = 128
	// ahead is how many bytes there are in a buffer behind the host of a line that is read quickly.
	ahead = 2 * longest
)

// quickly reads lines up to one that has another hour or host than the one before, or a program that was not met before.
// It returns the number of lines that were read and the place behind them. The lines end at ends, from a place on.
//
// First it only puts aside which lines are needed, without a branch that depends on the line: a processor that guesses
// wrong what comes next loses as much time as it takes to read a line. Eight bytes are compared at once. They may go
// beyond the line: what they are compared with has no line end.
func (r *reader) quickly(b *batch, begin, from int, ends []uint16) (lines, next int) {
	h, buf, met := r.hour, b.buf, &r.met
	beyond := len(buf) - ahead - h.programAt
	for {
		n, foreign, was, last := 0, 0, lines, int(b.lastLine)
		for lines < len(ends) && n < linesAtOnce {
			end := from + int(ends[lines])
			if begin > beyond || end-begin < h.programAt {
				break
			}
			text := buf[begin : begin+h.programAt+ahead]
			if (binary.LittleEndian.Uint64(text)^h.first)|(binary.LittleEndian.Uint64(text[h.until-8:])^h.last)|
				(binary.LittleEndian.Uint64(text[h.programAt-8:])^h.host8)&h.mask != 0 || h.longHost && !r.sameHour(text) {
				break
			}
			name := (*[longest]byte)(text[h.programAt:])
			at := place(binary.LittleEndian.Uint64(name[middle:]))
			p := &met[at]
			if !p.begins(name) {
				at++
				if p = &met[at]; !p.begins(name) {
					break
				}
			}
			r.lines[n] = needed{at: int32(begin + h.programAt), end: int32(end), program: uint16(at)}
			n += int(p.needed)
			foreign += int(p.foreign)
			last, begin = begin, end+1
			lines++
		}
		b.inHour += int64(lines - was)
		b.foreign += int64(foreign)
		b.lastLine = int32(last)
		if r.sifter != nil {
			r.forHits(b, r.lines[:n])
		} else {
			r.forLetters(b, r.lines[:n])
		}
		if n < linesAtOnce {
			return lines, begin
		}
	}
}

// needed reads a line that is needed.
func (r *reader) needed(b *batch, n *needed) {
	p := &r.met[n.program]
	l := line{begin: n.at - int32(r.programAt), end: n.end, name: n.at, program: p, stamp: stamp{sec: r.hourBegin}}
	if p.notices {
		r.notice(b, &l)
		return
	}
	l.bracket = l.name + int32(len(p.name)-1)
	l.text, l.rest, l.daemon = l.bracket, l.bracket, p.daemon
	l.process(b.buf, r.mark)
	r.take(b, &l, true)
}

// beginnings are what the first byte of a text tells.
const (
	nothing = iota
	connects
	disconnects
	breaks
	times
	warns
	queueOfSmtpd // a queue ID
	queueOfPostscreen
	queueOfCleanup
	queueOfPickup
	queueOfQmgr
	queueOfAgent
	unusual // is read slowly
)

// beginnings are by the daemon and the first byte.
var beginnings = func() (of [bounceDaemon + 1][256]uint8) {
	queues := map[daemon]uint8{
		smtpdDaemon: queueOfSmtpd, cleanupDaemon: queueOfCleanup, pickupDaemon: queueOfPickup,
		qmgrDaemon: queueOfQmgr, deliveryDaemon: queueOfAgent,
	}
	for d := range of {
		queue, known := queues[daemon(d)]
		for c := range of[d] {
			switch {
			case known && inQueueID[c] && c < 'a':
				of[d][c] = queue
			case daemon(d) == noDaemon, daemon(d) == bounceDaemon:
				of[d][c] = unusual
			}
		}
	}
	of[smtpdDaemon]['c'] = connects
	of[smtpdDaemon]['d'] = disconnects
	of[smtpdDaemon]['l'] = breaks
	of[smtpdDaemon]['t'] = times
	of[postscreenDaemon]['N'] = queueOfPostscreen
	for _, d := range []daemon{smtpdDaemon, postscreenDaemon, cleanupDaemon, lookupDaemon} {
		of[d]['w'] = warns
	}
	return of
}()

const (
	eachByte = 0x0101010101010101
	highBits = 0x8080808080808080
)

// digitsOf is the number of bytes before a bracket, 0 if there is no bracket.
func digitsOf(word uint64) int {
	x := word ^ eachByte*']'
	return bits.TrailingZeros64((x-eachByte)&^x&highBits) >> 3 & 7 // the lowest bit is that of the first bracket
}

// process is that of a line.
func (r *reader) process(number uint64) int32 {
	x := number * (10<<8 + 1) >> 8 & 0x00ff00ff00ff00ff
	x = x * (100<<16 + 1) >> 16 & 0x0000ffff0000ffff
	x = x * (10000<<32 + 1) >> 32
	return int32(x)&(1<<pidBits-1) | r.mark
}

// mayBeTrouble reports whether a warning may be about a milter, a connection to one, or a lookup table, which is named with
// a colon. Most warnings are about a client, whose address stands before its first colon.
func mayBeTrouble(text []byte) bool {
	const begin = len("warning: ")
	if text[begin] == 'm' || text[begin] == 'c' {
		return true
	}
	for _, c := range text[begin:] {
		switch c {
		case ':':
			return true
		case '[', ' ', '\n':
			return false
		}
	}
	return true
}

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
	buf := b.buf
	for lines < len(ends) {
		n := 0
		was := lines
		for lines < len(ends) && n < linesAtOnce {
			at, end := begin+r.programAt, from+int(ends[lines])
			if end < at || at+ahead > len(buf) {
				break
			}
			text := buf[begin : at+ahead]
			if binary.LittleEndian.Uint64(text) != r.first || binary.LittleEndian.Uint64(text[r.until-8:]) != r.last ||
				(binary.LittleEndian.Uint64(text[r.programAt-8:])^r.host8)&r.mask != 0 || r.longHost && !r.sameHour(text) {
				break
			}
			name := (*[longest]byte)(buf[at:])
			place := place(name)
			p := &r.met[place]
			if !p.begins(name) {
				place++
				if p = &r.met[place]; !p.begins(name) {
					break
				}
			}
			r.lines[n] = needed{at: int32(at), end: int32(end), program: uint16(place)}
			n += int(p.needed)
			b.foreign += int64(p.foreign)
			b.lastLine = int32(begin)
			begin = end + 1
			lines++
		}
		b.inHour += int64(lines - was)
		for i := range r.lines[:n] {
			r.needed(b, &r.lines[i])
		}
		if n < linesAtOnce {
			break
		}
	}
	return lines, begin
}

// needed reads a line that is needed.
func (r *reader) needed(b *batch, n *needed) {
	p := &r.met[n.program]
	if r.sifter != nil && p.ours && r.forHits(b, p, int(n.at), int(n.end)) {
		return
	}
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

// forHits reads a line of Postfix for Hits. It returns false if it has to be read more slowly.
func (r *reader) forHits(b *batch, p *program, at, end int) bool {
	text := b.buf[at+len(p.name) : at+ahead]
	number, digits := processNumber(binary.LittleEndian.Uint64(text))
	if digits == 0 || text[digits+1] != ':' || text[digits+2] != ' ' {
		return false
	}
	at += len(p.name) + digits + 3
	pid := number&(1<<pidBits-1) | r.mark
	text = text[digits+3:]
	switch p.daemon {
	case smtpdDaemon:
		switch text[0] {
		case 'c':
			if has(text, "connect from ") {
				r.sifter.border(b, event{kind: connect, pid: pid})
			}
			return true
		case 'd':
			if has(text, "disconnect from ") {
				r.sifter.border(b, event{kind: disconnect, pid: pid, text: int32(at), end: int32(end)})
			}
			return true
		case 'l':
			if has(text, "lost connection after ") {
				b.broken++
			}
			return true
		case 't':
			return false
		case 'w':
			return text[9] != 'm' && text[9] != 'c' // a milter, a connection to one
		}
		n := queueID(text)
		if n == 0 {
			return true
		}
		rest := at + n + 2
		switch text = text[n+2:]; {
		case has(text, "client="):
			b.mail++
			r.sifter.client(b, event{kind: client, pid: pid, text: int32(at), rest: int32(rest), end: int32(end)})
			return true
		case text[0] == 'r', text[0] == 'w', text[0] == 'i':
			return false
		}
		return true
	case cleanupDaemon:
		n := queueID(text)
		if n == 0 {
			return text[0] != 'w'
		}
		if has(text[n+2:], "message-id=") {
			r.sifter.messageID(b, event{kind: messageID, pid: pid, text: int32(at), rest: int32(at + n + 2), end: int32(end)})
		}
		return true
	}
	return false
}

const (
	eachByte = 0x0101010101010101
	highBits = 0x8080808080808080
)

// processNumber reads the digits before a bracket. digits is 0 where there is none, or too many for a word.
func processNumber(word uint64) (number int32, digits int) {
	x := word ^ eachByte*']'
	x = (x - eachByte) &^ x & highBits // its lowest bit is that of the first bracket
	digits = bits.TrailingZeros64(x) / 8
	if digits == 0 || digits == 8 {
		return 0, 0
	}
	x = (word ^ eachByte*'0') << (64 - 8*digits)
	if (x|(x+eachByte*(0x80-10)))&highBits != 0 {
		return 0, 0
	}
	x = x * (10<<8 + 1) >> 8 & 0x00ff00ff00ff00ff
	x = x * (100<<16 + 1) >> 16 & 0x0000ffff0000ffff
	x = x * (10000<<32 + 1) >> 32
	return int32(x), digits
}

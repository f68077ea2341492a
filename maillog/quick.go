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
	warns
	queueOfSmtpd // a queue ID
	queueOfCleanup
	queueOfQmgr
	queueOfAgent
	unusual // is read slowly
)

// beginnings are by the daemon and the first byte.
var beginnings = func() (of [bounceDaemon + 1][256]uint8) {
	queues := map[daemon]uint8{
		smtpdDaemon: queueOfSmtpd, cleanupDaemon: queueOfCleanup, qmgrDaemon: queueOfQmgr, deliveryDaemon: queueOfAgent,
	}
	for d := range of {
		queue, known := queues[daemon(d)]
		for c := range of[d] {
			switch {
			case !known:
				of[d][c] = unusual
			case inQueueID[c] && c < 'a':
				of[d][c] = queue
			}
		}
	}
	of[smtpdDaemon]['c'] = connects
	of[smtpdDaemon]['d'] = disconnects
	of[smtpdDaemon]['l'] = breaks
	of[smtpdDaemon]['t'] = unusual
	of[smtpdDaemon]['w'], of[cleanupDaemon]['w'] = warns, warns
	return of
}()

// said is what a line says, from its begin on for some bytes, and what begins it.
type said struct {
	text      []byte
	number    uint64 // the digits of its process
	at        int32  // of the text
	beginning uint8
}

// read reads up to the text. The beginning is unusual where the process cannot be read quickly.
func (s *said) read(p *program, buf []byte, n *needed) {
	at := n.at + int32(len(p.name))
	text := buf[at : at+ahead/2]
	word := binary.LittleEndian.Uint64(text)
	digits := digitsOf(word)
	if text = text[digits:]; text[1] != ':' || text[2] != ' ' {
		s.beginning = unusual
		return
	}
	s.number = (word ^ eachByte*'0') << (64 - 8*digits)
	s.text, s.at = text[3:], at+int32(digits)+3
	s.beginning = beginnings[p.daemon][text[3]]
	if (s.number|(s.number+eachByte*(0x80-10)))&highBits != 0 || digits == 0 {
		s.beginning = unusual
	}
}

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

// forHits reads the lines that Hits needs.
func (r *reader) forHits(b *batch, lines []needed) {
	s := r.sifter
	var l said
	for i := range lines {
		n := &lines[i]
		l.read(&r.met[n.program], b.buf, n)
		at, text := l.at, l.text
		switch l.beginning {
		case nothing, queueOfQmgr, queueOfAgent:
		case connects:
			if has(text, "connect from ") {
				s.border(b, connect, r.process(l.number), at, n.end)
			}
		case disconnects:
			if has(text, "disconnect from ") {
				s.border(b, disconnect, r.process(l.number), at, n.end)
			}
		case breaks:
			if has(text, "lost connection after ") {
				b.broken++
			}
		case warns:
			if mayBeTrouble(text) {
				r.needed(b, n)
			}
		case queueOfSmtpd:
			k := queueID(text)
			if k == 0 {
				continue
			}
			rest := at + int32(k) + 2
			switch text = text[k+2:]; text[0] {
			case 'c':
				if has(text, "client=") {
					b.mail++
					s.client(b, event{kind: client, pid: r.process(l.number), text: at, rest: rest, end: n.end})
				}
			case 'r', 'w', 'i':
				r.quickCheck(b, n, at, r.process(l.number))
			}
		case queueOfCleanup:
			if k := queueID(text); k > 0 && has(text[k+2:], "message-id=") {
				s.messageID(b, at, at+int32(k)+2, n.end)
			}
		case unusual:
			r.needed(b, n)
		}
	}
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

// quickCheck reads a line of smtpd that may be that of a check.
func (r *reader) quickCheck(b *batch, n *needed, at, pid int32) {
	l := r.lineOf(n, at, at, pid, other)
	l.smtpd(b.buf[at:n.end])
	if l.kind == check {
		b.mail++
		r.check(b, &l, true)
	}
}

func (r *reader) lineOf(n *needed, at, rest, pid int32, k kind) line {
	p := &r.met[n.program]
	return line{
		begin: n.at - int32(r.programAt), end: n.end, name: n.at, program: p, stamp: stamp{sec: r.hourBegin},
		daemon: p.daemon, pid: pid, text: at, rest: rest, kind: k,
	}
}

// forLetters reads the lines that Letters needs.
func (r *reader) forLetters(b *batch, lines []needed) {
	var s said
	for i := range lines {
		n := &lines[i]
		s.read(&r.met[n.program], b.buf, n)
		k, text, rest := other, s.text, s.at
		switch s.beginning {
		case nothing:
		case connects:
			if has(text, "connect from ") {
				k = connect
			}
		case disconnects:
			if has(text, "disconnect from ") {
				k = disconnect
			}
		case breaks:
			if has(text, "lost connection after ") {
				b.broken++
			}
		case warns:
			if mayBeTrouble(text) {
				r.needed(b, n)
			}
		case unusual:
			r.needed(b, n)
		default:
			length := queueID(text)
			if length == 0 {
				continue
			}
			rest += int32(length) + 2
			k = kindOf(s.beginning, text[length+2:])
			switch k {
			case check: // may be one
				r.quickCheck(b, n, s.at, r.process(s.number))
				continue
			case client:
				b.mail++
			case stopped: // may be it
				r.needed(b, n)
				continue
			}
		}
		if k != other {
			l := r.lineOf(n, s.at, rest, r.process(s.number), k)
			r.step(b, &l, nil)
		}
	}
}

// kindOf is the kind of what stands behind a queue ID. A check and stopped are what it may be.
func kindOf(beginning uint8, text []byte) kind {
	switch beginning {
	case queueOfSmtpd:
		switch {
		case has(text, "client="):
			return client
		case text[0] == 'r', text[0] == 'w', text[0] == 'i':
			return check
		}
	case queueOfCleanup:
		if has(text, "message-id=") {
			return messageID
		}
		return stopped
	case queueOfQmgr:
		switch {
		case has(text, "from=<"):
			return queued
		case has(text, "removed"):
			return removed
		}
	case queueOfAgent:
		if has(text, "to=<") {
			return delivered
		}
	}
	return other
}

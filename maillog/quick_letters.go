package maillog

import "encoding/binary"

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

func (r *reader) lineOf(n *needed, at, rest, pid int32, k kind) line {
	p := &r.met[n.program]
	return line{
		begin: n.at - int32(r.programAt), end: n.end, name: n.at, program: p, stamp: stamp{sec: r.hourBegin},
		daemon: p.daemon, pid: pid, text: at, rest: rest, kind: k,
	}
}

// checkOf reads a line of smtpd that may be that of a check.
func (r *reader) checkOf(b *batch, n *needed, at, pid int32) {
	l := r.lineOf(n, at, at, pid, other)
	l.smtpd(b.buf[at:n.end])
	if l.kind == check {
		b.mail++
		r.check(b, &l, true)
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
		case unusual, times, queueOfPickup, queueOfPostscreen:
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
				r.checkOf(b, n, s.at, r.process(s.number))
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

package maillog

import "math/bits"

// quickly reads lines up to one that has another hour or host than the one before, or a program that was not met before.
// It returns the number of lines that were read and the place behind them. The lines end at ends, from a place on.
func (r *reader) quickly(b *batch, begin, from int, ends []uint16) (lines, next int) {
	s := &r.splitting
	s.begin, s.beyond = begin, len(b.buf)-ahead-r.programAt
	if begin > s.beyond {
		return 0, begin
	}
	s.hour, s.patterns, s.buf, s.base, s.out = r.hour, &r.patterns[0], &b.buf[0], from, &r.said
	for lines < len(ends) {
		s.ends, s.count = &ends[lines], min(len(ends)-lines, linesAtOnce)
		if hasQuick {
			splitLines(s)
		} else {
			splitSlowly(s, b.buf, ends[lines:lines+s.count], r.patterns[:])
		}
		if s.lines == 0 {
			break
		}
		lines += s.lines
		b.inHour += int64(s.lines)
		b.foreign += int64(s.foreign)
		b.lastLine = int32(s.last)
		if r.sifter != nil {
			r.forHits(b)
		} else {
			r.forLetters(b, r.list(inOrder))
		}
		if s.lines < s.count {
			break
		}
	}
	return lines, s.begin
}

// list is what was put to a list.
func (r *reader) list(i int) []said { return r.said[i][:r.splitting.counts>>(16*i)&0xffff] }

// needed reads a line that is needed.
func (r *reader) needed(b *batch, n *said) {
	p := &r.met[n.program]
	l := line{
		begin: n.begin, end: n.end, name: n.begin + int32(r.programAt), program: p, stamp: stamp{sec: r.hourBegin},
	}
	if p.notices {
		r.notice(b, &l)
		return
	}
	l.bracket = l.name + int32(len(p.name)-1)
	l.text, l.rest, l.daemon = l.bracket, l.bracket, p.daemon
	l.process(b.buf, r.mark)
	r.take(b, &l, true)
}

// digitsOf is the number of bytes before a bracket, 0 if there is no bracket.
func digitsOf(word uint64) int {
	x := word ^ eachByte*']'
	return bits.TrailingZeros64((x-eachByte)&^x&highBits) >> 3 & 7 // the lowest bit is that of the first bracket
}

// pid is that of a line, with the mark of its host.
func (r *reader) pid(l *said) int32 {
	x := l.process * (10<<8 + 1) >> 8 & 0x00ff00ff00ff00ff
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

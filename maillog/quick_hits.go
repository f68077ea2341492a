package maillog

import "encoding/binary"

// forHits reads the lines that Hits needs. Each list has lines of one kind, so that a processor guesses right what
// comes next.
func (r *reader) forHits(b *batch) {
	s, buf := r.sifter, b.buf
	for i, list := 0, r.list(borders); i < len(list); i++ {
		l := &list[i]
		if begins, ok := isBorder((*[16]byte)(buf[l.text:])); ok {
			s.border(b, r.pid(l), l.text, begins)
		}
	}
	for i, list := 0, r.list(queues); i < len(list); i++ {
		r.queue(b, &list[i])
	}
	for i, list := 0, r.list(ids); i < len(list); i++ {
		l := &list[i]
		if rest := behindQueue(buf, l); rest > 0 && has(buf[rest:], "message-id=") {
			s.messageID(b, l.text, rest, l.end)
		}
	}
	for i, list := 0, r.list(others); i < len(list); i++ {
		l := &list[i]
		switch beginning := l.beginning & 0xf; {
		case beginning == breaks:
			if has(buf[l.text:], "lost connection after ") {
				b.broken++
			}
		case beginning != warns || mayBeTrouble(buf[l.text:]):
			r.needed(b, l)
		}
	}
}

var connectIs, disconnectIs, fromIs = asWord("connect "), asWord("disconne"), asWord("ct from ")

func asWord(s string) uint64 { return binary.LittleEndian.Uint64([]byte(s)) }

// isBorder reports whether a text is that of a line in which a session begins or ends, and begins is 1 where it begins.
func isBorder(text *[16]byte) (begins uint8, ok bool) {
	first := binary.LittleEndian.Uint64(text[:])
	wrong := (first ^ connectIs) | (binary.LittleEndian.Uint64(text[5:]) ^ fromIs)
	wrongEnd := (first ^ disconnectIs) | (binary.LittleEndian.Uint64(text[8:]) ^ fromIs)
	begins = bit(wrong == 0)
	return begins, begins|bit(wrongEnd == 0) == 1
}

// queue reads a line of smtpd, postscreen or pickup that begins with a queue ID.
func (r *reader) queue(b *batch, l *said) {
	rest := behindQueue(b.buf, l)
	if rest == 0 {
		return
	}
	from := &r.met[l.program]
	switch text := b.buf[rest:]; from.daemon {
	case smtpdDaemon:
		if has(text, "client=") {
			b.mail++
			r.sifter.begin(b, r.pid(l), l.text, rest, l.end, false)
		} else if checks(text) {
			b.mail++
			r.quickCheck(b, from, l, rest)
		}
	case pickupDaemon:
		if has(text, "uid=") {
			r.sifter.begin(b, r.pid(l), l.text, rest, l.end, true)
		}
	case postscreenDaemon:
		if has(b.buf[l.text:], "NOQUEUE: reject: ") {
			r.quickCheck(b, from, l, rest)
		}
	}
}

// quickCheck reads a line of a check.
func (r *reader) quickCheck(b *batch, from *program, l *said, rest int32) {
	if p := r.hit(b, from, l.begin, rest, l.end, true); p != nil {
		pid := r.pid(l)
		p.PID = numberOf(pid)
		r.sifter.speak(b, spoken{pid, l.text, rest, p})
	}
}

// behindQueue is the place of what stands behind the queue ID of a line, 0 if there is none. The line has the beginning
// of one that has a queue ID.
func behindQueue(buf []byte, l *said) int32 {
	k := int32(l.word)
	if k == longestWord {
		if k = int32(queueID(buf[l.text:])); k == 0 {
			return 0
		}
	} else if end := buf[l.text+k:]; k < shortestQueueID || end[0] != ':' || end[1] != ' ' {
		return 0
	}
	return l.text + k + 2
}

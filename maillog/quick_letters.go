package maillog

// fill makes a line that of a line that was split quickly. It is filled in its place: a processor waits when it copies
// what was written a moment ago in smaller parts.
func (r *reader) fill(l *line, n *said, rest int32, k kind) {
	p := &r.met[n.program]
	l.sec, l.nsec, l.exact = r.hourBegin, 0, false
	l.pid, l.begin, l.end, l.name = r.pid(n), n.begin, n.end, n.begin+int32(r.programAt)
	l.text, l.rest, l.kind = n.text, rest, k
	l.program, l.daemon = p, p.daemon
}

// forLetters reads the lines that Letters needs.
func (r *reader) forLetters(b *batch, lines []said) {
	var l line
	for i := range lines {
		n := &lines[i]
		k, text, rest := other, b.buf[n.text:], n.text
		beginning := n.beginning & 0xf
		switch beginning {
		case connects, disconnects:
			begins, ok := isBorder((*[16]byte)(text))
			if !ok || !r.stepper.border(b, r.pid(n), begins == 1) {
				continue
			}
			r.fill(&l, n, rest, disconnect-kind(begins))
			r.put(b, &l, nil)
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
			if rest = behindQueue(b.buf, n); rest == 0 {
				continue
			}
			k = kindOf(beginning, b.buf[rest:])
			switch k {
			case check:
				b.mail++
				r.fill(&l, n, rest, check)
				r.check(b, &l, true)
				continue
			case client:
				b.mail++
			case stopped: // may be it
				r.needed(b, n)
				continue
			}
		}
		if k != other {
			r.fill(&l, n, rest, k)
			r.put(b, &l, nil)
		}
	}
}

// kindOf is the kind of what stands behind a queue ID. What cleanup says beside the message ID is stopped, or may be
// it.
func kindOf(beginning uint8, text []byte) kind {
	switch beginning {
	case queueOfSmtpd:
		switch {
		case has(text, "client="):
			return client
		case checks(text):
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

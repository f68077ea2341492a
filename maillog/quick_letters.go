package maillog

func (r *reader) lineOf(n *said, rest int32, k kind) line {
	p := &r.met[n.program]
	return line{
		begin: n.begin, end: n.end, name: n.begin + int32(r.programAt), program: p, stamp: stamp{sec: r.hourBegin},
		daemon: p.daemon, pid: r.pid(n), text: n.text, rest: rest, kind: k,
	}
}

// forLetters reads the lines that Letters needs.
func (r *reader) forLetters(b *batch, lines []said) {
	for i := range lines {
		n := &lines[i]
		k, text, rest := other, b.buf[n.text:], n.text
		beginning := n.beginning & 0xf
		switch beginning {
		case connects, disconnects:
			if begins, ok := isBorder((*[16]byte)(text)); ok {
				k = disconnect - kind(begins)
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
			if rest = behindQueue(b.buf, n); rest == 0 {
				continue
			}
			k = kindOf(beginning, b.buf[rest:])
			switch k {
			case check:
				b.mail++
				l := r.lineOf(n, rest, check)
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
			l := r.lineOf(n, rest, k)
			r.step(b, &l, nil)
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

package maillog

import "encoding/binary"

// hour is what the lines of one hour have in common: the first bytes of the stamp, and the host.
type hour struct {
	// stamp are the first 16 bytes of a line, and host the last 16 before its program, as two words each. The masks say which
	// of them are the stamp up to the hour, and the host with its blanks.
	stamp, stampMask, host, hostMask [2]uint64
	programAt                        int // beyond every line where no hour is open
}

const (
	noHour      = 1 << 40
	longestHost = 15
)

// words are 16 bytes.
func words(b []byte) [2]uint64 {
	return [2]uint64{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:16])}
}

// lowest is a mask of the first n of 16 bytes.
func lowest(n int) [2]uint64 {
	return [2]uint64{^uint64(0) >> (64 - 8*min(n, 8)), ^uint64(0) >> (64 - 8*min(max(n-8, 0), 8))}
}

// differ is 0 where 16 bytes are the same as others, as far as a mask says.
func differ(b []byte, others, mask [2]uint64) uint64 {
	w := words(b)
	return (w[0]^others[0])&mask[0] | (w[1]^others[1])&mask[1]
}

// is reports whether a line is of this hour. It has as many bytes as stand before a program in that hour.
func (h *hour) is(b []byte) bool {
	return differ(b, h.stamp, h.stampMask)|differ(b[h.programAt-16:], h.host, h.hostMask) == 0
}

// openHour opens the hour of a line that was read, if no line of the hour can be of the future.
func (r *reader) openHour(b *batch, l *line) {
	if l.name == 0 || l.sec+silence > r.now || len(r.splitter.host) > longestHost {
		return
	}
	until := 9
	if r.of == 10 {
		until = 13
	}
	text := b.buf[l.begin:l.end]
	h := &r.hour
	h.programAt = int(l.name - l.begin)
	h.stamp, h.stampMask = words(text), lowest(until)
	h.host, h.hostMask = words(text[h.programAt-16:]), lowest(longestHost-len(r.splitter.host))
	h.hostMask[0], h.hostMask[1] = ^h.hostMask[0], ^h.hostMask[1]
	r.hourBegin = l.sec
}

// closeHour counts the lines of the hour that was open.
func (r *reader) closeHour(b *batch) {
	r.programAt = noHour
	if b.inHour == 0 {
		return
	}
	b.lines += b.inHour
	b.stamped += b.inHour
	r.countDay(b, b.inHour)
	b.inHour = 0
	if s, n := r.calendar.read(b.buf[b.lastLine:min(len(b.buf), int(b.lastLine)+64)]); n > 0 {
		b.last = max(b.last, s.sec)
	}
}

package maillog

import (
	"bytes"
	"encoding/binary"
)

// hour is what the lines of one hour have in common: the bytes of the stamp up to the hour, and the host.
type hour struct {
	first, last uint64 // the first and the last eight of these bytes
	until       int    // their number
	stampEnd    int
	programAt   int // beyond every line where no hour is open
	// host8 are the last eight bytes before the program, and mask says which of them are the host and its blanks.
	host8, mask uint64
	longHost    bool // more than these
	hourBegin   int64
}

const noHour = 1 << 40

// sameHour reports whether a line is of the hour that is open. It has as many bytes as stand before a program in that hour.
func (r *reader) sameHour(b []byte) bool {
	if binary.LittleEndian.Uint64(b) != r.first || binary.LittleEndian.Uint64(b[r.until-8:]) != r.last ||
		(binary.LittleEndian.Uint64(b[r.programAt-8:])^r.host8)&r.mask != 0 {
		return false
	}
	return len(r.host) < 8 || b[r.stampEnd-1] == ' ' && bytes.Equal(b[r.stampEnd:r.programAt], r.host)
}

// openHour opens the hour of a line that was read, if no line of the hour can be of the future.
func (r *reader) openHour(b *batch, l *line) {
	if l.name == 0 || l.sec+silence > r.now {
		return
	}
	text := b.buf[l.begin:l.end]
	r.until = 9
	if r.of == 10 {
		r.until = 13
	}
	r.programAt = int(l.name - l.begin)
	r.stampEnd = r.programAt - len(r.host)
	r.host8 = binary.LittleEndian.Uint64(text[r.programAt-8:])
	r.mask = ^uint64(0) << (8 * max(0, 7-len(r.host)))
	r.longHost = len(r.host) >= 8
	r.hourBegin = l.sec
	r.first = binary.LittleEndian.Uint64(text)
	r.last = binary.LittleEndian.Uint64(text[r.until-8:])
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

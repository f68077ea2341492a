package maillog

import "encoding/binary"

// hour is what the lines of one hour have in common: the form of the stamp, and the host.
type hour struct {
	// low and high are the limits of what the first 32 bytes of a line are: the stamp is the same up to the hour, then
	// there are digits, and the zone is the same. What stands behind the stamp may be anything.
	low, high [stampLength]byte
	// host are the last 32 bytes before the program, as far as the mask says: the host with its blanks.
	host, hostMask [4]uint64
	programAt      int // beyond every line where no hour is open
}

const (
	noHour      = 1 << 30
	stampLength = 32 // without the blank behind it
	longestHost = 31 // with it
)

// is reports whether a line is of this hour. It has as many bytes as stand before a program in that hour.
func (h *hour) is(b []byte) bool {
	wrong, different := uint64(0), uint64(0)
	for i := 0; i < stampLength; i += 8 { // eight bytes at once, of which none is above 0x7f
		text := binary.LittleEndian.Uint64(b[i:])
		low, high := binary.LittleEndian.Uint64(h.low[i:]), binary.LittleEndian.Uint64(h.high[i:])
		wrong |= text | ^((text | highBits) - low) | ^((high | highBits) - text)
	}
	for i := range h.host {
		if at := h.programAt - 32 + 8*i; at >= 0 { // else the host is shorter
			different |= (binary.LittleEndian.Uint64(b[at:]) ^ h.host[i]) & h.hostMask[i]
		}
	}
	return wrong&highBits|different == 0
}

// openHour opens the hour of a line that was read, if no line of the hour can be of the future.
func (r *reader) openHour(b *batch, l *line) {
	h, host := &r.hour, len(r.splitter.host)
	text := b.buf[l.begin:l.end]
	at := int(l.name - l.begin)
	stampEnd := at - host - 1
	if l.name == 0 || l.sec+silence > r.now || host > longestHost || stampEnd > stampLength {
		return
	}
	until := 9
	if r.of == 10 {
		until = 13
	}
	for i := range h.low {
		h.low[i], h.high[i] = 0, 0x7f
		if i < stampEnd {
			h.low[i], h.high[i] = text[i], text[i]
		}
	}
	for i := until; i < until+6; i += 3 { // a colon and two digits, twice
		h.low[i+1], h.high[i+1] = '0', '5'
		h.low[i+2], h.high[i+2] = '0', '9'
	}
	if fraction := until + 6; fraction < stampEnd && (text[fraction] == '.' || text[fraction] == ',') {
		for i := fraction + 1; i < stampEnd && text[i]-'0' <= 9; i++ {
			h.low[i], h.high[i] = '0', '9'
		}
	}
	h.programAt = at
	h.host, h.hostMask = [4]uint64{}, [4]uint64{}
	for i := range h.host {
		if at := at - 32 + 8*i; at >= 0 {
			h.host[i] = binary.LittleEndian.Uint64(text[at:])
			h.hostMask[i] = ^(^uint64(0) >> (64 - 8*min(max(longestHost-host-8*i, 0), 8)))
		}
	}
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

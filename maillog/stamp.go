package maillog

import (
	"bytes"
	"time"
)

// calendar reads stamps. It belongs to one goroutine, because it keeps the day that it met last.
//
// A traditional stamp has no year. It gets the newest year in which it is not later than the file, or the stream, was
// last written to, give or take a day: the log of a year that ended is read right as long as a file covers less than a
// year.
type calendar struct {
	written  time.Time
	location *time.Location

	// The last day, as the bytes that name it and as the seconds at its midnight. hours are these of each hour, because
	// days with a change to or from summer time have hours that are missing or come twice.
	day   [10]byte
	of    int // bytes of day in use: 6 for a traditional stamp, 10 for ISO 8601
	hours [24]int64
	date  string // YYYY-MM-DD

	zone   [6]byte // of the last ISO 8601 stamp
	offset int64   // its seconds east of Greenwich
	utc    int64   // seconds of midnight in Greenwich of the last ISO day
}

// stamp is the time of a line, in seconds and nanoseconds since 1970.
type stamp struct {
	sec  int64
	nsec int32
}

func (s stamp) time() time.Time { return time.Unix(s.sec, int64(s.nsec)) }

var months = [...]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}

// read reads the stamp at the beginning of a line and returns the bytes it has, the blank behind it included. 0: there is
// no stamp.
func (c *calendar) read(line []byte) (stamp, int) {
	if len(line) < 20 {
		return stamp{}, 0
	}
	if line[4] == '-' && line[10] == 'T' {
		return c.iso(line)
	}
	if line[3] != ' ' || line[6] != ' ' || line[15] != ' ' {
		return stamp{}, 0
	}
	seconds, ok := clock(line[7:15])
	if !ok {
		return stamp{}, 0
	}
	if c.of != 6 || string(c.day[:6]) != string(line[:6]) {
		if !c.traditional(line) {
			return stamp{}, 0
		}
	}
	return stamp{sec: c.hours[seconds/3600] + int64(seconds%3600)}, 16
}

// first is the first stamp at the beginning of a line behind a line end.
func (c *calendar) first(b []byte) (stamp, bool) {
	for {
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			return stamp{}, false
		}
		b = b[end+1:]
		if at, n := c.read(b); n > 0 {
			return at, true
		}
	}
}

// clock reads HH:MM:SS as seconds. A leap second is the second before it.
func clock(b []byte) (int, bool) {
	_ = b[7]
	h, m, s := two(b[0], b[1]), two(b[3], b[4]), two(b[6], b[7])
	if s == 60 {
		s = 59
	}
	return h*3600 + m*60 + s, uint(h) < 24 && uint(m) < 60 && uint(s) < 60 && b[2] == ':' && b[5] == ':'
}

// two reads two digits; what is none makes the number too large.
func two(a, b byte) int {
	x, y := a-'0', b-'0'
	if x > 9 || y > 9 {
		return 1000
	}
	return int(x)*10 + int(y)
}

// traditional makes the day of a traditional stamp the last day.
func (c *calendar) traditional(line []byte) bool {
	month := 0
	for i, name := range months {
		if string(line[:3]) == name {
			month = i + 1
		}
	}
	tens := line[4]
	if tens == ' ' {
		tens = '0'
	}
	day := two(tens, line[5])
	if month == 0 || day < 1 || day > 31 {
		return false
	}
	year := c.written.Year()
	at := time.Date(year, time.Month(month), day, 0, 0, 0, 0, c.location)
	for range 8 { // 29 February has a year only every fourth
		if at.Day() == day && !at.After(c.written.Add(24*time.Hour)) {
			break
		}
		year--
		at = time.Date(year, time.Month(month), day, 0, 0, 0, 0, c.location)
	}
	if at.Day() != day {
		return false
	}
	for h := range c.hours {
		c.hours[h] = time.Date(year, time.Month(month), day, h, 0, 0, 0, c.location).Unix()
	}
	c.of = copy(c.day[:6], line)
	c.date = at.Format(time.DateOnly)
	return true
}

// iso reads an ISO 8601 stamp: 2026-11-29T06:25:01.123456+01:00, the fraction left out or of 1 to 9 digits, the zone also
// Z.
func (c *calendar) iso(line []byte) (stamp, int) {
	seconds, ok := clock(line[11:19])
	if !ok {
		return stamp{}, 0
	}
	if c.of != 10 || string(c.day[:]) != string(line[:10]) {
		day, err := time.Parse(time.DateOnly, string(line[:10]))
		if err != nil {
			return stamp{}, 0
		}
		c.of = copy(c.day[:], line)
		c.utc = day.Unix()
		c.date = string(line[:10])
	}
	i, nsec := 19, int32(0)
	if line[i] == '.' || line[i] == ',' {
		i++
		scale := int32(100_000_000)
		for ; i < len(line) && line[i]-'0' <= 9; i++ {
			nsec += int32(line[i]-'0') * scale
			scale /= 10
		}
	}
	if i >= len(line) {
		return stamp{}, 0
	}
	if line[i] == 'Z' {
		if i+1 >= len(line) || line[i+1] != ' ' {
			return stamp{}, 0
		}
		return stamp{c.utc + int64(seconds), nsec}, i + 2
	}
	if i+6 >= len(line) || line[i+6] != ' ' {
		return stamp{}, 0
	}
	if string(c.zone[:]) != string(line[i:i+6]) && !c.readZone(line[i:i+6]) {
		return stamp{}, 0
	}
	return stamp{c.utc + int64(seconds) - c.offset, nsec}, i + 7
}

func (c *calendar) readZone(zone []byte) bool {
	h, m := two(zone[1], zone[2]), two(zone[4], zone[5])
	if h > 23 || m > 59 || zone[3] != ':' || zone[0] != '+' && zone[0] != '-' {
		return false
	}
	c.offset = int64(h)*3600 + int64(m)*60
	if zone[0] == '-' {
		c.offset = -c.offset
	}
	copy(c.zone[:], zone)
	return true
}

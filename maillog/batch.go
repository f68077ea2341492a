package maillog

import (
	"bytes"
	"time"
)

// silence is what a gap is at least.
const silence = 3600

// batch is a piece of a log of whole lines, and what they tell.
type batch struct {
	buf   []byte // the lines, each with its end; positions in lines are in it
	lines []line // those that are needed

	// origin is the place of buf in its log. What begins before fresh was read before: it gives the lines that follow
	// their session, and is not counted.
	origin, fresh int64
	// next is the place behind the last line that is complete.
	next int64

	counts
	first, last int64 // stamps in seconds; 0 is none
	gaps        []pause
	lost        []Loss
	days        []dayCount
}

// counts are those of Coverage.
type counts struct{ lines, stamped, unparsed, foreign, future, broken, milters int64 }

type pause struct{ from, to int64 }

type dayCount struct {
	day   string
	lines int64
}

// reader turns the bytes of a batch into lines. It belongs to one goroutine.
type reader struct {
	splitter
	now, since int64
	wanted     func(kind) bool
}

func (b *batch) reset() {
	*b = batch{buf: b.buf[:0], lines: b.lines[:0], gaps: b.gaps[:0], lost: nil, days: b.days[:0]}
}

// read splits buf from begin to end, which are the limits of whole lines.
func (r *reader) read(b *batch, begin, end int) {
	var l line
	for begin < end {
		n := bytes.IndexByte(b.buf[begin:end], '\n')
		if n < 0 {
			n = end - begin
		}
		l.begin, l.end = int32(begin), int32(begin+n)
		r.line(b, &l)
		begin += n + 1
	}
}

// line reads one line into the batch.
func (r *reader) line(b *batch, l *line) {
	l.kind = other
	stamped := r.split(b.buf, l)
	if stamped && l.sec < r.since {
		return
	}
	fresh := b.origin+int64(l.begin) >= b.fresh
	if fresh {
		b.counts.lines++
	}
	if !stamped {
		if fresh && l.end > l.begin {
			b.unparsed++
		}
		return
	}
	if l.kind == foreign {
		r.foreign(b, l, fresh)
	} else {
		l.classify(b.buf)
	}
	if fresh {
		r.count(b, l)
	}
	if r.wanted(l.kind) {
		b.lines = append(b.lines, *l)
	}
}

// count counts a line with a stamp.
func (r *reader) count(b *batch, l *line) {
	b.stamped++
	if n := len(b.days); n > 0 && b.days[n-1].day == r.name {
		b.days[n-1].lines++
	} else {
		b.days = append(b.days, dayCount{r.name, 1})
	}
	switch l.kind {
	case foreign:
		b.counts.foreign++
	case broken:
		b.broken++
	case milter:
		b.milters++
	}
	if l.sec > r.now {
		b.future++
		return
	}
	if b.first == 0 {
		b.first = l.sec
	} else if l.sec-b.last >= silence {
		b.gaps = append(b.gaps, pause{b.last, l.sec})
	}
	b.last = max(b.last, l.sec)
}

// foreign looks for the notices of rsyslogd and journald that they dropped lines.
func (r *reader) foreign(b *batch, l *line, fresh bool) {
	program := b.buf[l.program:l.end]
	if !fresh || len(program) < 8 || program[0] != 'r' && program[0] != 's' {
		return
	}
	if !bytes.HasPrefix(program, []byte("rsyslogd")) && !bytes.HasPrefix(program, []byte("systemd-journald")) {
		return
	}
	if n, ok := lost(program); ok {
		b.lost = append(b.lost, Loss{Time: time.Unix(l.sec, int64(l.nsec)), Count: n})
	}
}

// lost reads a notice: "imuxsock lost 20 messages from pid 7 due to rate-limiting", "… 20 messages lost due to
// rate-limiting", "… begin to drop messages due to rate-limiting", "Suppressed 20 messages from …".
func lost(text []byte) (int64, bool) {
	if bytes.Contains(text, []byte(" to drop messages")) { // "begin", in older versions "begins"
		return 0, true
	}
	for _, before := range []string{" lost ", "Suppressed "} {
		if i := bytes.Index(text, []byte(before)); i >= 0 {
			n, rest := number(text[i+len(before):])
			if bytes.HasPrefix(rest, []byte(" messages")) && n > 0 {
				return n, true
			}
		}
	}
	if i := bytes.Index(text, []byte(" messages lost")); i >= 0 {
		j := i
		for j > 0 && text[j-1]-'0' <= 9 {
			j--
		}
		n, _ := number(text[j:i])
		return n, true
	}
	return 0, false
}

// number reads a decimal number.
func number(b []byte) (int64, []byte) {
	n := int64(0)
	for len(b) > 0 && b[0]-'0' <= 9 && n < 1<<40 {
		n = n*10 + int64(b[0]-'0')
		b = b[1:]
	}
	return n, b
}

package maillog

import "bytes"

// silence is what a gap is at least.
const silence = 3600

// reading is what is read of a log.
type reading struct {
	kinds kinds
	most  daemon // those above it are not needed
	sent  *Sent  // for Hits
	key   uint64 // of digests, for Letters
	plain func(program string) (butFor string, plain bool)
}

// reader turns the bytes of a batch into lines. It belongs to one goroutine.
type reader struct {
	reading
	splitter
	now, since int64
	troubles   int64 // those before it are not counted
	texts      *texts
	sifter     *sifter  // for Hits
	stepper    *stepper // for Letters
	hour
	hourBegin int64
	ends      lineEnds
	splitting splitting
	said      [lists]list
}

// read splits buf from begin to end, which are the limits of whole lines. Most lines have the hour and the host of the
// line before them, and a program that was met before: these are read quickly.
func (r *reader) read(b *batch, begin, end int) {
	b.lastLine = -1
	r.programAt = noHour
	if r.sifter != nil {
		r.sifter.next()
	} else {
		r.stepper.next()
	}
	quick := r.since < 0 && b.fresh <= b.origin
	for at := begin; at < end; at += block {
		ends := r.ends[:r.ends.find(b.buf[at:min(at+block, end)])]
		for len(ends) > 0 {
			var n int
			n, begin = r.quickly(b, begin, at, ends)
			if ends = ends[n:]; len(ends) > 0 {
				r.slowly(b, begin, at+int(ends[0]), quick)
				begin = at + int(ends[0]) + 1
				ends = ends[1:]
			}
		}
	}
	if begin < end {
		r.slowly(b, begin, end, quick)
	}
	r.closeHour(b)
	if r.sifter != nil {
		r.sifter.done(b)
	}
}

// slowly reads a line that may be of another hour or host, and of a program that was not met before.
func (r *reader) slowly(b *batch, begin, end int, quick bool) {
	l := line{begin: int32(begin), end: int32(end)}
	if quick && end >= begin+r.programAt && begin+stampLength <= len(b.buf) && r.is(b.buf[begin:]) {
		b.inHour++
		b.lastLine = l.begin
		l.sec = r.hourBegin
		r.program(b.buf, &l, r.programAt)
		r.take(b, &l, true)
		return
	}
	r.closeHour(b)
	r.line(b, &l)
	if quick {
		r.openHour(b, &l)
	}
}

// line reads one line into the batch.
func (r *reader) line(b *batch, l *line) {
	l.exact = true
	stamped := r.split(b.buf, l)
	if stamped && l.sec < r.since {
		return
	}
	fresh := b.origin+int64(l.begin) >= b.fresh
	if fresh {
		b.lines++
	}
	if !stamped {
		if fresh && l.end > l.begin {
			b.unparsed++
		}
		return
	}
	if fresh {
		r.count(b, l)
	}
	r.take(b, l, fresh)
	if b.mail > 0 {
		r.countDay(b, 0)
	}
}

// take keeps a line that is needed.
func (r *reader) take(b *batch, l *line, fresh bool) {
	if l.kind == foreign {
		r.foreign(b, l, fresh)
		return
	}
	if l.daemon > r.most {
		return
	}
	l.classify(b.buf)
	switch l.kind {
	case other, foreign:
		return
	case broken:
		if fresh {
			b.broken++
		}
		return
	case milter, tableFails:
		if fresh {
			r.trouble(b, l)
		}
		return
	}
	if fresh && l.daemon == smtpdDaemon && (l.kind == client || l.kind == check) {
		b.mail++
	}
	if !r.kinds.have(l.kind) {
		return
	}
	if l.kind == check {
		r.check(b, l, fresh)
	} else if r.sifter != nil {
		r.sifter.put(b, l)
	} else {
		r.step(b, l, nil)
	}
}

// exact reads the stamp of a line.
func (r *reader) exact(b *batch, l *line) {
	if !l.exact {
		l.stamp, _ = r.calendar.read(b.buf[l.begin:l.end])
		l.exact = true
	}
}

// check reads a line of a check.
func (r *reader) check(b *batch, l *line, fresh bool) {
	p := r.hit(b, l.program, l.begin, l.rest, l.end, fresh)
	if p == nil {
		return
	}
	p.PID = numberOf(l.pid)
	if r.sifter == nil {
		l.sec = p.Time.Unix()
		r.step(b, l, p)
	} else if fresh {
		r.sifter.speak(b, spoken{l.pid, l.text, l.rest, p})
	}
}

// hit reads what a check said in a line that begins at begin, nil if it is not needed or not understood. It is done
// here, because here are several processors.
func (r *reader) hit(b *batch, from *program, begin, rest, end int32, fresh bool) *pending {
	text := b.buf[rest:end]
	if from.plainly && has(text, "reject: ") && bytes.IndexByte(text, tag[0]) < 0 && !bytes.Contains(text, from.butFor) {
		return nil
	}
	p := r.pending(b)
	said, skip, ok := readCheck(view(text), &p.Hit)
	if skip || !ok {
		if fresh && !skip {
			b.misread(text)
		}
		return nil
	}
	if r.stepper != nil && p.Action == Refused { // Letters need the whole reply, and no part of it
		p.Text, p.Enhanced, p.Subject, p.Tag, p.Proto = said, "", "", "", ""
	}
	r.texts.ownHit(&p.Hit)
	at, _ := r.calendar.read(b.buf[begin:end])
	p.Time, p.Program = at.time(), from.full()
	return p
}

// count counts a line with a stamp.
func (r *reader) count(b *batch, l *line) {
	b.stamped++
	r.countDay(b, 1)
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

// misread counts a line of a check that was not understood.
func (b *batch) misread(text []byte) {
	if ambiguous(text) {
		b.ambiguous++
	} else {
		b.unparsed++
	}
}

// countDay counts lines for their day, and those about a letter among them.
func (r *reader) countDay(b *batch, lines int64) {
	if n := len(b.days); n == 0 || b.days[n-1].day != r.date {
		b.days = append(b.days, dayCount{day: r.date})
	}
	day := &b.days[len(b.days)-1]
	day.lines, day.mail, b.mail = day.lines+lines, day.mail+b.mail, 0
}

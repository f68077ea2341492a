package maillog

// sifter leaves out of a batch what cannot matter for a hit, so that the one who consumes the batches in their order has
// little to do. It belongs to one goroutine.
//
// A session that begins and ends within the batch without a check tells nothing of a hit: its lines go. Of a message whose
// first line and whose message ID are both in the batch, the digest of the ID is left. Whatever goes on from the batch
// before, or into the next one, stays as it is.
type sifter struct {
	sent     *Sent
	batch    uint32 // the number of the batch: entries of earlier ones are void
	open     [1 << 12]opening
	begun    [1 << 12]beginning
	sessions []episode
}

// opening is the session that a process has open.
type opening struct {
	batch   uint32
	pid     int32
	session int32
}

// episode is what of a session is in the batch.
type episode struct{ begins, ends, check bool }

// silent reports whether no check spoke in a session so far.
func (e *episode) silent() bool { return e.begins && !e.check }

// noSession is the number of no session, and that of pickup.
const noSession = 0

// beginning is the line that begins a message.
type beginning struct {
	queue uint64
	batch uint32
	line  int32
}

func (s *sifter) sift(b *batch) {
	s.batch++
	s.sessions = append(s.sessions[:0], episode{begins: true, ends: true})
	for i := range b.lines {
		s.meet(b, i)
	}
	kept := 0
	for i := range b.lines {
		if s.needed(b, &b.lines[i]) {
			b.lines[kept] = b.lines[i]
			kept++
		}
	}
	b.lines = b.lines[:kept]
}

// meet notes of which session a line is, and which lines are of one message.
func (s *sifter) meet(b *batch, i int) {
	l := &b.lines[i]
	switch l.kind {
	case connect, disconnect:
		o := s.process(l.pid)
		l.session = o.session
		s.sessions[o.session].ends = true
		o.session = s.session(episode{begins: true})
	case check:
		s.join(l)
		s.sessions[l.session].check = true
	case client:
		s.join(l)
		l.inside = fromInside(b.buf[l.rest+int32(len("client=")) : l.end])
		if string(l.queue(b.buf)) != "NOQUEUE" {
			s.begin(b, i)
		}
	case pickedUp:
		l.session, l.inside = noSession, true
		s.begin(b, i)
	case messageID:
		l.digest = s.sent.digest(l.queue(b.buf))
		if m := &s.begun[l.digest%uint64(len(s.begun))]; m.batch == s.batch && m.queue == l.digest {
			first := &b.lines[m.line]
			first.paired, l.paired = true, true
			l.session, l.inside = first.session, first.inside
			m.batch = 0
		}
	}
}

func (s *sifter) begin(b *batch, i int) {
	l := &b.lines[i]
	l.digest = s.sent.digest(l.queue(b.buf))
	s.begun[l.digest%uint64(len(s.begun))] = beginning{l.digest, s.batch, int32(i)}
}

// process is the place of a process. Of two that share one, the older session counts as one that goes on.
func (s *sifter) process(pid int32) *opening {
	o := &s.open[uint32(pid)%uint32(len(s.open))]
	if o.batch != s.batch || o.pid != pid {
		*o = opening{batch: s.batch, pid: pid}
	}
	return o
}

func (s *sifter) session(e episode) int32 {
	s.sessions = append(s.sessions, e)
	return int32(len(s.sessions) - 1)
}

// join notes the session of a line. Its beginning may be in an earlier batch.
func (s *sifter) join(l *line) {
	o := s.process(l.pid)
	if o.session == noSession {
		o.session = s.session(episode{})
	}
	l.session = o.session
}

// needed reports whether a line is needed, and for what.
func (s *sifter) needed(b *batch, l *line) bool {
	switch e := &s.sessions[l.session]; l.kind {
	case connect, disconnect:
		return l.session == noSession || !e.silent()
	case client:
		l.noSession = e.silent() && e.ends
		l.noMessage = e.silent() && l.paired
		return !l.noSession || !l.noMessage
	case pickedUp:
		return !l.paired
	case messageID:
		if !l.paired || !e.silent() {
			return true
		}
		id := readID(b.buf[l.rest:l.end])
		l.kind, l.digest = sentID, s.sent.digest(id)
		return len(id) > 0
	}
	return true
}

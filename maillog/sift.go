package maillog

import "bytes"

// sifter leaves out of a batch what cannot matter for a hit, so that the one who consumes the batches in their order has
// little to do. It belongs to one goroutine.
//
// A session that begins and ends within the batch without a check tells nothing of a hit: its lines go. Of a message whose
// first line and whose message ID are both in the batch, the digest of the ID is left, if no check has spoken in its
// session. Whatever goes on from the batch before, or into the next one, stays as it is.
type sifter struct {
	sent     *Sent
	batch    uint32 // the number of the batch: entries of earlier ones are void
	sessions uint32
	open     [1 << 8]opening
	begun    [1 << 8]beginning
}

// opening is the session that a process has open.
type opening struct {
	batch   uint32
	number  uint32 // of the session
	pid     int32
	silent  bool  // it began in the batch, and no check has spoken in it
	clients int32 // the place of its last client, -1 if there is none
}

// beginning is the line that begins a message.
type beginning struct {
	queue   uint64
	batch   uint32
	event   int32
	pid     int32
	session uint32 // its number
}

// next begins a batch.
func (s *sifter) next() { s.batch++ }

// event is a line that is left.
type event struct {
	digest          uint64 // of the queue ID
	pid             int32
	text, rest, end int32
	// at is the place of what a check said; of a client, that of the client before in the same session, -1 if there is none.
	// A message ID comes behind at IDs that no hit needs to know.
	at        int32
	kind      kind
	inside    bool // the message is from inside
	noSession bool // no hit needs the client for its session
	noMessage bool // no hit needs the client for its message
}

func (e *event) queue(buf []byte) []byte { return buf[e.text : e.rest-2] }

// put puts a line to the events if it is needed.
func (s *sifter) put(b *batch, l *line) {
	e := event{kind: l.kind, pid: l.pid, text: l.text, rest: l.rest, end: l.end, at: l.check}
	switch l.kind {
	case connect, disconnect:
		s.border(b, l.kind, l.pid, l.text, l.end)
	case check:
		o, _ := s.process(l.pid)
		o.silent = false
		b.events = append(b.events, e)
	case client:
		s.client(b, e)
	case pickedUp:
		e.inside = true
		s.begin(b, &e, 0)
		b.events = append(b.events, e)
	case messageID:
		s.messageID(b, l.text, l.rest, l.end)
	}
}

// border is where a session begins or ends. Where a process is met for the first time in the batch, and begins a session,
// only the process is noted: what happened in its session before is over.
func (s *sifter) border(b *batch, k kind, pid, text, end int32) {
	o, known := s.process(pid)
	silent := known && o.silent
	s.sessions++
	for i := o.clients; silent && i >= 0; i = b.events[i].at {
		b.events[i].noSession = true
	}
	o.number, o.silent, o.clients = s.sessions, true, -1
	switch {
	case silent:
	case k == disconnect:
		b.events = append(b.events, event{kind: disconnect, pid: pid, text: text, end: end})
	case known:
		b.events = append(b.events, event{kind: connect, pid: pid})
	default:
		b.connects = append(b.connects, begun{pid: pid})
	}
}

// client begins a message.
func (s *sifter) client(b *batch, e event) {
	o, _ := s.process(e.pid)
	e.inside = fromInside(b.buf[e.rest+int32(len("client=")) : e.end])
	e.at, o.clients = o.clients, int32(len(b.events))
	if string(e.queue(b.buf)) != "NOQUEUE" {
		s.begin(b, &e, o.number)
	}
	b.events = append(b.events, e)
}

// messageID is the message ID of a message, of which the digest is left if no hit needs more.
func (s *sifter) messageID(b *batch, text, rest, end int32) {
	e := event{kind: messageID, text: text, rest: rest, end: end}
	e.digest = s.sent.digest(e.queue(b.buf))
	if first := s.settled(b, e.digest); first != nil {
		if id := readID(b.buf[e.rest:e.end]); len(id) > 0 {
			b.sent = append(b.sent, sentID(s.sent.digest(id), first.inside))
		}
		return
	}
	e.at = int32(len(b.sent))
	b.events = append(b.events, e)
}

// done leaves out the clients that no hit needs.
func (s *sifter) done(b *batch) {
	n := 0
	for i := range b.events {
		if e := &b.events[i]; !e.noSession || !e.noMessage {
			if i > n {
				b.events[n] = *e
			}
			n++
		}
	}
	b.events = b.events[:n]
}

// begin notes the line that begins a message.
func (s *sifter) begin(b *batch, e *event, session uint32) {
	e.digest = s.sent.digest(e.queue(b.buf))
	s.begun[e.digest%uint64(len(s.begun))] = beginning{
		queue: e.digest, batch: s.batch, event: int32(len(b.events)), pid: e.pid, session: session,
	}
}

// settled is the beginning of a message, if no hit needs to know its message ID.
func (s *sifter) settled(b *batch, queue uint64) *event {
	m := &s.begun[queue%uint64(len(s.begun))]
	if m.batch != s.batch || m.queue != queue {
		return nil
	}
	m.batch = 0
	first := &b.events[m.event]
	if first.kind == client {
		if o := s.place(m.pid); o.batch != s.batch || o.number != m.session || !o.silent {
			return nil
		}
	}
	first.noMessage = true
	return first
}

// process is what a process has open, known if it began before. Of two that share a place, the older session counts as one
// that goes on.
func (s *sifter) process(pid int32) (o *opening, known bool) {
	o = s.place(pid)
	if o.batch == s.batch && o.pid == pid {
		return o, true
	}
	s.sessions++
	*o = opening{batch: s.batch, number: s.sessions, pid: pid, clients: -1}
	return o, false
}

func (s *sifter) place(pid int32) *opening { return &s.open[uint32(pid)%uint32(len(s.open))] }

// loggedInNever reads what disconnect says of the commands of a session (Postfix 3.0 and up): "… ehlo=1 auth=0/1 mail=1
// commands=3/4".
func loggedInNever(text []byte) bool {
	auth, never, commands := false, true, false
	for {
		n := bytes.IndexByte(text, '=')
		if n < 0 {
			return commands && never
		}
		key, value := text[:n], text[n+1:]
		switch {
		case !auth && bytes.HasSuffix(key, []byte(" auth")):
			auth, never = true, has(value, "0/")
		case bytes.HasSuffix(key, []byte(" commands")):
			commands = true
		}
		text = value
	}
}

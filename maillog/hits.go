package maillog

import (
	"bytes"
	"context"
	"net/netip"
	"strings"
)

// Hits calls each with the hits of the logs, in the order of their lines. A hit waits until its session has ended,
// because later lines of the session tell its login, its queue ID and the message ID; but no longer than maxWaiting hits
// or an hour.
func Hits(ctx context.Context, logs []Source, o Options, each func(Hit)) (Coverage, error) {
	h := &hits{each: each, sessions: map[int32]*session{}, queues: map[string]*message{}, sent: o.Sent}
	if h.sent == nil {
		h.sent = NewSent()
	}
	c, err := scan(ctx, logs, o, func(k kind) bool {
		return k == connect || k == disconnect || k == client || k == check || k == messageID || k == pickedUp
	}, h.consume)
	h.flush(0)
	c.Unparsed += h.unparsed
	return c, err
}

const (
	maxWaiting = 8192
	maxWait    = 3600
)

type hits struct {
	each     func(Hit)
	sessions map[int32]*session
	queues   map[string]*message
	order    []*pending
	sent     *Sent
	unparsed int64
}

// session is what is known of an open session.
type session struct {
	waiting []*pending
	// login is that of the last message, known if there was one.
	login string
	known bool
}

// pending is a hit that waits for the end of its session, which may tell more of it.
type pending struct {
	Hit
	ready bool
}

// message is a message whose message ID is not known yet.
type message struct {
	inside bool
	at     int64
	hits   []*pending
}

func (h *hits) consume(j *job) error {
	for i := range j.batch.lines {
		h.line(j, &j.batch.lines[i])
	}
	return nil
}

func (h *hits) line(j *job, l *line) {
	b := j.buf
	switch l.kind {
	case connect:
		h.end(l, false)
		h.sessions[l.pid] = &session{}
	case disconnect:
		h.end(l, loggedInNever(b[l.text:l.end]))
	case client:
		h.client(l, b)
	case pickedUp:
		h.message(l, b, true)
	case messageID:
		h.messageID(l, b)
	case check:
		h.check(j, l)
	}
}

// loggedInNever reads what disconnect says of the commands of a session (Postfix 3.0 and up): "… ehlo=1 auth=0/1 mail=1
// commands=3/4".
func loggedInNever(text []byte) bool {
	if !bytes.Contains(text, []byte(" commands=")) {
		return false
	}
	_, auth, found := bytes.Cut(text, []byte(" auth="))
	return !found || bytes.HasPrefix(auth, []byte("0/"))
}

// end ends the session of a process.
func (h *hits) end(l *line, nobody bool) {
	s := h.sessions[l.pid]
	if s == nil {
		return
	}
	for _, p := range s.waiting {
		if nobody && !p.LoginKnown {
			p.LoginKnown = true
		}
		p.ready = true
	}
	delete(h.sessions, l.pid)
	h.flush(maxWaiting)
}

// client notes the login of a message, and gives it and the queue ID to the hits before it.
func (h *hits) client(l *line, b []byte) {
	rest := b[l.rest+int32(len("client=")) : l.end]
	login := loginOf(rest)
	inside := login != "" || insideClient(rest)
	m := h.message(l, b, inside)
	s := h.sessions[l.pid]
	if s == nil {
		s = &session{}
		h.sessions[l.pid] = s
	}
	queue := string(l.queue(b))
	for _, p := range s.waiting {
		if !p.LoginKnown && (!s.known || s.login == login) {
			p.Login, p.LoginKnown = login, true
		}
		if p.QueueID == "" && p.Step == "RCPT" && p.Action != Refused {
			p.QueueID = queue
			if m != nil {
				m.hits = append(m.hits, p)
			}
		}
	}
	s.login, s.known = login, true
}

// message begins a message.
func (h *hits) message(l *line, b []byte, inside bool) *message {
	queue := l.queue(b)
	if string(queue) == "NOQUEUE" {
		return nil
	}
	m := &message{inside: inside, at: l.sec}
	h.queues[string(queue)] = m
	return m
}

// messageID gives the hits of a message its message ID.
func (h *hits) messageID(l *line, b []byte) {
	m := h.queues[string(l.queue(b))]
	if m == nil {
		return
	}
	delete(h.queues, string(l.queue(b)))
	_, id, _ := bytes.Cut(b[l.rest:l.end], []byte("="))
	id = bytes.TrimSuffix(bytes.TrimPrefix(id, []byte("<")), []byte(">"))
	if len(id) == 0 {
		return
	}
	before := h.sent.meet(id, m.inside)
	for _, p := range m.hits {
		p.MessageID, p.Returned = string(id), before
	}
}

// check is a hit.
func (h *hits) check(j *job, l *line) {
	b := j.buf
	p := &pending{}
	skip, ok := readCheck(b[l.rest:l.end], &p.Hit)
	if j.origin+int64(l.begin) < j.batch.fresh || skip {
		return
	}
	if !ok {
		h.unparsed++
		return
	}
	p.Time, p.Program, p.PID = l.time(), string(b[l.program:l.bracket]), int(l.pid)
	if queue := string(l.queue(b)); queue != "NOQUEUE" {
		p.QueueID = queue
		if m := h.queues[queue]; m != nil {
			m.hits = append(m.hits, p)
		}
	}
	h.order = append(h.order, p)
	if strings.HasSuffix(p.Program, "/postscreen") {
		p.LoginKnown, p.ready = true, true // it does not know AUTH
		h.flush(maxWaiting)
		return
	}
	s := h.sessions[l.pid]
	if s == nil {
		s = &session{}
		h.sessions[l.pid] = s
	}
	if !p.LoginKnown && s.known && (s.login != "" || p.QueueID != "") {
		p.Login, p.LoginKnown = s.login, true
	}
	s.waiting = append(s.waiting, p)
	h.flush(maxWaiting)
}

// flush hands out what is ready, and the oldest ones if there are more than at most.
func (h *hits) flush(most int) {
	n := 0
	for n < len(h.order) && (h.order[n].ready || len(h.order)-n > most) {
		h.each(h.order[n].Hit)
		h.order[n] = nil
		n++
	}
	h.order = h.order[n:]
}

// loginOf is the login of a client= line.
func loginOf(rest []byte) string {
	i := bytes.Index(rest, saslUsername)
	if i < 0 {
		return ""
	}
	login := rest[i+len(saslUsername):]
	for _, field := range []string{", sasl_sender=", ", orig_queue_id=", ", orig_client="} {
		if j := bytes.Index(login, []byte(field)); j >= 0 {
			login = login[:j]
		}
	}
	return string(login)
}

// insideClient reports whether the client of a client= line, the original one if there is one, has a private address or
// one of this machine.
func insideClient(rest []byte) bool {
	if i := bytes.Index(rest, []byte(", orig_client=")); i >= 0 {
		rest = rest[i+len(", orig_client="):]
	}
	_, address, _, ok := readClient(rest)
	return ok && inside(address)
}

func inside(a netip.Addr) bool { return a.IsValid() && (a.IsPrivate() || a.IsLoopback()) }

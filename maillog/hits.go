package maillog

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
)

// Hits calls each with the hits of the logs, in the order of their lines. A hit waits until its session has ended,
// because later lines of the session tell its login, its queue ID and the message ID; but for no more than maxWaiting
// hits.
func Hits(ctx context.Context, logs []Source, o Options, each func(Hit)) (Coverage, error) {
	h := &hits{each: each, messages: map[uint64]message{}, sent: o.Sent}
	if h.sent == nil {
		h.sent = NewSent()
	}
	c, err := scan(ctx, logs, o, reading{kinds: ofHits, most: pickupDaemon, sent: h.sent, plain: o.Plain}, h.consume)
	h.flush(0)
	return c, err
}

const maxWaiting = 8192

type hits struct {
	each     func(Hit)
	sessions [sessionSlots]*session    // by the number of the process
	open     [sessionSlots / 64]uint64 // which of them there are, in bits: nearly all processes that are looked for are not there
	spare    []*session
	// messages are those whose message ID is not known yet, by the digest of their queue ID, which keeps them small.
	messages map[uint64]message
	order    []*pending
	ordered  int // those of order before it were handed out
	sent     *Sent
	done     []*pending // were handed out
}

// sessionSlots is how many processes have a place of their own. Of two that share one, the older session ends early: less
// is known of its hits.
const sessionSlots = 1 << 16

// session is what is known of an open session.
type session struct {
	pid     int32
	waiting []*pending
	// login is that of the last message, known if there was one.
	login string
	known bool
}

// pending is a hit that waits for the end of its session, which may tell more of it.
type pending struct {
	Hit
	ready bool
	held  int // by messages of which the message ID is not known yet
}

// message is a message whose message ID is not known yet.
type message struct {
	inside bool
	hits   []*pending
}

// maxMessages is how many messages without a message ID are remembered. Many have none: those whose client gave up.
const maxMessages = 1 << 15

func (h *hits) consume(j *job) error {
	for _, c := range j.connects {
		if at := slot(c.pid); h.open[at/64]>>(at%64)&1 == 1 {
			if s := h.sessions[at]; s.pid == c.pid {
				h.end(s, false)
			}
		}
	}
	h.sent.fetch(j.sent)
	given, met := j.given, int32(0)
	meet := func(until int32) {
		for ; met < until; met++ {
			h.sent.meet(j.sent[met])
		}
	}
	until := func(text int32) {
		for ; len(given) > 0 && given[0].text < text; given = given[1:] {
			meet(given[0].sent)
			h.messageID(j.buf, &given[0])
		}
	}
	for i := range j.turns {
		until(j.turns[i].text)
		h.turn(j, &j.turns[i])
	}
	until(math.MaxInt32)
	meet(int32(len(j.sent)))
	j.spare, h.done = append(j.spare, h.done...), h.done[:0]
	return nil
}

func (h *hits) turn(j *job, t *turn) {
	switch t.kind {
	case connect:
		if s := h.sessions[slot(t.pid)]; s != nil {
			h.end(s, false)
		}
	case disconnect:
		if s := h.sessions[slot(t.pid)]; s != nil && s.pid == t.pid {
			h.end(s, s.asks() && loggedInNever(j.buf[t.text:t.end]))
		}
	case client:
		h.client(t, j.buf)
	case pickedUp:
		if !t.settled {
			h.begin(h.sent.digest(queueOf(j.buf, t.text, t.rest)), message{inside: true})
		}
	case check:
		h.check(j, t)
	}
}

// asks reports whether the login of a hit is not known yet.
func (s *session) asks() bool {
	return slices.ContainsFunc(s.waiting, func(p *pending) bool { return !p.LoginKnown })
}

// end ends the session of a process.
func (h *hits) end(s *session, nobody bool) {
	for _, p := range s.waiting {
		if nobody && !p.LoginKnown {
			p.LoginKnown = true
		}
		p.ready = true
	}
	at := slot(s.pid)
	h.sessions[at] = nil
	h.open[at/64] &^= 1 << (at % 64)
	if len(s.waiting) > 0 {
		h.flush(maxWaiting)
	}
	clear(s.waiting)
	*s = session{waiting: s.waiting[:0]}
	h.spare = append(h.spare, s)
}

// session is the session of a process.
func (h *hits) session(pid int32) *session {
	s := h.sessions[slot(pid)]
	if s != nil && s.pid == pid {
		return s
	}
	if s != nil {
		h.end(s, false)
	}
	if n := len(h.spare); n > 0 {
		s, h.spare = h.spare[n-1], h.spare[:n-1]
	} else {
		s = &session{}
	}
	s.pid = pid
	at := slot(pid)
	h.sessions[at] = s
	h.open[at/64] |= 1 << (at % 64)
	return s
}

func slot(pid int32) uint32 { return (uint32(pid) + uint32(pid)>>pidBits*977) % sessionSlots }

// client notes the login of a message, and gives it and the queue ID to the hits before it.
func (h *hits) client(t *turn, b []byte) {
	rest := b[t.rest+int32(len("client=")) : t.end]
	login := ""
	if len(rest) > 0 && rest[len(rest)-1] != ']' {
		login = loginOf(string(rest))
	}
	m := message{inside: fromInside(rest)}
	s := h.session(t.pid)
	queue := queueOf(b, t.text, t.rest)
	for _, p := range s.waiting {
		if !p.LoginKnown && (!s.known || s.login == login) {
			p.Login, p.LoginKnown = login, true
		}
		if p.QueueID == "" && p.Step == "RCPT" && p.Action != Refused && string(queue) != "NOQUEUE" {
			p.QueueID = string(queue)
			p.held++
			m.hits = append(m.hits, p)
		}
	}
	s.login, s.known = login, true
	if !t.settled {
		h.begin(h.sent.digest(queue), m)
	}
}

// begin begins a message.
func (h *hits) begin(queue uint64, m message) {
	if len(h.messages) >= maxMessages {
		clear(h.messages)
	}
	h.messages[queue] = m
}

// messageID gives the hits of a message its message ID.
func (h *hits) messageID(b []byte, g *given) {
	queue := h.sent.digest(queueOf(b, g.text, g.rest))
	m, found := h.messages[queue]
	if !found {
		return
	}
	delete(h.messages, queue)
	for _, p := range m.hits {
		p.held--
	}
	id := readID(b[g.rest:g.end])
	if len(id) == 0 {
		return
	}
	before := h.sent.meet(sentID(h.sent.digest(id), m.inside))
	for _, p := range m.hits {
		p.MessageID, p.Returned = string(id), before
	}
}

// readID is the message ID in the text of a line of cleanup.
func readID(text []byte) []byte {
	_, id, _ := bytes.Cut(text, []byte("="))
	return idOf(id)
}

// idOf is a message ID without the angle brackets.
func idOf(id []byte) []byte {
	if n := len(id); n > 0 && id[n-1] == '>' {
		id = id[:n-1]
	}
	if len(id) > 0 && id[0] == '<' {
		id = id[1:]
	}
	return id
}

// check is a hit.
func (h *hits) check(j *job, t *turn) {
	p := j.checks[t.at]
	h.order = append(h.order, p)
	queue := queueOf(j.buf, t.text, t.rest)
	if string(queue) != "NOQUEUE" {
		p.QueueID = string(queue)
		digest := h.sent.digest(queue)
		if m, found := h.messages[digest]; found {
			p.held++
			m.hits = append(m.hits, p)
			h.messages[digest] = m
		}
	}
	if strings.HasSuffix(p.Program, "/postscreen") {
		p.LoginKnown, p.ready = true, true // it does not know AUTH
		h.flush(maxWaiting)
		return
	}
	s := h.session(t.pid)
	if !p.LoginKnown && s.known && (s.login != "" || p.QueueID != "") {
		p.Login, p.LoginKnown = s.login, true
	}
	if len(s.waiting) >= maxInSession {
		s.waiting[0].ready = true
		s.waiting = slices.Delete(s.waiting, 0, 1)
	}
	s.waiting = append(s.waiting, p)
	h.flush(maxWaiting)
}

// maxInSession is how many hits of a session wait for its end.
const maxInSession = 512

// flush hands out what is ready, and the oldest ones if there are more than at most.
func (h *hits) flush(most int) {
	for h.ordered < len(h.order) && (h.order[h.ordered].ready || len(h.order)-h.ordered > most) {
		p := h.order[h.ordered]
		h.each(p.Hit)
		if p.ready && p.held == 0 { // nobody else has it
			h.done = append(h.done, p)
		}
		h.order[h.ordered] = nil
		h.ordered++
	}
	if 2*h.ordered >= len(h.order) {
		n := copy(h.order, h.order[h.ordered:])
		h.order, h.ordered = h.order[:n], 0
	}
}

// loginOf is the login of a client= line.
func loginOf(rest string) string {
	i := strings.Index(rest, saslUsername)
	if i < 0 {
		return ""
	}
	login := rest[i+len(saslUsername):]
	for _, field := range []string{", sasl_sender=", ", orig_queue_id=", ", orig_client="} {
		if j := strings.Index(login, field); j >= 0 {
			login = login[:j]
		}
	}
	return login
}

// fromInside reports whether a client= line is of a message from inside: of a login, or of a client, the original one if
// there is one, that has a private address or one of this machine.
func fromInside(rest []byte) bool {
	open := bytes.IndexByte(rest, '[')
	if open < 0 || open+1 >= len(rest) {
		return false
	}
	if bytes.IndexByte(rest[open:], ']') != len(rest)-open-1 { // there is more behind the client
		if bytes.Contains(rest, []byte(saslUsername)) {
			return true
		}
		if _, original, found := bytes.Cut(rest, []byte(", orig_client=")); found {
			rest = original
			open = bytes.IndexByte(rest, '[')
			if open < 0 || open+1 >= len(rest) {
				return false
			}
		}
	}
	switch rest[open+1] {
	case '1', ':', 'f', 'F', 'I': // 10, 172, 192, 127; ::1; fc00::/7; IPv6:…
	default:
		return false
	}
	_, address, _, ok := readClient(string(rest))
	return ok && (address.IsPrivate() || address.IsLoopback())
}

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
	sessions [sessionSlots]*session // by the number of the process
	at       [places]int32          // how many of them have a process with a place
	places   heard                  // the places that one has
	spare    []*session
	// messages are those whose message ID is not known yet, by the digest of their queue ID, which keeps them small.
	messages map[uint64]message
	order    []*pending
	ordered  int // those of order before it were handed out
	sent     *Sent
	done     []*pending // were handed out, and are used again
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
	h.sent.fetch(j.sent)
	for i := range j.heard { // no other session that is open can have a border in the batch
		j.heard[i] |= h.places[i]
	}
	q := remaining{job: j, borders: j.borders, firsts: j.firsts, checks: j.checks, given: j.given, sent: j.sent}
	for h.next(&q) {
	}
	if len(j.spare) < maxInSession {
		j.spare = append(j.spare, h.done...)
	}
	clear(h.done)
	h.done = h.done[:0]
	return nil
}

// remaining is what is left of a batch.
type remaining struct {
	*job
	borders []border
	firsts  []firstLine
	checks  []spoken
	given   []given
	sent    []sentOf
}

// next consumes the next line, false when there is none.
func (h *hits) next(q *remaining) bool {
	const never = math.MaxInt32
	border, first, check, given := int32(never), int32(never), int32(never), int32(never)
	for i := range q.borders {
		if q.heard.in(q.borders[i].pid) {
			border, q.borders = q.borders[i].text(), q.borders[i:]
			break
		}
	}
	for i := range q.firsts {
		if f := &q.firsts[i]; f.needed || !f.pickedUp && q.heard.in(f.pid) {
			first, q.firsts = f.text, q.firsts[i:]
			break
		}
	}
	if len(q.checks) > 0 {
		check = q.checks[0].text
	}
	if len(q.given) > 0 {
		given = q.given[0].text
	}
	if border == never {
		q.borders = nil
	}
	if first == never {
		q.firsts = nil
	}
	next := min(border, first, check, given)
	for ; len(q.sent) > 0 && q.sent[0].rest < next; q.sent = q.sent[1:] {
		h.meet(q.job, &q.sent[0])
	}
	switch next {
	case never:
		return false
	case border:
		h.border(q.buf, q.borders[0])
		q.borders = q.borders[1:]
	case first:
		h.first(q.buf, &q.firsts[0])
		q.firsts = q.firsts[1:]
	case check:
		h.check(q.buf, &q.checks[0])
		q.checks = q.checks[1:]
	case given:
		g := &q.given[0]
		h.messageID(h.sent.digest(queueOf(q.buf, g.text, g.rest)), readID(q.buf[g.rest:g.end]))
		q.given = q.given[1:]
	}
	return true
}

// border is where a session begins or ends.
func (h *hits) border(buf []byte, b border) {
	s := h.sessions[slot(b.pid)]
	switch {
	case s == nil:
	case b.begins():
		h.end(s, false)
	case s.pid == b.pid:
		nobody := false
		if s.asks() {
			text, _, _ := bytes.Cut(buf[b.text():], lineEnd)
			nobody = loggedInNever(text)
		}
		h.end(s, nobody)
	}
}

var lineEnd = []byte("\n")

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
	h.sessions[slot(s.pid)] = nil
	at := placeOf(s.pid)
	if h.at[at]--; h.at[at] == 0 {
		h.places[at/64] &^= 1 << (at % 64)
	}
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
	h.sessions[slot(pid)] = s
	h.at[placeOf(pid)]++
	h.places.add(pid)
	return s
}

func slot(pid int32) uint32 { return (uint32(pid) + uint32(pid)>>pidBits*977) % sessionSlots }

// first is the first line of a message. It tells the login, which with the queue ID is that of the hits before it.
func (h *hits) first(b []byte, f *firstLine) {
	if f.pickedUp {
		h.begin(b, f, message{inside: true})
		return
	}
	rest := b[f.rest+int32(len("client=")) : f.end]
	login := ""
	if len(rest) > 0 && rest[len(rest)-1] != ']' {
		login = loginOf(string(rest))
	}
	m := message{inside: fromInside(rest)}
	s := h.session(f.pid)
	queue := f.queue(b)
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
	if string(queue) != "NOQUEUE" {
		h.begin(b, f, m)
	}
}

// begin begins a message.
func (h *hits) begin(b []byte, f *firstLine, m message) {
	if len(h.messages) >= maxMessages {
		clear(h.messages)
	}
	f.begun = true
	h.messages[h.sent.digest(f.queue(b))] = m
}

// meet meets a message ID. Those of messages that nobody asks for are only remembered.
func (h *hits) meet(j *job, s *sentOf) {
	f := &j.firsts[s.message]
	if f.begun && h.messageID(h.sent.digest(f.queue(j.buf)), idOf(j.buf[s.rest:s.end])) || s.digest == 0 {
		return
	}
	h.sent.meet(s.digest)
}

// messageID gives the hits of a message its message ID. It is false if the message is not known.
func (h *hits) messageID(queue uint64, id []byte) (known bool) {
	m, known := h.messages[queue]
	if !known {
		return false
	}
	delete(h.messages, queue)
	for _, p := range m.hits {
		p.held--
	}
	if len(id) == 0 {
		return true
	}
	before := h.sent.meet(sentID(h.sent.digest(id), m.inside))
	for _, p := range m.hits {
		p.MessageID, p.Returned = string(id), before
	}
	return true
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
func (h *hits) check(b []byte, c *spoken) {
	p := c.pending
	h.order = append(h.order, p)
	queue := queueOf(b, c.text, c.rest)
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
	s := h.session(c.pid)
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

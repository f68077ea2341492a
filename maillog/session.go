package maillog

import (
	"bytes"
	"slices"
	"strings"
)

// maxWaiting is how many hits wait at most.
const maxWaiting = 8192

// maxSessions is how many sessions are kept open. If there are more, some of the older ones end early: less is known of
// their hits.
const maxSessions = 1 << 16

// session is what is known of an open session.
type session struct {
	pid     int32
	waiting []*pending
	// login is that of the last message, known if there was one.
	login string
	known bool
	next  *session // another one of the same place
}

// pending is a hit that waits for the end of its session, which may tell more of it.
type pending struct {
	Hit
	ready bool
	held  int // by messages of which the message ID is not known yet
}

// border is where a session begins or ends.
func (h *hits) border(buf []byte, b border) {
	s := h.known(b.pid)
	if s == nil {
		return
	}
	nobody := false
	if !b.begins() && s.asks() {
		text, _, _ := bytes.Cut(buf[b.text():], lineEnd)
		nobody = loggedInNever(text)
	}
	h.end(s, nobody)
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
	at := placeOf(s.pid)
	link := &h.sessions[at]
	for *link != s {
		link = &(*link).next
	}
	*link = s.next
	if h.sessions[at] == nil {
		h.places[at/64] &^= 1 << (at % 64)
	}
	h.open--
	if len(s.waiting) > 0 {
		h.flush(maxWaiting)
	}
	clear(s.waiting)
	*s = session{waiting: s.waiting[:0]}
	h.spare = append(h.spare, s)
}

// known is the session of a process, nil if nothing is known of it.
func (h *hits) known(pid int32) *session {
	s := h.sessions[placeOf(pid)]
	for s != nil && s.pid != pid {
		s = s.next
	}
	return s
}

// session is the session of a process.
func (h *hits) session(pid int32) *session {
	s := h.known(pid)
	if s != nil {
		return s
	}
	first := &h.sessions[placeOf(pid)]
	if h.open >= maxSessions && *first != nil {
		h.end(*first, false)
	}
	if n := len(h.spare); n > 0 {
		s, h.spare = h.spare[n-1], h.spare[:n-1]
	} else {
		s = &session{}
	}
	s.pid, s.next = pid, *first
	*first = s
	h.open++
	h.places.add(pid)
	return s
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

package maillog

import (
	"bytes"
	"slices"
	"strings"
)

const maxWaiting = 8192

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

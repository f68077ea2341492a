package maillog

import (
	"slices"
	"strings"
)

// visit is the session of a process.
func (m *letters) visit(pid int32) *visit {
	if v := m.known(pid); v != nil {
		return v
	}
	var v *visit
	if n := len(m.spare); n > 0 {
		v, m.spare = m.spare[n-1], m.spare[:n-1]
	} else {
		v = &visit{}
	}
	m.sessions.put(sessionKey(pid), v)
	return v
}

// known is the session of a process if there is one. Nearly all processes that are looked for have none.
func (m *letters) known(pid int32) *visit { return m.sessions.get(sessionKey(pid)) }

// sessionKey is another number for each process, as good as a digest.
func sessionKey(pid int32) uint64 { return (uint64(uint32(pid)) + 1) * 0x9e3779b97f4a7c15 }

// learn gives the login of a message to the attempts before it, as long as nobody can have logged in meanwhile.
func (v *visit) learn(login string) {
	for _, o := range v.attempts {
		if !o.LoginKnown && (!v.known || v.login == login) {
			o.Login, o.LoginKnown = login, true
		}
	}
	v.login, v.known = login, true
}

// check puts what a check said to the recipient of the open message, or to an attempt of the session.
func (m *letters) check(j *job, e *step) {
	h := &e.hit.Hit
	switch h.Step {
	case "RCPT", "MAIL", "DATA", "END-OF-MESSAGE", "BDAT":
	default:
		return // no letter yet
	}
	if h.QueueID != "" {
		if o := m.open.get(e.queue); o != nil {
			m.say(o, h)
			return
		}
	}
	stale := j.origin+int64(e.begin) < j.fresh
	if strings.HasSuffix(h.Program, "/postscreen") {
		o := m.attempt(h, e.sec, stale)
		o.LoginKnown = true
		m.say(o, h)
		m.give(o)
		m.mails.give(o)
		return
	}
	v := m.visit(e.pid)
	n := len(v.attempts)
	if n == 0 || !v.attempts[n-1].takes(h) {
		v.attempts = append(v.attempts, m.attempt(h, e.sec, stale))
		n++
	}
	o := v.attempts[n-1]
	if !o.LoginKnown && v.known && v.login != "" {
		o.Login, o.LoginKnown = v.login, true
	}
	m.say(o, h)
	if n > maxAttempts {
		m.give(v.attempts[0])
		m.mails.give(v.attempts[0])
		v.attempts = slices.Delete(v.attempts, 0, 1)
	}
}

// maxAttempts is how many attempts of a session are kept until it ends.
const maxAttempts = 64

func (m *letters) attempt(h *Hit, seen int64, stale bool) *mail {
	o := m.mails.take()
	o.Time, o.Program, o.ClientName, o.Client = h.Time, h.Program, h.ClientName, h.Client
	o.Login, o.LoginKnown, o.Sender, o.Helo = h.Login, h.LoginKnown, h.Sender, h.Helo
	o.seen, o.stale = seen, stale
	return o
}

// takes reports whether a hit may belong to the same attempt: the same sender, and a recipient that was not yet refused.
func (o *mail) takes(h *Hit) bool {
	if o.Sender != h.Sender || h.Step == "MAIL" || len(o.Recipients) >= 1000 {
		return false
	}
	i := slices.IndexFunc(o.Recipients, func(r Recipient) bool { return r.Address == h.Recipient })
	return i < 0 || o.Recipients[i].Refused == ""
}

// say puts a hit to its recipient. The text of a refusal is the whole reply, see reader.hit.
func (m *letters) say(o *mail, h *Hit) {
	if o.Sender == "" {
		o.Sender = h.Sender
	}
	if o.Helo == "" {
		o.Helo = h.Helo
	}
	if h.Action == Refused && h.Step != "RCPT" && h.Step != "MAIL" {
		o.stopped = h.Text
		if h.Recipient == "" {
			return
		}
	}
	r := o.recipient(h.Recipient)
	if h.Action == Refused {
		r.Refused = h.Text
	} else {
		r.Hits = append(r.Hits, *h)
	}
}

// leave ends the session of a process. nobody: it is known that nobody had logged in.
func (m *letters) leave(pid int32, v *visit, nobody bool) {
	for _, o := range v.attempts {
		if nobody {
			o.LoginKnown = true
		}
		m.give(o)
		m.mails.give(o)
	}
	m.sessions.remove(sessionKey(pid))
	clear(v.attempts)
	*v = visit{attempts: v.attempts[:0]}
	m.spare = append(m.spare, v)
}

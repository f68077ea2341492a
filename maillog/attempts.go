package maillog

import (
	"slices"
	"strconv"
	"strings"
)

// visit is the session of a process.
func (m *letters) visit(pid int32) *visit {
	v := m.sessions[pid]
	if v == nil {
		v = &visit{}
		m.sessions[pid] = v
	}
	return v
}

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
			o.say(h)
			return
		}
	}
	stale := j.origin+int64(e.begin) < j.fresh
	if strings.HasSuffix(h.Program, "/postscreen") {
		o := attempt(h, e.sec, stale)
		o.LoginKnown = true
		o.say(h)
		m.give(o)
		return
	}
	v := m.visit(e.pid)
	n := len(v.attempts)
	if n == 0 || !v.attempts[n-1].takes(h) {
		v.attempts = append(v.attempts, attempt(h, e.sec, stale))
		n++
	}
	o := v.attempts[n-1]
	if !o.LoginKnown && v.known && v.login != "" {
		o.Login, o.LoginKnown = v.login, true
	}
	o.say(h)
	if n > maxAttempts {
		m.give(v.attempts[0])
		v.attempts = slices.Delete(v.attempts, 0, 1)
	}
}

// maxAttempts is how many attempts of a session are kept until it ends.
const maxAttempts = 64

func attempt(h *Hit, seen int64, stale bool) *mail {
	return &mail{Letter: Letter{
		Time: h.Time, Program: h.Program, ClientName: h.ClientName, Client: h.Client,
		Login: h.Login, LoginKnown: h.LoginKnown, Sender: h.Sender, Helo: h.Helo,
	}, seen: seen, stale: stale}
}

// takes reports whether a hit may belong to the same attempt: the same sender, and a recipient that was not yet refused.
func (o *mail) takes(h *Hit) bool {
	if o.Sender != h.Sender || h.Step == "MAIL" || len(o.Recipients) >= 1000 {
		return false
	}
	i := slices.IndexFunc(o.Recipients, func(r Recipient) bool { return r.Address == h.Recipient })
	return i < 0 || o.Recipients[i].Refused == ""
}

// say puts a hit to its recipient.
func (o *mail) say(h *Hit) {
	if o.Sender == "" {
		o.Sender = h.Sender
	}
	if o.Helo == "" {
		o.Helo = h.Helo
	}
	reply := h.reply()
	if h.Action == Refused && h.Step != "RCPT" && h.Step != "MAIL" {
		o.stopped = reply
		if h.Recipient == "" {
			return
		}
	}
	r := o.recipient(h.Recipient)
	if h.Action == Refused {
		r.Refused = reply
	} else {
		r.Hits = append(r.Hits, *h)
	}
}

// reply is the reply as it stands in the log.
func (h *Hit) reply() string {
	var buf [256]byte
	b := buf[:0]
	if h.Code != 0 {
		b = append(strconv.AppendInt(b, int64(h.Code), 10), ' ')
	}
	if h.Enhanced != "" {
		b = append(append(b, h.Enhanced...), ' ')
	}
	if h.Subject != "" {
		b = append(append(append(b, '<'), h.Subject...), ">: "...)
	}
	return string(append(b, h.Text...))
}

// leave ends a session. nobody: it is known that nobody had logged in.
func (m *letters) leave(v *visit, nobody bool) {
	for _, o := range v.attempts {
		if nobody {
			o.LoginKnown = true
		}
		m.give(o)
	}
}

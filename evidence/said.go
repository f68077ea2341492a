package evidence

import (
	"net/netip"
	"slices"
	"time"

	"ucs-harden/maillog"
)

// session is a process of smtpd(8), which serves one client at a time.
type session struct {
	program string
	pid     int
}

// about is what a line is about: a letter to one recipient, and a control.
type about struct {
	key                     Key
	action                  maillog.Action
	client                  netip.Addr
	queueID                 string
	sender, recipient, helo string
}

// said is what the log has said last in a session.
type said struct {
	about
	at   time.Time // of the first line
	text []string  // what the control has said of it
}

// conversations are what was said last in sessions. Of a few of those whose processes share a place, the next one takes the
// place of the one that came first.
type conversations [256]struct {
	sessions [4]session
	said     [4]said
	next     int
}

// sameMoment is within which time smtpd(8) writes all lines about a recipient.
const sameMoment = time.Minute

// again reports whether a line is about a letter that was counted already: a control in mode warn may say several things of
// one letter, such as "not logged in" and "Access denied" on 587. It says each once, so the same text begins the next
// letter.
func (c *conversations) again(k Key, h *maillog.Hit) bool {
	last := c.of(session{h.Program, h.PID})
	now := about{k, h.Action, h.Client, h.QueueID, h.Sender, h.Recipient, h.Helo}
	after := h.Time.Sub(last.at)
	if last.about == now && 0 <= after && after < sameMoment && !slices.Contains(last.text, h.Text) {
		last.text = append(last.text, h.Text)
		return true
	}
	last.about, last.at, last.text = now, h.Time, append(last.text[:0], h.Text)
	return false
}

func (c *conversations) of(s session) *said {
	place := &c[uint(s.pid)%uint(len(c))]
	for i := range place.sessions {
		if place.sessions[i] == s {
			return &place.said[i]
		}
	}
	i := place.next
	place.next = (i + 1) % len(place.sessions)
	place.sessions[i], place.said[i].about = s, about{}
	return &place.said[i]
}

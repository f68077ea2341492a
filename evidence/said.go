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
	session
	about
	at   time.Time // of the first line
	text []string  // what the control has said of it
}

// conversations are what was said last in sessions: in a few of those whose processes share a place, the one of which
// nothing was said for longest is forgotten.
type conversations [256][4]said

// sameMoment is within which time smtpd(8) writes all lines about a recipient.
const sameMoment = time.Minute

// again reports whether a line is about a letter that was counted already: a control in mode warn may say several things of
// one letter, such as "not logged in" and "Access denied" on 587. It says each once, so the same text begins the next
// letter.
func (c *conversations) again(k Key, h *maillog.Hit) bool {
	last := c.of(session{h.Program, h.PID})
	now := about{k, h.Action, h.Client, h.QueueID, h.Sender, h.Recipient, h.Helo}
	if last.about == now && !h.Time.Before(last.at) && h.Time.Sub(last.at) < sameMoment && !slices.Contains(last.text, h.Text) {
		last.text = append(last.text, h.Text)
		return true
	}
	last.about, last.at, last.text = now, h.Time, append(last.text[:0], h.Text)
	return false
}

func (c *conversations) of(s session) *said {
	all := &c[uint(s.pid)%uint(len(c))]
	oldest := 0
	for i := range all {
		if all[i].session == s {
			return &all[i]
		}
		if all[i].at.Before(all[oldest].at) {
			oldest = i
		}
	}
	all[oldest].session, all[oldest].about = s, about{}
	return &all[oldest]
}

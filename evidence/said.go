package evidence

import (
	"slices"
	"time"

	"ucs-harden/maillog"
)

// session is a process of smtpd(8), which serves one client at a time.
type session struct {
	program string
	pid     int
}

// said is what the log has said last in a session about one letter to one recipient.
type said struct {
	key  Key
	of   maillog.Hit // its client, sender, recipient and HELO name
	text []string    // what the control has said of it
}

// sameMoment is within which time smtpd(8) writes all lines about a recipient.
const sameMoment = time.Minute

// maxSaid bounds the sessions that are remembered.
const maxSaid = 4096

// again reports whether a line is about a letter that was counted already: a control in mode warn may say several things of
// one letter, such as "not logged in" and "Access denied" on 587. It says each once, so the same text begins the next
// letter.
func (d *Digest) again(k Key, h maillog.Hit) bool {
	s := session{h.Program, h.PID}
	last := d.said[s]
	if last != nil && last.key == k && sameLetter(last.of, h) && !slices.Contains(last.text, h.Text) {
		last.text = append(last.text, h.Text)
		return true
	}
	if d.said == nil || len(d.said) >= maxSaid {
		d.said = map[session]*said{}
	}
	d.said[s] = &said{key: k, of: h, text: []string{h.Text}}
	return false
}

func sameLetter(a, b maillog.Hit) bool {
	return a.Action == b.Action && a.Client == b.Client && a.Sender == b.Sender && a.Recipient == b.Recipient && a.Helo == b.Helo &&
		a.QueueID == b.QueueID && !b.Time.Before(a.Time) && b.Time.Sub(a.Time) < sameMoment
}

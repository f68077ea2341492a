package maillog

import (
	"cmp"
	"slices"
	"strings"
)

// stop refuses a whole message.
func (o *mail) stop(text string) {
	o.stopped = text
	if i := strings.LastIndex(text, beginSender); i >= 0 {
		if f, ok := readFields(text[i+2:], true); ok {
			o.Sender = f.sender
			if len(f.recipient) > 0 {
				o.recipient(f.recipient)
			}
		}
	}
}

// end ends a message.
func (m *letters) end(o *mail) {
	m.open.remove(o.queue)
	m.merge(o)
	if o.notifies() {
		o.Program, o.LoginKnown = "postfix/bounce", true
	}
	if o.id != 0 && m.byID.get(o.id) == o {
		m.byID.remove(o.id)
	}
	if o.before != nil {
		m.give(o.before)
		m.mails.give(o.before)
	}
	if o.stopped != "" {
		for i := range o.Recipients {
			if o.Recipients[i].Refused == "" {
				o.Recipients[i].Refused = o.stopped
			}
		}
	}
	m.give(o)
	m.mails.give(o)
}

// notifies reports whether a message without a beginning is a notification of this server: it has the null sender, and
// a message ID that cleanup(8) made of its queue ID. The line of bounce(8) that names it may come after it was
// delivered.
func (o *mail) notifies() bool {
	return o.Program == "" && !o.Client.IsValid() && o.queued && o.Sender == "" && strings.Contains(o.MessageID, "."+o.QueueID+"@")
}

// give hands a letter out. Of an attempt there are only the recipients that were refused.
func (m *letters) give(o *mail) {
	if o.QueueID == "" {
		o.Recipients = slices.DeleteFunc(o.Recipients, func(r Recipient) bool { return r.Refused == "" })
	}
	if o.again || o.stale || len(o.Recipients) == 0 {
		return
	}
	m.each(&o.Letter)
}

// sweep ends messages that will not go on.
func (m *letters) sweep() {
	if m.now-m.swept < 3600 {
		return
	}
	m.swept = m.now
	old := slices.DeleteFunc(m.open.all(), func(o *mail) bool {
		age := m.now - o.seen
		return age <= maxAge && (o.queued || age <= maxUnqueued)
	})
	byTime(old)
	for _, o := range old {
		m.end(o)
	}
}

// finish ends all that is open, in the order of time.
func (m *letters) finish() {
	var attempts []*mail
	for _, v := range m.sessions.all() {
		attempts = append(attempts, v.attempts...)
	}
	left := m.open.all()
	byTime(attempts)
	byTime(left)
	for _, o := range attempts {
		m.give(o)
	}
	for _, o := range left {
		m.end(o)
	}
}

func byTime(mails []*mail) {
	slices.SortFunc(mails, func(a, b *mail) int {
		return cmp.Or(a.Time.Compare(b.Time), strings.Compare(a.QueueID, b.QueueID), strings.Compare(a.Sender, b.Sender))
	})
}

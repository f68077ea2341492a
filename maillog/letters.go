package maillog

import (
	"context"
	"strings"
	"time"
)

// Letters calls each with the letters of the logs, as they are complete: when the queue manager removes the message, or
// when the session of an attempt ends. What is still open at the end of the log comes last. A letter is used
// again when each returns.
//
// A letter that a content filter gives back to Postfix counts once, with its first client and its first recipients. It is
// known by its orig_queue_id (XFORWARD), by the "queued as" of the filter's reply, or by the message ID of a message that
// is still open. A message that began before the log has no Program. Neither has a letter that a filter gave back and
// whose first message is not in the log. A letter refused at the step MAIL has one recipient without an address.
func Letters(ctx context.Context, logs []Source, o Options, each func(*Letter)) (Coverage, error) {
	m := &letters{
		each: each, inside: o.Inside, sessions: newTable[visit](), open: newTable[mail](), byID: newTable[mail](),
		sent: NewSent(), texts: newTexts(),
	}
	if m.inside == nil {
		m.inside = (*Letter).fromInside
	}
	c, err := scan(ctx, logs, o, reading{kinds: ofLetters, most: bounceDaemon, key: m.sent.key}, func(j *job) error {
		m.consume(j)
		return nil
	})
	m.finish()
	return c, err
}

const (
	// maxAge is how long a message may be silent: longer than Postfix keeps a message in its queue (5 days).
	maxAge = 6 * 24 * 3600
	// maxUnqueued is how long after its first line a message may be unknown to the queue manager.
	maxUnqueued = 2 * 3600
)

type letters struct {
	each     func(*Letter)
	inside   func(*Letter) bool
	sessions table[visit] // that are open, by sessionKey
	spare    []*visit
	mails    spareMails
	open     table[mail] // by the digest of the queue ID
	byID     table[mail] // those that may come back from a filter, by the digest of the message ID
	sent     *Sent
	now      int64
	swept    int64
	calendar calendar
	texts    *texts
}

// visit is a session that is open.
type visit struct {
	attempts []*mail // refused ones
	login    string
	known    bool
}

func (m *letters) consume(j *job) {
	m.sent.fetch(j.ids)
	begun := j.connects
	for i := range j.steps {
		for len(begun) > 0 && int(begun[0].before) <= i {
			m.connect(begun[0].pid)
			begun = begun[1:]
		}
		m.step(j, &j.steps[i])
	}
	for _, c := range begun {
		m.connect(c.pid)
	}
	m.sweep()
	m.mails.share(j)
}

// connect ends a session of a process, of which the end is not in the log.
func (m *letters) connect(pid int32) {
	if v := m.known(pid); v != nil {
		m.leave(pid, v, false)
	}
}

func (m *letters) step(j *job, e *step) {
	m.now = max(m.now, e.sec)
	switch e.kind {
	case connect:
		m.connect(e.pid)
	case disconnect:
		if v := m.known(e.pid); v != nil {
			m.leave(e.pid, v, len(v.attempts) > 0 && loggedInNever(j.buf[e.text:e.rest]))
		}
	case client:
		m.client(e)
	case check:
		m.check(j, e)
		j.spare = append(j.spare, e.hit)
	case pickedUp:
		m.begin(e.mail, e.queue)
	case messageID:
		m.messageID(j, e)
	case stopped:
		if o := m.open.get(e.queue); o != nil {
			o.stop(e.value)
		}
	case queued:
		m.queued(j, e)
	case delivered:
		m.delivered(j, e)
	case child:
		if o := m.open.get(e.linked); o != nil && o.Program == "" {
			o.Program, o.LoginKnown = e.value, true
		}
	case removed:
		if o := m.open.get(e.queue); o != nil {
			m.end(o)
		}
	}
}

// begin begins a message. One with the same queue ID that is still open has ended without a line.
func (m *letters) begin(o *mail, queue uint64) {
	if old := m.open.get(queue); old != nil {
		m.end(old)
	}
	o.queue = queue
	m.open.put(queue, o)
}

// of is the open message of a line, which begins with this line if its beginning is not in the log.
func (m *letters) of(j *job, e *step) *mail {
	o := m.open.get(e.queue)
	if o == nil {
		if m.calendar.written != j.file.written || m.calendar.location == nil {
			m.calendar = calendar{written: j.file.written, location: time.Local}
		}
		at, _ := m.calendar.read(j.buf[e.begin:])
		o = m.mails.take()
		o.Time, o.QueueID = at.time(), string(j.buf[e.text:e.rest-2])
		o.stale = j.origin+int64(e.begin) < j.fresh
		m.begin(o, e.queue)
	}
	o.seen = e.sec
	return o
}

func (m *letters) client(e *step) {
	o := e.mail
	var v *visit
	if !e.silent {
		v = m.visit(e.pid)
		v.learn(o.Login)
	}
	if o.QueueID == "NOQUEUE" { // a filter before the queue takes it and gives it back
		return
	}
	m.begin(o, e.queue)
	if e.linked != 0 && m.open.get(e.linked) != nil {
		o.again = true
	} else if e.other != "" {
		if name, address, _, ok := readClient(e.other); ok {
			o.ClientName, o.Client = clientName(name), address
			o.Program, o.LoginKnown = "", false
		}
	}
	if v == nil {
		return
	}
	if n := len(v.attempts); n > 0 {
		o.before = v.attempts[n-1]
		v.attempts = v.attempts[:n-1]
	}
}

func originalQueueID(rest string) string {
	_, id, found := strings.Cut(rest, ", orig_queue_id=")
	if !found {
		return ""
	}
	return word(id)
}

func (m *letters) messageID(j *job, e *step) {
	o := m.of(j, e)
	if e.value == "" || o.MessageID != "" {
		return
	}
	o.MessageID, o.id = e.value, e.id
	o.Returned = m.sent.meet(sentID(e.id, m.inside(&o.Letter)))
	if first := m.byID.get(e.id); first == nil {
		m.byID.put(e.id, o)
	} else if first != o && (o.fromHere() || o.headless()) {
		o.again = true
	}
}

func (m *letters) queued(j *job, e *step) {
	o := m.of(j, e)
	if !o.queued && o.Sender == "" {
		o.Sender = e.value
	}
	o.queued = true
	m.merge(o)
}

func (m *letters) delivered(j *job, e *step) {
	o := m.of(j, e)
	if e.probe {
		o.again = true
		return
	}
	o.recipient(e.value)
	if e.linked == 0 {
		return
	}
	next := m.open.get(e.linked)
	switch {
	case next == nil:
	case e.local:
		next.again = true
	case next != o && next.Client.IsValid():
		if _, address, _, ok := readClient(e.other); ok && address == next.Client {
			next.again = true
		}
	}
}

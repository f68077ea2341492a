package maillog

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Letters calls each with the letters of the logs, as they are complete: when the queue manager removes the message, or
// when the session of an attempt ends. What is still open at the end of the log comes last.
//
// A letter that a content filter gives back to Postfix counts once, with its first client and its first recipients. It is
// known by its orig_queue_id (XFORWARD), by the "queued as" of the filter's reply, or by the message ID of a message that
// is still open. A message that began before the log has no Program. Neither has a letter that a filter gave back and
// whose first message is not in the log. A letter refused at the step MAIL has one recipient without an address.
func Letters(ctx context.Context, logs []Source, o Options, each func(Letter)) (Coverage, error) {
	m := &letters{each: each, sessions: map[int32]*visit{}, open: map[string]*mail{}, byID: map[string]*mail{}}
	c, err := scan(ctx, logs, o, reading{kinds: ofLetters, most: bounceDaemon}, func(j *job) error {
		for i := range j.batch.lines {
			m.line(j, &j.batch.lines[i])
		}
		m.sweep()
		return nil
	})
	m.finish()
	c.Unparsed += m.unparsed
	return c, err
}

const (
	// maxAge is how long a message may be silent: longer than Postfix keeps a message in its queue (5 days).
	maxAge = 6 * 24 * 3600
	// maxUnqueued is how long after its first line a message may be unknown to the queue manager.
	maxUnqueued = 2 * 3600
)

type letters struct {
	each     func(Letter)
	sessions map[int32]*visit
	open     map[string]*mail
	byID     map[string]*mail // those that may come back from a filter
	now      int64
	swept    int64
	unparsed int64
	names
	calendar calendar
}

// mail is a message that is open.
type mail struct {
	Letter
	seen   int64 // time of its last line
	queued bool  // the queue manager knows it
	// again: it is another message once more, or one that Postfix made for itself.
	again bool
	// stale: its lines were read before.
	stale bool
	// before are recipients that were refused, or spoken of, before the first one was accepted.
	before *mail
	// stopped is the reply with which the whole message was refused.
	stopped string
	known   map[string]int // places in Recipients, when there are many
}

// visit is a session that is open.
type visit struct {
	attempts []*mail // refused ones
	login    string
	known    bool
}

func (m *letters) line(j *job, l *line) {
	b := j.buf
	m.now = max(m.now, l.sec)
	switch l.kind {
	case connect, disconnect:
		if v := m.sessions[l.pid]; v != nil {
			delete(m.sessions, l.pid)
			m.leave(v, l.kind == disconnect && len(v.attempts) > 0 && loggedInNever(b[l.text:l.end]))
		}
	case client:
		m.client(j, l)
	case check:
		m.check(j, l)
	case pickedUp:
		m.pickedUp(j, l)
	case messageID:
		m.messageID(j, l)
	case stopped:
		if o := m.open[string(l.queue(b))]; o != nil {
			o.stop(string(b[l.rest:l.end]))
		}
	case queued:
		m.queued(j, l)
	case delivered:
		m.delivered(j, l)
	case child:
		m.child(l, b)
	case removed:
		if o := m.open[string(l.queue(b))]; o != nil {
			m.end(o)
		}
	}
}

// begin begins a message. One with the same queue ID that is still open has ended without a line.
func (m *letters) begin(j *job, l *line) *mail {
	if !l.exact {
		if m.calendar.written != j.file.written || m.calendar.location == nil {
			m.calendar = calendar{written: j.file.written, location: time.Local}
		}
		l.stamp, _ = m.calendar.read(j.buf[l.begin:l.end])
	}
	queue := string(l.queue(j.buf))
	if old := m.open[queue]; old != nil {
		m.end(old)
	}
	o := &mail{Letter: Letter{Time: l.time(), QueueID: queue}, seen: l.sec, stale: j.origin+int64(l.begin) < j.batch.fresh}
	m.open[queue] = o
	return o
}

// of is the open message of a line, which begins with this line if its beginning is not in the log.
func (m *letters) of(j *job, l *line) *mail {
	o := m.open[string(l.queue(j.buf))]
	if o == nil {
		o = m.begin(j, l)
	}
	o.seen = l.sec
	return o
}

func (m *letters) client(j *job, l *line) {
	b := j.buf
	rest := string(b[l.rest+int32(len("client=")) : l.end])
	name, address, _, ok := readClient(rest)
	if !ok {
		m.unparsed++
		return
	}
	login := loginOf(rest)
	v := m.visit(l)
	v.learn(login)
	if string(l.queue(b)) == "NOQUEUE" { // a filter before the queue takes it and gives it back
		return
	}
	o := m.begin(j, l)
	o.Program = m.name(b[l.program:l.bracket])
	o.ClientName, o.Client = clientName(name), address
	o.Login, o.LoginKnown = login, true
	if first := originalQueueID(rest); first != "" && m.open[first] != nil {
		o.again = true
	} else if _, origin, found := strings.Cut(rest, ", orig_client="); found {
		if name, address, _, ok := readClient(origin); ok {
			o.ClientName, o.Client = clientName(name), address
			o.Program, o.LoginKnown = "", false
		}
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

func (m *letters) pickedUp(j *job, l *line) {
	o := m.begin(j, l)
	o.Program = m.name(j.buf[l.program:l.bracket])
	o.LoginKnown = true // the sender is what qmgr says: here it lacks the domain
}

func (m *letters) messageID(j *job, l *line) {
	o := m.of(j, l)
	id := readID(j.buf[l.rest:l.end])
	if len(id) == 0 || o.MessageID != "" {
		return
	}
	o.MessageID = string(id)
	if first := m.byID[o.MessageID]; first == nil {
		m.byID[o.MessageID] = o
	} else if first != o && o.fromHere() {
		o.again = true
	}
}

// fromHere reports whether a message was given to Postfix on this machine, as a filter does.
func (o *mail) fromHere() bool {
	return o.Login == "" && (o.Client.IsLoopback() || o.Program != "" && !o.Client.IsValid())
}

func (m *letters) queued(j *job, l *line) {
	o := m.of(j, l)
	if !o.queued && o.Sender == "" {
		text := string(j.buf[l.rest+int32(len("from=<")) : l.end])
		n := upTo(text, ">, size=", ">, status=")
		if n < 0 {
			m.unparsed++
			return
		}
		o.Sender = text[:n]
	}
	o.queued = true
	o.merge()
}

// merge takes over what was said of recipients before the first one was accepted.
func (o *mail) merge() {
	before := o.before
	known := o.queued || o.Sender != "" // the null sender, too
	if before == nil || known && before.Sender != o.Sender && !before.spoken() {
		return
	}
	o.Sender, o.Helo, o.before = before.Sender, before.Helo, nil
	for _, r := range before.Recipients {
		to := o.recipient(r.Address)
		to.Refused, to.Hits = r.Refused, append(to.Hits, r.Hits...)
	}
}

// spoken reports whether an attempt has a recipient that was not refused, so that it was accepted.
func (o *mail) spoken() bool {
	return slices.ContainsFunc(o.Recipients, func(r Recipient) bool { return r.Refused == "" })
}

func (m *letters) delivered(j *job, l *line) {
	d, ok := readDelivery(string(j.buf[l.rest:l.end]))
	if !ok {
		m.unparsed++
		return
	}
	o := m.of(j, l)
	switch d.status {
	case "deliverable", "undeliverable":
		o.again = true // a probe of verify(8)
		return
	}
	to := d.to
	if len(d.original) > 0 {
		to = d.original
	}
	o.recipient(to)
	if next := m.open[d.forwardedAs()]; next != nil {
		next.again = true
	}
	if next := m.open[d.queuedAs()]; next != nil && next != o && next.Client.IsValid() {
		if _, address, _, ok := readClient(d.relay); ok && address == next.Client {
			next.again = true
		}
	}
}

// recipient is the recipient with an address.
func (o *mail) recipient(address string) *Recipient {
	const many = 16
	if o.known != nil {
		if i, found := o.known[address]; found {
			return &o.Recipients[i]
		}
	} else if i := slices.IndexFunc(o.Recipients, func(r Recipient) bool { return r.Address == address }); i >= 0 {
		return &o.Recipients[i]
	}
	o.Recipients = append(o.Recipients, Recipient{Address: address})
	last := len(o.Recipients) - 1
	if o.known != nil {
		o.known[address] = last
	} else if last >= many {
		o.known = map[string]int{}
		for i, r := range o.Recipients {
			o.known[r.Address] = i
		}
	}
	return &o.Recipients[last]
}

// child notes where a message of Postfix's own is from: "sender non-delivery notification: QUEUEID".
func (m *letters) child(l *line, b []byte) {
	text := string(b[l.rest:l.end])
	i := strings.LastIndex(text, ": ")
	if i < 0 {
		return
	}
	if o := m.open[word(text[i+2:])]; o != nil && o.Program == "" {
		o.Program, o.LoginKnown = string(b[l.program:l.bracket]), true
	}
}

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
	delete(m.open, o.QueueID)
	o.merge()
	if m.byID[o.MessageID] == o {
		delete(m.byID, o.MessageID)
	}
	if o.before != nil {
		m.give(o.before)
	}
	if o.stopped != "" {
		for i := range o.Recipients {
			if o.Recipients[i].Refused == "" {
				o.Recipients[i].Refused = o.stopped
			}
		}
	}
	m.give(o)
}

// give hands a letter out. Of an attempt there are only the recipients that were refused.
func (m *letters) give(o *mail) {
	if o.QueueID == "" {
		o.Recipients = slices.DeleteFunc(o.Recipients, func(r Recipient) bool { return r.Refused == "" })
	}
	if o.again || o.stale || len(o.Recipients) == 0 {
		return
	}
	m.each(o.Letter)
}

// sweep ends messages that will not go on.
func (m *letters) sweep() {
	if m.now-m.swept < 3600 {
		return
	}
	m.swept = m.now
	for _, o := range m.open {
		if age := m.now - o.seen; age > maxAge || !o.queued && age > maxUnqueued {
			m.end(o)
		}
	}
}

// finish ends all that is open, in the order of time.
func (m *letters) finish() {
	for _, v := range m.sessions {
		for _, o := range v.attempts {
			m.give(o)
		}
	}
	var left []*mail
	for _, o := range m.open {
		left = append(left, o)
	}
	slices.SortFunc(left, func(a, b *mail) int { return a.Time.Compare(b.Time) })
	for _, o := range left {
		m.end(o)
	}
}

package maillog

import (
	"bytes"
	"slices"
	"strings"
)

// step is what a line tells of a message or of a session, for Letters. The lines are read where several processors are,
// so that the one who puts the letters together only has to link.
type step struct {
	queue  uint64 // the digest of its queue ID
	linked uint64 // that of the message that this one became or came from; 0 is none
	id     uint64 // that of its message ID
	begin  int32  // of the line
	text   int32  // of the queue ID
	rest   int32  // behind the queue ID; disconnect: the end of the line
	pid    int32
	sec    int64
	kind   kind
	silent bool  // connect, disconnect, client: no check speaks in the session, see sifter
	probe  bool  // delivered: of verify(8)
	local  bool  // delivered: local(8) made the linked message
	before int32 // client: the message before it in its session, see visited
	mail   *mail
	hit    *pending
	value  string // the message ID, the sender, the recipient, the program, or a whole text
	other  string // client: the original client and what follows; delivered: the relay, a view of the batch
}

// stepper makes the steps. It belongs to one goroutine.
type stepper struct {
	key   uint64
	batch uint32
	open  [1 << 10]visited
	texts *texts
}

// visited is the session of a process in the batch. Of two that share a place, the older one counts as going on.
type visited struct {
	batch  uint32
	pid    int32
	client int32 // the place of its last message among the steps, from 1 on
	begins bool
	check  bool
}

func (s *stepper) next() { s.batch++ }

func (s *stepper) visited(pid int32) (v *visited, known bool) {
	v = &s.open[uint32(pid)%uint32(len(s.open))]
	if v.batch == s.batch && v.pid == pid {
		return v, true
	}
	*v = visited{batch: s.batch, pid: pid}
	return v, false
}

// border is where a session begins or ends. It is no step where nobody asks for it: no check has spoken in the session that
// ends here, and all of it is in the batch; or this is the first line of the process in the batch, and begins a session.
func (s *stepper) border(b *batch, pid int32, begins bool) (step bool) {
	v, known := s.visited(pid)
	silent := known && v.begins && !v.check
	for i := v.client; i > 0; i = b.steps[i-1].before {
		b.steps[i-1].silent = silent
	}
	v.begins, v.check, v.client = true, false, 0
	if begins && !known {
		b.connects = append(b.connects, begun{pid, int32(len(b.steps))})
		return false
	}
	return !silent
}

// step puts the step of a line to the batch, if there is one.
func (r *reader) step(b *batch, l *line, hit *pending) {
	if l.kind == connect || l.kind == disconnect {
		if !r.stepper.border(b, l.pid, l.kind == connect) {
			return
		}
	}
	r.put(b, l, hit)
}

// put puts the step of a line to the batch. The place for it is empty, see batch.reset.
func (r *reader) put(b *batch, l *line, hit *pending) {
	s := r.stepper
	n := len(b.steps)
	b.steps = slices.Grow(b.steps, 1)[:n+1]
	e := &b.steps[n]
	text, behind := l.text, l.rest // are used below as well: else they are copied as one, and a processor waits for both
	e.kind, e.begin, e.text, e.rest, e.pid, e.sec, e.hit = l.kind, l.begin, text, behind, l.pid, l.sec, hit
	switch rest := b.buf[behind:l.end]; l.kind {
	case connect, disconnect:
		e.rest = l.end
	case check:
		v, _ := s.visited(l.pid)
		v.check = true
		if queue := l.queue(b.buf); string(queue) != "NOQUEUE" {
			hit.QueueID = string(queue)
			e.queue = digest(s.key, queue)
		}
	default:
		e.queue = digest(s.key, queueOf(b.buf, text, behind))
		if !r.message(b, l, e, rest) {
			*e = step{}
			b.steps = b.steps[:n]
			b.unparsed++
		}
	}
}

// message reads what a line tells of a message.
func (r *reader) message(b *batch, l *line, e *step, rest []byte) bool {
	s := r.stepper
	switch l.kind {
	case client:
		if !r.client(b, l, e) {
			return false
		}
		v, _ := s.visited(l.pid)
		e.before, v.client = v.client, int32(len(b.steps))
	case pickedUp:
		e.mail = r.begin(b, l)
		e.mail.LoginKnown = true // the sender is what qmgr says: here it lacks the domain
	case messageID:
		id := readID(rest)
		e.value, e.id = string(id), digest(s.key, id)
		b.ids = append(b.ids, e.id)
	case queued:
		sender := rest[len("from=<"):]
		n := upTo(sender, sizeField, statusField)
		if n < 0 {
			return false
		}
		e.value = s.texts.own(view(sender[:n]))
	case delivered:
		return s.delivered(rest, e)
	case child:
		e.value = l.program.full()
		i := bytes.LastIndex(rest, []byte(": "))
		if i < 0 {
			return false
		}
		e.linked = s.linked(word(rest[i+2:]))
	case stopped:
		e.value = string(rest)
	}
	return true
}

// linked is the digest of a queue ID, 0 if there is none.
func (s *stepper) linked(queue []byte) uint64 {
	if len(queue) == 0 {
		return 0
	}
	return digest(s.key, queue)
}

// client reads a client= line. A filter before the queue takes a message without a queue ID and gives it back.
func (r *reader) client(b *batch, l *line, e *step) bool {
	s := r.stepper
	text := b.buf[l.rest+int32(len("client=")) : l.end]
	end := bytes.IndexByte(text, ']') + 1
	name, address, _, ok := readClient(view(text[:end]))
	if !ok {
		return false
	}
	o := r.begin(b, l)
	o.ClientName, o.Client = s.texts.own(clientName(name)), address
	if end < len(text) {
		rest := view(text[end:])
		o.Login = s.texts.own(loginOf(rest))
		if strings.Contains(rest, ", orig_") {
			e.linked = s.linked([]byte(originalQueueID(rest)))
			_, original, _ := strings.Cut(rest, ", orig_client=")
			e.other = s.texts.own(original)
		}
	}
	o.LoginKnown = true
	e.mail = o
	return true
}

// begin is the message that begins with a line.
func (r *reader) begin(b *batch, l *line) *mail {
	r.exact(b, l)
	o := b.mails.take()
	o.Time, o.QueueID, o.Program = l.time(), string(l.queue(b.buf)), l.program.full()
	o.seen, o.stale = l.sec, b.origin+int64(l.begin) < b.fresh
	return o
}

var (
	sizeField   = []byte(">, size=")
	statusField = []byte(">, status=")
)

// delivered reads a line of a delivery agent.
func (s *stepper) delivered(rest []byte, e *step) bool {
	var d delivery
	if !d.read(rest) {
		return false
	}
	e.probe = string(d.status) == "deliverable" || string(d.status) == "undeliverable"
	to := d.to
	if len(d.original) > 0 {
		to = d.original
	}
	e.value = s.texts.own(view(to))
	if id := d.forwardedAs(); len(id) > 0 {
		e.linked, e.local = s.linked(id), true
	} else if id := d.queuedAs(); len(id) > 0 {
		e.linked, e.other = s.linked(id), view(d.relay)
	}
	return true
}

package maillog

import "bytes"

// kind is what a line tells, by the program that wrote it and how its text begins.
type kind uint8

const (
	other      kind = iota // nothing that is needed
	connect                // smtpd: a session begins
	disconnect             // smtpd: it ends
	client                 // smtpd: a message begins
	check                  // smtpd, postscreen: warn, info, reject, reject_warning
	messageID              // cleanup
	stopped                // cleanup: the message was rejected while its content came
	pickedUp               // pickup: a message of this machine begins
	queued                 // qmgr: from=
	removed                // qmgr
	delivered              // a delivery agent: to=
	child                  // bounce, local: a message of Postfix's own begins
	broken                 // the session ended early
	milter                 // a milter failed
	unparsed               // about a letter, but not understood
	foreign                // of another program
	loss                   // syslogd dropped lines
)

// daemon is a program of Postfix whose lines are read.
type daemon uint8

const (
	noDaemon daemon = iota // another one
	smtpdDaemon
	postscreenDaemon
	cleanupDaemon
	pickupDaemon
	// What follows is needed for letters only.
	qmgrDaemon
	deliveryDaemon
	bounceDaemon
)

var daemons = map[string]daemon{
	"smtpd": smtpdDaemon, "postscreen": postscreenDaemon, "cleanup": cleanupDaemon, "pickup": pickupDaemon, "qmgr": qmgrDaemon,
	"smtp": deliveryDaemon, "lmtp": deliveryDaemon, "local": deliveryDaemon, "virtual": deliveryDaemon, "pipe": deliveryDaemon,
	"error": deliveryDaemon, "discard": deliveryDaemon, "bounce": bounceDaemon,
}

// line is one line, as positions in the buffer that holds it.
type line struct {
	stamp
	pid        int32
	kind       kind
	begin, end int32 // of the line
	program    int32
	bracket    int32 // behind the name of the program
	daemon     daemon
	exact      bool  // the stamp is that of the line, not of its hour
	text, rest int32 // the text; what stands behind the queue ID
	check      int32 // the place of what a check said
}

// splitter splits lines. It belongs to one goroutine.
type splitter struct {
	calendar
	host []byte // of the last line, with the blank behind it
	// programs are the last ones, by their length and their last byte.
	programs [64]program
}

// program is the name of a program, with its daemon.
type program struct {
	name   string
	daemon daemon
	ours   bool // it has a slash, as all programs of Postfix have
}

// lookUp finds a program.
func (s *splitter) lookUp(name []byte) *program {
	p := &s.programs[(len(name)*5+int(name[len(name)-1]))%len(s.programs)]
	if p.name == string(name) {
		return p
	}
	slash := bytes.LastIndexByte(name, '/')
	*p = program{name: string(name), daemon: daemons[string(name[slash+1:])], ours: slash >= 0 && bytes.IndexAny(name, ": ") < 0}
	if !p.ours {
		p.daemon = noDaemon
	}
	return p
}

// longest is what a program's name is at most, the process included.
const longest = 96

// split reads stamp, host, program and process. It returns false where there is no stamp: that is no line of a log.
func (s *splitter) split(buf []byte, l *line) bool {
	b := buf[l.begin:l.end]
	l.program = 0
	at, n := s.calendar.read(b)
	if n == 0 {
		return false
	}
	l.stamp = at
	if bytes.HasPrefix(b[n:], s.host) && len(s.host) > 0 {
		n += len(s.host)
	} else {
		blank := bytes.IndexByte(b[n:], ' ')
		if blank < 1 {
			l.kind = foreign
			return true
		}
		s.host = append(s.host[:0], b[n:n+blank+1]...)
		n += blank + 1
	}
	s.program(buf, l, n)
	return true
}

// program reads the program and the process of a line from n on.
func (s *splitter) program(buf []byte, l *line, n int) {
	b := buf[l.begin:l.end]
	l.program = l.begin + int32(n)
	limit := min(len(b), n+longest)
	i := n + bytes.IndexByte(b[n:limit], '[')
	l.bracket = l.begin + int32(i)
	l.text, l.rest = l.bracket, l.bracket
	if i <= n {
		l.kind, l.bracket = foreign, l.program
		return
	}
	p := s.lookUp(b[n:i])
	if !p.ours {
		l.kind = foreign
		return
	}
	l.daemon = p.daemon
	pid := int32(0)
	digits := i + 1
	for i++; i < limit && b[i]-'0' <= 9; i++ {
		pid = pid*10 + int32(b[i]-'0')
	}
	if i == digits || i+3 > len(b) || b[i] != ']' || b[i+1] != ':' || b[i+2] != ' ' {
		l.kind, l.text = foreign, l.bracket
		return
	}
	l.pid = pid
	l.text = l.begin + int32(i) + 3
	l.rest = l.text
}

// classify sets the kind.
func (l *line) classify(buf []byte) {
	text := buf[l.text:l.end]
	switch l.daemon {
	case noDaemon:
	case smtpdDaemon:
		l.session(text)
	case postscreenDaemon:
		if bytes.HasPrefix(text, []byte("NOQUEUE: reject: ")) {
			l.kind, l.rest = check, l.text+int32(len("NOQUEUE: "))
		}
	case cleanupDaemon:
		switch rest := l.behindQueue(text); {
		case rest == nil:
			l.milters(text)
		case bytes.HasPrefix(rest, []byte("message-id=")):
			l.kind = messageID
		case bytes.HasPrefix(rest, []byte("reject: ")), bytes.HasPrefix(rest, []byte("milter-reject: ")),
			bytes.HasPrefix(rest, []byte("discard: ")), bytes.HasPrefix(rest, []byte("milter-discard: ")):
			l.kind = stopped
		}
	case pickupDaemon:
		if rest := l.behindQueue(text); bytes.HasPrefix(rest, []byte("uid=")) {
			l.kind = pickedUp
		}
	case qmgrDaemon:
		switch rest := l.behindQueue(text); {
		case bytes.HasPrefix(rest, []byte("from=<")):
			l.kind = queued
		case bytes.HasPrefix(rest, []byte("removed")):
			l.kind = removed
		}
	case deliveryDaemon:
		if rest := l.behindQueue(text); bytes.HasPrefix(rest, []byte("to=<")) {
			l.kind = delivered
		}
	case bounceDaemon:
		if rest := l.behindQueue(text); bytes.HasPrefix(rest, []byte("sender ")) || bytes.HasPrefix(rest, []byte("postmaster ")) {
			l.kind = child
		}
	}
}

// behindQueue skips the queue ID, and sets rest. It is nil where the line has none.
func (l *line) behindQueue(text []byte) []byte {
	n := queueID(text)
	if n == 0 {
		return nil
	}
	l.rest = l.text + int32(n) + 2
	return text[n+2:]
}

// queueID is the length of the queue ID at the beginning of a text, 0 if there is none. IDs are hexadecimal, and with
// enable_long_queue_ids letters and digits.
func queueID(text []byte) int {
	limit := min(len(text)-2, 40)
	if limit < 1 || text[0]-'0' > 9 && text[0]-'A' > 25 { // no ID begins with a small letter, as "warning: " does
		return 0
	}
	for i := range limit {
		c := text[i]
		if c == ':' {
			if i < 5 || text[i+1] != ' ' {
				return 0
			}
			return i
		}
		if c-'0' > 9 && c-'A' > 25 && c-'a' > 25 {
			return 0
		}
	}
	return 0
}

// session sets the kind of a line of smtpd.
func (l *line) session(text []byte) {
	if len(text) < 8 {
		return
	}
	switch text[0] {
	case 'c':
		if bytes.HasPrefix(text, []byte("connect from ")) {
			l.kind = connect
			return
		}
	case 'd':
		if bytes.HasPrefix(text, []byte("disconnect from ")) {
			l.kind = disconnect
			return
		}
	case 'l':
		if bytes.HasPrefix(text, []byte("lost connection after ")) {
			l.kind = broken
			return
		}
	case 't':
		if bytes.HasPrefix(text, []byte("timeout after ")) {
			l.kind = broken
			return
		}
	case 'w':
		l.milters(text)
	}
	rest := l.behindQueue(text)
	if len(rest) < 4 {
		return
	}
	switch rest[0] {
	case 'c':
		if bytes.HasPrefix(rest, []byte("client=")) {
			l.kind = client
		}
	case 'w':
		if bytes.HasPrefix(rest, []byte("warn: ")) {
			l.kind = check
		}
	case 'i':
		if bytes.HasPrefix(rest, []byte("info: ")) {
			l.kind = check
		}
	case 'r':
		if bytes.HasPrefix(rest, []byte("reject: ")) || bytes.HasPrefix(rest, []byte("reject_warning: ")) {
			l.kind = check
		}
	}
}

func (l *line) milters(text []byte) {
	if bytes.HasPrefix(text, []byte("warning: milter ")) || bytes.HasPrefix(text, []byte("warning: connect to Milter ")) {
		l.kind = milter
	}
}

func (l *line) queue(buf []byte) []byte {
	if l.rest < l.text+2 {
		return nil
	}
	return buf[l.text : l.rest-2]
}

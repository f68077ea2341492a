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

// line is one line, as positions in the buffer that holds it.
type line struct {
	stamp
	pid             int32
	kind            kind
	begin, end      int32 // of the line
	program, daemon int32
	bracket         int32 // behind the daemon's name
	text, rest      int32 // the text; what stands behind the queue ID
}

// splitter splits lines. It belongs to one goroutine.
type splitter struct {
	calendar
	host []byte // of the last line, with the blank behind it
}

// longest is what a program's name is at most, the process included.
const longest = 96

// split reads stamp, host, program and process. It returns false where there is no stamp: that is no line of a log.
func (s *splitter) split(buf []byte, l *line) bool {
	b := buf[l.begin:l.end]
	at, n := s.read(b)
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
	l.program = l.begin + int32(n)
	slash, i := n-1, n
	limit := min(len(b), n+longest)
	for ; i < limit; i++ {
		c := b[i]
		if c == '/' {
			slash = i
		} else if c == '[' || c == ':' || c == ' ' {
			break
		}
	}
	l.daemon, l.bracket = l.begin+int32(slash)+1, l.begin+int32(i)
	if i >= limit || b[i] != '[' || slash < n {
		l.kind, l.text = foreign, l.bracket
		return true
	}
	pid := int32(0)
	digits := i + 1
	for i++; i < limit && b[i]-'0' <= 9; i++ {
		pid = pid*10 + int32(b[i]-'0')
	}
	if i == digits || i+3 > len(b) || b[i] != ']' || b[i+1] != ':' || b[i+2] != ' ' {
		l.kind, l.text = foreign, l.bracket
		return true
	}
	l.pid = pid
	l.text = l.begin + int32(i) + 3
	l.rest = l.text
	return true
}

// daemons are the programs of Postfix whose lines are read.
func (l *line) classify(buf []byte) {
	text := buf[l.text:l.end]
	switch string(buf[l.daemon:l.bracket]) {
	case "smtpd":
		l.session(buf, text)
	case "postscreen":
		if bytes.HasPrefix(text, []byte("NOQUEUE: reject: ")) {
			l.kind, l.rest = check, l.text+int32(len("NOQUEUE: "))
		}
	case "cleanup":
		switch rest := l.behindQueue(text); {
		case rest == nil:
		case bytes.HasPrefix(rest, []byte("message-id=")), bytes.HasPrefix(rest, []byte("resent-message-id=")):
			l.kind = messageID
		case bytes.HasPrefix(rest, []byte("reject: ")), bytes.HasPrefix(rest, []byte("milter-reject: ")),
			bytes.HasPrefix(rest, []byte("discard: ")), bytes.HasPrefix(rest, []byte("milter-discard: ")):
			l.kind = stopped
		}
		l.milters(text)
	case "pickup":
		if rest := l.behindQueue(text); bytes.HasPrefix(rest, []byte("uid=")) {
			l.kind = pickedUp
		}
	case "qmgr":
		switch rest := l.behindQueue(text); {
		case bytes.HasPrefix(rest, []byte("from=<")):
			l.kind = queued
		case bytes.HasPrefix(rest, []byte("removed")):
			l.kind = removed
		}
	case "smtp", "lmtp", "local", "virtual", "pipe", "error", "discard":
		if rest := l.behindQueue(text); bytes.HasPrefix(rest, []byte("to=<")) {
			l.kind = delivered
		}
	case "bounce":
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
func (l *line) session(buf, text []byte) {
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

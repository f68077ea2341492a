package maillog

import "bytes"

// kind is what a line tells, by the program that wrote it and how its text begins.
type kind uint8

const (
	other      kind = iota // nothing that is needed
	connect                // smtpd: a session begins
	disconnect             // smtpd: it ends; comes behind connect
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
	tableFails             // a lookup table failed
	unparsed               // about a letter, but not understood
	foreign                // of another program
	loss                   // syslogd dropped lines
)

// kinds is a set of kinds.
type kinds uint32

func (k kinds) have(one kind) bool { return k>>one&1 == 1 }

const (
	ofHits    kinds = 1<<connect | 1<<disconnect | 1<<client | 1<<check | 1<<messageID | 1<<pickedUp
	ofLetters kinds = ofHits | 1<<stopped | 1<<queued | 1<<removed | 1<<delivered | 1<<child
)

// daemon is a program of Postfix whose lines are read.
type daemon uint8

const (
	noDaemon daemon = iota // another one
	smtpdDaemon
	postscreenDaemon
	cleanupDaemon
	lookupDaemon // answers others, and logs only what fails
	pickupDaemon
	// What follows is needed for letters only.
	qmgrDaemon
	deliveryDaemon
	bounceDaemon
)

var daemons = map[string]daemon{
	"smtpd": smtpdDaemon, "postscreen": postscreenDaemon, "cleanup": cleanupDaemon, "pickup": pickupDaemon,
	"trivial-rewrite": lookupDaemon, "proxymap": lookupDaemon, "qmgr": qmgrDaemon,
	"smtp": deliveryDaemon, "lmtp": deliveryDaemon, "local": deliveryDaemon, "virtual": deliveryDaemon, "pipe": deliveryDaemon,
	"error": deliveryDaemon, "discard": deliveryDaemon, "bounce": bounceDaemon,
}

// line is one line, as positions in the buffer that holds it.
type line struct {
	stamp
	pid        int32 // with the mark of its host
	begin, end int32 // of the line
	name       int32 // of the program
	bracket    int32 // behind it
	text, rest int32 // the text; what stands behind the queue ID
	kind       kind
	daemon     daemon
	exact      bool // the stamp is that of the line, not of its hour
	program    *program
}

// splitter splits lines. It belongs to one goroutine.
type splitter struct {
	calendar
	host []byte // of the last line, with the blank behind it
	mark int32  // of the host, see markOf
	programs
}

// split reads stamp, host, program and process. It returns false where there is no stamp: that is no line of a log.
func (s *splitter) split(buf []byte, l *line) bool {
	b := buf[l.begin:l.end]
	l.name = 0
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
		s.mark = markOf(s.host)
		n += blank + 1
	}
	s.program(buf, l, n)
	return true
}

// program reads the program and the process of a line from n on.
func (s *splitter) program(buf []byte, l *line, n int) {
	l.name = l.begin + int32(n)
	l.bracket, l.text, l.rest = l.name, l.name, l.name
	p := s.lookUp(buf[l.name:l.end])
	if !p.ours {
		l.kind = foreign
		return
	}
	l.program = p
	l.bracket += int32(len(p.name) - 1)
	l.text, l.rest, l.daemon = l.bracket, l.bracket, p.daemon
	l.process(buf, s.mark)
}

// pidBits are the bits of a process: Linux has less than 2^22 of them.
const pidBits = 22

// numberOf is that of a process, without the mark of its host.
func numberOf(pid int32) int { return int(pid & (1<<pidBits - 1)) }

// markOf is what tells the processes of a host from those with the same number of another one, in a log of several hosts:
// some bits above those of a process.
func markOf(host []byte) int32 {
	h := uint32(2166136261)
	for _, c := range host {
		h = (h ^ uint32(c)) * 16777619
	}
	return int32(h >> (pidBits + 1) << pidBits)
}

// process reads the process behind the name of a program, and gives it the mark of its host.
func (l *line) process(buf []byte, mark int32) {
	pid, n := int32(0), 0
	rest := buf[l.bracket+1 : l.end]
	for n < len(rest) && n < longest && rest[n]-'0' <= 9 {
		pid = pid*10 + int32(rest[n]-'0')
		n++
	}
	if n == 0 || !has(rest[n:], "]: ") {
		l.kind = foreign
		return
	}
	l.pid = pid&(1<<pidBits-1) | mark
	l.text = l.bracket + 1 + int32(n) + 3
	l.rest = l.text
}

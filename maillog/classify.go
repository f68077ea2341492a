package maillog

import "bytes"

// classify sets the kind.
func (l *line) classify(buf []byte) {
	text := buf[l.text:l.end]
	switch l.daemon {
	case noDaemon:
	case smtpdDaemon:
		l.smtpd(text)
	case postscreenDaemon:
		if has(text, "NOQUEUE: reject: ") {
			l.kind, l.rest = check, l.text+int32(len("NOQUEUE: "))
		} else {
			l.trouble(text)
		}
	case lookupDaemon:
		l.trouble(text)
	case cleanupDaemon:
		switch rest := l.behindQueue(text); {
		case rest == nil:
			l.trouble(text)
		case has(rest, "message-id="):
			l.kind = messageID
		case has(rest, "reject: "), has(rest, "milter-reject: "),
			has(rest, "discard: "), has(rest, "milter-discard: "):
			l.kind = stopped
		}
	case pickupDaemon:
		if rest := l.behindQueue(text); has(rest, "uid=") {
			l.kind = pickedUp
		}
	case qmgrDaemon:
		switch rest := l.behindQueue(text); {
		case has(rest, "from=<"):
			l.kind = queued
		case has(rest, "removed"):
			l.kind = removed
		}
	case deliveryDaemon:
		if rest := l.behindQueue(text); has(rest, "to=<") {
			l.kind = delivered
		}
	case bounceDaemon:
		if rest := l.behindQueue(text); has(rest, "sender ") || has(rest, "postmaster ") {
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

// inQueueID are the characters of queue IDs. They are hexadecimal, and with enable_long_queue_ids letters and digits.
var inQueueID = func() (in [256]bool) {
	for _, c := range "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" {
		in[c] = true
	}
	return in
}()

const shortestQueueID = 5

// queueID is the length of the queue ID at the beginning of a text, 0 if there is none.
func queueID(text []byte) int {
	if len(text) == 0 || text[0] >= 'a' { // no ID begins with a small letter, as "warning: " does
		return 0
	}
	n := 0
	for n < len(text) && inQueueID[text[n]] {
		n++
	}
	if n < shortestQueueID || n >= 40 || !has(text[n:], ": ") {
		return 0
	}
	return n
}

// smtpd sets the kind of a line of smtpd.
func (l *line) smtpd(text []byte) {
	if len(text) < 8 {
		return
	}
	switch text[0] {
	case 'c':
		l.is(connect, has(text, "connect from "))
		return
	case 'd':
		l.is(disconnect, has(text, "disconnect from "))
		return
	case 'l', 't':
		l.is(broken, has(text, "lost connection after ") || has(text, "timeout after "))
		return
	case 'w':
		l.trouble(text)
		return
	}
	if rest := l.behindQueue(text); has(rest, "client=") {
		l.kind = client
	} else if checks(rest) {
		l.kind = check
	}
}

// is sets the kind of a line if it is of that kind.
func (l *line) is(k kind, it bool) {
	if it {
		l.kind = k
	}
}

// checks reports whether what stands behind a queue ID is said by a check.
func checks(text []byte) bool {
	return has(text, "reject: ") || has(text, "warn: ") || has(text, "info: ") || has(text, "reject_warning: ")
}

// trouble sets the kind of a warning about a milter or a lookup table.
func (l *line) trouble(text []byte) {
	if !has(text, "warning: ") {
		return
	}
	if has(text, "warning: milter ") || has(text, "warning: connect to Milter ") {
		l.kind = milter
		return
	}
	if tableFailed(text[len("warning: "):]) {
		l.kind = tableFails
	}
}

// tableFailed reports whether a warning is about a lookup table that fails. Postfix names the table first, so that no
// client can make up such a line:
//
//	hash:/etc/postfix/x: table lookup problem                      an access list
//	ldap:/etc/postfix/x lookup error for "joe@company.my"          any other table
//	hash:/etc/postfix/x is unavailable. open database …            one that cannot be opened
//	4C2D1E0F3A: virtual_alias_maps map lookup problem for joe …    cleanup(8)
func tableFailed(text []byte) bool {
	name, said, _ := bytes.Cut(text, []byte(" "))
	colon := bytes.IndexByte(name, ':')
	if colon <= 0 {
		return false
	}
	if colon == len(name)-1 {
		_, behind, _ := bytes.Cut(said, []byte(" "))
		return has(behind, "map lookup problem")
	}
	return has(said, "table lookup problem") || has(said, "table lookup error") ||
		has(said, "lookup error for ") || has(said, "is unavailable. ")
}

func (l *line) queue(buf []byte) []byte {
	if l.rest < l.text+2 {
		return nil
	}
	return buf[l.text : l.rest-2]
}

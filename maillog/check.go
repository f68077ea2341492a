package maillog

import (
	"bytes"
	"strings"
)

// tag begins the mark of our checks in a text.
const tag = "#ucs-harden:"

var compatible = "using backwards-compatible default setting"

// readCheck reads what stands behind the queue ID in a line of a check. said is what stands before the fields: of a refusal
// the whole reply. ok: it was understood. skip: it is a remark of Postfix about its own defaults, which speaks of no letter
// that a check has judged.
func readCheck(b string, h *Hit) (said string, skip, ok bool) {
	if !strings.HasSuffix(b, ">") && strings.LastIndex(b, compatible) > strings.LastIndexByte(b, '>') {
		return "", true, true
	}
	cut := len(b) >= suspicious
	action, b, ok := strings.Cut(b, ": ")
	if !ok {
		return "", false, false
	}
	h.Action = Action(action)
	step, b, ok := cutStep(b)
	if !ok {
		return "", false, false
	}
	name, address, b, ok := readClient(b)
	if !ok {
		return "", false, false
	}
	b, ok = strings.CutPrefix(b, ": ")
	if !ok {
		return "", false, false
	}
	h.Step, h.ClientName, h.Client = step, clientName(name), address
	said = b
	reply := h.Action == Refused || h.Action == WouldRefuse
	if reply {
		b = h.readCode(b)
	}
	end, more := endOfText(b, reply)
	if end < 0 { // postscreen has too many connections
		h.Text = b
		return said, false, h.Step == "CONNECT" && !cut
	}
	if reply && more {
		return "", false, false // the client chose where the reply ends
	}
	f, ok := readFields(b[end+2:], cut)
	if !ok {
		return "", false, false
	}
	h.Text, said = b[:end], said[:len(said)-len(b)+end]
	h.Sender, h.Recipient = f.sender, f.recipient
	h.Proto, h.Helo = f.proto, f.helo
	if f.loggedIn {
		h.Login, h.LoginKnown = f.login, true
	}
	if reply && !h.readSubject() {
		return "", false, false
	}
	h.readTag(reply)
	return said, false, true
}

// atRecipient is the SMTP command at which nearly all checks speak.
const atRecipient = "RCPT"

// cutStep cuts the SMTP command off, which nearly always is RCPT.
func cutStep(b string) (step, rest string, ok bool) {
	if rest, ok = strings.CutPrefix(b, "RCPT from "); ok {
		return atRecipient, rest, true
	}
	step, rest, ok = strings.Cut(b, " from ")
	return step, rest, ok && len(step) <= 20
}

// endOfText is where the text of a check ends and the fields begin. more: there is another such place behind it, which is
// looked for on demand. Before MAIL there is no sender, and only VRFY has a recipient then.
func endOfText(b string, all bool) (end int, more bool) {
	end = -1
	for at := 0; ; {
		i := strings.Index(b[at:], "; ")
		if i < 0 {
			return end, false
		}
		at += i + 2
		if !strings.HasPrefix(b[at:], "from=<") && !strings.HasPrefix(b[at:], "to=<") && !strings.HasPrefix(b[at:], "proto=") {
			continue
		}
		if end >= 0 {
			return end, true
		}
		end = at - 2
		if !all {
			return end, false
		}
	}
}

// readCode reads the reply code and the enhanced status code.
func (h *Hit) readCode(b string) string {
	if len(b) < 4 || b[3] != ' ' {
		return b
	}
	code := two(b[0], b[1])*10 + int(b[2]-'0')
	if code < 200 || code > 599 || b[2]-'0' > 9 {
		return b
	}
	h.Code = code
	b = b[4:]
	n := strings.IndexByte(b, ' ')
	if n < 5 || n > 9 || b[1] != '.' {
		return b
	}
	for i := range n {
		if c := b[i]; c != '.' && c-'0' > 9 {
			return b
		}
	}
	h.Enhanced = b[:n]
	return b[n+1:]
}

// readSubject takes from Text what the reply speaks of, in angle brackets before ": ". It is an address without the quotes
// of RFC 5321, a name that the client gave, or the client itself, so it may look like the rest of a reply. It ends where
// the fields of the line say, or at the only ">: " there is. Else the line is ambiguous, and the result is false.
func (h *Hit) readSubject() bool {
	b := h.Text
	if len(b) == 0 || b[0] != '<' {
		return true
	}
	n := 0
	for _, name := range [...]string{h.Sender, h.Recipient, h.Helo, h.Login} {
		switch m := subject(b, name); {
		case m == 0 || m == n:
		case n > 0:
			return false
		default:
			n = m
		}
	}
	if n == 0 {
		i := strings.Index(b, endOfSubject)
		if i < 0 {
			return true
		}
		if strings.Contains(b[i+1:], endOfSubject) {
			return false
		}
		n = i
	}
	h.Subject, h.Text = b[1:n], b[n+len(endOfSubject):]
	return true
}

const endOfSubject = ">: "

// subject is the place where a subject ends in a reply if it is a name of the fields, 0 if it is not.
func subject(b, name string) int {
	if len(name) > 0 && name[0] == '"' {
		if n := subject(b, unquoted(name)); n > 0 {
			return n
		}
	}
	if n := len(name) + 1; len(b) > n && b[1:n] == name && strings.HasPrefix(b[n:], endOfSubject) {
		return n
	}
	return 0
}

// unquoted is an address without the quotes around its local part: `"a b"@c` is `a b@c`.
func unquoted(address string) string {
	plain := make([]byte, 0, len(address))
	for i := 1; i < len(address); i++ {
		switch c := address[i]; {
		case c == '\\' && i+1 < len(address):
			i++
			plain = append(plain, address[i])
		case c == '"':
			return string(plain) + address[i+1:]
		default:
			plain = append(plain, c)
		}
	}
	return address
}

// ambiguous reports whether a line of a check that was not understood has a separator twice, as only a client puts it
// there, or is so long that syslogd may have cut it. Else Postfix writes what this program does not know.
func ambiguous(text []byte) bool {
	if len(text) >= suspicious {
		return true
	}
	for _, separator := range []string{"from=<", "to=<", "proto=", "helo=<", endOfSubject} {
		if bytes.Count(text, []byte(separator)) > 1 {
			return true
		}
	}
	return false
}

// readTag takes the last tag of the text: what stands before it may be the reason that somebody wrote into the directory.
//
// A reply ends with the tag. Elsewhere in it there may be the words of another mail server, which a probe of
// reject_unverified_sender brought.
func (h *Hit) readTag(reply bool) {
	i := lastTag(h.Text)
	if i < 0 {
		return
	}
	name := h.Text[i+len(tag):]
	end := 0
	for end < len(name) && name[end] > ' ' && name[end] < 0x80 && strings.IndexByte(`;,"'()<>*`, name[end]) < 0 {
		end++
	}
	if end < len(name) && reply {
		return
	}
	h.Tag = name[:end]
}

// lastTag is the place of the last tag, -1 if there is none. There is one at most, unless somebody plays with it.
func lastTag(text string) int {
	last := strings.Index(text, tag)
	for last >= 0 {
		next := strings.Index(text[last+len(tag):], tag)
		if next < 0 {
			break
		}
		last += len(tag) + next
	}
	return last
}

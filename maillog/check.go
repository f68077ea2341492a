package maillog

import (
	"strings"
)

// tag begins the mark of our checks in a text.
const tag = "#ucs-harden:"

var compatible = "using backwards-compatible default setting"

// readCheck reads what stands behind the queue ID in a line of a check. ok: it was understood. skip: it is a remark of
// Postfix about its own defaults, which speaks of no letter that a check has judged.
func readCheck(b string, h *Hit) (skip, ok bool) {
	if !strings.HasSuffix(b, ">") && strings.LastIndex(b, compatible) > strings.LastIndexByte(b, '>') {
		return true, true
	}
	cut := len(b) >= suspicious
	action, b, ok := strings.Cut(b, ": ")
	if !ok {
		return false, false
	}
	h.Action = Action(action)
	step, b, ok := strings.Cut(b, " from ")
	if !ok || len(step) > 20 {
		return false, false
	}
	name, address, b, ok := readClient(b)
	if !ok {
		return false, false
	}
	b, ok = strings.CutPrefix(b, ": ")
	if !ok {
		return false, false
	}
	h.Step, h.ClientName, h.Client = step, clientName(name), address
	reply := h.Action == Refused || h.Action == WouldRefuse
	subject := 0
	if reply {
		b = h.readCode(b)
		subject = h.readSubject(b)
		if subject > 0 && strings.Count(b, beginSender) > 1 {
			return false, false // an address looks like fields, so that the client chooses where the reply ends
		}
	}
	end := strings.Index(b[subject:], beginSender)
	if end < 0 {
		return false, h.withoutSender(b, subject, cut)
	}
	end += subject
	f, ok := readFields(b[end+2:], cut)
	if !ok {
		return false, false
	}
	h.Text = strings.TrimPrefix(b[subject:end], ": ")
	h.Sender, h.Recipient = f.sender, f.recipient
	h.Proto, h.Helo = f.proto, f.helo
	if f.loggedIn {
		h.Login, h.LoginKnown = f.login, true
	}
	h.readTag(reply)
	return false, true
}

// withoutSender reads a line of the steps before MAIL. When postscreen has too many connections, its line ends with the
// text.
func (h *Hit) withoutSender(b string, subject int, cut bool) bool {
	end := strings.Index(b[subject:], "; proto=")
	if h.Step == "VRFY" {
		end = strings.Index(b[subject:], "; to=<")
	}
	if end < 0 {
		h.Text = b
		return h.Step == "CONNECT" && subject == 0 && !cut
	}
	end += subject
	f, ok := readFields(b[end+2:], cut)
	if !ok {
		return false
	}
	h.Text = strings.TrimPrefix(b[subject:end], ": ")
	h.Recipient, h.Proto, h.Helo = f.recipient, f.proto, f.helo
	return true
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
	if n < 5 || n > 9 || b[1] != '.' || strings.Trim(b[:n], "0123456789.") != "" {
		return b
	}
	h.Enhanced = b[:n]
	return b[n+1:]
}

// readSubject reads what the reply speaks of, in angle brackets before ": ", and returns its length with the brackets. It is
// an address, a name that the client gave or the client itself. An address is quoted as RFC 5321 has it.
func (h *Hit) readSubject(b string) int {
	if len(b) == 0 || b[0] != '<' {
		return 0
	}
	quoted, literal := len(b) > 1 && b[1] == '"', false
	for i := 1; i < len(b); i++ {
		c := b[i]
		switch {
		case quoted && c == '\\':
			i++
		case quoted && i > 1 && c == '"':
			quoted = false
		case quoted:
		case literal:
			literal = c != ']'
		case c == '[' && b[i-1] == '@':
			literal = true
		case c == '>' && strings.HasPrefix(b[i+1:], ": "):
			h.Subject = b[1:i]
			return i + 1
		}
	}
	return 0
}

// readTag takes the last tag of the text: what stands before it may be the reason that somebody wrote into the directory.
//
// A reply ends with the tag. Elsewhere in it there may be the words of another mail server, which a probe of
// reject_unverified_sender brought, or a part of an address, which ends in ">: ".
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

func lastTag(text string) int {
	for end := len(text); ; {
		end = strings.LastIndexByte(text[:end], tag[0])
		if end < 0 || strings.HasPrefix(text[end:], tag) {
			return end
		}
	}
}

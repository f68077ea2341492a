package maillog

import (
	"bytes"
	"strings"
)

// message is a message whose message ID is not known yet.
type message struct {
	inside bool
	hits   []*pending
}

// maxMessages is how many messages without a message ID are remembered. Many have none: those whose client gave up.
const maxMessages = 1 << 15

// first is the first line of a message. It tells the login, which with the queue ID is that of the hits before it.
func (h *hits) first(b []byte, f *firstLine) {
	if f.pickedUp {
		h.begin(b, f, message{inside: true})
		return
	}
	rest := b[f.rest+int32(len("client=")) : f.end]
	login := ""
	if !bare(rest, bytes.IndexByte(rest, '[')) {
		login = h.texts.own(loginOf(view(rest)))
	}
	m := message{inside: fromInside(rest)}
	s := h.session(f.pid)
	queue := f.queue(b)
	for _, p := range s.waiting {
		if !p.LoginKnown && (!s.known || s.login == login) {
			p.Login, p.LoginKnown = login, true
		}
		if p.QueueID == "" && p.Step == "RCPT" && p.Action != Refused && string(queue) != "NOQUEUE" {
			p.QueueID = string(queue)
			p.held++
			m.hits = append(m.hits, p)
		}
	}
	s.login, s.known = login, true
	if string(queue) != "NOQUEUE" {
		h.begin(b, f, m)
	}
}

// begin begins a message.
func (h *hits) begin(b []byte, f *firstLine, m message) {
	if len(h.messages) >= maxMessages {
		clear(h.messages)
	}
	f.begun = true
	h.messages[h.sent.digest(f.queue(b))] = m
}

// meet meets a message ID. Those of messages that nobody asks for are only remembered.
func (h *hits) meet(j *job, s *sentOf) {
	f := &j.firsts[s.message]
	if f.begun && h.messageID(h.sent.digest(f.queue(j.buf)), idOf(j.buf[s.rest:s.end])) || s.digest == 0 {
		return
	}
	h.sent.meet(s.digest)
}

// messageID gives the hits of a message its message ID. It is false if the message is not known.
func (h *hits) messageID(queue uint64, id []byte) (known bool) {
	m, known := h.messages[queue]
	if !known {
		return false
	}
	delete(h.messages, queue)
	for _, p := range m.hits {
		p.held--
	}
	if len(id) == 0 {
		return true
	}
	before := h.sent.meet(sentID(h.sent.digest(id), m.inside))
	for _, p := range m.hits {
		p.MessageID, p.Returned = string(id), before
	}
	return true
}

// readID is the message ID in the text of a line of cleanup.
func readID(text []byte) []byte {
	_, id, _ := bytes.Cut(text, []byte("="))
	return idOf(id)
}

// idOf is a message ID without the angle brackets.
func idOf(id []byte) []byte {
	if n := len(id); n > 0 && id[n-1] == '>' {
		id = id[:n-1]
	}
	if len(id) > 0 && id[0] == '<' {
		id = id[1:]
	}
	return id
}

// loginOf is the login of a client= line.
func loginOf(rest string) string {
	i := strings.Index(rest, saslUsername)
	if i < 0 {
		return ""
	}
	login := rest[i+len(saslUsername):]
	if !strings.Contains(login, ", ") {
		return login
	}
	for _, field := range []string{", sasl_sender=", ", orig_queue_id=", ", orig_client="} {
		if j := strings.Index(login, field); j >= 0 {
			login = login[:j]
		}
	}
	return login
}

// bare reports whether nothing stands behind a client in a client= line, of which the address begins at open. Nothing
// that may stand there is so short that it ends within the length of an address.
func bare(rest []byte, open int) bool {
	const longest = len("[255.255.255.255]")
	return open >= 0 && (len(rest)-open <= longest && rest[len(rest)-1] == ']' ||
		bytes.IndexByte(rest[open:], ']') == len(rest)-open-1)
}

// fromInside reports whether a client= line is of a message from inside: of a login, or of a client, the original one
// if there is one, that has a private address or one of this machine.
func fromInside(rest []byte) bool {
	open := bytes.IndexByte(rest, '[')
	if open < 0 || open+1 >= len(rest) {
		return false
	}
	if !bare(rest, open) {
		if bytes.Contains(rest, []byte(saslUsername)) {
			return true
		}
		if _, original, found := bytes.Cut(rest, []byte(", orig_client=")); found {
			rest = original
			open = bytes.IndexByte(rest, '[')
			if open < 0 || open+1 >= len(rest) {
				return false
			}
		}
	}
	switch rest[open+1] {
	case '1', ':', 'f', 'F', 'I': // 10, 172, 192, 127; ::1; fc00::/7; IPv6:…
	default:
		return false
	}
	_, address, _, ok := readClient(string(rest))
	return ok && (address.IsPrivate() || address.IsLoopback())
}

package maillog

import "bytes"

// delivery is a line of a delivery agent: "to=<a>, orig_to=<b>, relay=…, delay=…, status=sent (…)".
type delivery struct {
	to, original []byte
	relay        []byte
	status       []byte // the word
	text         []byte // what the other side said, in parentheses
}

var (
	originalTo = []byte(">, orig_to=<")
	relayField = []byte(">, relay=")
	statusIs   = []byte("status=")
	comma      = []byte(", ")
	blank      = []byte(" ")
	queuedAs   = []byte("queued as ")
)

// read reads a line from its left up to the relay, as the addresses allow: what is quoted is skipped.
func (d *delivery) read(b []byte) (ok bool) {
	b, ok = bytes.CutPrefix(b, []byte("to=<"))
	if !ok {
		return false
	}
	n := upTo(b, originalTo, relayField)
	if n < 0 {
		return false
	}
	d.to, b = b[:n], b[n:]
	if rest, found := bytes.CutPrefix(b, originalTo); found {
		n = upTo(rest, relayField)
		if n < 0 {
			return false
		}
		d.original, b = rest[:n], rest[n:]
	}
	b = b[len(relayField):]
	d.relay, b, _ = bytes.Cut(b, comma)
	_, b, ok = bytes.Cut(b, statusIs)
	d.status, d.text, _ = bytes.Cut(b, blank)
	return ok
}

// upTo is the length of an address up to the first of some ends, which begin with ">", that is not within quotes.
func upTo(b []byte, ends ...[]byte) int {
	at := 0
	if len(b) > 0 && b[0] == '"' {
		for at = 1; at < len(b) && b[at] != '"'; at++ {
			if b[at] == '\\' {
				at++
			}
		}
		if at >= len(b) {
			at = 0
		}
	}
	for {
		i := bytes.IndexByte(b[at:], '>')
		if i < 0 {
			return -1
		}
		at += i
		for _, end := range ends {
			if bytes.HasPrefix(b[at:], end) {
				return at
			}
		}
		at++
	}
}

// queuedAs is the queue ID that the other side gave to the message.
func (d *delivery) queuedAs() []byte {
	if !bytes.Contains(d.text, queuedAs) { // is faster
		return nil
	}
	return word(d.text[bytes.LastIndex(d.text, queuedAs)+len(queuedAs):])
}

// forwardedAs is the queue ID of the message that local(8) made of this one.
func (d *delivery) forwardedAs() []byte {
	rest, ok := bytes.CutPrefix(d.text, []byte("(forwarded as "))
	if !ok {
		return nil
	}
	return word(rest)
}

// word is the letters and digits at the beginning.
func word[S ~string | ~[]byte](b S) S {
	n := 0
	for n < len(b) && inQueueID[b[n]] {
		n++
	}
	return b[:n]
}

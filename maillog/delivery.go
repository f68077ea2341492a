package maillog

import "strings"

// delivery is a line of a delivery agent: "to=<a>, orig_to=<b>, relay=…, delay=…, status=sent (…)".
type delivery struct {
	to, original string
	relay        string
	status       string // the word
	text         string // what the other side said, in parentheses
}

const (
	originalTo = ">, orig_to=<"
	relayField = ">, relay="
)

// readDelivery reads a line from its left up to the relay, as the addresses allow: what is quoted is skipped.
func readDelivery(b string) (d delivery, ok bool) {
	b, ok = strings.CutPrefix(b, "to=<")
	if !ok {
		return d, false
	}
	n := upTo(b, originalTo, relayField)
	if n < 0 {
		return d, false
	}
	d.to, b = b[:n], b[n:]
	if rest, found := strings.CutPrefix(b, originalTo); found {
		n = upTo(rest, relayField)
		if n < 0 {
			return d, false
		}
		d.original, b = rest[:n], rest[n:]
	}
	b = b[len(relayField):]
	d.relay, b, _ = strings.Cut(b, ", ")
	_, b, ok = strings.Cut(b, "status=")
	d.status, d.text, _ = strings.Cut(b, " ")
	return d, ok
}

// upTo is the length of an address up to the first of some ends that is not within quotes.
func upTo(b string, ends ...string) int {
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
	first := -1
	for _, end := range ends {
		if i := strings.Index(b[at:], end); i >= 0 && (first < 0 || at+i < first) {
			first = at + i
		}
	}
	return first
}

// queuedAs is the queue ID that the other side gave to the message.
func (d delivery) queuedAs() string {
	if !strings.Contains(d.text, "queued as ") { // is faster
		return ""
	}
	i := strings.LastIndex(d.text, "queued as ")
	return word(d.text[i+len("queued as "):])
}

// forwardedAs is the queue ID of the message that local(8) made of this one.
func (d delivery) forwardedAs() string {
	rest, ok := strings.CutPrefix(d.text, "(forwarded as ")
	if !ok {
		return ""
	}
	return word(rest)
}

func word(b string) string {
	n := 0
	for n < len(b) && (b[n]-'0' <= 9 || b[n]-'A' <= 25 || b[n]-'a' <= 25) {
		n++
	}
	return b[:n]
}

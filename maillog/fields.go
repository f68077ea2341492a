package maillog

import (
	"encoding/binary"
	"net/netip"
	"strings"
)

// suspicious is the length of a text that syslogd may have cut at its end, so that its end is what a client chose.
const suspicious = 2000

// fields are those of a line of a check, from "from=" on.
type fields struct {
	sender, recipient, proto, helo string
	login                          string
	loggedIn                       bool
}

const (
	beginSender  = "; from=<"
	helo         = " helo=<"
	saslMethod   = "> sasl_method="
	saslMethod2  = ">, sasl_method="
	saslUsername = "sasl_username="
	saslSender   = "sasl_sender="
)

// readFields reads the fields of a text from the left, each value in angle brackets up to the end of the address as
// RFC 5321 quotes it. Whatever is left behind "helo=<" is the name that the client gave, up to the last ">" of the line.
// Behind that there are only the fields of a login. The name may hold spaces, and look like fields itself; then it ends
// in ">", which no field of a login does.
func readFields(b string, cut bool) (f fields, ok bool) {
	b, ok = strings.CutPrefix(b, "from=<")
	if ok {
		n := value(b)
		if n < 0 {
			return f, false
		}
		f.sender, b = b[:n], next(b[n+1:])
	}
	if rest, found := strings.CutPrefix(b, "to=<"); found {
		n := value(rest)
		if n < 0 {
			return f, false
		}
		f.recipient, b = rest[:n], next(rest[n+1:])
	}
	if rest, found := strings.CutPrefix(b, "proto="); found {
		n := 0
		for n < len(rest) && rest[n] != ' ' && rest[n] != ',' {
			n++
		}
		f.proto, b = rest[:n], next(rest[n:])
	} else {
		return f, false
	}
	rest, found := strings.CutPrefix(b, helo[1:])
	if !found {
		f.readLogin(b, cut)
		return f, len(b) == 0 || f.loggedIn
	}
	if len(rest) == 0 {
		return f, cut
	}
	if rest[len(rest)-1] == '>' {
		f.helo = rest[:len(rest)-1]
	} else if i := max(strings.LastIndex(rest, saslMethod), strings.LastIndex(rest, saslMethod2)); i >= 0 {
		f.helo = rest[:i]
		f.readLogin(next(rest[i+1:]), cut)
	} else if cut {
		f.helo = rest
	} else {
		return f, false
	}
	return f, true
}

// value is the length of a value up to the ">" that ends it. That is the first one outside a quoted string and an address
// literal which ends the line or is followed by the next field. -1: there is none.
func value(b string) int {
	if i := strings.IndexByte(b, '>'); i >= 0 && b[0] != '"' && ends(b[i+1:]) && strings.IndexByte(b[:i], '[') < 0 {
		return i // as nearly always
	}
	quoted, literal := len(b) > 0 && b[0] == '"', false
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case quoted && c == '\\':
			i++
		case quoted && i > 0 && c == '"':
			quoted = false
		case quoted:
		case literal:
			literal = c != ']'
		case c == '[' && i > 0 && b[i-1] == '@':
			literal = true
		case c == '>' && ends(b[i+1:]):
			return i
		}
	}
	// A quote or a bracket without an end: from an old Postfix, which does not quote.
	for i := range len(b) {
		if b[i] == '>' && ends(b[i+1:]) {
			return i
		}
	}
	return -1
}

// ends reports whether a value may end before b.
func ends(b string) bool {
	b = next(b)
	return len(b) == 0 || strings.HasPrefix(b, "to=<") || strings.HasPrefix(b, "proto=") ||
		strings.HasPrefix(b, helo[1:])
}

// next skips what separates two fields: a blank, with a comma in postscreen.
func next(b string) string {
	b = strings.TrimPrefix(b, ",")
	return strings.TrimPrefix(b, " ")
}

// readLogin reads the fields that Postfix 3.10 puts at the end of a line.
func (f *fields) readLogin(b string, cut bool) {
	i := strings.Index(b, saslUsername)
	if i < 0 || cut {
		return
	}
	login := b[i+len(saslUsername):]
	if j := strings.LastIndex(login, saslSender); j > 0 {
		login = strings.TrimRight(login[:j], ", ")
	}
	f.login, f.loggedIn = login, true
}

// readClient reads name[address], or name[address]:port, which ends before the rest. Neither part is a client's choice:
// a name without a valid form is "unknown".
func readClient(b string) (name string, address netip.Addr, rest string, ok bool) {
	open := strings.IndexByte(b, '[')
	if open < 0 {
		return "", netip.Addr{}, "", false
	}
	end := strings.IndexByte(b[open:], ']')
	if end < 0 || end > 60 {
		return "", netip.Addr{}, "", false
	}
	end += open
	name = b[:open]
	if strings.IndexByte(name, ' ') >= 0 {
		return "", netip.Addr{}, "", false
	}
	text := strings.TrimPrefix(b[open+1:end], "IPv6:")
	if text != "unknown" {
		if address, ok = plainIPv4(text); !ok {
			a, err := netip.ParseAddr(text)
			if err != nil {
				return "", netip.Addr{}, "", false
			}
			address = a.Unmap()
		}
	}
	rest = b[end+1:]
	if len(rest) > 1 && rest[0] == ':' && rest[1]-'0' <= 9 {
		n := 1
		for n < len(rest) && rest[n]-'0' <= 9 {
			n++
		}
		rest = rest[n:]
	}
	return name, address, rest, true
}

// plainIPv4 reads an address as it nearly always is; ok is false for what netip.ParseAddr may read.
func plainIPv4(text string) (address netip.Addr, ok bool) {
	all := uint32(0)
	n, at, digits := 0, 0, 0
	for i := range len(text) {
		switch c := text[i]; {
		case c-'0' <= 9 && digits < 3 && (digits == 0 || n > 0):
			n = n*10 + int(c-'0')
			digits++
		case c == '.' && digits > 0 && n < 256 && at < 3:
			all = all<<8 | uint32(n)
			n, digits = 0, 0
			at++
		default:
			return netip.Addr{}, false
		}
	}
	if at != 3 || digits == 0 || n > 255 {
		return netip.Addr{}, false
	}
	var parts [4]byte
	binary.BigEndian.PutUint32(parts[:], all<<8|uint32(n)) // at once: a processor waits when it reads what was written in parts
	return netip.AddrFrom4(parts), true
}

func clientName(name string) string {
	if name == "unknown" {
		return ""
	}
	return name
}

package maillog

import "bytes"

// trouble counts a warning about a milter or a lookup table.
func (r *reader) trouble(b *batch, l *line) {
	if r.exact(b, l); l.sec < r.troubles {
		return
	}
	if l.kind == milter {
		b.milters++
	} else {
		b.tables++
	}
}

// foreign counts a line of another program.
func (r *reader) foreign(b *batch, l *line, fresh bool) {
	if !fresh {
		return
	}
	b.foreign++
	if notices(b.buf[l.name:l.end]) {
		r.notice(b, l)
	}
}

// notices reports whether what begins with a program's name is of rsyslogd or journald, which tell that they dropped
// lines.
func notices(program []byte) bool {
	return has(program, "rsyslogd") || has(program, "systemd-journald")
}

// notice reads the notice of a dropped line, if a line of rsyslogd or journald is one.
func (r *reader) notice(b *batch, l *line) {
	if n, ok := lost(b.buf[l.name:l.end]); ok {
		r.exact(b, l)
		b.lost = append(b.lost, Loss{Time: l.time(), Count: n})
	}
}

// lost reads a notice: "imuxsock lost 20 messages from pid 7 due to rate-limiting", "… 20 messages lost due to
// rate-limiting", "… begin to drop messages due to rate-limiting", "Suppressed 20 messages from …".
func lost(text []byte) (int64, bool) {
	if bytes.Contains(text, []byte(" to drop messages")) { // "begin", in older versions "begins"
		return 0, true
	}
	for _, before := range []string{" lost ", "Suppressed "} {
		if i := bytes.Index(text, []byte(before)); i >= 0 {
			n, rest := number(text[i+len(before):])
			if bytes.HasPrefix(rest, []byte(" messages")) && n > 0 {
				return n, true
			}
		}
	}
	if i := bytes.Index(text, []byte(" messages lost")); i >= 0 {
		j := i
		for j > 0 && text[j-1]-'0' <= 9 {
			j--
		}
		n, _ := number(text[j:i])
		return n, true
	}
	return 0, false
}

// number reads a decimal number.
func number(b []byte) (int64, []byte) {
	n := int64(0)
	for len(b) > 0 && b[0]-'0' <= 9 && n < 1<<40 {
		n = n*10 + int64(b[0]-'0')
		b = b[1:]
	}
	return n, b
}

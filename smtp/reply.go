package smtp

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"ucs-harden/internal/lazyregexp"
)

// MaxReply bounds one reply, in bytes. RFC 5321 section 4.5.3.1.5 allows 512 bytes for a line; Postfix sends more.
const MaxReply = 64 << 10

// errTooLong is returned for a reply of more than MaxReply bytes.
var errTooLong = fmt.Errorf("the reply is longer than %d bytes", MaxReply)

// Reply is one reply of a server.
type Reply struct {
	// Code is the reply code, 200 to 599.
	Code int
	// Lines are the texts behind the code, one for each line.
	Lines []string
}

// enhancedCode is an enhanced status code of RFC 3463.
var enhancedCode = lazyregexp.New(`^[245]\.\d{1,3}\.\d{1,3}$`)

// split takes the enhanced status code off a line.
func split(line string) (enhanced, rest string) {
	if first, rest, _ := strings.Cut(line, " "); enhancedCode.MatchString(first) {
		return first, rest
	}
	return "", line
}

// Enhanced is the enhanced status code, "" without one. Every line of a reply has the same (RFC 2034 section 4).
func (r Reply) Enhanced() string {
	last := ""
	for _, line := range r.Lines {
		if enhanced, _ := split(line); enhanced != "" {
			last = enhanced
		}
	}
	return last
}

// Text is the reply without its codes, the lines joined by blanks.
func (r Reply) Text() string {
	texts := make([]string, len(r.Lines))
	for i, line := range r.Lines {
		_, texts[i] = split(line)
	}
	return strings.Join(texts, " ")
}

// String is the reply in one line: "554 5.7.1 Relay access denied". Runs of blanks are one blank.
func (r Reply) String() string {
	return strings.Join(strings.Fields(fmt.Sprintf("%d %s %s", r.Code, r.Enhanced(), r.Text())), " ")
}

// Positive reports whether the server has done what it was asked (2xx).
func (r Reply) Positive() bool { return r.Code/100 == 2 }

// Extensions are the lines of a reply to EHLO that name extensions, as sent: "STARTTLS", "AUTH PLAIN LOGIN".
func (r Reply) Extensions() []string { return r.Lines[min(1, len(r.Lines)):] }

// Offers reports whether a reply to EHLO names an extension. Upper and lower case are the same.
func (r Reply) Offers(extension string) bool {
	for _, line := range r.Extensions() {
		if name, _, _ := strings.Cut(line, " "); strings.EqualFold(name, extension) {
			return true
		}
	}
	return false
}

// readReply reads one reply and shows each of its lines, without the line end, to heard. The end of the input before
// the first byte is io.EOF, and io.ErrUnexpectedEOF behind it.
func readReply(in *bufio.Reader, heard func(line string)) (Reply, error) {
	var r Reply
	for room := MaxReply; ; {
		line, err := readLine(in, room)
		if errors.Is(err, io.EOF) && len(r.Lines)+len(line) > 0 {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return Reply{}, err
		}
		room -= len(line)
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		heard(line)
		code, text, more, ok := cut(line)
		if !ok || len(r.Lines) > 0 && code != r.Code {
			return Reply{}, fmt.Errorf("%q is no SMTP reply", line)
		}
		r.Code, r.Lines = code, append(r.Lines, text)
		if !more {
			return r, nil
		}
	}
}

// readLine reads a line with its end, of at most so many bytes.
func readLine(in *bufio.Reader, room int) (string, error) {
	var line []byte
	for {
		piece, err := in.ReadSlice('\n')
		if line = append(line, piece...); len(line) > room {
			return "", errTooLong
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return string(line), err
		}
	}
}

// cut takes a line of a reply apart; more says that another one follows.
func cut(line string) (code int, text string, more, ok bool) {
	digits, rest := line[:min(3, len(line))], line[min(3, len(line)):]
	code, err := strconv.Atoi(digits)
	if err != nil || code < 200 || code > 599 {
		return 0, "", false, false
	}
	switch {
	case rest == "":
		return code, "", false, true
	case rest[0] == ' ':
		return code, rest[1:], false, true
	case rest[0] == '-':
		return code, rest[1:], true, true
	}
	return 0, "", false, false
}

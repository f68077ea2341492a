package maillog

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"strconv"
	"time"
)

// journal turns the journal's export format into lines as rsyslog writes them. An entry is a field a line, NAME=VALUE,
// and ends with an empty line. A value with bytes that are no text has a form of its own: NAME, the end of the line, the
// length as 64 bits little endian, the value, the end of the line.
type journal struct {
	in      *bufio.Reader
	line    []byte
	unread  []byte
	fields  map[string]string
	failure error
}

// largest is what is kept of a value.
const largest = 64 << 10

func newJournal(in *bufio.Reader) *journal { return &journal{in: in, fields: map[string]string{}} }

// Read implements io.Reader.
func (j *journal) Read(p []byte) (int, error) {
	for len(j.unread) == 0 {
		if j.failure != nil {
			return 0, j.failure
		}
		j.failure = j.entry()
		j.compose()
	}
	n := copy(p, j.unread)
	j.unread = j.unread[n:]
	return n, nil
}

// entry reads an entry.
func (j *journal) entry() error {
	clear(j.fields)
	for {
		name, value, err := j.field()
		switch {
		case err != nil:
			return err
		case name == "":
			return nil
		}
		switch name {
		case "__REALTIME_TIMESTAMP", "_SOURCE_REALTIME_TIMESTAMP", "SYSLOG_IDENTIFIER", "SYSLOG_PID", "_PID", "MESSAGE", "_HOSTNAME":
			j.fields[name] = value
		}
	}
}

// field reads a field. An empty name is the end of the entry.
func (j *journal) field() (name, value string, err error) {
	text, err := j.textLine()
	if err != nil || text == "" {
		return "", "", err
	}
	for i := range len(text) {
		if text[i] == '=' {
			return text[:i], text[i+1:], nil
		}
	}
	var length [8]byte
	if _, err := io.ReadFull(j.in, length[:]); err != nil {
		return "", "", err
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > 1<<40 {
		return "", "", errors.New("cannot read the journal: a value is too long")
	}
	kept := make([]byte, min(n, largest))
	if _, err := io.ReadFull(j.in, kept); err != nil {
		return "", "", err
	}
	if _, err := io.CopyN(io.Discard, j.in, int64(n)-int64(len(kept))+1); err != nil {
		return "", "", err
	}
	return text, string(kept), nil
}

// textLine reads a line, of which it keeps the beginning.
func (j *journal) textLine() (string, error) {
	j.line = j.line[:0]
	for {
		part, err := j.in.ReadSlice('\n')
		if len(j.line) < largest {
			j.line = append(j.line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (len(j.line) == 0 || !errors.Is(err, io.EOF)) {
			return "", err
		}
		if n := len(j.line); n > 0 && j.line[n-1] == '\n' {
			j.line = j.line[:n-1]
		}
		return string(j.line), nil
	}
}

// compose makes a line of the entry.
func (j *journal) compose() {
	j.unread = j.unread[:0]
	microseconds, err := strconv.ParseInt(j.fields["__REALTIME_TIMESTAMP"], 10, 64)
	if err != nil || j.fields["MESSAGE"] == "" {
		return
	}
	host, pid := j.fields["_HOSTNAME"], j.fields["SYSLOG_PID"]
	if host == "" {
		host = "-"
	}
	if pid == "" {
		pid = j.fields["_PID"]
	}
	b := time.UnixMicro(microseconds).AppendFormat(j.unread, "2006-01-02T15:04:05.000000-07:00")
	b = append(b, ' ')
	b = append(b, host...)
	b = append(b, ' ')
	b = append(b, j.fields["SYSLOG_IDENTIFIER"]...)
	if pid != "" {
		b = append(append(append(b, '['), pid...), ']')
	}
	b = append(b, ": "...)
	for _, c := range []byte(j.fields["MESSAGE"]) {
		if c < ' ' || c == 0x7f {
			c = '?'
		}
		b = append(b, c)
	}
	j.unread = append(b, '\n')
}

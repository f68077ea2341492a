package privatepostfix

import (
	"crypto/rand"
	"errors"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"ucs-harden/internal/lazyregexp"
)

// logSocket takes the place of postlogd(8). Every program of the instance sends its log lines to this socket before it
// replies to its client. When a reply has come, all lines about it have been sent, in order.
type logSocket struct {
	conn *net.UnixConn
	path string

	mu    sync.Mutex
	lines []line
	news  chan struct{}            // closed at the next line
	marks map[string]chan struct{} // the datagrams that sync waits for

	ended chan struct{}
}

// line is one log line.
type line struct {
	service int    // the ID of the SMTP service that wrote it, 0 for other programs
	program string // "smtpd"
	pid     int
	text    string
}

func (l line) fatal() bool {
	return strings.HasPrefix(l.text, "fatal: ") || strings.HasPrefix(l.text, "panic: ")
}

// maxLines is how many lines are kept at most. 500 dialogues write some thousand.
const maxLines = 200_000

func openLog(path string) (*logSocket, error) {
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return nil, err
	}
	// The programs that write to the socket are no longer root. Nobody can guess the name of the folder.
	if err := os.Chmod(path, 0o666); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	s := &logSocket{
		conn: conn, path: path,
		news: make(chan struct{}), marks: map[string]chan struct{}{}, ended: make(chan struct{}),
	}
	go s.read()
	return s, nil
}

func (s *logSocket) read() {
	defer close(s.ended)
	buffer := make([]byte, 64<<10)
	for {
		n, err := s.conn.Read(buffer)
		if err != nil {
			return
		}
		s.add(string(buffer[:n]))
	}
}

func (s *logSocket) add(datagram string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if mark, ok := s.marks[datagram]; ok {
		delete(s.marks, datagram)
		close(mark)
		return
	}
	if len(s.lines) == maxLines {
		return
	}
	s.lines = append(s.lines, parseLine(datagram))
	close(s.news)
	s.news = make(chan struct{})
}

// logLine is a line of syslog, "Nov 20 22:34:15 mail ucs-harden-rehearsal/25/smtpd[123]: text". The syslog_name of an
// SMTP service contains its ID.
var logLine = lazyregexp.New(`^\S+\s+\S+\s+\S+\s+\S+\s+(\S+?)\[(\d+)\]: (.*)$`)

func parseLine(datagram string) line {
	datagram = strings.TrimRight(datagram, "\r\n\x00")
	m := logLine.FindStringSubmatch(datagram)
	if m == nil {
		return line{text: datagram}
	}
	l := line{program: m[1][strings.LastIndexByte(m[1], '/')+1:], text: m[3]}
	l.pid, _ = strconv.Atoi(m[2]) // digits; too large a number is no process
	if words := strings.Split(m[1], "/"); len(words) > 2 {
		l.service, _ = strconv.Atoi(words[1]) // no number: not an SMTP service
	}
	return l
}

// from returns the lines from the nth on, and a channel that is closed when there are more.
func (s *logSocket) from(n int) ([]line, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.lines[min(n, len(s.lines)):]), s.news
}

// count is how many lines there are.
func (s *logSocket) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.lines)
}

// sync returns when every line that was sent up to now has been read.
func (s *logSocket) sync() error {
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: s.path, Net: "unixgram"})
	if err != nil {
		return err
	}
	defer conn.Close()
	mark, read := rand.Text(), make(chan struct{})
	s.mu.Lock()
	s.marks[mark] = read
	s.mu.Unlock()
	if _, err := conn.Write([]byte(mark)); err != nil {
		return err
	}
	select {
	case <-read:
		return nil
	case <-s.ended:
		return errors.New("the log of the rehearsal ended")
	}
}

func (s *logSocket) close() error {
	err := s.conn.Close()
	<-s.ended
	return err
}

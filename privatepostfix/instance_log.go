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

// journal takes the place of postlogd(8): every program of the instance sends its
// log lines to this socket, before it answers its client. So when an answer is
// there, all that was logged about it is on its way here, in order.
type journal struct {
	conn *net.UnixConn
	path string

	mu    sync.Mutex
	lines []line
	news  chan struct{}            // closed at the next line
	marks map[string]chan struct{} // what sync waits for

	ended chan struct{}
}

// line is one log line.
type line struct {
	port    int    // of the role that wrote it, 0 for others
	program string // "smtpd"
	pid     int
	text    string
}

func (l line) fatal() bool {
	return strings.HasPrefix(l.text, "fatal: ") || strings.HasPrefix(l.text, "panic: ")
}

// maxLines bounds what is kept; a rehearsal of 500 dialogues writes some thousand.
const maxLines = 200_000

func openJournal(path string) (*journal, error) {
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return nil, err
	}
	// Programs write to it that have given up root's rights; the folder is in a place nobody can guess.
	if err := os.Chmod(path, 0o666); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	j := &journal{conn: conn, path: path, news: make(chan struct{}), marks: map[string]chan struct{}{}, ended: make(chan struct{})}
	go j.read()
	return j, nil
}

func (j *journal) read() {
	defer close(j.ended)
	buffer := make([]byte, 64<<10)
	for {
		n, err := j.conn.Read(buffer)
		if err != nil {
			return
		}
		j.add(string(buffer[:n]))
	}
}

func (j *journal) add(datagram string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if mark, ok := j.marks[datagram]; ok {
		delete(j.marks, datagram)
		close(mark)
		return
	}
	if len(j.lines) == maxLines {
		return
	}
	j.lines = append(j.lines, parseLine(datagram))
	close(j.news)
	j.news = make(chan struct{})
}

// "Nov 20 22:34:15 mail ucs-harden-rehearsal/25/smtpd[123]: text": the line of
// syslog, with the port in the syslog_name of a role.
var logLine = lazyregexp.New(`^\S+\s+\S+\s+\S+\s+\S+\s+(\S+?)\[(\d+)\]: (.*)$`)

func parseLine(datagram string) line {
	datagram = strings.TrimRight(datagram, "\r\n\x00")
	m := logLine.FindStringSubmatch(datagram)
	if m == nil {
		return line{text: datagram}
	}
	l := line{program: m[1][strings.LastIndexByte(m[1], '/')+1:], text: m[3]}
	l.pid, _ = strconv.Atoi(m[2]) // digits; too many of them are no process
	if words := strings.Split(m[1], "/"); len(words) > 2 {
		l.port, _ = strconv.Atoi(words[1]) // no number is no role
	}
	return l
}

// from returns the lines from the nth on, and what is closed when there are more.
func (j *journal) from(n int) ([]line, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.lines[min(n, len(j.lines)):]), j.news
}

// count is how many lines there are.
func (j *journal) count() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.lines)
}

// sync returns when everything that was sent up to now has been read.
func (j *journal) sync() error {
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: j.path, Net: "unixgram"})
	if err != nil {
		return err
	}
	defer conn.Close()
	mark, read := rand.Text(), make(chan struct{})
	j.mu.Lock()
	j.marks[mark] = read
	j.mu.Unlock()
	if _, err := conn.Write([]byte(mark)); err != nil {
		return err
	}
	select {
	case <-read:
		return nil
	case <-j.ended:
		return errors.New("the log of the rehearsal ended")
	}
}

func (j *journal) close() error {
	err := j.conn.Close()
	<-j.ended
	return err
}

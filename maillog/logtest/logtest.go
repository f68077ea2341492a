// Package logtest writes mail logs as a busy server has them, for tests and benchmarks. The same options give the same
// log. The numbers of what it tells are known.
package logtest

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"time"
)

// Options are what a log is like.
type Options struct {
	// Bytes is how long the log becomes, give or take the sessions that are open then.
	Bytes int64
	// Begin is the time of the first line, Days are how many days the log covers.
	Begin time.Time
	Days  int
	// Traditional: with the stamps of RFC 3164 instead of ISO 8601.
	Traditional bool
	Seed        uint64
}

// Counts are what a log tells.
type Counts struct {
	Lines, Bytes int64
	// Hits are the lines of checks, Tagged those with a tag of ours. Returned are hits of letters whose message ID left the
	// server before.
	Hits, Tagged, Returned int64
	// Letters are messages and refused attempts, Refused the attempts.
	Letters, Refused int64
}

// generator writes a log. Many sessions are open at the same time, and their lines are mixed.
type generator struct {
	out    *bufio.Writer
	random *rand.Rand
	o      Options
	Counts
	at       time.Time
	step     time.Duration
	stamp    []byte
	open     []*session
	pid      int
	queue    int
	previous []string // message IDs that left the server
}

// session is what will be written: each line without its stamp.
type session struct {
	lines []string
	sent  string // the message ID that has left the server when all lines are written
}

// recent is how many message IDs may come back.
const recent = 64

// sessionsAtOnce is how many sessions are open at any time.
const sessionsAtOnce = 8

// lineBytes is the mean length of a line.
const lineBytes = 153

// Write writes a log.
func Write(w io.Writer, o Options) (Counts, error) {
	if o.Days == 0 {
		o.Days = 84
	}
	g := &generator{out: bufio.NewWriterSize(w, 1<<20), random: rand.New(rand.NewPCG(o.Seed, 7)), o: o, at: o.Begin, pid: 2000}
	length := int64(lineBytes)
	if o.Traditional {
		length -= 17
	}
	g.step = time.Duration(float64(o.Days) * 24 * float64(time.Hour) / float64(max(1, o.Bytes/length)))
	for g.Bytes < o.Bytes || len(g.open) > 0 {
		for g.Bytes < o.Bytes && len(g.open) < sessionsAtOnce {
			g.begin()
		}
		i := g.random.IntN(len(g.open))
		s := g.open[i]
		g.line(s.lines[0])
		if s.lines = s.lines[1:]; len(s.lines) == 0 {
			g.leave(s.sent)
			g.open[i] = g.open[len(g.open)-1]
			g.open = g.open[:len(g.open)-1]
		}
	}
	if err := g.out.Flush(); err != nil {
		return g.Counts, fmt.Errorf("cannot write the log: %w", err)
	}
	return g.Counts, nil
}

// leave remembers a message ID.
func (g *generator) leave(id string) {
	if id == "" {
		return
	}
	g.previous = append(g.previous, id)
	if len(g.previous) > recent {
		g.previous = g.previous[1:]
	}
}

func (g *generator) line(text string) {
	g.at = g.at.Add(time.Duration(g.random.Int64N(2*int64(g.step) + 1)))
	if g.o.Traditional {
		g.stamp = g.at.AppendFormat(g.stamp[:0], time.Stamp)
	} else {
		g.stamp = g.at.AppendFormat(g.stamp[:0], "2006-01-02T15:04:05.000000-07:00")
	}
	g.stamp = append(g.stamp, " mail "...)
	g.stamp = append(append(g.stamp, text...), '\n')
	_, _ = g.out.Write(g.stamp) // Flush returns its error
	g.Lines++
	g.Bytes += int64(len(g.stamp))
}

// begin opens a session of some kind.
func (g *generator) begin() {
	s := &session{}
	g.pid = 2000 + (g.pid+g.random.IntN(7)+1)%30000
	switch n := g.random.IntN(100); {
	case n < 30:
		g.accepted(s)
	case n < 48:
		g.submitted(s)
	case n < 70:
		g.refused(s)
	case n < 84:
		g.guessed(s)
	case n < 87:
		g.warned(s)
	case n < 90:
		g.local(s)
	default:
		g.foreign(s)
	}
	g.open = append(g.open, s)
}

func (s *session) add(parts ...string) {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	b := make([]byte, 0, n)
	for _, p := range parts {
		b = append(b, p...)
	}
	s.lines = append(s.lines, string(b))
}

func (g *generator) program(name string) string { return name + "[" + strconv.Itoa(g.pid) + "]: " }

func (g *generator) helper(name string) string {
	return name + "[" + strconv.Itoa(1000+g.random.IntN(900)) + "]: "
}

// id is a queue ID: microseconds and an inode, as short ones are made.
func (g *generator) id() string {
	g.queue++
	return fmt.Sprintf("%05X%05X", g.random.IntN(1<<20), 0x10000+g.queue%0xE0000)
}

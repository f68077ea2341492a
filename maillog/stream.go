package maillog

import (
	"bytes"
	"context"
	"errors"
	"io"
)

// stream reads ahead what has to be read in order, and cuts it behind the last line of every piece. To decompress takes
// longer than to read lines, so that it has a goroutine of its own, which nobody keeps waiting.
type stream struct {
	ctx    context.Context
	in     io.Reader
	piece  int
	pieces chan cut
	free   chan []byte // places for pieces
}

// cut is a piece of a stream.
type cut struct {
	buf          []byte
	begin, end   int // of its lines
	origin, next int64
	failed       error
	last         bool
}

const cutAhead = 3 // pieces

func newStream(ctx context.Context, in io.Reader, piece int) *stream {
	s := &stream{ctx: ctx, in: in, piece: piece, pieces: make(chan cut, cutAhead), free: make(chan []byte, cutAhead+1)}
	for range cutAhead {
		s.free <- make([]byte, 0, piece)
	}
	return s
}

// take makes a job that of the next piece. It is false if there is none, because the reading was cancelled.
func (s *stream) take(j *job) bool {
	select {
	case <-s.ctx.Done():
		return false
	case c := <-s.pieces:
		s.free <- j.buf
		j.buf, j.begin, j.end, j.origin, j.next, j.failed, j.last = c.buf, c.begin, c.end, c.origin, c.next, c.failed, c.last
		return true
	}
}

// read reads all pieces. Of a line that is longer than a piece it takes the beginning.
func (s *stream) read() {
	var rest []byte
	at, skipping := int64(0), false
	for ended := false; !ended; {
		var c cut
		select {
		case <-s.ctx.Done():
			return
		case c.buf = <-s.free:
		}
		if cap(c.buf) < s.piece {
			c.buf = make([]byte, 0, s.piece)
		}
		c.buf = append(c.buf[:0], rest...)
		for !ended && len(c.buf) < s.piece {
			n, err := s.in.Read(c.buf[len(c.buf):s.piece])
			c.buf = c.buf[:len(c.buf)+n]
			ended = err != nil
			if ended && !errors.Is(err, io.EOF) {
				c.failed = err
			}
		}
		c.origin, c.end, c.last = at, len(c.buf), ended
		if skipping {
			c.begin = bytes.IndexByte(c.buf, '\n') + 1
			if skipping = c.begin == 0; skipping {
				c.begin = len(c.buf)
			}
		}
		if !ended && !skipping {
			if i := bytes.LastIndexByte(c.buf[c.begin:], '\n'); i >= 0 {
				c.end = c.begin + i + 1
			} else if c.begin == 0 {
				skipping = true
			} else {
				c.end = c.begin
			}
		}
		rest = append(rest[:0], c.buf[c.end:]...)
		at += int64(c.end)
		c.next = at
		select {
		case <-s.ctx.Done():
			return
		case s.pieces <- c:
		}
	}
}

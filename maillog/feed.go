package maillog

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"time"
)

// A log is cut into pieces. Each worker reads a piece with pread(2) and splits it into lines; the pieces are consumed in
// their order. A file that has to be read in order (compressed, a stream) is cut by the one who reads it.
const (
	usual  = 256 << 10 // is a piece
	slack  = 4 << 10   // is read behind a piece, for its last line
	most   = 64 << 10  // of a line is read
	atMost = 8         // workers
)

// job is a piece on its way.
type job struct {
	batch
	file *opened
	// at and size are the place of the piece in a file that the worker reads. size is 0 where buf is filled already.
	at, size   int64
	begin, end int   // of the lines in buf
	progress   int64 // bytes of all files read when this piece is
	failed     error
	last       bool // of its file
	done       chan struct{}
}

// feed reads files piece by piece.
type feed struct {
	ctx     context.Context
	options Options
	wanted  reading
	free    chan *job
	work    chan *job
	ordered chan *job
	piece   int
	read    int64
}

// each calls consume with the pieces of the files, in their order.
func each(ctx context.Context, files []*opened, o Options, wanted reading, consume func(*job) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := min(runtime.GOMAXPROCS(0), atMost)
	if slices.ContainsFunc(files, func(f *opened) bool { return f.stream != nil }) {
		workers = max(1, workers-1) // to decompress takes longer than to read: it has a processor of its own
	}
	jobs := 2*workers + 2
	piece := cmp.Or(o.piece, usual)
	f := &feed{ctx: ctx, options: o, wanted: wanted, piece: piece,
		free: make(chan *job, jobs), work: make(chan *job, jobs), ordered: make(chan *job, jobs)}
	for range jobs {
		f.free <- &job{done: make(chan struct{}, 1), batch: batch{buf: make([]byte, 0, piece+2*slack)}}
	}
	ended := make(chan struct{}, workers+1)
	go func() {
		for _, file := range files {
			f.file(file)
		}
		close(f.work)
		close(f.ordered)
		ended <- struct{}{}
	}()
	for range workers {
		go func() {
			f.worker()
			ended <- struct{}{}
		}()
	}
	var err error
	for j := range f.ordered {
		<-j.done
		if err == nil {
			if err = consume(j); err != nil {
				cancel()
			}
		}
		f.free <- j
	}
	for range workers + 1 {
		<-ended
	}
	if err == nil {
		err = context.Cause(ctx)
	}
	return err
}

// take is a free job, nil when all is over.
func (f *feed) take(file *opened) *job {
	select {
	case <-f.ctx.Done():
		return nil
	case j := <-f.free:
		j.reset()
		j.file, j.size, j.failed, j.last, j.begin, j.end = file, 0, nil, false, 0, 0
		j.fresh = file.fresh
		return j
	}
}

func (f *feed) put(j *job) {
	j.progress = f.read
	f.work <- j
	f.ordered <- j
}

func (f *feed) file(file *opened) {
	if file.stream != nil {
		f.inOrder(file)
		return
	}
	piece := int64(f.piece)
	for at := file.from; ; at += piece {
		j := f.take(file)
		if j == nil {
			return
		}
		j.at, j.size = at, min(piece, file.size-at)
		f.read += max(j.size, 0)
		j.last = at+piece >= file.size
		f.put(j)
		if j.last {
			return
		}
	}
}

// inOrder cuts a stream behind the last line of every piece. Of a line that is longer than a piece it takes the beginning.
func (f *feed) inOrder(file *opened) {
	var rest []byte
	at, skipping := int64(0), false
	for {
		j := f.take(file)
		if j == nil {
			return
		}
		j.buf = append(j.buf[:0], rest...)
		ended := false
		for !ended && len(j.buf) < f.piece {
			n, err := file.stream.Read(j.buf[len(j.buf):f.piece])
			j.buf = j.buf[:len(j.buf)+n]
			ended = err != nil
			if ended && !errors.Is(err, io.EOF) {
				j.failed = err
			}
		}
		f.read += int64(len(j.buf) - len(rest))
		j.origin = at
		begin := 0
		if skipping {
			begin = bytes.IndexByte(j.buf, '\n') + 1
			skipping = begin == 0
			if skipping {
				begin = len(j.buf)
			}
		}
		end := len(j.buf)
		if !ended && !skipping {
			if i := bytes.LastIndexByte(j.buf[begin:], '\n'); i >= 0 {
				end = begin + i + 1
			} else if begin == 0 {
				skipping = true
			} else {
				end = begin
			}
		}
		rest = append(rest[:0], j.buf[end:]...)
		at += int64(end)
		j.next = at
		j.last = ended
		j.begin, j.end = begin, end
		f.put(j)
		if ended {
			return
		}
	}
}

func (f *feed) worker() {
	now := int64(1) << 60
	if !f.options.Now.IsZero() {
		now = f.options.Now.Unix()
	}
	since := int64(-1) << 60
	if !f.options.Since.IsZero() {
		since = f.options.Since.Unix()
	}
	r := &reader{reading: f.wanted, now: now, since: since}
	if !f.options.Troubles.IsZero() {
		r.troubles = f.options.Troubles.Unix()
	}
	r.programs.most = r.most
	r.forget()
	if r.sent != nil {
		r.sifter = &sifter{sent: r.sent}
	} else {
		r.stepper = &stepper{key: r.key}
	}
	for j := range f.work {
		if r.written != j.file.written || r.location == nil {
			r.calendar = calendar{written: j.file.written, location: time.Local}
		}
		if j.file.stream == nil {
			j.begin, j.end = j.load()
		} else if j.end > j.begin+most && bytes.IndexByte(j.buf[j.begin:j.end], '\n') < 0 {
			j.end = j.begin + most
		}
		r.read(&j.batch, j.begin, j.end)
		j.done <- struct{}{}
	}
}

// load reads the piece from its file, and returns the limits of the lines that begin in it.
func (j *job) load() (begin, end int) {
	j.buf, j.origin = j.buf[:0], j.at
	if j.size <= 0 {
		return 0, 0
	}
	want := int(j.size)
	if j.at > 0 {
		j.origin-- // the end of the line before
		want++
	}
	j.more(want + slack)
	want = min(want, len(j.buf))
	if j.at > 0 {
		begin = bytes.IndexByte(j.buf, '\n') + 1
	}
	if want == 0 || begin >= want || j.at > 0 && begin == 0 {
		return 0, 0
	}
	end = j.endOfLine(want - 1)
	j.next = j.origin + int64(end)
	return begin, max(begin, end)
}

// endOfLine is the place behind the line that has a byte at from. A line that is too long is cut. The last line of a file
// is left for the next reading if it is not complete.
func (j *job) endOfLine(from int) int {
	limit := from + most
	for {
		if i := bytes.IndexByte(j.buf[from:], '\n'); i >= 0 {
			return from + i + 1
		}
		from = len(j.buf)
		if from >= limit {
			return from
		}
		if j.more(from + most/4); len(j.buf) == from {
			return bytes.LastIndexByte(j.buf, '\n') + 1
		}
	}
}

// more reads on until buf has n bytes, or fewer at the end of the file, which may have been truncated.
func (j *job) more(n int) {
	have := len(j.buf)
	if cap(j.buf) < n {
		j.buf = append(make([]byte, 0, n), j.buf...)
	}
	limit := min(int64(n-have), j.file.size-j.origin-int64(have))
	if limit <= 0 {
		return
	}
	read, err := j.file.file.ReadAt(j.buf[have:have+int(limit)], j.origin+int64(have))
	j.buf = j.buf[:have+read]
	if err != nil && !errors.Is(err, io.EOF) {
		j.failed = err
	}
}

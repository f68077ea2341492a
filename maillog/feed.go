package maillog

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"time"
)

// A log is cut into pieces. Each worker takes the next piece, reads it with pread(2) and splits it into lines. The
// worker that has finished the oldest piece consumes it, and those behind it that are finished: so nobody has to be
// waited for, and no two pieces are consumed at once. A file that has to be read in order (compressed, a stream) is
// read ahead, see stream.
const (
	usual  = 256 << 10 // is a piece
	slack  = 1 << 10   // is read behind a piece, for its last line
	most   = 64 << 10  // of a line is read
	atMost = 8         // workers

	jobsOfWorker = 2
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
	last       bool      // of its file
	number     int       // of the piece, from 0 on
	free       chan *job // of its worker, which uses it again: most of it is near the processor then
}

// feed reads files piece by piece.
type feed struct {
	ctx     context.Context
	options Options
	wanted  reading
	consume func(*job) error
	piece   int

	running sync.WaitGroup

	taking sync.Mutex // of what follows
	files  []*opened  // those that are left
	at     int64      // of the next piece in the first of them
	stream *stream    // the first of them, if it is read in order and was begun
	taken  int        // pieces
	read   int64

	consuming sync.Mutex // of what follows
	finished  []*job     // by their number, modulo
	consumed  int
	busy      bool // somebody consumes
	gone      bool // who consumed has ended its goroutine, as a test that fails does
	err       error
}

// each calls consume with the pieces of the files, in their order, from one goroutine or another.
func each(ctx context.Context, files []*opened, o Options, wanted reading, consume func(*job) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := min(runtime.GOMAXPROCS(0), atMost)
	f := &feed{ctx: ctx, options: o, wanted: wanted, piece: cmp.Or(o.piece, usual),
		finished: make([]*job, jobsOfWorker*workers)}
	f.consume = func(j *job) error {
		ended := false
		defer func() {
			if !ended {
				f.gone = true
				cancel()
			}
		}()
		err := consume(j)
		if ended = true; err != nil {
			cancel()
		}
		return err
	}
	f.begin(files)
	for range workers {
		f.running.Go(f.work)
	}
	f.running.Wait()
	if f.gone {
		runtime.Goexit()
	}
	return cmp.Or(f.err, context.Cause(ctx))
}

// begin begins the first of the files that are left.
func (f *feed) begin(files []*opened) {
	f.files, f.stream = files, nil
	if len(files) > 0 {
		f.at = files[0].from
	}
}

// take makes a job that of the next piece. It is false when there is none.
func (f *feed) take(j *job) bool {
	f.taking.Lock()
	defer f.taking.Unlock()
	if len(f.files) == 0 || f.ctx.Err() != nil {
		return false
	}
	file := f.files[0]
	j.reset()
	j.file, j.at, j.size, j.failed, j.begin, j.end = file, 0, 0, nil, 0, 0
	j.fresh = file.fresh
	if file.stream != nil {
		if f.stream == nil {
			f.stream = newStream(f.ctx, file.stream, f.piece)
			f.running.Go(f.stream.read)
		}
		if !f.stream.take(j) {
			return false
		}
		f.read += int64(j.end - j.begin)
	} else {
		piece := int64(f.piece)
		j.at, j.size = f.at, min(piece, file.size-f.at)
		f.at += piece
		f.read += max(j.size, 0)
		j.last = f.at >= file.size
	}
	if j.last {
		f.begin(f.files[1:])
	}
	j.progress = f.read
	j.number = f.taken
	f.taken++
	return true
}

// work takes pieces and reads them.
func (f *feed) work() {
	r := f.reader()
	free := make(chan *job, jobsOfWorker)
	for range jobsOfWorker {
		free <- &job{free: free}
	}
	for {
		var j *job
		select {
		case <-f.ctx.Done():
			return
		case j = <-free:
		}
		if !f.take(j) {
			return
		}
		if r.written != j.file.written || r.location == nil {
			r.calendar = calendar{written: j.file.written, location: time.Local}
		}
		if j.file.stream == nil {
			j.begin, j.end = j.load()
		} else if j.end > j.begin+most && bytes.IndexByte(j.buf[j.begin:j.end], '\n') < 0 {
			j.end = j.begin + most
		}
		r.read(&j.batch, j.begin, j.end)
		f.finish(j)
	}
}

func (f *feed) reader() *reader {
	now := int64(1) << 60
	if !f.options.Now.IsZero() {
		now = f.options.Now.Unix()
	}
	since := int64(-1) << 60
	if !f.options.Since.IsZero() {
		since = f.options.Since.Unix()
	}
	r := &reader{reading: f.wanted, now: now, since: since, texts: newTexts()}
	if !f.options.Troubles.IsZero() {
		r.troubles = f.options.Troubles.Unix()
	}
	r.programs.most, r.programs.plain = r.most, r.plain
	r.forget()
	if r.sent != nil {
		r.sifter, r.beginnings = &sifter{sent: r.sent}, beginningsOfHits
	} else {
		r.stepper, r.beginnings = &stepper{key: r.key, texts: r.texts}, beginningsOfLetters
	}
	return r
}

// finish consumes what is finished, up to a piece that is not.
func (f *feed) finish(j *job) {
	f.consuming.Lock()
	defer f.consuming.Unlock()
	f.finished[j.number%len(f.finished)] = j
	if f.busy {
		return
	}
	f.busy = true
	for next := &f.finished[f.consumed%len(f.finished)]; *next != nil; next = &f.finished[f.consumed%len(f.finished)] {
		j, *next = *next, nil
		f.consumed++
		if f.err == nil {
			f.err = f.unlocked(j)
		}
		j.free <- j
	}
	f.busy = false
}

// unlocked consumes a piece while others are finished.
func (f *feed) unlocked(j *job) error {
	f.consuming.Unlock()
	defer f.consuming.Lock()
	return f.consume(j)
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

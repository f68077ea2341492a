package maillog

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"
)

// cover collects what a log covers, piece by piece.
type cover struct {
	Coverage
	first, last int64
	pauses      []pause // the longest ones
}

const maxPauses = 256

// add counts a piece.
func (c *cover) add(j *job) {
	c.Bytes += max(0, j.origin+int64(j.end)-max(j.origin+int64(j.begin), j.fresh))
	c.Lines += j.lines
	c.Unparsed += j.unparsed
	c.Ambiguous += j.ambiguous
	c.Foreign += j.foreign
	c.Future += j.future
	c.Broken += j.broken
	c.Milters += j.milters
	c.Tables += j.tables
	for _, d := range j.days {
		c.Days[d.day] += d.lines
		if d.mail > 0 {
			c.Mail[d.day] += d.mail
		}
	}
	c.Lost = append(c.Lost, j.lost...)
	if len(c.Lost) > maxPauses { // the number of notices is what an attacker may choose
		c.Lost[maxPauses-1].Count += c.Lost[maxPauses].Count
		c.Lost = c.Lost[:maxPauses]
	}
	if j.first == 0 {
		return
	}
	if c.first == 0 {
		c.first = j.first
	} else if j.first-c.last >= silence {
		c.pause(pause{c.last, j.first})
	}
	for _, p := range j.gaps {
		c.pause(p)
	}
	c.first, c.last = min(c.first, j.first), max(c.last, j.batch.last)
}

// pause keeps the longest ones. One that is left out is shorter than maxPauses others, and so is no gap.
func (c *cover) pause(p pause) {
	c.pauses = append(c.pauses, p)
	if len(c.pauses) >= 2*maxPauses {
		c.longest()
	}
}

func (c *cover) longest() {
	slices.SortFunc(c.pauses, func(a, b pause) int { return int((b.to - b.from) - (a.to - a.from)) })
	c.pauses = c.pauses[:min(len(c.pauses), maxPauses)]
}

// done completes what is known at the end.
func (c *cover) done() Coverage {
	if c.first != 0 {
		c.From, c.To = time.Unix(c.first, 0), time.Unix(c.last, 0)
	}
	c.longest()
	allowed := max(1, int((c.last-c.first)/(14*24*3600)))
	for i, p := range c.pauses {
		similar := i + 1
		for similar < len(c.pauses) && 2*(c.pauses[similar].to-c.pauses[similar].from) >= p.to-p.from {
			similar++
		}
		if similar <= allowed || p.to-p.from >= int64(LongSilence.Seconds()) {
			c.Gaps = append(c.Gaps, Gap{time.Unix(p.from, 0), time.Unix(p.to, 0)})
		}
	}
	slices.SortFunc(c.Gaps, func(a, b Gap) int { return a.From.Compare(b.From) })
	return c.Coverage
}

// scan reads logs, and calls consume with their pieces.
func scan(ctx context.Context, logs []Source, o Options, wanted reading, consume func(*job) error) (Coverage, error) {
	c := &cover{Coverage: Coverage{
		Days: map[string]int64{}, Mail: map[string]int64{},
		Files: []File{}, Gaps: []Gap{}, Lost: []Loss{}, Unreadable: []Unreadable{},
	}}
	if len(logs) == 0 {
		return c.done(), fmt.Errorf("cannot read the mail log: %w", ErrNoLog)
	}
	files, err := c.open(logs, o)
	defer func() {
		for _, f := range files {
			if f.file != nil {
				f.file.Close()
			}
		}
	}()
	if err != nil {
		return c.done(), err
	}
	all := int64(0)
	for _, f := range files {
		all += f.size - f.from
	}
	if slices.ContainsFunc(files, func(f *opened) bool { return f.size == 0 && f.stream != nil }) {
		all = 0
	}
	read := int64(0)
	err = each(ctx, files, o, wanted, func(j *job) error {
		c.add(j)
		f := j.file
		f.stamped += j.stamped
		f.lines += j.lines
		f.Offset = max(f.Offset, j.next)
		if j.failed != nil {
			f.err = j.failed
		}
		if err := consume(j); err != nil {
			return err
		}
		if f.stamped == 0 && f.lines > 0 && f.fresh == 0 && (j.last || f.Offset > 16<<20) {
			return &NoMailLogError{Path: f.Path}
		}
		if j.last {
			c.close(f)
		}
		if o.Progress != nil {
			read = j.progress
			o.Progress(read, all)
		}
		return nil
	})
	return c.done(), err
}

// open opens all logs at once, so that a rotation meanwhile changes nothing. A log that stands twice in the list is read
// once.
func (c *cover) open(logs []Source, o Options) ([]*opened, error) {
	var files []*opened
	var first error
	skipped := 0
	for i := len(logs) - 1; i >= 0; i-- {
		f, skip, err := open(logs[i], o)
		if err != nil {
			if first == nil {
				first = err
			}
			c.Unreadable = append(c.Unreadable, Unreadable{logs[i].Path, why(err), lastWritten(logs[i])})
			continue
		}
		twice := slices.ContainsFunc(files, func(g *opened) bool { return g.Inode != 0 && g.Inode == f.Inode })
		if skip || twice {
			f.file.Close()
			skipped++
			continue
		}
		files = append(files, f)
	}
	slices.Reverse(files)
	if len(files)+skipped == 0 {
		return nil, fmt.Errorf("cannot read the mail log: %w", first)
	}
	return c.leaveOut(files), nil
}

// leaveOut leaves out files that were read before, but for the end of one before a file that is new: there are the
// sessions that go on.
func (c *cover) leaveOut(files []*opened) []*opened {
	var left []*opened
	for i, f := range files {
		if f.whole() && (f.packed || i+1 == len(files) || files[i+1].whole()) {
			c.Files = append(c.Files, f.File)
			f.file.Close()
			continue
		}
		left = append(left, f)
	}
	return left
}

// close keeps how far a file was read.
func (c *cover) close(f *opened) {
	if f.err != nil {
		c.Unreadable = append(c.Unreadable, Unreadable{f.Path, why(f.err), f.written})
	}
	if f.file == nil {
		return
	}
	if head, err := f.head(); err == nil {
		f.Fingerprint = fingerprint(head[:min(int64(len(head)), f.Offset)])
	}
	c.Files = append(c.Files, f.File)
}

// lastWritten is when a file that cannot be opened was last written to, zero if that cannot be said.
func lastWritten(s Source) time.Time {
	info, err := os.Stat(s.Path)
	if s.Stream != nil || err != nil || info.IsDir() {
		return time.Time{}
	}
	return info.ModTime()
}

// why is the reason of an error without the path that it names.
func why(err error) string {
	if path := pathError(err); path != nil {
		return path.Err.Error()
	}
	return err.Error()
}

package harden

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/maillog"
	"ucs-harden/plan"
)

// ReplayOptions are what a replay reads and asks.
type ReplayOptions struct {
	// Mode is the mode of all controls that are on in the plan, also of those that have a mode of their own; "" means the
	// modes in the registry.
	Mode plan.Mode
	// Logs are files; without them and without Stream the series of mail.log is read. Stream is an open log.
	Logs   []string
	Stream io.Reader
	// Since leaves out what is older; zero reads all.
	Since time.Time
	// Sample is how many distinct cases a private Postfix is asked about as well. 0 asks none.
	Sample int
}

// ReplaySample is the usual Sample.
const ReplaySample = 200

// Replay says what the controls of a plan would have done with past letters: each recipient of each letter in the log is
// refused, unchanged, or the log does not show enough to tell.
//
//  1. The plan is made. Nothing of it is applied.
//  2. The letters are read and judged by the rules, with the facts that a rehearsal uses. A recipient that was accepted
//     was known at that time. What was refused then stays refused.
//  3. A sample of distinct cases is put to two private Postfix, today's and that of the plan. If one of them answers
//     otherwise than the rules say, the error is a DisagreementError, and there is no report.
func (s *Server) Replay(ctx context.Context, o ReplayOptions) (*evidence.Report, error) {
	p, err := s.PlanFor(ctx, Request{Mode: o.Mode, everywhere: true})
	if err != nil {
		return nil, err
	}
	r, err := s.replayUnder(ctx, p, o)
	if err != nil {
		return nil, err
	}
	return r, s.readyByReplay(p, r)
}

// replayUnder is a replay under a plan that was made before.
func (s *Server) replayUnder(ctx context.Context, p *Planned, o ReplayOptions) (*evidence.Report, error) {
	r, err := s.newReplay(p, o.Sample)
	if err != nil {
		return nil, err
	}
	logs, err := s.sources(o.Logs, o.Stream)
	if err != nil {
		return nil, err
	}
	r.counts.Mode = o.Mode
	coverage, err := r.read(ctx, logs, maillog.Options{Now: s.Clock(), Since: o.Since})
	if err != nil {
		return nil, err
	}
	if err := s.askSample(ctx, p, r); err != nil {
		return nil, err
	}
	return s.replayed(ctx, p, r, coverage)
}

// newReplay begins a replay under a plan.
func (s *Server) newReplay(p *Planned, sample int) (*replay, error) {
	c, err := s.court(p)
	if err != nil {
		return nil, err
	}
	e, err := s.entrances(p)
	if err != nil {
		return nil, err
	}
	counts := evidence.Replayed{CannotTellOf: map[string]int64{}, UnknownOf: map[string]int64{}}
	return &replay{
		counts: counts,
		server: s, plan: p, court: c, doors: e, sample: newSampler(sample),
		found: map[asked]*prediction{}, classes: map[classAt]*classAnswer{},
		unknown: map[int64]map[string]int64{}, digest: evidence.NewDigest(), why: map[string]int64{}, known: map[string]bool{},
		ours: evidence.Ours{
			Domains: c.Domains, Names: c.Inside.Own(nil), Ports: e.ports(), Networks: s.ours(p).Networks,
		}.Remembering(),
	}, nil
}

// read reads the logs and judges their letters.
func (r *replay) read(ctx context.Context, logs []maillog.Source, o maillog.Options) (maillog.Coverage, error) {
	var done func()
	o.Progress, done = r.server.reading()
	defer done()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	letters := maillog.Letters
	if r.server.Logs != nil {
		letters = r.server.Logs.Letters
	}
	o.Inside = r.isInside
	coverage, err := letters(ctx, logs, o, func(l *maillog.Letter) {
		if failed := r.letter(ctx, l); failed != nil {
			cancel(failed)
		}
	})
	if failed := context.Cause(ctx); failed != nil {
		return coverage, failed
	}
	if err != nil {
		return coverage, err
	}
	if err := r.flush(ctx); err != nil {
		return coverage, err
	}
	r.countUnknown(coverage.From)
	return coverage, nil
}

// maxWaiting bounds the letters that wait for the directory: it is asked about so many at once.
const maxWaiting = 1000

// maxKnown bounds the names that are known: beyond it, the directory is asked anew.
const maxKnown = 1 << 17

// letter judges a letter. One with a login waits until the directory has said whose its names are.
func (r *replay) letter(ctx context.Context, l *maillog.Letter) error {
	if l.Login == "" || r.known[l.Login] && r.known[l.Sender] {
		r.take(l)
		return nil
	}
	waiting := *l
	waiting.Recipients = slices.Clone(l.Recipients)
	r.waiting = append(r.waiting, waiting)
	if len(r.waiting) < maxWaiting {
		return nil
	}
	return r.flush(ctx)
}

// flush asks the directory about the letters that wait, and judges them.
func (r *replay) flush(ctx context.Context) error {
	if len(r.known) > maxKnown {
		court, err := r.server.court(r.plan)
		if err != nil {
			return err
		}
		r.court, r.known = court, map[string]bool{}
		clear(r.classes) // are those of the court
	}
	var names []string
	for _, l := range r.waiting {
		for _, name := range []string{l.Login, l.Sender} {
			if name != "" && !r.known[name] {
				r.known[name] = true
				names = append(names, name)
			}
		}
	}
	r.known[""] = true
	if err := r.server.introduce(ctx, r.court, r.plan, names); err != nil {
		return fmt.Errorf("cannot replay: %w", err)
	}
	for i := range r.waiting {
		r.take(&r.waiting[i])
	}
	clear(r.waiting)
	r.waiting = r.waiting[:0]
	return nil
}

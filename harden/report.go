package harden

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"time"

	"ucs-harden/dmarc"
	"ucs-harden/evidence"
	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/spf"
)

// ReportOptions are what a report reads and asks.
type ReportOptions struct {
	// Mode is the mode of all controls in the plan that letters are judged by; "" means enforce.
	Mode plan.Mode
	// Logs are files, Stream an open log. Without them the mail log of this server is read, with what the index has of it.
	Logs   []string
	Stream io.Reader
	// Since leaves out what is older; zero reads all.
	Since time.Time
	// SPF asks the DNS which clients may send for our domains. DMARC is a file or a folder of aggregate reports, "" for
	// none.
	SPF   bool
	DMARC string
	// look: nothing is written, see ReadOptions.ReadOnly.
	look bool
}

// Report says what the mail log says about enforcing: the letters that controls have warned of or refused, in groups, each
// with a verdict and with the fixes that were proven under the plan. It changes nothing but the index of the mail log.
//
// When the directory does not answer, the report is made without it: it says so, and proposes no command.
func (s *Server) Report(ctx context.Context, o ReportOptions) (*evidence.Report, error) {
	if o.Mode == "" {
		o.Mode = plan.Enforce
	}
	p, err := s.Plan(ctx, o.Mode)
	var silent *DirectoryError
	if errors.As(err, &silent) {
		p, err = s.withoutDirectory(ctx)
	}
	if err != nil {
		return nil, err
	}
	r, err := s.watched(ctx, p, o)
	if err != nil {
		return nil, err
	}
	return r, s.ready(p, r, o)
}

// watched is the report of what the controls have warned of and refused, under a plan that was made before.
func (s *Server) watched(ctx context.Context, p *Planned, o ReportOptions) (*evidence.Report, error) {
	ours := s.ours(p).Remembering()
	d, coverage, tally, err := s.digest(ctx, ReadOptions{
		Logs: o.Logs, Stream: o.Stream, Since: o.Since, Ours: ours, ReadOnly: o.look, Discard: !p.keepsEvidence(),
	})
	if err != nil {
		return nil, err
	}
	r, err := s.verdicts(ctx, p, d, evidence.Facts{Source: evidence.FromWarn, Coverage: coverage, Ours: ours}, o)
	if err == nil {
		r.Tally = tally
	}
	return r, err
}

// verdicts makes the report of a digest: it completes the facts and asks what the groups make worth to ask.
func (s *Server) verdicts(
	ctx context.Context, p *Planned, d *evidence.Digest, f evidence.Facts, o ReportOptions,
) (*evidence.Report, error) {
	if err := s.evidenceFacts(p, &f); err != nil {
		return nil, err
	}
	if err := s.askOthers(ctx, p, d, &f, o); err != nil {
		return nil, err
	}
	if err := s.askDirectory(ctx, p, d, &f); err != nil {
		return nil, err
	}
	return evidence.Build(d, f), nil
}

// ready says of the controls whether they may come to enforce, by this report. A replay, which the gate may ask as well,
// is not made.
func (s *Server) ready(p *Planned, r *evidence.Report, o ReportOptions) error {
	on, q, err := s.question(p, r)
	if err != nil || len(on) == 0 {
		return err
	}
	q.Watched, q.Log = r, evidence.LogOf(r.Coverage)
	if len(o.Logs) == 0 && o.Stream == nil && o.Since.IsZero() {
		q.Log = s.logOf(p, r)
	}
	r.Controls = evidence.Gate(q, on)
	young := func(c evidence.Readiness) bool { return c.Running != plan.Enforce && c.Days < c.MinDays }
	if slices.ContainsFunc(r.Controls, young) {
		r.Notes = append(r.Notes, evidence.Phrasef("where warn has not been in force long enough, past mail counts as well:"+
			" status and apply ask it, and ucs-harden replay shows it"))
	}
	return nil
}

// askOthers asks the DNS and reads the DMARC reports. An archive stays as it is, and files that are named leave nothing.
func (s *Server) askOthers(
	ctx context.Context, p *Planned, d *evidence.Digest, f *evidence.Facts, o ReportOptions,
) (err error) {
	keep := (s.Live() || s.Logs != nil) && len(o.Logs) == 0 && o.Stream == nil && p.keepsEvidence()
	if o.DMARC != "" {
		var bad []dmarc.Unreadable
		if f.DMARC, bad, err = dmarc.Read(ctx, o.DMARC); err != nil {
			return outcome.Advise(err, "name the file, or the folder, with the aggregate reports that others have sent")
		}
		if len(bad) > 0 {
			f.Notes = append(f.Notes, evidence.Phrasef("%s of DMARC could not be used, such as %s: %s",
				evidence.Counted(len(bad), "%d file", "%d files"), bad[0].Path, bad[0].Err))
		}
	}
	if known := s.index().SPF(s.Clock()); len(known) > 0 {
		f.SPF = known
	}
	if o.SPF {
		s.askSPF(ctx, d, f, keep)
	}
	return ctx.Err()
}

// askSPF asks the DNS. keep: the answers are kept for the gate, which asks nobody.
func (s *Server) askSPF(ctx context.Context, d *evidence.Digest, f *evidence.Facts, keep bool) {
	questions := evidence.Questions(d, *f)
	done := s.progress("asking the DNS for SPF")
	answers := spf.Checker{Resolver: s.Resolver}.Ask(ctx, questions)
	done()
	if n := len(questions); len(answers) < n {
		f.Notes = append(f.Notes, evidence.Phrasef("SPF has answers for %d of %s; the others got none in time, or were too many",
			len(answers), evidence.Counted(n, "%d client", "%d clients")))
	}
	if f.SPF == nil {
		f.SPF = map[spf.Question]spf.Answer{}
	}
	maps.Copy(f.SPF, answers)
	if !keep || len(answers) == 0 {
		return
	}
	release, err := s.index().Lock(ctx, 0)
	if err == nil {
		err = s.index().SaveSPF(answers, s.Clock())
		release()
	}
	if err != nil {
		s.Observer.Debug("the answers about SPF are not kept", map[string]any{"error": err.Error()})
	}
}

// noDirectory notes that the directory did not answer. An interrupt is an error.
func noDirectory(ctx context.Context, f *evidence.Facts, err error) error {
	if ctx.Err() != nil {
		return err
	}
	f.NoDirectory, f.Judge = err.Error(), nil
	f.Notes = append(f.Notes, evidence.Phrasef(
		"without the directory nobody knows whose addresses these are, and no command can be proven: %s", err.Error()))
	return nil
}

var errBlind = errors.New("it did not answer")

package harden

import (
	"context"
	"io"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/plan"
)

// ReportOptions are what a report reads and asks.
type ReportOptions struct {
	// Mode is the mode of all controls in the plan; "" means the modes in the registry.
	Mode plan.Mode
	// Logs are files; without them and without Stream the series of mail.log is read. Stream is an open log.
	Logs   []string
	Stream io.Reader
	// Since leaves out what is older; zero reads all.
	Since time.Time
	// SPF asks the DNS which clients may send. DMARC are files and folders with aggregate reports.
	SPF   bool
	DMARC []string
}

// Report is what the log says about enforcing.
func (s *Server) Report(ctx context.Context, o ReportOptions) (*evidence.Report, error) {
	p, err := s.Plan(ctx, o.Mode)
	if err != nil {
		return nil, err
	}
	d, c, err := s.digest(ctx, ReadOptions{Logs: o.Logs, Stream: o.Stream, Since: o.Since, Ours: p.ours()})
	if err != nil {
		return nil, err
	}
	host, _ := p.facts.registry.Get("hostname")
	domain, _ := p.facts.registry.Get("domainname")
	r := &evidence.Report{
		Schema: evidence.ReportSchema, At: s.Clock(), Host: host + "." + domain, Source: evidence.FromWarn, Coverage: c,
		Controls: []evidence.Readiness{}, Groups: []evidence.Group{}, PerDay: map[string]map[string]int64{},
		Exceptions: []evidence.ExceptionUse{},
	}
	for id, cell := range d.Cells {
		r.Groups = append(r.Groups, evidence.Group{
			ID: id, Cell: *cell, Count: cell.Letters(), Verdict: evidence.Unclear, Fixes: []evidence.Fix{}, Open: true, Remaining: cell.Letters(),
		})
		for _, days := range cell.Days {
			for day, n := range days {
				if r.PerDay[day] == nil {
					r.PerDay[day] = map[string]int64{}
				}
				r.PerDay[day][cell.Control] += n
			}
		}
	}
	return r, nil
}

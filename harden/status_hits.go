package harden

import (
	"context"
	"errors"
	"time"

	"ucs-harden/controls"
	"ucs-harden/evidence"
	"ucs-harden/exceptions"
	"ucs-harden/lists"
	"ucs-harden/maillog"
	"ucs-harden/plan"
)

// sinceModes fills in Hits and Troubles. The gate has read the log already where a control is on that the gate applies to;
// then the tally is from there. A log that cannot be read leaves them nil.
func (s *Server) sinceModes(ctx context.Context, p *Planned, st *Status, tally *evidence.Tally) error {
	if !s.Live() && s.Logs == nil || s.Evidence != nil {
		return nil
	}
	if tally == nil {
		changed, err := s.modesChanged()
		if err != nil || changed.IsZero() {
			return err
		}
		_, _, tally, err = s.digest(ctx, ReadOptions{Ours: s.ours(p), ReadOnly: true, Discard: !p.keepsEvidence()})
		switch {
		case ctx.Err() != nil:
			return err
		case err != nil && !errors.Is(err, maillog.ErrNoLog):
			s.Observer.Debug("the mail log was not counted", map[string]any{"error": err.Error()})
		}
	}
	if tally == nil {
		return nil
	}
	st.Hits = hitsOf(tally, st.Running)
	st.Troubles = &Troubles{Milters: int(tally.Milters), Tables: int(tally.Tables)}
	return nil
}

// hitsOf are the hits of a tally, and a zero for each control that logs nothing in the mode that it runs in.
func hitsOf(t *evidence.Tally, running map[string]plan.Mode) *Hits {
	h := &Hits{Since: t.Since, Counts: map[string]map[string]int{}}
	add := func(control, mode string, n int64) {
		if h.Counts[control] == nil {
			h.Counts[control] = map[string]int{}
		}
		h.Counts[control][mode] += int(n)
	}
	for control, sources := range t.Hits {
		for from, n := range sources {
			add(control, string(from), n)
		}
	}
	for control, mode := range running {
		if mode == plan.Warn || mode == plan.Enforce {
			add(control, string(mode), 0)
		}
	}
	return h
}

// exceptionWord is what an exception is called where the entries of all lists stand together.
const exceptionWord = "exception"

// nextExpiry is the entry of a list, or the exception, that expires next; nil if none of those that count has a last day.
func nextExpiry(r lists.Registry, today string) *Expiry {
	var next *Expiry
	for _, c := range controls.All() {
		if c.List == nil {
			continue
		}
		word := c.Name
		if c.List == exceptions.List {
			word = exceptionWord
		}
		for _, e := range c.List.Read(r) {
			if e.Expires == "" || !e.InForce(today) || c.List.Fault(e) != "" || next != nil && next.Date <= e.Expires {
				continue
			}
			next = &Expiry{List: word, Name: e.Name, Date: e.Expires, Days: daysBetween(today, e.Expires)}
		}
	}
	return next
}

// daysBetween counts the days from one date to another. A date that is none counts as the other one.
func daysBetween(from, to string) int {
	a, err := time.Parse(time.DateOnly, from)
	b, wrong := time.Parse(time.DateOnly, to)
	if err != nil || wrong != nil {
		return 0
	}
	return int(b.Sub(a).Hours() / 24)
}

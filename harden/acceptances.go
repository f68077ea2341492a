package harden

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/plan"
)

// mostAccepted bounds what is kept; the oldest go.
const mostAccepted = 1000

// findingsAccepted are the acceptances of findings. They hold for a sync, as far as the findings say the same, see holding.
func (s *Server) findingsAccepted() ([]evidence.Acceptance, error) {
	all, err := s.index().Acceptances()
	return slices.DeleteFunc(all, func(a evidence.Acceptance) bool { return strings.HasPrefix(a.ID, evidence.AcceptPrefix) }), err
}

// holding are the acceptances that hold for a plan. One of a finding holds while the finding says what it said when it was
// accepted: a name is not accepted for whatever it may stand for later.
func (p *Planned) holding(all []evidence.Acceptance) []evidence.Acceptance {
	return slices.DeleteFunc(slices.Clone(all), func(a evidence.Acceptance) bool {
		return !strings.HasPrefix(a.ID, evidence.AcceptPrefix) && !slices.ContainsFunc(p.Findings, func(f plan.Finding) bool {
			return f.ID == a.ID && p.meaning(f) == a.Meaning
		})
	})
}

func idsOf(all []evidence.Acceptance) (ids []string) {
	for _, a := range all {
		ids = append(ids, a.ID)
	}
	return ids
}

// meaning is a digest of what a finding says: of its text, and of the entry of a list that it is about, since the text need
// not name every field of it. The reason and the owner of an entry change nothing.
func (p *Planned) meaning(f plan.Finding) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q\n", f.Text)
	entry := f.About() + "/"
	if !strings.HasPrefix(entry, "mail/harden/") {
		entry = "mail/harden//" // the plan itself may change variables of others
	}
	for _, v := range p.facts.registry.Prefix(entry) {
		if field := strings.TrimPrefix(v.Key, entry); field != "reason" && field != "owner" {
			fmt.Fprintf(sum, "%q %q\n", field, v.Text)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// keepAccepted keeps what was accepted with a change that was made. A failure matters to later commands only: they ask
// again.
func (s *Server) keepAccepted(ctx context.Context, p *Planned, findings []string, groups []evidence.Acceptance) {
	if len(findings)+len(groups) == 0 {
		return
	}
	for _, f := range p.Findings {
		if slices.Contains(findings, f.ID) {
			groups = append(groups, evidence.Acceptance{ID: f.ID, By: s.By, At: s.Clock(), Meaning: p.meaning(f)})
		}
	}
	if err := s.changeAccepted(ctx, func(all []evidence.Acceptance) []evidence.Acceptance {
		for _, a := range groups {
			all = slices.DeleteFunc(all, func(b evidence.Acceptance) bool { return b.ID == a.ID })
			all = append(all, a)
		}
		return all[max(0, len(all)-mostAccepted):]
	}); err != nil {
		s.Observer.Warning("what was accepted could not be kept, so it will be asked again: "+err.Error(), "")
	}
}

// ageAccepted notes which of the acceptances a plan and the groups of the index still have, and forgets those that they have
// not had for the days that evidence is kept.
func (s *Server) ageAccepted(ctx context.Context, p *Planned, groups map[string]*evidence.Cell, days int) error {
	all, err := s.index().Acceptances()
	if err != nil || len(all) == 0 {
		return err
	}
	today := s.Today()
	oldest := s.Clock().AddDate(0, 0, -days).Format(time.DateOnly)
	age := func(all []evidence.Acceptance) (out []evidence.Acceptance) {
		there := idsOf(p.holding(all))
		for _, a := range all {
			group, isGroup := strings.CutPrefix(a.ID, evidence.AcceptPrefix)
			if isGroup && groups[group] != nil || !isGroup && slices.Contains(there, a.ID) {
				a.Seen = today
			}
			if max(a.Seen, a.At.Format(time.DateOnly)) >= oldest {
				out = append(out, a)
			}
		}
		return out
	}
	same := func(a, b evidence.Acceptance) bool { return a.ID == b.ID && a.Seen == b.Seen }
	if slices.EqualFunc(all, age(all), same) {
		return nil
	}
	return s.changeAccepted(ctx, age)
}

func (s *Server) changeAccepted(ctx context.Context, change func([]evidence.Acceptance) []evidence.Acceptance) error {
	release, err := s.index().Lock(ctx, indexPatience)
	if err != nil {
		return err
	}
	defer release()
	all, err := s.index().Acceptances()
	if err != nil {
		return err
	}
	return s.index().SaveAcceptances(change(all))
}

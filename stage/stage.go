// Package stage is where a plan is rehearsed: two private Postfix instances, one with today's configuration and one with
// that of the plan. They play the same dialogues.
//
// What does not work today does not stop a plan that mends it. A port that is dead today gives no answers today, and
// neither does a configuration that does not start at all. A port that is dead in both configurations is left out of
// both, unless the plan is about it: then the plan would leave it dead.
package stage

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"ucs-harden/privatepostfix"
)

// Stage is the two instances.
type Stage struct {
	today, planned *privatepostfix.Instance
	// Dead are the ports that work in neither configuration, with the reasons. Neither instance has these ports.
	Dead map[int]string
	// mended are the ports that do not work today, with the reasons. The instance of today does not have them.
	mended map[int]string
	// failed is why today's configuration does not start at all; there is no instance of it then.
	failed string
}

// HasPlan reports whether there is an instance with the configuration of the plan.
func (s *Stage) HasPlan() bool { return s.planned != nil }

// Planned plays dialogues with the configuration of the plan.
func (s *Stage) Planned(ctx context.Context, dialogues []privatepostfix.Dialogue) ([]privatepostfix.Reply, error) {
	return s.planned.Play(ctx, dialogues)
}

// Today plays dialogues with today's configuration. A dialogue with a port that does not work has a reply with the code
// 0 and the reason.
func (s *Stage) Today(ctx context.Context, dialogues []privatepostfix.Dialogue) ([]privatepostfix.Reply, error) {
	if s.today != nil && len(s.mended) == 0 {
		return s.today.Play(ctx, dialogues)
	}
	replies := make([]privatepostfix.Reply, len(dialogues))
	var played []int
	var alive []privatepostfix.Dialogue
	for i, d := range dialogues {
		why, dead := s.mended[s.planned.ServiceOf(d)]
		if dead || s.today == nil {
			replies[i].Text = cmp.Or(why, s.failed)
			continue
		}
		played, alive = append(played, i), append(alive, d)
	}
	if s.today == nil {
		return replies, nil
	}
	answers, err := s.today.Play(ctx, alive)
	if err != nil {
		return nil, err
	}
	for n, i := range played {
		replies[i] = answers[n]
	}
	return replies, nil
}

// Notes are sentences about what could not be compared or asked.
func (s *Stage) Notes() []string {
	notes := s.notes(s.Dead, "; this is already so today and not caused by the plan")
	if s.failed != "" {
		notes = append(notes, s.failed+"; so no answer could be compared with today's")
	}
	notes = append(notes, s.notes(s.mended, "; this is so today, and the plan mends it")...)
	var unasked []string
	for _, i := range s.instances() {
		unasked = append(unasked, i.NotAsked()...)
	}
	slices.Sort(unasked)
	for _, name := range slices.Compact(unasked) {
		notes = append(notes, name+" was not asked: its part in the verdicts is not rehearsed")
	}
	return notes
}

func (*Stage) notes(reasons map[int]string, what string) (notes []string) {
	for _, why := range slices.Compact(slices.Sorted(maps.Values(reasons))) {
		notes = append(notes, why+what)
	}
	return notes
}

func (s *Stage) instances() []*privatepostfix.Instance {
	all := []*privatepostfix.Instance{s.today, s.planned}
	return slices.DeleteFunc(all, func(i *privatepostfix.Instance) bool { return i == nil })
}

// Close ends both instances and removes their files.
func (s *Stage) Close() error {
	var errs []error
	for _, i := range s.instances() {
		errs = append(errs, i.Close())
	}
	return errors.Join(errs...)
}

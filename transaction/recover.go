package transaction

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ucs-harden/outcome"
)

// Recover takes back an interrupted apply, continues an interrupted rollback, and takes back an apply that was not
// confirmed in time. Before the deadline the error is ErrWaiting. Without a journal Recover returns nil and ErrNothing.
// If the journal is damaged, Recover finds out which change it was about. Variables and tables that someone else has
// changed since are kept, except where an interrupted rollback was forced.
func (m *Machine) Recover(ctx context.Context) (*Recovered, error) {
	if err := m.Store.uncover(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIncomplete, err)
	}
	journal, err := m.Store.Journal()
	if errors.Is(err, ErrDamaged) {
		journal, err = m.replaceJournal()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIncomplete, err)
	}
	if journal == nil {
		m.giveSpace()
		return nil, ErrNothing
	}
	j := &Recovered{Journal: *journal}
	if j.Kind == Confirming {
		if now := m.now(); j.Left(now) > 0 {
			return j, fmt.Errorf("%w until %s", ErrWaiting, j.Until(now).Local().Format(time.DateTime))
		}
		// From here on the apply cannot be confirmed. If there is no space for this note, the deadline has passed anyway.
		_ = m.Store.open(Journal{ID: j.ID, Kind: Expired, Others: j.Others})
	}
	if !m.Store.nested() {
		m.giveSpace()
	}
	c, err := m.Store.load(j.ID)
	if err != nil {
		return j, fmt.Errorf("%w: %w", ErrIncomplete, err)
	}
	t, err := m.beforehand(ctx, c, j.Others, *journal)
	if err != nil {
		return j, fmt.Errorf("%w: %w", ErrIncomplete, err)
	}
	t.reload = true
	if j.Kept, err = m.drive(context.WithoutCancel(ctx), &t); err != nil {
		return j, fmt.Errorf("%w: %w", ErrIncomplete, err)
	}
	if err := m.end(j.ID, ends[j.Kind]); err != nil {
		return j, fmt.Errorf("%w: %w", ErrIncomplete, err)
	}
	m.done(StepFinish)
	return j, nil
}

// replaceJournal takes a damaged journal out of the way. It was about a change that has not ended, or about the rollback
// of one that is in effect. Which one, the history and the server tell; the new journal is about it. Taking it back leads
// to the state before it, wherever it was interrupted.
func (m *Machine) replaceJournal() (*Journal, error) {
	all, err := m.Store.records(func(string) bool { return true })
	if err != nil {
		return nil, err
	}
	if n := len(all); n > 0 && all[n-1].State == Unfinished { // no other change begins before it has ended
		if all[n-1].Damaged != nil {
			return nil, all[n-1].Damaged
		}
		j := Journal{ID: all[n-1].ID, Kind: Applying}
		return &j, m.Store.open(j)
	}
	newer := map[string]bool{}
	for _, r := range slices.Backward(all) {
		if r.State != Applied || r.Damaged != nil {
			continue
		}
		begun, err := m.partlyBack(r.Manifest, newer)
		if err != nil {
			return nil, err
		}
		if begun {
			j := Journal{ID: r.ID, Kind: RollingBack}
			return &j, m.Store.open(j)
		}
	}
	return nil, m.Store.setAside()
}

// partlyBack reports whether something of a change is as it was before, although the change is in effect. Variables and
// files that newer changes have changed do not count; those of this change are added to them.
func (m *Machine) partlyBack(c *Manifest, newer map[string]bool) (begun bool, err error) {
	now, err := m.Registry.Normal()
	if err != nil {
		return false, err
	}
	for _, v := range c.Variables {
		value := now.value(v.Key)
		begun = begun || !newer[v.Key] && same(value, v.Before) && !same(value, v.After)
		newer[v.Key] = true
	}
	for _, f := range c.Files {
		now, err := look(m.path(f.Path))
		if err != nil {
			return false, err
		}
		after := f.Gone && !now.present() || now.present() && (f.After == m.sum(f.Kind, now.content) || f.After == "")
		before := f.Before == nil && !now.present() || f.Before != nil && now.present() && f.Before.SHA256 == hash(now.content)
		begun = begun || !newer[f.Path] && before && !after
		newer[f.Path] = true
	}
	return begun, nil
}

// Recovered is the journal of a change that was taken back, and what was kept of the changes of others.
type Recovered struct {
	Journal
	Kept Kept
}

// ends are the states of a change after Recover.
var ends = map[Kind]State{Applying: Undone, RollingBack: RolledBack, Confirming: Unconfirmed, Expired: Unconfirmed}

// tooLate is the error of a confirmation when no apply waits. Nothing is to be done if the last one is in effect; if it
// was taken back, whoever confirms it must learn that.
func (m *Machine) tooLate() error {
	all, err := m.Store.List()
	if err != nil {
		return err
	}
	for _, last := range slices.Backward(all) {
		switch {
		case last.urgent():
			continue
		case !last.InEffect() && !last.Ended.IsZero():
			return fmt.Errorf("%w: %s was taken back at %s", ErrTooLate, last.ID, last.Ended.Local().Format(time.DateTime))
		default:
			return outcome.Unchanged(&NothingError{"no apply waits to be confirmed"})
		}
	}
	return outcome.Unchanged(&NothingError{"no apply waits to be confirmed"})
}

// Confirm keeps an apply that waits to be confirmed. After the deadline the error is ErrTooLate, even if the apply has
// not been taken back yet: Recover may be at work.
func (m *Machine) Confirm() (*Journal, error) {
	j, err := m.Store.Journal()
	if err != nil {
		return nil, err
	}
	now := m.now()
	switch {
	case j == nil:
		return nil, m.tooLate()
	case j.Kind != Confirming && j.Kind != Expired:
		return nil, outcome.Unchanged(outcome.Advise(fmt.Errorf("%s was interrupted before it was in effect", j.ID),
			"take it back: ucs-harden recover"))
	case j.Kind == Expired:
		return j, fmt.Errorf("%w: it is being taken back", ErrTooLate)
	case j.Left(now) <= 0:
		return j, fmt.Errorf("%w: the deadline was %s", ErrTooLate, j.Until(now).Local().Format(time.DateTime))
	}
	return j, m.end(j.ID, Applied)
}

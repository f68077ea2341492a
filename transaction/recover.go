package transaction

import (
	"context"
	"fmt"
	"time"
)

// Recover takes back an interrupted apply, continues an interrupted rollback, and takes back an apply that was not
// confirmed in time. Before the deadline the error is ErrWaiting. Without a journal Recover returns nil and ErrNothing.
// Variables and tables that someone else has changed since are kept, except where an interrupted rollback was forced.
func (m *Machine) Recover(ctx context.Context) (*Recovered, error) {
	journal, err := m.Store.Journal()
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
	m.giveSpace()
	c, err := m.Store.load(j.ID)
	if err != nil {
		return j, fmt.Errorf("%w: %w", ErrIncomplete, err)
	}
	t, err := m.beforehand(ctx, c, j.Others, j.Forced)
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

// Recovered is the journal of a change that was taken back, and what was kept of the changes of others.
type Recovered struct {
	Journal
	Kept Kept
}

// ends are the states of a change after Recover.
var ends = map[Kind]State{Applying: Undone, RollingBack: RolledBack, Confirming: Unconfirmed, Expired: Unconfirmed}

// Confirm keeps an apply that waits to be confirmed. After the deadline the error is ErrTooLate, even if the apply has
// not been taken back yet: Recover may be at work.
func (m *Machine) Confirm() (*Journal, error) {
	j, err := m.Store.Journal()
	if err != nil {
		return nil, err
	}
	now := m.now()
	switch {
	case j == nil, j.Kind != Confirming && j.Kind != Expired:
		return nil, fmt.Errorf("%w: no apply waits to be confirmed", ErrNothing)
	case j.Kind == Expired:
		return j, fmt.Errorf("%w: it is being taken back", ErrTooLate)
	case j.Left(now) <= 0:
		return j, fmt.Errorf("%w: the deadline was %s", ErrTooLate, j.Until(now).Local().Format(time.DateTime))
	}
	return j, m.end(j.ID, Applied)
}

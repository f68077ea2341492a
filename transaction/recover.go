package transaction

import (
	"context"
	"fmt"
	"time"
)

// Recover finishes what a crash interrupted, and takes back an apply that was
// not confirmed in time; before its deadline that is ErrWaiting. When there is
// no journal it returns nil and ErrNothing.
func (m *Machine) Recover(ctx context.Context) (*Journal, error) {
	j, err := m.Store.Journal()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIncomplete, err)
	}
	if j == nil {
		return nil, ErrNothing
	}
	if j.Kind == Confirming && time.Now().Before(j.Deadline) {
		return j, fmt.Errorf("%w until %s", ErrWaiting, j.Deadline.Local().Format(time.DateTime))
	}
	c, err := m.Store.Load(j.ID)
	if err != nil {
		return j, fmt.Errorf("%w: %w", ErrIncomplete, err)
	}
	t, err := m.beforehand(ctx, c)
	if err != nil {
		return j, fmt.Errorf("%w: %w", ErrIncomplete, err)
	}
	t.reload = true
	if err := m.drive(context.WithoutCancel(ctx), t); err != nil {
		return j, fmt.Errorf("%w: %w", ErrIncomplete, err)
	}
	ends := map[Kind]State{Applying: Undone, RollingBack: RolledBack, Confirming: Unconfirmed}
	if err := m.Store.end(j.ID, ends[j.Kind]); err != nil {
		return j, fmt.Errorf("%w: %w", ErrIncomplete, err)
	}
	m.done("finish")
	return j, nil
}

// Confirm keeps an apply that waits for it. After the deadline it is too late,
// even if the apply has not been taken back yet: that may be under way.
func (m *Machine) Confirm() (*Journal, error) {
	j, err := m.Store.Journal()
	switch {
	case err != nil:
		return nil, err
	case j == nil || j.Kind != Confirming:
		return nil, fmt.Errorf("%w: no apply waits to be confirmed", ErrNothing)
	case !time.Now().Before(j.Deadline):
		return j, fmt.Errorf("%w: the deadline was %s", ErrTooLate, j.Deadline.Local().Format(time.DateTime))
	}
	return j, m.Store.end(j.ID, Applied)
}

package stage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"ucs-harden/privatepostfix"
)

// TodayError says that today's configuration does not start, and that the plan does not mend it.
type TodayError struct{ Err error }

func (e *TodayError) Error() string { return "today's configuration: " + e.Err.Error() }
func (e *TodayError) Unwrap() error { return e.Err }

// RaiseToday starts an instance with today's configuration only.
func RaiseToday(ctx context.Context, programs privatepostfix.Programs, today privatepostfix.Config) (*Stage, error) {
	i, err := privatepostfix.Start(ctx, programs, today)
	if err != nil {
		return nil, &TodayError{err}
	}
	return &Stage{today: i}, nil
}

// Raise starts both instances. about reports whether the plan must serve a port.
func Raise(
	ctx context.Context, programs privatepostfix.Programs, today, next privatepostfix.Config, about func(port int) bool,
) (*Stage, error) {
	r := raiser{programs, today, next}
	st, err := r.start(ctx)
	var failed *TodayError
	if !errors.As(err, &failed) || ctx.Err() != nil {
		return st, err
	}
	dead := privatepostfix.DeadPorts(failed.Err)
	if len(dead) == 0 {
		return r.withoutToday(ctx, failed)
	}
	r.today.Without = slices.AppendSeq(r.today.Without, maps.Keys(dead))
	st, err = r.start(ctx)
	if err == nil {
		st.mended = dead
		return st, nil
	}
	if again := (*TodayError)(nil); errors.As(err, &again) { // no port is left
		return r.withoutToday(ctx, failed)
	}
	still := privatepostfix.DeadPorts(err)
	ports := slices.Collect(maps.Keys(still))
	switch {
	case len(ports) == 0, slices.ContainsFunc(ports, func(port int) bool { return dead[port] == "" }):
		return nil, err
	case slices.ContainsFunc(ports, about):
		return nil, failed
	}
	r.next.Without = slices.AppendSeq(r.next.Without, maps.Keys(still))
	if st, err = r.start(ctx); err != nil {
		return nil, err
	}
	st.Dead, st.mended = still, dead
	maps.DeleteFunc(st.mended, func(port int, _ string) bool { return still[port] != "" })
	return st, nil
}

// raiser starts the instances of a stage.
type raiser struct {
	programs    privatepostfix.Programs
	today, next privatepostfix.Config
}

// start starts both instances at the same time.
func (r raiser) start(ctx context.Context) (*Stage, error) {
	var st Stage
	var both sync.WaitGroup
	var failedToday, failedPlan error
	both.Go(func() { st.today, failedToday = privatepostfix.Start(ctx, r.programs, r.today) })
	both.Go(func() { st.planned, failedPlan = privatepostfix.Start(ctx, r.programs, r.next) })
	both.Wait()
	var err error
	switch {
	case failedToday != nil:
		err = &TodayError{failedToday}
	case failedPlan != nil:
		err = fmt.Errorf("the configuration of the plan: %w", failedPlan)
	default:
		return &st, nil
	}
	if left := st.Close(); left != nil {
		err = errors.Join(err, left)
	}
	return nil, err
}

// withoutToday starts the instance with the configuration of the plan only. If it does not start either, the error is why
// today's does not.
func (r raiser) withoutToday(ctx context.Context, failed *TodayError) (*Stage, error) {
	planned, err := privatepostfix.Start(ctx, r.programs, r.next)
	if err != nil {
		return nil, failed
	}
	return &Stage{planned: planned, failed: failed.Error()}, nil
}

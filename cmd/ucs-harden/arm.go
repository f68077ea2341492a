package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"ucs-harden/internal/run"
	"ucs-harden/transaction"
)

// An apply that waits to be confirmed needs somebody who takes it back at its
// deadline, whatever becomes of the terminal and of the process that applied
// it. Somebody is found before the first thing is changed:
//
//   - Where systemd runs, a transient timer, which starts "ucs-harden watch
//     --alone" at the deadline. systemd starts that again should it be killed. An
//     apply that was killed half way is taken back then, or by the next command.
//   - Elsewhere, or when that fails, a pair of detached processes: when one of
//     them is killed, the other puts a new one in its place. They take back at
//     once what was killed half way.
//
// Both end with a reboot. "ucs-harden recover", which runs at boot, arms anew,
// and so does every command that changes something: that also helps when both
// of the pair were killed in the same moment.

const (
	systemdMark = "/run/systemd/system" // sd_booted(3)
	// armLimit is how long the first of the pair may take to be at its post.
	armLimit = 10 * time.Second
	armPoll  = 10 * time.Millisecond
)

// sentry arms and disarms.
type sentry struct {
	runner runner
	self   string
	// systemd tells whether it runs here.
	systemd bool
	// spawn starts a detached process and tells when it has ended; posted tells
	// whether a pair watches.
	spawn  func(argv []string) (<-chan struct{}, error)
	posted func() bool
	debug  func(err error, what string)
}

func (g *global) sentry() (*sentry, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("cannot tell where this program lies: %w", err)
	}
	_, err = os.Stat(systemdMark)
	return &sentry{
		runner: g.runner, self: self, systemd: err == nil,
		spawn: func(argv []string) (<-chan struct{}, error) {
			p, err := run.System{}.Spawn(run.Cmd{Argv: argv})
			if err != nil {
				return nil, err
			}
			return p.Ended, nil
		},
		posted: func() bool { return transaction.Held(watchLock) },
		debug:  func(err error, what string) { g.log.WithError(err).Debug(what) },
	}, nil
}

// arm sees to it that the change is taken back when it has waited so long.
func (g *global) arm(ctx context.Context, id string, within time.Duration) error {
	s, err := g.sentry()
	if err != nil {
		return err
	}
	return s.arm(ctx, id, within)
}

// disarm takes the timer away. One that stays starts a watcher, which finds
// nothing to do and ends.
func (g *global) disarm(ctx context.Context, id string) {
	if s, err := g.sentry(); err == nil && s.systemd {
		if _, err := g.runner.Run(ctx, run.Cmd{Argv: []string{"systemctl", "--quiet", "stop", unit(id) + ".timer"}}); err != nil {
			s.debug(err, "the timer stays")
		}
	}
}

func (s *sentry) arm(ctx context.Context, id string, within time.Duration) error {
	if s.systemd {
		if s.timed(ctx, id) {
			return nil
		}
		_, err := s.runner.Run(ctx, run.Cmd{Argv: s.timer(id, within)})
		if err == nil {
			return nil
		}
		s.debug(err, "no systemd timer; watching the deadline ourselves")
	}
	if s.posted() {
		return nil
	}
	ended, err := s.spawn([]string{s.self, "watch"})
	if err != nil {
		return err
	}
	return s.awaitPosted(ctx, ended)
}

func (s *sentry) awaitPosted(ctx context.Context, ended <-chan struct{}) error {
	ctx, cancel := context.WithTimeoutCause(ctx, armLimit, errors.New("the watching process does not begin"))
	defer cancel()
	for !s.posted() {
		select {
		case <-time.After(armPoll):
		case <-ended:
			if s.posted() { // by another that was quicker
				return nil
			}
			return errors.New("the watching process ended at once")
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// unit is the name of the timer and of what it starts: another for each
// change, so that the one of an earlier apply is never in the way.
func unit(id string) string { return "ucs-harden-confirm-" + id }

// timed tells whether the timer waits, or what it starts is at work.
func (s *sentry) timed(ctx context.Context, id string) bool {
	_, err := s.runner.Run(ctx, run.Cmd{Argv: []string{"systemctl", "--quiet", "is-active", unit(id) + ".timer", unit(id) + ".service"}})
	return err == nil
}

// timer makes a transient timer (systemd-run(1)). It counts from before the
// apply, so it comes a little early, and the watcher waits for the rest.
func (s *sentry) timer(id string, within time.Duration) []string {
	seconds := max(1, int(within/time.Second))
	return []string{
		"systemd-run", "--quiet", "--collect", "--unit=" + unit(id),
		"--description=Take back the apply " + id + " unless it is confirmed",
		"--on-active=" + strconv.Itoa(seconds) + "s", "--timer-property=AccuracySec=1s",
		// Three seconds are slow enough not to meet the limit of starts.
		"--property=Restart=on-failure", "--property=RestartSec=3s",
		s.self, "watch", "--alone",
	}
}

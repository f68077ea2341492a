// Package deadline makes sure that an apply which waits to be confirmed is taken back at its deadline, even if the
// terminal is lost or the applying process is killed. The watching begins before the first change:
//
//   - Where systemd runs, a transient timer starts "ucs-harden watch --alone" at the deadline. If that process is
//     killed, systemd starts it again. An apply that was killed halfway is taken back at the deadline, or by the next
//     command.
//   - Without systemd, or if the timer cannot be set, two detached processes watch: the watchers. If one of them is
//     killed, the other starts a new one. They take back an apply that was killed halfway at once.
//
// The timer and the watchers do not survive a reboot. "ucs-harden recover", which runs at boot, sets the deadline
// again. So does every command that changes something. This also helps if both watchers were killed at the same moment.
package deadline

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

const (
	systemdMark = "/run/systemd/system" // sd_booted(3)
	watchLock   = "/run/ucs-harden-watch.lock"
	// startLimit is how long the first watcher may take to lock watchLock.
	startLimit = 10 * time.Second
	startPoll  = 10 * time.Millisecond
)

// Runner runs programs.
type Runner interface {
	Run(ctx context.Context, c run.Cmd) (run.Result, error)
}

// Deadline sets and clears deadlines, and watches them.
type Deadline struct {
	runner Runner
	store  transaction.Store
	// self is the path of this program. selfErr is the error if the path is not known.
	self    string
	selfErr error
	// systemd: systemd runs on this machine.
	systemd bool
	// spawn starts a detached process. The channel is closed when the process has ended.
	spawn func(argv []string) (<-chan struct{}, error)
	// watched reports whether a pair of watchers is running.
	watched func() bool
	debug   func(err error, what string)
}

// New returns the Deadline for the change in the store's journal. debug is called with failures that are not errors.
func New(runner Runner, store transaction.Store, debug func(err error, what string)) *Deadline {
	self, selfErr := os.Executable()
	_, noSystemd := os.Stat(systemdMark)
	return &Deadline{
		runner: runner, store: store, self: self, selfErr: selfErr, systemd: noSystemd == nil, spawn: spawn,
		watched: func() bool { return transaction.Held(watchLock) }, debug: debug,
	}
}

func spawn(argv []string) (<-chan struct{}, error) {
	p, err := run.System{}.Spawn(run.Cmd{Argv: argv})
	if err != nil {
		return nil, err
	}
	return p.Ended, nil
}

// Set makes sure that the change is taken back after this time unless it is confirmed.
func (d *Deadline) Set(ctx context.Context, id string, within time.Duration) error {
	if d.selfErr != nil {
		return fmt.Errorf("cannot find the path of this program: %w", d.selfErr)
	}
	if d.systemd {
		if d.timed(ctx, id) {
			return nil
		}
		_, err := d.runner.Run(ctx, run.Cmd{Argv: d.timer(id, within)})
		if err == nil {
			return nil
		}
		d.debug(err, "no systemd timer; watching the deadline ourselves")
	}
	if d.watched() {
		return nil
	}
	ended, err := d.spawn([]string{d.self, "watch"})
	if err != nil {
		return err
	}
	return d.awaitWatched(ctx, ended)
}

// Clear removes the timer. A timer that cannot be removed does no harm: its watcher finds nothing to do and ends.
func (d *Deadline) Clear(ctx context.Context, id string) {
	if !d.systemd {
		return
	}
	stop := []string{"systemctl", "--quiet", "stop", unit(id) + ".timer"}
	if _, err := d.runner.Run(ctx, run.Cmd{Argv: stop}); err != nil {
		d.debug(err, "the timer stays")
	}
}

func (d *Deadline) awaitWatched(ctx context.Context, ended <-chan struct{}) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startLimit, errors.New("the watching process does not start"))
	defer cancel()
	for !d.watched() {
		select {
		case <-time.After(startPoll):
		case <-ended:
			if d.watched() { // another process was quicker
				return nil
			}
			return errors.New("the watching process ended at once")
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// unit is the name of the timer and of its service. Each change has its own name, so that the timer of an earlier apply
// cannot conflict.
func unit(id string) string { return "ucs-harden-confirm-" + id }

// timed reports whether the timer or its service is active.
func (d *Deadline) timed(ctx context.Context, id string) bool {
	isActive := []string{"systemctl", "--quiet", "is-active", unit(id) + ".timer", unit(id) + ".service"}
	_, err := d.runner.Run(ctx, run.Cmd{Argv: isActive})
	return err == nil
}

// timer is the command line that sets a transient timer (systemd-run(1)). The timer counts from before the apply, so it
// fires a little early. The watcher waits for the rest of the time.
func (d *Deadline) timer(id string, within time.Duration) []string {
	seconds := max(1, int(within/time.Second))
	return []string{
		"systemd-run", "--quiet", "--collect", "--unit=" + unit(id),
		"--description=Take back the apply " + id + " unless it is confirmed",
		"--on-active=" + strconv.Itoa(seconds) + "s", "--timer-property=AccuracySec=1s",
		// With three seconds between starts, systemd's limit of starts is not reached.
		"--property=Restart=on-failure", "--property=RestartSec=3s",
		d.self, "watch", "--alone",
	}
}

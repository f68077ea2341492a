// Package deadline sees to it that an apply which waits to be confirmed is taken back at its deadline, whatever becomes
// of the terminal and of the process that applied it. Somebody is found before the first thing is changed:
//
//   - Where systemd runs, a transient timer, which starts "ucs-harden watch --alone" at the deadline. systemd starts
//     that again should it be killed. An apply that was killed half way is taken back then, or by the next command.
//   - Elsewhere, or when that fails, a pair of detached processes, the watchers: when one of them is killed, the other
//     puts a new one in its place. They take back at once what was killed half way.
//
// Both end with a reboot. "ucs-harden recover", which runs at boot, sets the deadline anew, and so does every command
// that changes something: that also helps when both watchers were killed in the same moment.
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
	// startLimit is how long the first watcher may take to hold its lock.
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
	// self is this program; selfErr is why that is not known.
	self    string
	selfErr error
	// systemd tells whether it runs here.
	systemd bool
	// spawn starts a detached process and tells when it has ended; watched tells whether a pair watches.
	spawn   func(argv []string) (<-chan struct{}, error)
	watched func() bool
	debug   func(err error, what string)
}

// New is the deadline of the change that the journal in the store speaks of. debug is told what is not worth an error.
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

// Set sees to it that the change is taken back when it has waited so long.
func (d *Deadline) Set(ctx context.Context, id string, within time.Duration) error {
	if d.selfErr != nil {
		return fmt.Errorf("cannot tell where this program lies: %w", d.selfErr)
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

// Clear takes the timer away. One that stays starts a watcher, which finds nothing to do and ends.
func (d *Deadline) Clear(ctx context.Context, id string) {
	if !d.systemd {
		return
	}
	if _, err := d.runner.Run(ctx, run.Cmd{Argv: []string{"systemctl", "--quiet", "stop", unit(id) + ".timer"}}); err != nil {
		d.debug(err, "the timer stays")
	}
}

func (d *Deadline) awaitWatched(ctx context.Context, ended <-chan struct{}) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startLimit, errors.New("the watching process does not begin"))
	defer cancel()
	for !d.watched() {
		select {
		case <-time.After(startPoll):
		case <-ended:
			if d.watched() { // by another that was quicker
				return nil
			}
			return errors.New("the watching process ended at once")
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// unit is the name of the timer and of what it starts: another for each change, so that the one of an earlier apply is
// never in the way.
func unit(id string) string { return "ucs-harden-confirm-" + id }

// timed tells whether the timer waits, or what it starts is at work.
func (d *Deadline) timed(ctx context.Context, id string) bool {
	_, err := d.runner.Run(ctx, run.Cmd{Argv: []string{"systemctl", "--quiet", "is-active", unit(id) + ".timer", unit(id) + ".service"}})
	return err == nil
}

// timer makes a transient timer (systemd-run(1)). It counts from before the apply, so it comes a little early, and the
// watcher waits for the rest.
func (d *Deadline) timer(id string, within time.Duration) []string {
	seconds := max(1, int(within/time.Second))
	return []string{
		"systemd-run", "--quiet", "--collect", "--unit=" + unit(id),
		"--description=Take back the apply " + id + " unless it is confirmed",
		"--on-active=" + strconv.Itoa(seconds) + "s", "--timer-property=AccuracySec=1s",
		// Three seconds are slow enough not to meet the limit of starts.
		"--property=Restart=on-failure", "--property=RestartSec=3s",
		d.self, "watch", "--alone",
	}
}

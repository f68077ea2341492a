// Package runtest replaces programs in tests. It answers the calls of a run.System with functions, and records the
// calls.
package runtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"ucs-harden/internal/run"
)

// Func acts as a program.
type Func func(ctx context.Context, c run.Cmd) (run.Result, error)

// Fake answers a call by the longest rule that matches the beginning of the argument vector. A call that no rule
// matches fails as if the program were not installed. Several goroutines may use a Fake.
type Fake struct {
	mu    sync.Mutex
	rules []rule
	calls []run.Cmd
}

type rule struct {
	argv []string
	play Func
}

// New returns a Fake that knows no program.
func New() *Fake { return &Fake{} }

// Handle adds a rule: play answers calls that begin with argv. An empty argv matches every call. Among rules of the
// same length, the one added last counts.
func (f *Fake) Handle(play Func, argv ...string) *Fake {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = append(f.rules, rule{argv, play})
	return f
}

// Reply adds a rule: calls that begin with argv get this standard output and exit code 0.
func (f *Fake) Reply(stdout string, argv ...string) *Fake {
	return f.Handle(func(context.Context, run.Cmd) (run.Result, error) {
		return run.Result{Stdout: []byte(stdout)}, nil
	}, argv...)
}

// Fail adds a rule: calls that begin with argv get this exit code and standard error.
func (f *Fake) Fail(exitCode int, stderr string, argv ...string) *Fake {
	return f.Handle(func(_ context.Context, c run.Cmd) (run.Result, error) {
		return run.Result{Stderr: []byte(stderr)}, Exit(c, exitCode, stderr)
	}, argv...)
}

// Run records the call and answers it.
func (f *Fake) Run(ctx context.Context, c run.Cmd) (run.Result, error) {
	f.mu.Lock()
	c.Argv, c.Env, c.Stdin = slices.Clone(c.Argv), slices.Clone(c.Env), slices.Clone(c.Stdin)
	f.calls = append(f.calls, c)
	var best *rule
	for i, r := range f.rules {
		if len(r.argv) <= len(c.Argv) && slices.Equal(r.argv, c.Argv[:len(r.argv)]) &&
			(best == nil || len(r.argv) >= len(best.argv)) {
			best = &f.rules[i]
		}
	}
	f.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return run.Result{}, &run.Error{
			Argv: c.Argv, ExitCode: -1, Err: err, TimedOut: errors.Is(err, context.DeadlineExceeded),
		}
	}
	if best == nil {
		return run.Result{}, Missing(c)
	}
	return best.play(ctx, c)
}

// Calls returns the calls so far, in order.
func (f *Fake) Calls() []run.Cmd {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

// Lines returns the calls so far as lines, arguments joined by a blank.
func (f *Fake) Lines() []string {
	var lines []string
	for _, c := range f.Calls() {
		lines = append(lines, strings.Join(c.Argv, " "))
	}
	return lines
}

// Exit is the error of a program that ended with a non-zero exit code.
func Exit(c run.Cmd, exitCode int, stderr string) error {
	return &run.Error{Argv: c.Argv, ExitCode: exitCode, Stderr: stderr, Err: fmt.Errorf("exit status %d", exitCode)}
}

// Missing is the error of a program that is not installed.
func Missing(c run.Cmd) error {
	return &run.Error{Argv: c.Argv, ExitCode: -1, Err: run.ErrNotFound}
}

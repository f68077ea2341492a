// Package postfix drives the programs of Postfix 3.7 and newer: postconf,
// postmap, "postfix check", "postfix reload" and "postfix status". It never
// writes main.cf or master.cf.
//
// # What to know of these programs
//
//   - All of them wait until main.cf is one or two seconds old, and sleep a second after a fatal error. So ask once for
//     many things.
//   - postconf writes its warnings and errors to standard error. The postfix command and its script write theirs to the
//     mail log, and to standard error only when that is a terminal: here there is an exit code and nothing else. To say
//     why, [Postfix] asks postconf after a failure.
//   - "postfix check" and "postfix reload" exit with 0 when a restriction list kills every new smtpd(8). Package
//     restrictions knows these lists.
package postfix

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"ucs-harden/internal/run"
)

// Runner runs a program to its end; run.System does.
type Runner interface {
	Run(ctx context.Context, c run.Cmd) (run.Result, error)
}

// Postfix is one instance of Postfix.
type Postfix struct {
	Runner Runner
	// ConfigDir is the folder of main.cf; "" is the one built in, /etc/postfix.
	ConfigDir string
}

// ErrNotRunning is returned by Reload when there is no master(8) to reload.
var ErrNotRunning = errors.New("the Postfix mail system is not running")

// tool runs one of the programs on this instance.
func (p Postfix) tool(ctx context.Context, stdin []byte, program string, args ...string) (run.Result, error) {
	argv := []string{program}
	if p.ConfigDir != "" {
		argv = append(argv, "-c", p.ConfigDir)
	}
	return p.Runner.Run(ctx, run.Cmd{Argv: append(argv, args...), Stdin: stdin})
}

// Check runs "postfix check" and returns the distinct lines on its standard error: the warnings of postconf about
// main.cf and master.cf. Warnings about files and permissions are in the mail log only.
func (p Postfix) Check(ctx context.Context) (warnings []string, err error) {
	res, err := p.tool(ctx, nil, "postfix", "check")
	for line := range strings.Lines(string(res.Stderr)) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(warnings, line) {
			warnings = append(warnings, line)
		}
	}
	if err != nil {
		return warnings, fmt.Errorf("cannot check the Postfix configuration: %w", both(err, p.complaint(ctx)))
	}
	return warnings, nil
}

// Running reports whether master(8) of this instance runs. It needs root. A main.cf that cannot be read is an error,
// not "no".
func (p Postfix) Running(ctx context.Context) (bool, error) {
	_, err := p.tool(ctx, nil, "postfix", "status")
	if err == nil {
		return true, nil
	}
	// Exit code 1 is "not running", "not root" and "cannot read main.cf" alike.
	var failed *run.Error
	complaint := p.complaint(ctx)
	if errors.As(err, &failed) && failed.ExitCode == 1 && complaint == nil && os.Geteuid() == 0 {
		return false, nil
	}
	return false, fmt.Errorf("cannot ask whether Postfix is running: %w", both(err, complaint))
}

// Reload runs "postfix reload". When Postfix does not run, the error is ErrNotRunning. A nil error does not mean that
// the new configuration works: only a client notices.
func (p Postfix) Reload(ctx context.Context) error {
	_, err := p.tool(ctx, nil, "postfix", "reload")
	if err == nil {
		return nil
	}
	switch running, asked := p.Running(ctx); {
	case asked != nil:
		err = both(err, asked)
	case !running:
		err = ErrNotRunning
	}
	return fmt.Errorf("cannot reload Postfix: %w", err)
}

// complaint is the error of postconf about main.cf, or nil. The postfix command itself does not say why it fails.
func (p Postfix) complaint(ctx context.Context) error {
	_, err := p.Param(ctx, "mail_version")
	return err
}

// both puts two errors on one line. The second may be nil.
func both(err, more error) error {
	if more == nil {
		return err
	}
	return fmt.Errorf("%w; %w", err, more)
}

// Lab brings up the company of package lab and keeps it up until it is told to take it down.
//
//	lab up [--face 5.0] [--slow] [DEB]
//	                         bring it up in the background; install the package on the mail server. The mail server is
//	                         a UCS 5.2, or the face; --slow makes its ucr cost as much as the real one
//	lab down                 take it down
//	lab exec HOST -- CMD…    run a program on a host (mail, dc2, inside, outside, mx)
//	lab smtp HOST            play SMTP dialogues from standard input, as package smtpclient describes
//	lab demo DEB             bring up another lab and show plan, warn, enforce and rollback with real mail
//
// The state for later calls is in /run/ucs-harden-lab, or in the folder that the environment variable UCS_HARDEN_LAB
// names. Exit codes: 0 done, 1 error, 64 usage; exec returns the exit code of the program.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"ucs-harden/tests/lab"
)

var errUsage = errors.New("usage: lab up [--face 5.2|5.0] [--slow] [DEB] | down | exec HOST -- COMMAND… | smtp HOST | demo DEB")

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := dispatch(ctx, args)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, err)
		return 64
	}
	fmt.Fprintln(os.Stderr, "error:", err)
	return 1
}

func dispatch(ctx context.Context, args []string) error {
	command, rest := "", args
	if len(args) > 0 {
		command, rest = args[0], args[1:]
	}
	switch {
	case command == "up":
		return up(ctx, rest)
	case command == "down" && len(rest) == 0:
		return down(ctx)
	case command == "exec" && len(rest) > 2 && rest[1] == "--":
		return enter(rest[0], rest[2:])
	case command == "smtp" && len(rest) == 1:
		return smtp(ctx, rest[0])
	case command == "demo" && len(rest) == 1:
		return demo(ctx, rest[0])
	case command == background:
		return keep(ctx, rest)
	}
	return errUsage
}

// options reads the options of up; what remains is at most one package.
func options(args []string) (lab.Options, []string, error) {
	var o lab.Options
	flags := flag.NewFlagSet("up", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&o.SlowUCR, "slow", false, "")
	flags.Func("face", "", func(release string) error {
		for _, o.Face = range []lab.Face{lab.UCS52, lab.UCS50} {
			if o.Face.String() == release {
				return nil
			}
		}
		return errUsage
	})
	if flags.Parse(args) != nil || flags.NArg() > 1 {
		return o, nil, errUsage
	}
	return o, flags.Args(), nil
}

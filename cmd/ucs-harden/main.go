// Command ucs-harden hardens the Postfix of a Univention Corporate Server.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// version is set by the build.
var version = "development"

func main() { os.Exit(execute(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// execute is the whole program: arguments and streams in, exit status out.
func execute(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	defer stop()
	term := newTerminal(stdin, stdout, stderr)
	root := newRootCommand(term)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return term.exit(ctx, root.ExecuteContext(ctx))
}

// endings are the signals that end the command; a change that has begun is taken back. SIGHUP, for a lost terminal, is
// one of them unless nohup(1) makes this process ignore it.
func endings() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

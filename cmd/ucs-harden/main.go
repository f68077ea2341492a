// Command ucs-harden hardens the Postfix of a Univention Corporate Server.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// version is set by the build.
var version = "development"

func main() { os.Exit(execute(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// execute is the whole program: arguments and streams in, exit status out.
func execute(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	defer stop()
	// A reader that ends early, such as head(1), does not end this process. terminal drops what nobody reads.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	term := newTerminal(stdin, stdout, stderr)
	root := newRootCommand(term)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(term.out)
	root.SetErr(term.err)
	err := root.ExecuteContext(ctx)
	asJSON, _ := root.PersistentFlags().GetBool("json")
	term.setAnyway(args)
	status := term.exit(ctx, err, asJSON || slices.Contains(args, "--json")) // an error in an option ends the parsing
	term.audit.end(err, status)
	return status
}

// endings are the signals that end the command; a change that has begun is taken back. SIGHUP, for a lost terminal, is
// one of them unless nohup(1) makes this process ignore it.
func endings() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

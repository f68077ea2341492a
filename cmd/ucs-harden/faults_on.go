//go:build faults

package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"ucs-harden/harden"
	"ucs-harden/internal/run"
)

// Tests let this build fail. Each variable names a unix socket, on which one
// line is asked and one answered.
const (
	// stepSocket is told every step that is done. Answers: "go", and "die",
	// which is kill -9.
	stepSocket = "UCS_HARDEN_STEP_SOCKET"
	// programSocket is asked before every program, by the first words of its
	// command line. Answers: "go" and "die"; "fail", it fails without an
	// effect; "late", it fails after its effect; "lie", it does nothing and
	// says that all is well; "hang", it does nothing until its time is up;
	// "die 20ms", we die that long after its start.
	programSocket = "UCS_HARDEN_PROGRAM_SOCKET"
)

// hangTimeout stands for the minutes that programs have in earnest.
const hangTimeout = 200 * time.Millisecond

func afterStep() func(string) {
	path := os.Getenv(stepSocket)
	if path == "" {
		return nil
	}
	return func(step string) {
		if ask(path, step) == "die" {
			die()
		}
	}
}

// ask panics when nobody answers: the test that should is broken.
func ask(path, question string) string {
	conn, err := net.Dial("unix", path)
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(question + "\n")); err != nil {
		panic(err)
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		panic(err)
	}
	return strings.TrimSpace(answer)
}

func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // until the signal arrives
}

func faulty(next harden.Runner) harden.Runner {
	if path := os.Getenv(programSocket); path != "" {
		return faultyRunner{next, path}
	}
	return next
}

type faultyRunner struct {
	next harden.Runner
	path string
}

func (f faultyRunner) Run(ctx context.Context, c run.Cmd) (run.Result, error) {
	answer := ask(f.path, strings.Join(c.Argv[:min(2, len(c.Argv))], " "))
	word, after, _ := strings.Cut(answer, " ")
	switch word {
	case "go":
		return f.next.Run(ctx, c)
	case "fail":
		return f.next.Run(ctx, run.Cmd{Argv: []string{"false"}})
	case "late":
		if result, err := f.next.Run(ctx, c); err != nil {
			return result, err
		}
		return f.next.Run(ctx, run.Cmd{Argv: []string{"false"}})
	case "lie":
		return f.next.Run(ctx, run.Cmd{Argv: []string{"true"}})
	case "hang":
		return f.next.Run(ctx, run.Cmd{Argv: []string{"sleep", "infinity"}, Timeout: hangTimeout})
	case "die":
		if delay, err := time.ParseDuration(after); err == nil {
			go func() { _, _ = f.next.Run(ctx, c) }()
			time.Sleep(delay)
		}
		die()
	}
	panic(fmt.Sprintf("no answer: %q", answer))
}

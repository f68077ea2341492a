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

// Tests make this build fail on purpose. Each of the first two variables names a unix socket of the test. This
// process writes one line to the socket and reads one line as the answer.
const (
	// stepSocket gets the name of each step after it is done. Answers: "go", or "die" (kill -9 of this process).
	stepSocket = "UCS_HARDEN_STEP_SOCKET"
	// programSocket gets the first two words of each command line before the program is started. Answers:
	//   - go: the program runs.
	//   - fail: the program fails and has no effect.
	//   - late: the program runs, then fails.
	//   - lie: the program does nothing and succeeds.
	//   - hang: the program does nothing until its time limit.
	//   - die: this process is killed instead.
	//   - die 20ms: this process is killed so long after the start of the program.
	programSocket = "UCS_HARDEN_PROGRAM_SOCKET"
	// clockVariable holds the time (RFC 3339) that it is for this process.
	clockVariable = "UCS_HARDEN_CLOCK"
)

// hangTimeout replaces the time limits of minutes that programs normally have.
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

// clock stands still at the time of clockVariable. Without one the clock is that of the machine.
func clock() func() time.Time {
	text := os.Getenv(clockVariable)
	if text == "" {
		return nil
	}
	now, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return func() time.Time { return now.Local() }
}

// ask panics when nobody answers, because then the test is broken.
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

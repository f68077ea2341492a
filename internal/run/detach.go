package run

import (
	"context"
	"io"
	"os"
	"syscall"
)

// Spawned is a program that outlives this one.
type Spawned struct {
	PID int
	// Ended is closed when the program has ended, as long as this one lives.
	Ended <-chan struct{}
}

// Spawn starts a program in a session of its own, so that neither the end of
// this process nor that of its terminal ends it. Its standard input is a pipe
// that nobody writes to: the program reads its end when this process ends.
// Standard output and standard error lead nowhere. Cmd.Stdin and Cmd.Timeout
// do not count.
func (s System) Spawn(c Cmd) (*Spawned, error) {
	c.Stdin = nil
	cmd, err := s.command(context.Background(), c)
	if err != nil {
		return nil, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, &Error{Argv: c.Argv, ExitCode: -1, Err: err}
	}
	defer func() { _ = read.Close() }()
	cmd.Stdin = read
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		_ = write.Close()
		return nil, &Error{Argv: c.Argv, ExitCode: -1, Err: err}
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // how it ended is its own affair
		_ = write.Close()
	}()
	return &Spawned{PID: cmd.Process.Pid, Ended: ended}, nil
}

// UntilClosed waits for the end of a stream: for what Spawn gave a program as
// standard input that is the end of the process that started it.
func UntilClosed(stream io.Reader) {
	_, _ = io.Copy(io.Discard, stream)
}

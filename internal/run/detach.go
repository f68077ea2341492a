package run

import (
	"context"
	"io"
	"os"
	"syscall"
)

// Spawned is a program that may live longer than this one.
type Spawned struct {
	PID int
	// Ended is closed when the program has ended, if this process still lives then.
	Ended <-chan struct{}
}

// Spawn starts a program in a session of its own, so that the program goes on when this process or its terminal ends.
// The program's standard input is a pipe that nobody writes to; the program reads the end of the pipe when this process
// ends. Its standard output and standard error are discarded. Cmd.Stdin and Cmd.Timeout are ignored.
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
		_ = cmd.Wait() // how it ended does not matter here
		_ = write.Close()
	}()
	return &Spawned{PID: cmd.Process.Pid, Ended: ended}, nil
}

// UntilClosed waits for the end of a stream. For the standard input of a program that Spawn started, this is the end of
// the process that called Spawn.
func UntilClosed(stream io.Reader) {
	_, _ = io.Copy(io.Discard, stream)
}

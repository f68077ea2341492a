package run

import (
	"context"
	"errors"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// Child is a program that runs in parallel to this one.
type Child struct {
	cmd    *exec.Cmd
	stderr *capture
	done   chan struct{}
	stop   sync.Once
}

// Start runs a program until Stop. Cmd.Timeout does not limit it. The program gets SIGTERM when this process ends, even
// by kill -9. The kernel does not send SIGTERM to a program that has changed its own user or group (prctl(2),
// PR_SET_PDEATHSIG); such a program needs a parent that does not change them and that passes the signal on. Standard
// output is discarded.
func (s System) Start(c Cmd) (*Child, error) {
	cmd, err := s.command(context.Background(), c)
	if err != nil {
		return nil, err
	}
	child := &Child{cmd: cmd, stderr: &capture{limit: MaxStderr}, done: make(chan struct{})}
	cmd.Stderr = child.stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	cmd.WaitDelay = outputGrace
	started := make(chan error)
	go func() {
		// The kernel sends the signal when the thread that started the program ends, so the thread must live as long as
		// the program.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // the caller learns how it ended from Said
			close(child.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, &Error{Argv: c.Argv, ExitCode: -1, Err: err}
	}
	return child, nil
}

// Done is closed when the program has ended.
func (c *Child) Done() <-chan struct{} { return c.done }

// Said returns what the program has written to standard error so far, at most 1 MiB.
func (c *Child) Said() string { return string(c.stderr.bytes()) }

// Stop sends SIGTERM to the program's process group, and SIGKILL if the program has not ended after the grace. It
// returns when the program has ended.
func (c *Child) Stop(grace time.Duration) {
	c.stop.Do(func() {
		select {
		case <-c.done:
			return
		default:
		}
		_ = c.signal(syscall.SIGTERM)
		select {
		case <-c.done:
		case <-time.After(grace):
			_ = c.signal(syscall.SIGKILL)
		}
	})
	<-c.done
}

func (c *Child) signal(sig syscall.Signal) error {
	err := syscall.Kill(-c.cmd.Process.Pid, sig)
	if errors.Is(err, syscall.ESRCH) {
		return nil // the program has already ended
	}
	return err
}

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

// Child is a program that runs beside this one.
type Child struct {
	cmd    *exec.Cmd
	stderr *capture
	done   chan struct{}
	stop   sync.Once
}

// Start runs a program that goes on until Stop; Cmd.Timeout does not bound it.
// It gets SIGTERM when this process ends, however that ends, kill -9 included.
// The kernel forgets to send it once the program has changed its own user or
// group (prctl(2), PR_SET_PDEATHSIG): such a program needs one above it that
// does not, and hands the signal on. Standard output is not kept.
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
		// The signal comes at the end of the thread that started the program, so
		// that thread has to live as long.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended, whoever started it sees from what it said
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

// Said is what it has written to standard error so far, at most 1 MiB.
func (c *Child) Said() string { return string(c.stderr.bytes()) }

// Stop sends SIGTERM to the program's process group, SIGKILL when it has not
// ended after the grace, and returns when it has ended.
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
		return nil // it ended by itself
	}
	return err
}

package lab

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"ucs-harden/tests/schema"
)

// Host is one machine of the company.
type Host struct {
	Name string
	pid  int       // process 1 of the host, by its PID on this machine
	root string    // the host's root as a path on this machine
	in   io.Closer // process 1 waits for the end of this pipe, which ends the host
	cmd  *exec.Cmd // nil when the host belongs to another process
	age  func()    // makes the files of Postfix old, again and again while a program runs; nil for nothing
}

// Result is the output and the exit code of a program on a host.
type Result struct {
	Stdout, Stderr string
	Code           int // exit code; 128 + the signal's number when a signal ended it
}

// Environment is the environment of every program on a host.
var Environment = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=/root"}

// diskSize is the size of a host's disk in bytes. The disk uses only as much memory as it has data.
const diskSize = 512 << 20

const namespaces = syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET |
	syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC

// startHost starts process 1 of a host with a root over the system in the folder below, and returns when it is ready.
func startHost(ctx context.Context, name, below string) (*Host, error) {
	script, err := files.ReadFile("files/holder.sh")
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("/bin/sh", "-c", string(script), "lab-"+name, name, strconv.Itoa(diskSize), below)
	cmd.Env = Environment
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces, Setsid: true}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start host %s (is this root?): %w", name, err)
	}
	h := &Host{Name: name, pid: cmd.Process.Pid, root: fmt.Sprintf("/proc/%d/root", cmd.Process.Pid), in: in, cmd: cmd}
	stop := context.AfterFunc(ctx, h.kill)
	defer stop()
	line, _ := bufio.NewReader(out).ReadString('\n')
	if line == "ready\n" {
		return h, h.entered(ctx)
	}
	h.kill()
	_ = h.wait()
	return nil, errors.Join(
		fmt.Errorf("cannot make the root of host %s: %s", name, strings.TrimSpace(stderr.String())), ctx.Err())
}

// entered waits for the last step of the script, the exec in the new root. Before it, /proc/PID/root is not the host's
// root.
func (h *Host) entered(ctx context.Context) error {
	return WaitFor(ctx, "host "+h.Name, func() bool {
		comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", h.pid))
		return err == nil && string(comm) == "cat\n"
	})
}

func (h *Host) kill() {
	_ = h.in.Close()
	_ = h.cmd.Process.Kill()
}

func (h *Host) wait() error {
	var exit *exec.ExitError
	if err := h.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("cannot end host %s: %w", h.Name, err)
	}
	return nil
}

// PID is the PID of the host's process 1 on this machine.
func (h *Host) PID() int { return h.pid }

// Argv is the command line on this machine that runs a program on the host.
func (h *Host) Argv(argv ...string) []string {
	return append([]string{"nsenter", "--target", strconv.Itoa(h.pid), "--mount", "--uts", "--ipc", "--net", "--pid", "--"}, argv...)
}

// Command prepares a program on the host. The program and its children are killed when ctx ends. The caller may change
// its standard streams and environment. The program starts in /.
func (h *Host) Command(ctx context.Context, argv ...string) *exec.Cmd {
	full := h.Argv(argv...)
	cmd := exec.CommandContext(ctx, full[0], full[1:]...)
	cmd.Env = Environment
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// Run runs a program on the host to its end. An exit code other than 0 is not an error. It is an error if the program
// cannot be run, or if ucs-harden prints JSON that does not fit its schema.
func (h *Host) Run(ctx context.Context, argv ...string) (Result, error) {
	return h.RunInput(ctx, "", argv...)
}

// RunInput is [Host.Run] with a standard input.
func (h *Host) RunInput(ctx context.Context, stdin string, argv ...string) (Result, error) {
	defer h.aging()()
	cmd := h.Command(ctx, argv...)
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	result := Result{Stdout: stdout.String(), Stderr: stderr.String()}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return result, fmt.Errorf("%s on %s: %w", argv[0], h.Name, ctx.Err())
	case errors.As(err, &exit):
		result.Code = exit.ExitCode()
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			result.Code = 128 + int(status.Signal())
		}
	case err != nil:
		return result, fmt.Errorf("%s on %s: %w", argv[0], h.Name, err)
	}
	return result, schema.Check(argv, result.Stdout, result.Code)
}

// aging begins to make the files of Postfix old and returns the function that ends it.
func (h *Host) aging() (end func()) {
	if h.age == nil {
		return func() {}
	}
	done := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for tick := time.Tick(20 * time.Millisecond); ; {
			select {
			case <-tick:
				h.age()
			case <-done:
				h.age()
				return
			}
		}
	})
	return func() {
		close(done)
		group.Wait()
	}
}

// must runs a program that the lab itself needs. An exit code other than 0 is an error with the output of the program.
func (h *Host) must(ctx context.Context, stdin string, argv ...string) error {
	result, err := h.RunInput(ctx, stdin, argv...)
	if err == nil && result.Code != 0 {
		err = fmt.Errorf("%s on %s: exit code %d: %s", strings.Join(argv, " "), h.Name, result.Code,
			tail(result.Stdout+result.Stderr, 5))
	}
	return err
}

// startHosts starts all hosts and the switch, at the same time.
func (l *Lab) startHosts(ctx context.Context, below string) error {
	var mutex sync.Mutex
	return parallel(append([]string{"switch"}, hostNames()...), func(name string) error {
		h, err := startHost(ctx, name, below)
		mutex.Lock()
		defer mutex.Unlock()
		switch {
		case h == nil:
		case name == "switch":
			l.netns = h
		default:
			l.hosts[name] = h
		}
		return err
	})
}

// parallel calls f for every item at the same time and joins the errors.
func parallel[T any](items []T, f func(T) error) error {
	errs := make([]error, len(items))
	var all sync.WaitGroup
	for i, item := range items {
		all.Go(func() { errs[i] = f(item) })
	}
	all.Wait()
	return errors.Join(errs...)
}

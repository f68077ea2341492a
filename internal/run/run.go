// Package run starts external programs. It is the only package that imports
// os/exec, so every program this tool runs is run under the same contract:
//
//   - An argument vector, never a shell. A name without a slash is looked up in
//     a fixed list of system folders (DefaultPath), not in the caller's PATH.
//   - A clean environment: PATH, LC_ALL=C.UTF-8, HOME and what Cmd.Env adds.
//     Variables like UNIVENTION_BASECONF or MAIL_CONFIG in the caller's
//     environment would silently point ucr or Postfix at other files. C.UTF-8
//     gives the messages of C, and values may be UTF-8.
//   - Working folder "/", standard input empty unless given.
//   - A process group of its own, killed as a whole (SIGKILL) on timeout,
//     cancellation, or output that is too large.
//   - It dies with us: when we are killed, the kernel kills it (SIGKILL) at that
//     moment. An orphaned "ucr set" would go on writing while the next run of ours
//     already brings the old state back, and have the last word. All programs we
//     run replace files by rename, so a dead one leaves the old file or the new
//     one, and ucr's lock ends with it. What it has started itself lives on: a
//     shell script of "postfix reload" may still reload, which does no harm.
//   - Standard output is bounded by MaxStdout: beyond it the program is killed
//     and the call fails, since half an output is a wrong one. Standard error is
//     cut at MaxStderr.
//
// A descendant that outlives the program and keeps its output open (a daemon
// which a registry handler restarted) does not hold up the call.
package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const (
	// DefaultTimeout is the time limit of a Cmd that names none.
	DefaultTimeout = 60 * time.Second
	// DefaultPath is where programs named without a slash are looked for.
	DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	// MaxStdout and MaxStderr bound what is kept of the output, in bytes.
	MaxStdout = 64 << 20
	MaxStderr = 1 << 20

	// outputGrace is how long the output may stay open after the program ended.
	outputGrace = 2 * time.Second
)

var (
	// ErrNotFound says that a program is not installed. It is exec.ErrNotFound,
	// under a name that does not need os/exec.
	ErrNotFound = exec.ErrNotFound
	// ErrTooMuchOutput says that a program was stopped at MaxStdout.
	ErrTooMuchOutput = errors.New("output exceeds 64 MiB")
)

// Cmd is one program to run.
type Cmd struct {
	Argv    []string      // program and arguments
	Stdin   []byte        // nil: empty
	Env     []string      // "K=V", added to the clean environment; the last one wins
	Timeout time.Duration // 0: DefaultTimeout
}

// Result is what a program wrote.
type Result struct {
	Stdout, Stderr []byte
}

// System runs programs on this machine.
type System struct {
	// Path is the list of folders to look in, as in PATH; "" is DefaultPath.
	Path string
}

// Run runs one program to its end. Every failure, also a non-zero exit code, is
// an *Error; the Result then holds what had been written so far.
func (s System) Run(ctx context.Context, c Cmd) (Result, error) {
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	stdout := &capture{limit: MaxStdout, full: cancel}
	stderr := &capture{limit: MaxStderr}
	cmd, err := s.command(ctx, c)
	if err != nil {
		return Result{}, err
	}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = outputGrace

	// Pdeathsig strikes when the thread ends that started the program (prctl(2)), so this one has to stay.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err = cmd.Run()
	result := Result{Stdout: stdout.bytes(), Stderr: stderr.bytes()}
	if err = reason(ctx, cmd, err, stdout.overflowed()); err == nil {
		return result, nil
	}
	failure := &Error{
		Argv: c.Argv, ExitCode: -1, Err: err,
		Stdout: excerpt(result.Stdout), Stderr: excerpt(result.Stderr),
		TimedOut: errors.Is(err, context.DeadlineExceeded),
	}
	if cmd.ProcessState != nil {
		failure.ExitCode = cmd.ProcessState.ExitCode()
	}
	return result, failure
}

// command prepares a program; a failure is an *Error.
func (s System) command(ctx context.Context, c Cmd) (*exec.Cmd, error) {
	if len(c.Argv) == 0 {
		return nil, &Error{ExitCode: -1, Err: errors.New("no program named")}
	}
	path := s.Path
	if path == "" {
		path = DefaultPath
	}
	program, err := lookup(path, c.Argv[0])
	if err != nil {
		return nil, &Error{Argv: c.Argv, ExitCode: -1, Err: err}
	}
	cmd := exec.CommandContext(ctx, program, c.Argv[1:]...)
	cmd.Args[0] = c.Argv[0]
	cmd.Dir = "/"
	cmd.Env = append(environment(path), c.Env...)
	if c.Stdin != nil {
		cmd.Stdin = bytes.NewReader(c.Stdin)
	}
	return cmd, nil
}

// reason tells why a program failed, nil when it did not: what stopped it counts
// more than the signal it then died of.
func reason(ctx context.Context, cmd *exec.Cmd, err error, overflowed bool) error {
	ended := cmd.ProcessState != nil && cmd.ProcessState.Success()
	switch {
	case overflowed:
		return ErrTooMuchOutput
	case err == nil, ended && errors.Is(err, exec.ErrWaitDelay):
		return nil
	case ctx.Err() != nil && (cmd.ProcessState == nil || cmd.ProcessState.ExitCode() == -1 || ended):
		return ctx.Err()
	}
	return err
}

// Installed is nil when System would find the program, else the *Error that
// running it would give.
func Installed(program string) error {
	if _, err := lookup(DefaultPath, program); err != nil {
		return &Error{Argv: []string{program}, ExitCode: -1, Err: err}
	}
	return nil
}

// lookup finds a program in a list of folders.
func lookup(path, name string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	for _, folder := range filepath.SplitList(path) {
		file := filepath.Join(folder, name)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return file, nil
		}
	}
	return "", fmt.Errorf("%q: %w", name, ErrNotFound)
}

func environment(path string) []string {
	env := []string{"PATH=" + path, "LC_ALL=C.UTF-8"}
	if home := os.Getenv("HOME"); home != "" {
		env = append(env, "HOME="+home)
	}
	return env
}

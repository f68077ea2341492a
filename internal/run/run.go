// Package run starts external programs. It is the only package that imports os/exec, so every program of this tool runs
// under the same contract:
//
//   - Arguments are a vector, never a shell command. A name without a slash is looked up in a fixed list of system
//     folders (DefaultPath), not in the caller's PATH.
//   - The environment is clean: PATH, LC_ALL=C.UTF-8, HOME and what Cmd.Env adds. Variables like UNIVENTION_BASECONF or
//     MAIL_CONFIG in the caller's environment would silently point ucr or Postfix at other files. C.UTF-8 gives the
//     messages of C and allows values in UTF-8.
//   - The working folder is "/". Standard input is empty unless it is given.
//   - The program has its own process group, which is killed as a whole (SIGKILL) on timeout, on cancellation, or when
//     the output is too large.
//   - The program dies with us: when we are killed, the kernel kills it (SIGKILL) at once. Otherwise an orphaned
//     "ucr set" could go on writing after our next run has already restored the old state. All programs that we run
//     replace files by rename, so a killed program leaves either the old file or the new one, and the lock of ucr ends
//     with it. Processes that the program has started itself live on: the shell script of "postfix reload" may still
//     reload, which does no harm.
//   - Standard output is limited to MaxStdout. If it is larger, the program is killed and the call fails, because a
//     part of the output would be wrong output. Standard error is cut at MaxStderr.
//
// A descendant that outlives the program and keeps its output open (such as a daemon that a registry handler restarted)
// does not delay the call.
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
	// DefaultTimeout is the time limit of a Cmd whose Timeout is 0.
	DefaultTimeout = 60 * time.Second
	// DefaultPath is the list of folders in which a program named without a slash is looked up.
	DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	// MaxStdout and MaxStderr limit how much of the output is kept, in bytes.
	MaxStdout = 64 << 20
	MaxStderr = 1 << 20

	// outputGrace is how long the output may stay open after the program ended.
	outputGrace = 2 * time.Second
)

var (
	// ErrNotFound says that a program is not installed. It is exec.ErrNotFound under a name for packages that do not
	// import os/exec.
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

// Result is the output of a program.
type Result struct {
	Stdout, Stderr []byte
}

// System runs programs on this machine.
type System struct {
	// Path is the list of folders to search, in the format of PATH; "" is DefaultPath.
	Path string
}

// Run runs one program to its end. Every failure, also a non-zero exit code, is an *Error; the Result then holds what
// the program had written so far.
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

	// Pdeathsig is sent when the thread that started the program ends (prctl(2)), so this thread must not end earlier.
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

// reason gives the error of a program that failed, or nil. A time limit, a cancellation or too much output is reported
// rather than the signal that killed the program because of it.
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

// Installed returns nil when System would find the program; otherwise it returns the *Error that running the program
// would give.
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

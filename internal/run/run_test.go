package run_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"ucs-harden/internal/run"
)

// noPause removes a delay: a program built with the race detector otherwise waits a second before it ends.
const noPause = "GORACE=atexit_sleep_ms=0"

// The test binary acts as the program that is run. RUN_TEST_PLAY names its part.
func TestMain(m *testing.M) {
	part := os.Getenv("RUN_TEST_PLAY")
	if part == "" {
		os.Exit(m.Run())
	}
	parts[part]()
	os.Exit(0)
}

var parts = map[string]func(){
	"echo": func() {
		fmt.Println("out", strings.Join(os.Args[1:], "|"))
		fmt.Fprintln(os.Stderr, "err")
	},
	"exit 3": func() {
		fmt.Fprintln(os.Stderr, "first words\nthe point")
		os.Exit(3)
	},
	"cat":         func() { _, _ = io.Copy(os.Stdout, os.Stdin) },
	"environment": func() { fmt.Print(strings.Join(os.Environ(), "\n")) },
	"where": func() {
		dir, _ := os.Getwd()
		fmt.Print(dir)
	},
	"hang": func() { select {} },
	"flood stdout": func() {
		chunk := bytes.Repeat([]byte("x"), 1<<20)
		for {
			_, _ = os.Stdout.Write(chunk)
		}
	},
	"flood stderr": func() {
		_, _ = os.Stderr.Write(bytes.Repeat([]byte("y"), run.MaxStderr+5))
		fmt.Print("done")
	},
	// Holds the FIFO named by its argument open, and writes a line to it.
	"hold": func() { hold(); select {} },
	// The same as hold, with a child that does it too.
	"family": func() { startChild("hold"); hold(); select {} },
	// Runs a program that holds the FIFO, as ucs-harden runs one.
	"us": func() {
		_, _ = run.System{}.Run(context.Background(), run.Cmd{Argv: os.Args, Env: []string{"RUN_TEST_PLAY=hold", noPause}})
	},
	// The same as hold, but ignores SIGTERM.
	"stubborn": func() { signal.Ignore(syscall.SIGTERM); hold(); select {} },
	// Starts a child that holds the FIFO.
	"parent": func() {
		self, _ := os.Executable()
		_, _ = run.System{}.Start(run.Cmd{Argv: append([]string{self}, os.Args[1:]...), Env: []string{"RUN_TEST_PLAY=hold", noPause}})
		select {}
	},
	// Spawns the part "spawned" and lives until it is killed.
	"spawner": func() {
		self, _ := os.Executable()
		_, _ = run.System{}.Spawn(run.Cmd{Argv: append([]string{self}, os.Args[1:]...), Env: []string{"RUN_TEST_PLAY=spawned", noPause}})
		select {}
	},
	// Writes to the FIFO who it is, and again when the process that spawned it has ended.
	"spawned": func() {
		hold()
		session, _ := unix.Getsid(0)
		_, noTerminal := os.OpenFile("/dev/tty", os.O_RDWR, 0)
		fmt.Fprintln(holding, os.Getpid(), session == os.Getpid(), noTerminal != nil)
		run.UntilClosed(os.Stdin)
		fmt.Fprintln(holding, "alone")
		select {}
	},
	// Ends at once and leaves a child that keeps the output open.
	"daemon": func() { startChild("hold"); fmt.Print("started") },
}

func hold() {
	fifo, err := os.OpenFile(os.Args[1], os.O_WRONLY, 0)
	if err != nil {
		os.Exit(9)
	}
	holding = fifo
	fmt.Fprintln(fifo, "here")
}

var holding *os.File // keeps the FIFO from being closed by the garbage collector

func startChild(part string) {
	child := exec.Command(os.Args[0], os.Args[1:]...)
	child.Env = append(os.Environ(), "RUN_TEST_PLAY="+part)
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	if child.Start() != nil {
		os.Exit(9)
	}
}

func play(t *testing.T, part string, args ...string) run.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	return run.Cmd{Argv: append([]string{self}, args...), Env: []string{"RUN_TEST_PLAY=" + part, noPause}}
}

func TestRunGivesBothOutputsAndKeepsArgumentsWhole(t *testing.T) {
	result, err := run.System{}.Run(t.Context(), play(t, "echo", "a b", "$HOME", "*"))
	require.NoError(t, err)
	assert.Equal(t, "out a b|$HOME|*\n", string(result.Stdout))
	assert.Equal(t, "err\n", string(result.Stderr))
}

func TestRunReportsTheExitCodeAndTheLastWords(t *testing.T) {
	_, err := run.System{}.Run(t.Context(), play(t, "exit 3", "arg"))
	var failure *run.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, 3, failure.ExitCode)
	assert.False(t, failure.TimedOut)
	assert.Equal(t, "first words\nthe point\n", failure.Stderr)
	assert.True(t, strings.HasSuffix(err.Error(), " arg: exit status 3: the point"), err.Error())
}

func TestRunFeedsStdin(t *testing.T) {
	input := bytes.Repeat([]byte("line\n"), 100_000) // more than a pipe can hold
	c := play(t, "cat")
	c.Stdin = input
	result, err := run.System{}.Run(t.Context(), c)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(input, result.Stdout))
}

func TestRunNeverHandsOnItsOwnStdin(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	defer w.Close()
	_, err = w.WriteString("secret")
	require.NoError(t, err)
	before := os.Stdin
	os.Stdin = r
	defer func() { os.Stdin = before }()

	result, err := run.System{}.Run(t.Context(), play(t, "cat"))
	require.NoError(t, err)
	assert.Empty(t, result.Stdout)
}

func TestRunSucceedsWhenTheProgramDoesNotReadItsInput(t *testing.T) {
	c := play(t, "echo")
	c.Stdin = bytes.Repeat([]byte("x"), 1<<20)
	_, err := run.System{}.Run(t.Context(), c)
	require.NoError(t, err)
}

func TestRunCleansTheEnvironment(t *testing.T) {
	t.Setenv("UNIVENTION_BASECONF", "/elsewhere")
	t.Setenv("MAIL_CONFIG", "/elsewhere")
	t.Setenv("LANG", "de_DE.UTF-8")
	t.Setenv("PATH", "/elsewhere")
	t.Setenv("HOME", "/home/of/admin")
	c := play(t, "environment")
	c.Env = append(c.Env, "ADDED=yes")
	result, err := run.System{}.Run(t.Context(), c)
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{
		"PATH=" + run.DefaultPath, "LC_ALL=C.UTF-8", "HOME=/home/of/admin",
		"RUN_TEST_PLAY=environment", noPause, "ADDED=yes",
	}, strings.Split(string(result.Stdout), "\n"))
}

func TestRunWorksInTheRootFolder(t *testing.T) {
	result, err := run.System{}.Run(t.Context(), play(t, "where"))
	require.NoError(t, err)
	assert.Equal(t, "/", string(result.Stdout))
}

func TestRunStopsAProgramThatTakesTooLong(t *testing.T) {
	c := play(t, "hang")
	c.Timeout = 50 * time.Millisecond
	_, err := run.System{}.Run(t.Context(), c)
	var failure *run.Error
	require.ErrorAs(t, err, &failure)
	assert.True(t, failure.TimedOut)
	assert.Equal(t, -1, failure.ExitCode)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Contains(t, err.Error(), "took too long")
}

func TestRunObeysTheCallersDeadline(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := run.System{}.Run(ctx, play(t, "hang"))
	var failure *run.Error
	require.ErrorAs(t, err, &failure)
	assert.True(t, failure.TimedOut)
}

// Reading the FIFO ends when it has no writer left, which is when the whole family is dead.
func TestRunKillsDescendantsOnCancellation(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := play(t, "family", fifo)
	done := make(chan error, 1)
	go func() { _, err := run.System{}.Run(ctx, c); done <- err }()

	seen := openFifo(t, fifo)
	for range 2 {
		line, err := seen.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, "here\n", line)
	}
	cancel()
	err := <-done
	assert.ErrorIs(t, err, context.Canceled)
	var failure *run.Error
	require.ErrorAs(t, err, &failure)
	assert.False(t, failure.TimedOut)
	_, err = seen.ReadString('\n')
	assert.ErrorIs(t, err, io.EOF)
}

// Reading the FIFO ends when it has no writer left, which is when the program is dead.
func TestAProgramDiesWithUs(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	self, err := os.Executable()
	require.NoError(t, err)
	us := exec.Command(self, fifo)
	us.Env = append(os.Environ(), "RUN_TEST_PLAY=us")
	require.NoError(t, us.Start())
	seen := openFifo(t, fifo)
	line, err := seen.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "here\n", line)

	require.NoError(t, us.Process.Kill())
	require.Error(t, us.Wait())
	gone := make(chan error, 1)
	go func() { _, err := seen.ReadString('\n'); gone <- err }()
	select {
	case err := <-gone:
		assert.ErrorIs(t, err, io.EOF)
	case <-time.After(10 * time.Second):
		killHolders(t, fifo)
		t.Fatal("the program goes on without us")
	}
}

func TestRunDoesNotWaitForADaemonThatKeepsTheOutputOpen(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	c := play(t, "daemon", fifo)
	done := make(chan error, 1)
	var result run.Result
	go func() { var err error; result, err = run.System{}.Run(t.Context(), c); done <- err }()
	seen := openFifo(t, fifo)
	line, err := seen.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "here\n", line)
	require.NoError(t, <-done)
	assert.Equal(t, "started", string(result.Stdout))
	killHolders(t, fifo)
	_, err = seen.ReadString('\n')
	assert.ErrorIs(t, err, io.EOF)
}

func openFifo(t *testing.T, fifo string) *bufio.Reader {
	t.Helper()
	file, err := os.Open(fifo) // returns when a writer has opened the FIFO
	require.NoError(t, err)
	t.Cleanup(func() { _ = file.Close() })
	return bufio.NewReader(file)
}

// killHolders kills the programs that this test left behind: those with the FIFO on their command line.
func killHolders(t *testing.T, fifo string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	require.NoError(t, err)
	killed := 0
	for _, file := range files {
		line, _ := os.ReadFile(file)
		if bytes.Contains(line, []byte(fifo)) {
			var pid int
			_, err := fmt.Sscanf(file, "/proc/%d/cmdline", &pid)
			require.NoError(t, err)
			require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
			killed++
		}
	}
	require.Equal(t, 1, killed)
}

func TestRunStopsAFlood(t *testing.T) {
	result, err := run.System{}.Run(t.Context(), play(t, "flood stdout"))
	require.ErrorIs(t, err, run.ErrTooMuchOutput)
	assert.Len(t, result.Stdout, run.MaxStdout)
	var failure *run.Error
	require.ErrorAs(t, err, &failure)
	assert.Less(t, len(failure.Stdout), 17<<10)
	assert.Less(t, len(err.Error()), 700)
}

func TestRunCutsStandardErrorAndGoesOn(t *testing.T) {
	result, err := run.System{}.Run(t.Context(), play(t, "flood stderr"))
	require.NoError(t, err)
	assert.Equal(t, "done", string(result.Stdout))
	assert.Len(t, result.Stderr, run.MaxStderr)
}

func TestRunSaysWhenAProgramIsMissing(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "not-executable"), nil, 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder"), 0o700))
	for sentence, argv := range map[string][]string{
		"a name that is not found":       {"no-such-program"},
		"a file that is not executable":  {"not-executable"},
		"a folder of that name":          {"folder"},
		"a program of the caller's PATH": {filepath.Base(os.Args[0])},
		"an empty name with an argument": {"", "x"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Setenv("PATH", filepath.Dir(os.Args[0]))
			_, err := run.System{Path: dir}.Run(t.Context(), run.Cmd{Argv: argv})
			require.ErrorIs(t, err, run.ErrNotFound)
			assert.ErrorIs(t, err, exec.ErrNotFound)
			var failure *run.Error
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, -1, failure.ExitCode)
		})
	}
}

func TestRunLooksInItsPath(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	c := play(t, "echo")
	c.Argv[0] = filepath.Base(self)
	result, err := run.System{Path: "/nowhere:" + filepath.Dir(self)}.Run(t.Context(), c)
	require.NoError(t, err)
	assert.Equal(t, "out \n", string(result.Stdout))
}

func TestRunFailsOnAPathThatDoesNotExist(t *testing.T) {
	_, err := run.System{}.Run(t.Context(), run.Cmd{Argv: []string{"/no/such/program"}})
	var failure *run.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, -1, failure.ExitCode)
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestRunNeedsAProgram(t *testing.T) {
	_, err := run.System{}.Run(t.Context(), run.Cmd{})
	assert.EqualError(t, err, "cannot run a program: no program named")
}

func TestErrorIsOneBoundedLine(t *testing.T) {
	err := &run.Error{
		Argv:   []string{"ucr", "set", "k=" + strings.Repeat("ü", 5000) + "\nx\x1b[31m"},
		Stderr: strings.Repeat("a\n", 100) + strings.Repeat("\xff", 5000),
		Err:    errors.New("exit\nstatus 1"),
	}
	message := err.Error()
	assert.Less(t, len(message), 800)
	assert.NotContains(t, message, "\n")
	assert.NotContains(t, message, "\x1b")
	assert.Contains(t, message, "exit status 1")
}

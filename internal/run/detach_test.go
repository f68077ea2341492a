package run_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/internal/run"
	"ucs-harden/internal/run/runtest"
)

// spawned is a program that another program has spawned, and what the spawned program reports.
type spawned struct {
	pid  int
	says *bufio.Reader
}

// met waits until the spawned program lives, and reads its first report.
func met(t *testing.T, fifo string) spawned {
	t.Helper()
	s := spawned{says: openFifo(t, fifo)}
	require.Equal(t, "here\n", s.line(t))
	var leader, noTerminal bool
	_, err := fmt.Sscan(s.line(t), &s.pid, &leader, &noTerminal)
	require.NoError(t, err)
	t.Cleanup(func() { _ = syscall.Kill(s.pid, syscall.SIGKILL) })
	assert.True(t, leader, "it has no session of its own")
	assert.True(t, noTerminal, "it is still at the terminal")
	return s
}

func (s spawned) line(t *testing.T) string {
	t.Helper()
	line, err := s.says.ReadString('\n')
	require.NoError(t, err)
	return line
}

func TestASpawnedProgramOutlivesItsParent(t *testing.T) {
	for sentence, end := range map[string]func(t *testing.T, parent *exec.Cmd, keyboard *os.File){
		"killed with kill -9": func(t *testing.T, parent *exec.Cmd, _ *os.File) { require.NoError(t, parent.Process.Kill()) },
		"killed with its process group": func(t *testing.T, parent *exec.Cmd, _ *os.File) {
			require.NoError(t, syscall.Kill(-parent.Process.Pid, syscall.SIGKILL))
		},
		"its terminal closed": func(t *testing.T, _ *exec.Cmd, keyboard *os.File) { require.NoError(t, keyboard.Close()) },
	} {
		t.Run(sentence, func(t *testing.T) {
			fifo := filepath.Join(t.TempDir(), "fifo")
			require.NoError(t, syscall.Mkfifo(fifo, 0o600))
			keyboard, screen, err := runtest.OpenTerminal()
			require.NoError(t, err)
			defer keyboard.Close()
			c := play(t, "spawner", fifo)
			parent := exec.Command(c.Argv[0], c.Argv[1:]...)
			parent.Env = append(parent.Environ(), c.Env...)
			parent.Stdin, parent.Stdout, parent.Stderr = screen, screen, screen
			parent.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
			require.NoError(t, parent.Start())
			require.NoError(t, screen.Close())
			child := met(t, fifo)
			end(t, parent, keyboard)
			require.Error(t, parent.Wait())
			require.Equal(t, "alone\n", child.line(t), "it must live, and know that its parent does not")
		})
	}
}

func TestTheEndOfASpawnedProgramIsSeen(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	program, err := run.System{}.Spawn(play(t, "spawned", fifo))
	require.NoError(t, err)
	child := met(t, fifo)
	require.Equal(t, program.PID, child.pid)
	select {
	case <-program.Ended:
		t.Fatal("it has not ended")
	default:
	}
	require.NoError(t, syscall.Kill(child.pid, syscall.SIGKILL))
	<-program.Ended
}

func TestAProgramThatCannotBeSpawned(t *testing.T) {
	for sentence, c := range map[string]run.Cmd{"a program that is missing": {Argv: []string{"no-such-program"}}, "none": {}, "a folder": {Argv: []string{"/"}}} {
		t.Run(sentence, func(t *testing.T) {
			_, err := run.System{}.Spawn(c)
			var failure *run.Error
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, -1, failure.ExitCode)
		})
	}
}

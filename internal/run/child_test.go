package run_test

import (
	"io"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/internal/run"
)

func TestAChildEndsWhenItIsStopped(t *testing.T) {
	for sentence, test := range map[string]struct{ part, says string }{
		"at SIGTERM":                          {"family", "here\n"},
		"at SIGKILL, when it ignores SIGTERM": {"stubborn", "here\n"},
	} {
		t.Run(sentence, func(t *testing.T) {
			fifo := filepath.Join(t.TempDir(), "fifo")
			require.NoError(t, syscall.Mkfifo(fifo, 0o600))
			child, err := run.System{}.Start(play(t, test.part, fifo))
			require.NoError(t, err)
			seen := openFifo(t, fifo)
			line, err := seen.ReadString('\n')
			require.NoError(t, err)
			require.Equal(t, test.says, line)
			select {
			case <-child.Done():
				t.Fatal("it ended by itself")
			default:
			}
			child.Stop(50 * time.Millisecond)
			<-child.Done()
			_, err = io.ReadAll(seen) // ends when the last process of the family has ended
			require.NoError(t, err)
			child.Stop(0) // a second Stop does nothing
		})
	}
}

func TestAChildThatEndsByItselfSaysWhy(t *testing.T) {
	child, err := run.System{}.Start(play(t, "exit 3"))
	require.NoError(t, err)
	<-child.Done()
	assert.Equal(t, "first words\nthe point\n", child.Said())
	child.Stop(time.Second)
}

func TestAChildThatCannotBeStarted(t *testing.T) {
	for sentence, c := range map[string]run.Cmd{"a program that is missing": {Argv: []string{"no-such-program"}}, "none": {}, "a folder": {Argv: []string{"/"}}} {
		t.Run(sentence, func(t *testing.T) {
			_, err := run.System{}.Start(c)
			var failure *run.Error
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, -1, failure.ExitCode)
		})
	}
}

// A parent that is killed cannot stop its child; the kernel does.
func TestAChildEndsWithItsParent(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	c := play(t, "parent", fifo)
	parent := exec.Command(c.Argv[0], c.Argv[1:]...)
	parent.Env = append(parent.Environ(), c.Env...)
	require.NoError(t, parent.Start())
	seen := openFifo(t, fifo)
	line, err := seen.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "here\n", line)
	require.NoError(t, parent.Process.Kill())
	require.Error(t, parent.Wait())
	_, err = seen.ReadString('\n')
	assert.ErrorIs(t, err, io.EOF)
}

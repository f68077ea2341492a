package confirm_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"ucs-harden/internal/run/runtest"
	"ucs-harden/tests/lab"
)

// session is a run of ucs-harden on a terminal.
type session struct {
	cmd      *exec.Cmd
	keyboard *os.File
	mutex    sync.Mutex
	said     bytes.Buffer
	read     int // the length of the output up to the last answered question
	closed   chan struct{}
}

func (c *company) onATerminal(t *testing.T, arguments string) *session {
	t.Helper()
	require.NoError(t, c.BackdatePostfix())
	keyboard, screen, err := runtest.OpenTerminal()
	require.NoError(t, err)
	s := &session{keyboard: keyboard, closed: make(chan struct{})}
	s.cmd = c.Mail().Command(t.Context(), append(slices.Clone(program), strings.Fields(arguments)...)...)
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = screen, screen, screen
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	require.NoError(t, s.cmd.Start())
	require.NoError(t, screen.Close())
	go func() {
		defer close(s.closed)
		buffer := make([]byte, 4096)
		for {
			n, err := keyboard.Read(buffer)
			s.mutex.Lock()
			s.said.Write(buffer[:n])
			s.mutex.Unlock()
			if err != nil {
				return // no process has the terminal open any more
			}
		}
	}()
	return s
}

// answer waits for a question and answers it.
func (s *session) answer(t *testing.T, question, with string) {
	t.Helper()
	err := lab.WaitFor(t.Context(), question, func() bool {
		s.mutex.Lock()
		defer s.mutex.Unlock()
		at := bytes.Index(s.said.Bytes()[s.read:], []byte(question))
		if at >= 0 {
			s.read += at + len(question)
		}
		return at >= 0
	})
	require.NoError(t, err, s.said.String())
	_, err = s.keyboard.WriteString(with + "\n")
	require.NoError(t, err)
}

// shows waits until the terminal shows a text.
func (s *session) shows(t *testing.T, text string) {
	t.Helper()
	require.NoError(t, lab.WaitFor(t.Context(), text, func() bool { return strings.Contains(s.text(), text) }), s.text())
}

func (s *session) text() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.said.String()
}

func (s *session) end(t *testing.T, code int) {
	t.Helper()
	err := s.cmd.Wait()
	<-s.closed
	_ = s.keyboard.Close() // a test may already have closed it
	if exit := new(exec.ExitError); !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	require.Equal(t, code, s.cmd.ProcessState.ExitCode(), s.said.String())
}

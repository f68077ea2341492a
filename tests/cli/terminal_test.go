package cli_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"

	"ucs-harden/internal/run/runtest"
)

// onTerminal runs a program of the mail server on a pseudo terminal of its own and copies what the terminal shows to
// out. It answers a question.
func (s *server) onTerminal(out io.Writer, answer string, argv []string) error {
	keyboard, screen, err := runtest.OpenTerminal()
	if err != nil {
		return err
	}
	defer keyboard.Close()
	full := s.argv("mail", argv)
	cmd := exec.Command(full[0], full[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = screen, screen, screen
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	_ = screen.Close()
	said := s.converse(keyboard, answer)
	_, err = out.Write(bytes.ReplaceAll(said, []byte("\r\n"), []byte("\n")))
	if ended := cmd.Wait(); ended != nil {
		return ended
	}
	return err
}

// questions is the end of what a command shows when it waits for an answer.
var questions = regexp.MustCompile(`( \[y/N\] | \[Y/n\] |\x1b\[KTaken back by itself in \d+:\d\d )$`)

// converse reads until the program has closed the terminal; reading then gives EIO. It answers one question after another;
// the answers have a "|" between them.
func (s *server) converse(keyboard *os.File, answers string) []byte {
	var said []byte
	answered := 0 // so much of said came before the last answer
	buffer := make([]byte, 4096)
	for {
		n, err := keyboard.Read(buffer)
		said = append(said, buffer[:n]...)
		if answers != "" && questions.Match(said[answered:]) {
			answer, rest, _ := strings.Cut(answers, "|")
			// A command is run before the answer: no after "!", yes after "?". Its failure is visible in its output, which the
			// script checks.
			for mark, then := range map[string]string{"!": "n", "?": "y"} {
				if meanwhile, ok := strings.CutPrefix(answer, mark); ok {
					more, _ := exec.Command("env", s.argv("mail", []string{"sh", "-c", meanwhile})[1:]...).CombinedOutput()
					said, answer = append(said, more...), then
				}
			}
			s.reply(keyboard, answer)
			answers, answered = rest, len(said)
		}
		if err != nil {
			return said
		}
	}
}

func (s *server) reply(keyboard io.Writer, answer string) {
	switch answer {
	case "^C":
		// The keyboard's ^C would reach everything on the terminal, also nsenter(1), for which the test waits. So the
		// signal is sent to the process that the lock names.
		pid, err := s.Mail().ReadFile("/run/ucs-harden.lock")
		if err == nil {
			err = exec.Command("env", s.argv("mail", []string{"kill", "-INT", strings.TrimSpace(string(pid))})[1:]...).Run()
		}
		if err != nil {
			fmt.Fprintln(keyboard, "cannot interrupt:", err)
		}
	case "^D":
		fmt.Fprint(keyboard, "\x04")
	case "Enter":
		fmt.Fprintln(keyboard)
	default:
		fmt.Fprintln(keyboard, answer)
	}
}

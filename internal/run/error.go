package run

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxExcerpt = 16 << 10 // bytes of each stream kept in an Error
	maxCommand = 200      // bytes of the command in a message
	maxSaid    = 300      // bytes of the program's own words in a message
)

// Error says that a program could not be started, did not end well, or was stopped. Unwrap gives ErrNotFound,
// ErrTooMuchOutput, context.Canceled, context.DeadlineExceeded, or the error of os/exec.
type Error struct {
	Argv           []string
	ExitCode       int    // -1 when not started or killed
	Stdout, Stderr string // at most 16 KiB each, beginning and end
	TimedOut       bool
	Err            error
}

// Error gives one line of at most about 600 bytes: the command, what happened, and the last line that the program wrote
// to standard error.
func (e *Error) Error() string {
	if len(e.Argv) == 0 {
		return fmt.Sprintf("cannot run a program: %s", e.Err)
	}
	command := cut(oneLine(strings.Join(e.Argv, " ")), maxCommand)
	if errors.Is(e.Err, ErrNotFound) {
		return fmt.Sprintf("cannot run %s: program not found", cut(oneLine(e.Argv[0]), maxCommand))
	}
	what := "failed"
	switch {
	case e.TimedOut:
		what = "took too long and was stopped"
	case e.Err != nil:
		what = cut(oneLine(e.Err.Error()), maxCommand)
	}
	message := command + ": " + what
	if said := lastLine(e.Stderr); said != "" {
		message += ": " + cut(said, maxSaid)
	}
	return message
}

func (e *Error) Unwrap() error { return e.Err }

// lastLine is the last line that is not empty. Tools and Python tracebacks put the cause there.
func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return oneLine(lines[len(lines)-1])
}

// oneLine makes text safe for use inside a message: without control characters.
func oneLine(s string) string {
	s = strings.ToValidUTF8(s, "?")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s))
}

// cut shortens s to about limit bytes at a character boundary.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}

// excerpt keeps the beginning and the end of an output.
func excerpt(b []byte) string {
	if len(b) <= maxExcerpt {
		return string(b)
	}
	half := (maxExcerpt - 8) / 2
	return string(b[:half]) + "\n…\n" + string(b[len(b)-half:])
}

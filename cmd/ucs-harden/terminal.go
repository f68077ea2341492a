package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"ucs-harden/outcome"
)

// Output rules: results go to standard output. Questions, progress, errors and hints go to standard error. Output is
// coloured only if the stream is a terminal and NO_COLOR is not set. Progress is shown only on a terminal, and only for
// work that takes longer than a second. With --log-format json, everything on standard error but a question is an object
// a line; see messages. Nothing else in this program prints.

type terminal struct {
	in       io.Reader
	keyboard *bufio.Reader // of in
	out, err *stream
	noColor  bool
	*messages
	audit *audit

	mu    sync.Mutex
	timer *time.Timer
	doing string
	shown bool
}

const patience = time.Second

func newTerminal(in io.Reader, out, err io.Writer) *terminal {
	t := &terminal{in: in, out: &stream{Writer: out}, err: &stream{Writer: err}, noColor: os.Getenv("NO_COLOR") != ""}
	t.messages = newMessages(t)
	t.audit = &audit{who: who, open: toSyslog, patience: auditPatience, debug: t.Debug}
	return t
}

// stream drops what is written to a pipe whose reader has ended or to a terminal that was closed: the command goes on,
// and its exit status tells what it did. Other errors, such as a full disk, stay.
type stream struct {
	io.Writer
	used bool // something was written
}

func (s *stream) Write(p []byte) (int, error) {
	s.used = s.used || len(p) > 0
	n, err := s.Writer.Write(p)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.EIO) {
		return len(p), nil
	}
	return n, err
}

func isTerminal(file any) bool {
	if s, ok := file.(*stream); ok {
		file = s.Writer
	}
	f, ok := file.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func (t *terminal) color() bool { return !t.noColor && isTerminal(t.out) }

// width is how many columns the terminal has; 0 if the output does not go to one.
func (t *terminal) width() int {
	f, ok := t.out.Writer.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

func (t *terminal) print(format string, args ...any) { fmt.Fprintf(t.out, format, args...) }

func (t *terminal) complain(format string, args ...any) {
	t.idle()
	fmt.Fprintf(t.err, format, args...)
}

func (t *terminal) paintErr(text string) string {
	if t.noColor || !isTerminal(t.err) {
		return text
	}
	return "\x1b[31m" + text + "\x1b[0m"
}

// busy shows what is being done if it takes longer than a second. A text with the same beginning, up to a colon, replaces
// the one before, and the time goes on.
func (t *terminal) busy(what string) {
	if !isTerminal(t.err) || t.machine {
		t.idle()
		return
	}
	if t.goesOn(what) {
		return
	}
	t.idle()
	t.mu.Lock()
	defer t.mu.Unlock()
	begin := time.Now()
	t.doing = what
	t.timer = time.AfterFunc(patience, func() { t.tick(begin) })
}

// goesOn replaces the text of the progress line if it is about the same work.
func (t *terminal) goesOn(what string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, _, _ := strings.Cut(what, ":")
	before, _, _ := strings.Cut(t.doing, ":")
	if t.timer == nil || now != before {
		return false
	}
	t.doing = what
	return true
}

// tick rewrites the progress line every second until idle is called.
func (t *terminal) tick(begin time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timer == nil {
		return
	}
	fmt.Fprintf(t.err, "\r\x1b[K%s … %d s", t.doing, int(time.Since(begin).Seconds()))
	t.shown = true
	t.timer.Reset(patience)
}

// idle ends and erases the progress line.
func (t *terminal) idle() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timer != nil {
		t.timer.Stop()
		t.timer = nil
	}
	if t.shown {
		fmt.Fprint(t.err, "\r\x1b[K")
		t.shown = false
	}
}

// The answers that an empty line gives.
const (
	no           = false
	yesByDefault = true
)

// ask asks a question and waits for the answer: "y" or "yes", "n" or "no". Everything else means the default, so that a
// mistyped answer is the safe one.
func (t *terminal) ask(ctx context.Context, question string, byDefault bool) (bool, error) {
	t.idle()
	if !isTerminal(t.in) {
		return false, outcome.Unchanged(misused("look at the plan, then add --yes",
			"cannot ask %q: standard input is not a terminal", lastLine(question)))
	}
	choices := map[bool]string{no: "[y/N]", yesByDefault: "[Y/n]"}[byDefault]
	fmt.Fprintf(t.err, "%s %s ", question, choices)
	select {
	case <-ctx.Done():
		fmt.Fprintln(t.err)
		return false, outcome.Unchanged(errors.New("interrupted"))
	case said := <-t.answer():
		switch said.text {
		case "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		}
		return byDefault, nil
	}
}

func lastLine(text string) string { return text[strings.LastIndexByte(text, '\n')+1:] }

// dropTyped forgets what was typed ahead, before a question stood on the terminal.
func (t *terminal) dropTyped() {
	if f, ok := t.in.(*os.File); ok {
		_ = unix.IoctlSetInt(int(f.Fd()), unix.TCFLSH, unix.TCIFLUSH) // it is a terminal; without this, less is dropped
	}
	if t.keyboard != nil {
		_, _ = t.keyboard.Discard(t.keyboard.Buffered())
	}
}

// answer is a line from the keyboard, in lower case. entered: it ends with the Enter key, and not with the end of the input
// or the loss of the terminal.
type answer struct {
	text    string
	entered bool
}

// answer reads a line from the keyboard. A read cannot be interrupted: after an interrupt it goes on until the program
// ends.
func (t *terminal) answer() <-chan answer {
	line := make(chan answer, 1)
	go func() {
		if t.keyboard == nil {
			t.keyboard = bufio.NewReader(t.in)
		}
		text, err := t.keyboard.ReadString('\n')
		line <- answer{strings.ToLower(strings.TrimSpace(text)), err == nil}
	}()
	return line
}

package main

import (
	"errors"
	"io"
	"slices"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/spf13/cobra"

	"ucs-harden/report"
)

// messages are what the program says on standard error: errors, warnings and, with -v, details. They are text for people,
// or, with --log-format json, an object a line: time, level, msg, and more fields, with the names that they have in the
// output of --json.
type messages struct {
	t       *terminal
	log     *logrus.Logger
	machine bool
}

const (
	formatText = "text"
	formatJSON = "json"
)

func newMessages(t *terminal) *messages {
	m := &messages{t: t, log: logrus.New()}
	m.log.SetOutput(io.Discard)
	m.log.SetFormatter(&logrus.TextFormatter{DisableColors: true, FullTimestamp: true, TimestampFormat: time.RFC3339Nano})
	return m
}

// logFormat is the option --log-format. Setting it takes effect at once, so that an error in a later option has the wanted
// format.
type logFormat struct{ m *messages }

func (f logFormat) String() string {
	if f.m == nil || !f.m.machine {
		return formatText
	}
	return formatJSON
}

func (f logFormat) Set(format string) error { return f.m.setFormat(format) }

func (f logFormat) Type() string { return "FORMAT" }

func (m *messages) setFormat(format string) error {
	switch format {
	case formatText:
	case formatJSON:
		m.machine = true
		m.log.SetOutput(m.t.err)
		m.log.SetFormatter(&logrus.JSONFormatter{TimestampFormat: time.RFC3339Nano, DisableHTMLEscape: true})
	default:
		return errors.New("the format is text or json")
	}
	return nil
}

// setAnyway sets the format that the arguments ask for, if an error in an option before has ended the parsing.
func (m *messages) setAnyway(args []string) {
	at := slices.Index(args, "--log-format")
	if slices.Contains(args, "--log-format="+formatJSON) || at >= 0 && at+1 < len(args) && args[at+1] == formatJSON {
		_ = m.setFormat(formatJSON) // it is a format
	}
}

// detailed makes the messages contain the details.
func (m *messages) detailed() {
	m.log.SetOutput(m.t.err)
	m.log.SetLevel(logrus.DebugLevel)
}

// failed says what failed and what to do. fields are for machines.
func (m *messages) failed(text, hint string, fields logrus.Fields) {
	if m.machine {
		m.entry(hint, fields).Error(text)
		return
	}
	m.t.complain("%s %s\n", m.t.paintErr("error:"), report.PlainLines(text))
	m.hint(hint)
}

// warn says what an administrator should know.
func (m *messages) warn(text, hint string) {
	if m.machine {
		m.entry(hint, nil).Warn(text)
		return
	}
	m.t.complain("warning: %s\n", report.PlainLines(text))
	m.hint(hint)
}

// tell says what has happened.
func (m *messages) tell(text string, fields logrus.Fields) {
	if m.machine {
		m.entry("", fields).Info(text)
		return
	}
	m.t.complain("%s\n", report.PlainLines(text))
}

func (m *messages) hint(text string) {
	if text != "" {
		m.t.complain("hint: %s\n", report.PlainLines(text))
	}
}

func (m *messages) entry(hint string, fields logrus.Fields) *logrus.Entry {
	e := m.log.WithFields(fields)
	if hint != "" {
		e = e.WithField("hint", hint)
	}
	return e
}

func completeFormats(cmd *cobra.Command) {
	completeFlag(cmd, "log-format", cobra.FixedCompletions([]string{
		"text\tfor people", "json\tfor programs, an object a line",
	}, cobra.ShellCompDirectiveNoFileComp))
}

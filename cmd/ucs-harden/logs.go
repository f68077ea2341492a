package main

import (
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"syscall"
	"time"

	"ucs-harden/outcome"
)

// splitLogs tells the files of a log from "-", which is standard input and stands alone.
func splitLogs(args []string) (files []string, stdin bool, err error) {
	for _, arg := range args {
		if arg == "-" {
			stdin = true
			continue
		}
		files = append(files, arg)
	}
	if stdin && len(args) > 1 {
		return nil, false, misused("give either files, or - alone", "cannot read standard input and files together")
	}
	return files, stdin, nil
}

// ages are the units of an age.
var ages = map[byte]time.Duration{'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}

// parseSince reads a time: a date, a date with a time, or an age before now, such as "30d". "" is the zero time.
func parseSince(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02 15:04", time.DateTime, "2006-01-02T15:04", time.RFC3339} {
		if at, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return at, nil
		}
	}
	age, ok := parseAge(text)
	if !ok {
		return time.Time{}, misused("for example: --since 2026-11-01, --since 30d or --since 12h",
			"cannot use --since %q: it is neither a date nor an age", text)
	}
	return now.Add(-age), nil
}

// parseAge reads a number of hours, days or weeks, such as "30d".
func parseAge(text string) (time.Duration, bool) {
	if text == "" {
		return 0, false
	}
	unit := ages[text[len(text)-1]]
	n, err := strconv.Atoi(strings.TrimSpace(text[:len(text)-1]))
	const most = 100 * 366
	if err != nil || unit == 0 || n < 0 || n > most {
		return 0, false
	}
	return time.Duration(n) * unit, true
}

// named adds to the error about a log that was named on the command line what to do about it.
func named(err error, logs []string) error {
	missing := errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EISDIR)
	if len(logs) == 0 || !missing || outcome.Hint(err) != "" {
		return err
	}
	return outcome.Advise(err, "name the files of the mail log, such as /var/log/mail.log.1; without a name all of them are read")
}

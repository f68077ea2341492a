package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"ucs-harden/internal/lazyregexp"
	"ucs-harden/lists"
)

// wanted makes an entry of the options of add, and checks each of them. It changes the fields to the values that are
// written to the registry.
func (k listCommands) wanted(name string, fields map[string]string) (lists.Entry, error) {
	if name != "" && !entryName.MatchString(name) || len(name) > longestEntryName {
		option := "--name"
		if k.ByName() {
			option = "the name"
		}
		return lists.Entry{}, usage("cannot use %s %q: a name has at most %d letters, digits and @ . _ -",
			option, cut(name), longestEntryName)
	}
	for field, value := range fields {
		if why := lists.TextFault(field, value); why != "" {
			return lists.Entry{}, usage("cannot use the %s %q: %s", field, cut(value), why)
		}
		fields[field] = strings.TrimSpace(value)
	}
	if value, given := fields["expires"]; given {
		day, err := lastDay(value, k.g.server.Clock())
		if err != nil {
			return lists.Entry{}, usage("cannot use --expires: %s", err)
		}
		fields["expires"] = day
	}
	if value, given := fields["as"]; given {
		fields["as"] = strings.Join(lists.Words(value), " ")
	}
	if value, given := fields["senders"]; given {
		fields["senders"] = strings.Join(lists.Words(value), " ")
		fields["variant"] = "senders"
		if fields["senders"] == "" {
			fields["variant"] = "clients"
		}
	}
	wanted := lists.Entry{Name: name}.With(fields)
	if why := k.FaultGiven(wanted); why != "" {
		return wanted, usage("cannot add this: %s", why)
	}
	if wanted.Expired(k.g.server.Today()) {
		return wanted, usage("cannot use --expires: %s is over", wanted.Expires)
	}
	return wanted, nil
}

// longestEntryName is long enough for every mail address.
const longestEntryName = 320

// entryName matches the names that lists.EntryName makes. Capitals are allowed as well.
var entryName = lazyregexp.New(`^[A-Za-z0-9@._-]+$`)

var days = lazyregexp.New(`^[0-9]{1,5}d$`)

// lastDay reads a date, or a number of days from today such as 30d. "" means that there is no last day.
func lastDay(value string, now time.Time) (string, error) {
	if value == "" {
		return "", nil
	}
	if days.MatchString(value) {
		n, err := strconv.Atoi(strings.TrimSuffix(value, "d"))
		if err != nil {
			return "", err
		}
		return now.AddDate(0, 0, n).Format(time.DateOnly), nil
	}
	if _, err := time.Parse(time.DateOnly, value); err != nil {
		return "", fmt.Errorf("%q is neither a date such as 2027-01-31 nor a number of days such as 30d", cut(value))
	}
	return value, nil
}

// cut shortens a value for a message.
func cut(value string) string {
	const most = 60
	if runes := []rune(value); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return value
}

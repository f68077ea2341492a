package maillog

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Series finds the log mail.log of a folder such as /var/log and its rotated files, the oldest first: mail.log.N.gz …
// mail.log.2.gz, mail.log.1, mail.log; also those that logrotate names with a date (dateext). It is ErrNoLog if there is
// none.
func Series(dir string) ([]Source, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("cannot look for the mail log: %w", err)
	}
	type member struct {
		name string
		age  int // 0 is the log itself
		date string
	}
	var found []member
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), "mail.log")
		if !ok || e.IsDir() {
			continue
		}
		if rest == "" {
			found = append(found, member{name: e.Name()})
			continue
		}
		number := strings.TrimSuffix(rest, ".gz")
		if age, err := strconv.Atoi(strings.TrimPrefix(number, ".")); err == nil && age > 0 && number[0] == '.' {
			found = append(found, member{name: e.Name(), age: age})
		} else if date := strings.TrimPrefix(number, "-"); date != number && len(date) >= 8 && digits(date) {
			found = append(found, member{name: e.Name(), age: 1, date: date})
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("cannot find mail.log in %s: %w", dir, ErrNoLog)
	}
	slices.SortFunc(found, func(a, b member) int {
		switch {
		case a.date != "" && b.date != "":
			return strings.Compare(a.date+a.name, b.date+b.name)
		case a.age != b.age:
			return b.age - a.age
		}
		return strings.Compare(b.name, a.name)
	})
	var series []Source
	for _, m := range found {
		series = append(series, Source{Path: filepath.Join(dir, m.name)})
	}
	return series, nil
}

func digits(s string) bool {
	return strings.TrimLeft(s, "0123456789-") == ""
}

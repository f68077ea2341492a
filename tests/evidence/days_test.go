package evidence_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// days is how long the company watches.
const days = 8

// day is the beginning of the n-th day of warn. Yesterday is the last one.
func day(n int) time.Time {
	y, m, d := time.Now().Date()
	return time.Date(y, m, d-days+n, 0, 0, 0, 0, time.Local)
}

// spread gives lines of the log other stamps: it spreads them evenly over a time, in their order, in ISO 8601 as UCS 5.2
// writes them. All else in a line stays as syslogd wrote it.
func spread(lines string, begin, end time.Time) string {
	const traditional = "Jan _2 15:04:05 "
	all := strings.SplitAfter(lines, "\n")
	all = all[:len(all)-1]
	step := end.Sub(begin) / time.Duration(len(all)+1)
	var out strings.Builder
	for i, line := range all {
		stamp := begin.Add(time.Duration(i+1) * step).Format("2006-01-02T15:04:05.000000-07:00 ")
		out.WriteString(stamp + line[len(traditional):])
	}
	return out.String()
}

// rewrite replaces the content of mail.log. syslogd has the file open, and goes on behind the new content.
func (c company) rewrite(t *testing.T, content string) {
	t.Helper()
	f, err := os.OpenFile(c.Path("/var/log/mail.log"), os.O_WRONLY|os.O_TRUNC, 0)
	require.NoError(t, err)
	_, err = f.WriteString(content)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

package maillog_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/maillog"
)

var update = flag.Bool("update", false, "write the expected events anew; read them before you commit them")

// TestCorpus reads lines as Postfix 3.4 to 3.10 writes them. The file beside each log says what they tell: an event a
// line, then what the log covers.
func TestCorpus(t *testing.T) {
	logs, err := filepath.Glob("testdata/*.log")
	require.NoError(t, err)
	lines := 0
	for _, log := range logs {
		t.Run(filepath.Base(log), func(t *testing.T) {
			said, n := events(t, log)
			lines += n
			golden := strings.TrimSuffix(log, ".log") + ".events"
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(said), 0o600))
			}
			expected, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(expected), said)
		})
	}
	assert.Greater(t, lines, 400)
}

// written is when the files of the corpus were last written to.
var written = time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)

func events(t *testing.T, path string) (string, int) {
	t.Helper()
	zone := time.Local
	time.Local = time.FixedZone("CET", 3600)
	defer func() { time.Local = zone }()
	var b strings.Builder
	b.WriteString("hits\n")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	path = filepath.Join(t.TempDir(), "mail.log")
	require.NoError(t, os.WriteFile(path, content, 0o600))
	require.NoError(t, os.Chtimes(path, written, written))
	logs, o := []maillog.Source{{Path: path}}, maillog.Options{Now: written}
	covered, err := maillog.Hits(context.Background(), logs, o, func(h maillog.Hit) { writeHit(&b, "  ", h) })
	require.NoError(t, err)
	b.WriteString("\nletters\n")
	again, err := maillog.Letters(context.Background(), logs, o, func(l *maillog.Letter) { writeLetter(&b, l) })
	require.NoError(t, err)
	fmt.Fprintf(&b, "\ncovers %s to %s\n", stamp(covered.From), stamp(covered.To))
	fmt.Fprintf(&b, "%d lines, %d unparsed (letters: %d), %d ambiguous, %d foreign\n",
		again.Lines, covered.Unparsed, again.Unparsed, again.Ambiguous, again.Foreign)
	fmt.Fprintf(&b, "%d of letters\n", mail(covered))
	fmt.Fprintf(&b, "%d broken, %d milters, %d future\n", again.Broken, again.Milters, again.Future)
	for _, l := range covered.Lost {
		fmt.Fprintf(&b, "lost %d at %s\n", l.Count, stamp(l.Time))
	}
	for _, g := range covered.Gaps {
		fmt.Fprintf(&b, "gap %s to %s\n", stamp(g.From), stamp(g.To))
	}
	assert.Equal(t, covered.Lines, again.Lines)
	assert.Equal(t, covered.Days, again.Days)
	assert.Equal(t, covered.Mail, again.Mail)
	assert.Equal(t, covered.Ambiguous, again.Ambiguous)
	return b.String(), int(covered.Lines)
}

func mail(c maillog.Coverage) (lines int64) {
	for _, n := range c.Mail {
		lines += n
	}
	return lines
}

func stamp(t time.Time) string { return t.Format("2006-01-02 15:04:05") }

func writeHit(b *strings.Builder, indent string, h maillog.Hit) {
	fmt.Fprintf(b, "%s%s %s[%d] %s %s %q[%s]\n", indent, stamp(h.Time), h.Program, h.PID, h.Action, h.Step, h.ClientName, address(h.Client.IsValid(), h.Client))
	fmt.Fprintf(b, "%s    from=%q to=%q proto=%s helo=%q\n", indent, h.Sender, h.Recipient, h.Proto, h.Helo)
	fmt.Fprintf(b, "%s    %d %s subject=%q text=%q tag=%q\n", indent, h.Code, h.Enhanced, h.Subject, h.Text, h.Tag)
	fmt.Fprintf(b, "%s    %s queue=%s id=%q returned=%t\n", indent, login(h.LoginKnown, h.Login), h.QueueID, h.MessageID, h.Returned)
}

func writeLetter(b *strings.Builder, l *maillog.Letter) {
	fmt.Fprintf(b, "  %s %s %s %q[%s] %s helo=%q\n", stamp(l.Time), l.Program, l.QueueID, l.ClientName,
		address(l.Client.IsValid(), l.Client), login(l.LoginKnown, l.Login), l.Helo)
	fmt.Fprintf(b, "      from=%q id=%q\n", l.Sender, l.MessageID)
	for _, r := range l.Recipients {
		fmt.Fprintf(b, "      to=%q", r.Address)
		if r.Refused != "" {
			fmt.Fprintf(b, " refused %q", r.Refused)
		}
		for _, h := range r.Hits {
			fmt.Fprintf(b, " [%s %q]", h.Action, h.Tag)
		}
		b.WriteString("\n")
	}
}

func login(known bool, name string) string {
	switch {
	case !known:
		return "login unknown"
	case name == "":
		return "nobody logged in"
	}
	return fmt.Sprintf("login=%q", name)
}

func address(valid bool, a fmt.Stringer) string {
	if !valid {
		return "?"
	}
	return a.String()
}

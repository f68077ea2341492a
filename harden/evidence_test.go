package harden

import (
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
	"ucs-harden/maillog"
)

// files are the logs below a root, which count as those of a live server.
type files struct{ maillog.Files }

func (files) Series(dir string) ([]maillog.Source, error) { return maillog.Series(dir) }

// logged is a server with a mail log.
type logged struct {
	*Server
	t   *testing.T
	now time.Time
	n   int
}

func newLogged(t *testing.T) *logged {
	t.Helper()
	l := &logged{t: t, now: time.Date(2026, 11, 30, 12, 0, 0, 0, time.Local)}
	l.Server = &Server{Root: t.TempDir(), Observer: &observer{}, Logs: files{}, Now: func() time.Time { return l.now }}
	require.NoError(t, os.MkdirAll(l.path(LogDir), 0o755))
	return l
}

func (l *logged) log() string { return l.path(LogDir + "/mail.log") }

// warned appends warnings about letters of a sender, a minute apart from each other.
func (l *logged) warned(days float64, letters int, sender string) {
	l.t.Helper()
	f, err := os.OpenFile(l.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	require.NoError(l.t, err)
	defer f.Close()
	at := l.now.Add(-time.Duration(days * float64(24*time.Hour)))
	for range letters {
		l.n++
		_, err := fmt.Fprintf(f, "%s mail postfix/smtpd[%d]: NOQUEUE: warn: RCPT from news.newsletter.example[203.0.113.7]: <%s>: Sender address "+
			"triggers WARN #ucs-harden:sender-spoofing *** Invalid Inbound Sender ***; from=<%[3]s> to=<boss@company.my> proto=ESMTP helo=<x%[4]d>\n",
			at.Format("2006-01-02T15:04:05.000000-07:00"), 1000+l.n, sender, l.n)
		require.NoError(l.t, err)
		at = at.Add(time.Minute)
	}
}

func (l *logged) move(from, to string) {
	l.t.Helper()
	require.NoError(l.t, os.Rename(filepath.Join(filepath.Dir(l.log()), from), filepath.Join(filepath.Dir(l.log()), to)))
}

// letters is how many letters the digest has.
func (l *logged) letters() (n int64) {
	l.t.Helper()
	d, _, _, err := l.digest(l.t.Context(), ReadOptions{Ours: evidence.Ours{Domains: []string{"company.my"}}})
	require.NoError(l.t, err)
	for _, c := range d.Cells {
		n += c.Letters()
	}
	return n
}

func (l *logged) gzip(name string) {
	l.t.Helper()
	path := filepath.Join(filepath.Dir(l.log()), name)
	content, err := os.ReadFile(path)
	require.NoError(l.t, err)
	f, err := os.Create(path + ".gz")
	require.NoError(l.t, err)
	z := gzip.NewWriter(f)
	_, err = z.Write(content)
	require.NoError(l.t, err)
	require.NoError(l.t, z.Close())
	require.NoError(l.t, f.Close())
	require.NoError(l.t, os.Remove(path))
}

// Nothing is counted twice and nothing is lost, whatever logrotate(8) does with the log between two readings.
func TestTheLogIsReadOnce(t *testing.T) {
	for sentence, between := range map[string]func(*logged){
		"nothing":           func(*logged) {},
		"the log was moved": func(l *logged) { l.move("mail.log", "mail.log.1") },
		"the log was moved after further lines": func(l *logged) {
			l.warned(1.5, 3, "news@company.my")
			l.move("mail.log", "mail.log.1")
		},
		"the log was moved and compressed": func(l *logged) {
			l.move("mail.log", "mail.log.1")
			l.gzip("mail.log.1")
			l.move("mail.log.1.gz", "mail.log.2.gz")
		},
		"the log was copied and truncated": func(l *logged) {
			content, err := os.ReadFile(l.log())
			require.NoError(l.t, err)
			require.NoError(l.t, os.WriteFile(l.log()+".1", content, 0o644))
			require.NoError(l.t, os.Truncate(l.log(), 0))
		},
		"the log was removed": func(l *logged) { require.NoError(l.t, os.Remove(l.log())) },
	} {
		t.Run(sentence, func(t *testing.T) {
			l := newLogged(t)
			l.warned(3, 10, "news@company.my")
			assert.Equal(t, int64(10), l.letters())
			before := l.n
			between(l)
			l.warned(1, 5, "news@company.my")
			assert.Equal(t, int64(10+l.n-before), l.letters())
			assert.Equal(t, int64(10+l.n-before), l.letters(), "again")
		})
	}
}

func TestAnIndexThatDoesNotFitIsMadeAnew(t *testing.T) {
	l := newLogged(t)
	l.warned(6, 4, "news@company.my")
	l.move("mail.log", "mail.log.1")
	l.warned(2, 10, "news@company.my")
	assert.Equal(t, int64(14), l.letters())

	// A backup of the day before is restored: the log goes back, and the older part is gone.
	require.NoError(t, os.Remove(l.log()+".1"))
	require.NoError(t, os.Remove(l.log()))
	l.warned(3, 3, "other@company.my")
	assert.Equal(t, int64(4+3), l.letters(), "of the days that the log has, its lines count; older days stay")

	require.NoError(t, os.WriteFile(filepath.Join(l.index().Dir, "index.json"), []byte("{"), 0o600))
	assert.Equal(t, int64(3), l.letters(), "what was kept is lost with the index, and the log is read anew")
	assert.Equal(t, int64(3), l.letters())
}

func TestAnExplicitLogIsReadWithoutTheIndex(t *testing.T) {
	l := newLogged(t)
	l.warned(2, 4, "news@company.my")
	other := filepath.Join(t.TempDir(), "other.log")
	require.NoError(t, os.Rename(l.log(), other))
	d, c, _, err := l.digest(t.Context(), ReadOptions{Logs: []string{other}, Ours: evidence.Ours{Domains: []string{"company.my"}}})
	require.NoError(t, err)
	assert.Len(t, d.Cells, 1)
	assert.Equal(t, int64(4), c.Lines)
	content, err := os.ReadFile(other)
	require.NoError(t, err)
	_, c, _, err = l.digest(t.Context(), ReadOptions{Stream: strings.NewReader(string(content))})
	require.NoError(t, err)
	assert.Equal(t, int64(4), c.Lines)
	assert.NoDirExists(t, l.index().Dir)
}

func TestOneThatOnlyLooksWritesNoIndex(t *testing.T) {
	l := newLogged(t)
	l.warned(2, 4, "news@company.my")
	d, _, _, err := l.digest(t.Context(), ReadOptions{ReadOnly: true, Ours: evidence.Ours{Domains: []string{"company.my"}}})
	require.NoError(t, err)
	assert.Len(t, d.Cells, 1)
	assert.NoDirExists(t, l.index().Dir)
	assert.Equal(t, int64(4), l.letters())
}

func TestTheAddressesOfStrangersAreKeptForThirtyDays(t *testing.T) {
	l := newLogged(t)
	l.warned(40, 1, "jane@company.my")
	l.warned(40, 1, "joe@foreign.example")
	l.letters()
	content, err := os.ReadFile(filepath.Join(l.index().Dir, "index.json"))
	require.NoError(t, err)
	assert.Contains(t, string(content), "jane@company.my")
	assert.NotContains(t, string(content), "joe@")
	assert.Contains(t, string(content), `"@foreign.example"`)
	assert.NotContains(t, string(content), `"203.0.113.7"`)
}

func TestALogWithoutALineSince(t *testing.T) {
	l := newLogged(t)
	_, _, _, err := l.digest(t.Context(), ReadOptions{})
	assert.ErrorIs(t, err, maillog.ErrNoLog)
	l.warned(9, 2, "news@company.my")
	d, c, _, err := l.digest(t.Context(), ReadOptions{Since: l.now.AddDate(0, 0, -5), Ours: evidence.Ours{Domains: []string{"company.my"}}})
	require.NoError(t, err)
	assert.Empty(t, d.Cells)
	assert.Empty(t, c.Days)
	assert.Equal(t, int64(2), l.letters(), "the index has it all the same")
}

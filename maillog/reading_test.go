package maillog_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/maillog"
	"ucs-harden/maillog/logtest"
)

var begin = time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)

// made is a log of some MiB.
func made(t *testing.T, o logtest.Options) ([]byte, logtest.Counts) {
	t.Helper()
	var b bytes.Buffer
	o.Begin = begin
	counts, err := logtest.Write(&b, o)
	require.NoError(t, err)
	return b.Bytes(), counts
}

func write(t *testing.T, path string, content []byte) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

func packed(t *testing.T, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(content)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

func hits(t *testing.T, o maillog.Options, logs ...maillog.Source) ([]maillog.Hit, maillog.Coverage) {
	t.Helper()
	var all []maillog.Hit
	c, err := maillog.Hits(context.Background(), logs, o, func(h maillog.Hit) { all = append(all, h) })
	require.NoError(t, err)
	return all, c
}

func letters(t *testing.T, o maillog.Options, logs ...maillog.Source) []maillog.Letter {
	t.Helper()
	var all []maillog.Letter
	_, err := maillog.Letters(context.Background(), logs, o, func(l *maillog.Letter) { all = append(all, owned(l)) })
	require.NoError(t, err)
	return all
}

// owned is a letter that stays as it is.
func owned(l *maillog.Letter) maillog.Letter {
	owned := *l
	owned.Recipients = slices.Clone(l.Recipients)
	return owned
}

func TestCountsOfAGeneratedLogAreTheGenerators(t *testing.T) {
	for name, traditional := range map[string]bool{"with ISO 8601 stamps": false, "with traditional stamps": true} {
		t.Run(name, func(t *testing.T) {
			content, counts := made(t, logtest.Options{Bytes: 3 << 20, Traditional: traditional, Seed: 1})
			path := write(t, filepath.Join(t.TempDir(), "mail.log"), content)
			now := begin.AddDate(0, 0, 85)
			require.NoError(t, os.Chtimes(path, now, now))
			sources := map[string]func() maillog.Source{
				"file":              func() maillog.Source { return maillog.Source{Path: path} },
				"stream":            func() maillog.Source { return maillog.Source{Path: "-", Stream: bytes.NewReader(content)} },
				"compressed stream": func() maillog.Source { return maillog.Source{Path: "-", Stream: bytes.NewReader(packed(t, content))} },
			}
			var first []maillog.Hit
			for name, source := range sources {
				all, c := hits(t, maillog.Options{Now: now}, source())
				assert.Equal(t, counts.Hits, int64(len(all)), name)
				tagged, returned := int64(0), int64(0)
				for _, h := range all {
					if h.Tag != "" {
						tagged++
					}
					if h.Returned {
						returned++
					}
					assert.True(t, h.LoginKnown, name)
				}
				assert.Equal(t, counts.Tagged, tagged, name)
				assert.Equal(t, counts.Returned, returned, name)
				assert.Equal(t, counts.Lines, c.Lines, name)
				assert.Equal(t, counts.Bytes, c.Bytes, name)
				assert.Zero(t, c.Unparsed, name)
				assert.Empty(t, c.Gaps, name)
				days := int64(0)
				for _, n := range c.Days {
					days += n
				}
				assert.Equal(t, counts.Lines, days, name)
				assert.InDelta(t, 84, len(c.Days), 3, name)
				assert.WithinDuration(t, begin, c.From, time.Hour, name)
				if first == nil {
					first = all
				}
				assert.Equal(t, first, all, name)
				if name == "file" { // with a beginning, the stamp of every line is read
					again, exact := hits(t, maillog.Options{Now: now, Since: begin.Add(-time.Hour)}, source())
					assert.Equal(t, all, again)
					assert.Equal(t, c, exact)
				}
				l := letters(t, maillog.Options{Now: now}, source())
				assert.Len(t, slices.DeleteFunc(slices.Clone(l), func(l maillog.Letter) bool { return !l.Returned }),
					int(counts.Returned), name)
				assert.Equal(t, counts.Letters, int64(len(l)), name)
			}
			assert.Positive(t, counts.Returned)
		})
	}
}

func TestSeriesFindsTheOldestFileFirst(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"mail.log", "mail.log.1", "mail.log.2.gz", "mail.log.10.gz", "mail.err", "mail.log.bak", "mail.log.x.gz"} {
		write(t, filepath.Join(dir, name), nil)
	}
	series, err := maillog.Series(dir)
	require.NoError(t, err)
	var names []string
	for _, s := range series {
		names = append(names, filepath.Base(s.Path))
	}
	assert.Equal(t, []string{"mail.log.10.gz", "mail.log.2.gz", "mail.log.1", "mail.log"}, names)
	_, err = maillog.Series(t.TempDir())
	assert.ErrorIs(t, err, maillog.ErrNoLog)
	_, err = maillog.Series(filepath.Join(dir, "missing"))
	assert.ErrorIs(t, err, maillog.ErrNoLog)
}

const (
	connects    = "%s mail postfix/smtpd[7]: connect from h.foreign.example[203.0.113.66]\n"
	warns       = "%s mail postfix/smtpd[7]: NOQUEUE: warn: RCPT from h.foreign.example[203.0.113.66]: #ucs-harden:sender-spoofing x; from=<%s@company.my> to=<b@company.my> proto=ESMTP helo=<h>\n"
	disconnects = "%s mail postfix/smtpd[7]: disconnect from h.foreign.example[203.0.113.66] ehlo=1 mail=1 commands=2\n"
)

// warned is a session at a time.
func warned(at, sender string) string {
	return fmt.Sprintf(connects, at) + fmt.Sprintf(warns, at, sender) + fmt.Sprintf(disconnects, at)
}

func senders(all []maillog.Hit) string {
	var names []string
	for _, h := range all {
		names = append(names, strings.TrimSuffix(h.Sender, "@company.my"))
	}
	return strings.Join(names, " ")
}

func TestStampsOfBothKindsInOneSeries(t *testing.T) {
	zone := time.Local
	time.Local = time.FixedZone("CET", 3600)
	t.Cleanup(func() { time.Local = zone })
	dir := t.TempDir()
	old := write(t, filepath.Join(dir, "mail.log.2.gz"), packed(t, []byte(warned("Dec 31 23:59:59", "a")+warned("Jan  1 00:00:01", "b"))))
	mixed := write(t, filepath.Join(dir, "mail.log.1"), []byte(warned("Feb 28 12:00:00", "c")+warned("2027-03-01T12:00:00.25+01:00", "d")))
	live := write(t, filepath.Join(dir, "mail.log"), []byte(warned("2027-03-02T11:00:00Z", "e")+warned("2027-03-02T12:00:01-01:30", "f")))
	for path, at := range map[string]time.Time{
		old:   time.Date(2027, 1, 1, 0, 0, 1, 0, time.Local),
		mixed: time.Date(2027, 3, 1, 12, 0, 0, 0, time.Local),
		live:  time.Date(2027, 3, 2, 12, 0, 0, 0, time.Local),
	} {
		require.NoError(t, os.Chtimes(path, at, at))
	}
	series, err := maillog.Series(dir)
	require.NoError(t, err)
	all, c := hits(t, maillog.Options{Now: time.Date(2027, 3, 3, 0, 0, 0, 0, time.Local)}, series...)
	var said []string
	for _, h := range all {
		said = append(said, h.Time.UTC().Format(time.RFC3339Nano))
	}
	assert.Equal(t, []string{
		"2026-12-31T22:59:59Z", "2026-12-31T23:00:01Z", "2027-02-28T11:00:00Z", "2027-03-01T11:00:00.25Z",
		"2027-03-02T11:00:00Z", "2027-03-02T13:30:01Z",
	}, said)
	assert.Equal(t, int64(3), c.Days["2026-12-31"])
	assert.Len(t, c.Files, 3)
}

func TestOnlyTheNewPartIsReadAgain(t *testing.T) {
	at := func(n int) string { return begin.Add(time.Duration(n) * time.Minute).Format(time.RFC3339) }
	dir := t.TempDir()
	live, first, second := filepath.Join(dir, "mail.log"), filepath.Join(dir, "mail.log.1"), filepath.Join(dir, "mail.log.2.gz")
	text := warned(at(1), "a") + warned(at(2), "b") + fmt.Sprintf(connects, at(3))
	write(t, live, []byte(text+"2026-09-01T00:04:00Z mail post")) // a line that is being written
	o := maillog.Options{Now: begin.AddDate(0, 0, 1)}
	read := func() (string, maillog.Coverage) {
		series, err := maillog.Series(dir)
		require.NoError(t, err)
		all, c := hits(t, o, series...)
		for _, h := range all {
			assert.True(t, h.LoginKnown, h.Sender)
		}
		o.Known = c.Files
		return senders(all), c
	}
	said, c := read()
	assert.Equal(t, "a b", said)
	assert.Equal(t, int64(len(text)), c.Files[0].Offset)

	said, c = read()
	assert.Empty(t, said)
	assert.Zero(t, c.Lines)

	// The session goes on: its login is known of the lines before.
	text += fmt.Sprintf(warns, at(4), "c") + fmt.Sprintf(disconnects, at(4))
	write(t, live, []byte(text))
	said, c = read()
	assert.Equal(t, "c", said)
	assert.Equal(t, int64(2), c.Lines)

	// Rotated, with lines that nobody has read.
	write(t, live, []byte(text+warned(at(5), "d")))
	require.NoError(t, os.Rename(live, first))
	write(t, live, []byte(warned(at(6), "e")))
	said, c = read()
	assert.Equal(t, "d e", said)
	assert.Equal(t, int64(6), c.Lines)

	// Compressed: another file with the same content.
	content, err := os.ReadFile(first)
	require.NoError(t, err)
	write(t, second, packed(t, content))
	require.NoError(t, os.Remove(first))
	require.NoError(t, os.Rename(live, first))
	write(t, live, []byte(warned(at(7), "f")))
	said, _ = read()
	assert.Equal(t, "f", said)

	// Truncated: begins anew.
	write(t, live, []byte(warned(at(8), "g")))
	said, _ = read()
	assert.Equal(t, "g", said)
}

func TestAFileThatIsTruncatedWhileItIsRead(t *testing.T) {
	content, counts := made(t, logtest.Options{Bytes: 8 << 20, Seed: 2})
	path := write(t, filepath.Join(t.TempDir(), "mail.log"), content)
	n := 0
	c, err := maillog.Hits(context.Background(), []maillog.Source{{Path: path}}, maillog.Options{Now: begin.AddDate(1, 0, 0)}, func(maillog.Hit) {
		if n++; n == 1 {
			require.NoError(t, os.Truncate(path, 1000))
		}
	})
	require.NoError(t, err)
	assert.Less(t, int64(n), counts.Hits)
	assert.Less(t, c.Lines, counts.Lines)
	assert.Zero(t, c.Unparsed)
}

func TestAFileThatIsRotatedWhileItIsRead(t *testing.T) {
	content, counts := made(t, logtest.Options{Bytes: 8 << 20, Seed: 2})
	path := write(t, filepath.Join(t.TempDir(), "mail.log"), content)
	n := int64(0)
	_, err := maillog.Hits(context.Background(), []maillog.Source{{Path: path}}, maillog.Options{Now: begin.AddDate(1, 0, 0)}, func(maillog.Hit) {
		if n++; n == 1 {
			require.NoError(t, os.Rename(path, path+".1"))
			write(t, path, []byte(warned("2026-12-01T00:00:00Z", "new")))
		}
	})
	require.NoError(t, err)
	assert.Equal(t, counts.Hits, n)
}

func TestFilesThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	good := maillog.Source{Path: write(t, filepath.Join(dir, "mail.log"), []byte(warned("2026-09-01T00:01:00Z", "a")))}
	missing := maillog.Source{Path: filepath.Join(dir, "missing.log")}
	cut := packed(t, []byte(strings.Repeat(warned("2026-09-01T00:01:00Z", "b"), 5000)))
	damaged := maillog.Source{Path: write(t, filepath.Join(dir, "mail.log.2.gz"), cut[:len(cut)-20])}
	o := maillog.Options{Now: begin.AddDate(0, 1, 0)}
	written := begin.AddDate(0, 0, 3).Local()
	require.NoError(t, os.Chtimes(damaged.Path, written, written))

	all, c := hits(t, o, missing, maillog.Source{Path: dir}, good)
	assert.Equal(t, "a", senders(all))
	assert.ElementsMatch(t, []maillog.Unreadable{{Path: missing.Path, Why: "no such file or directory"}, {Path: dir, Why: "is a directory"}}, c.Unreadable)

	all, c = hits(t, o, damaged, good)
	assert.Greater(t, len(all), 4000)
	assert.Equal(t, []maillog.Unreadable{{damaged.Path, "unexpected EOF", written}}, c.Unreadable)

	none := func(maillog.Hit) {}
	_, err := maillog.Hits(context.Background(), []maillog.Source{missing}, o, none)
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = maillog.Hits(context.Background(), nil, o, none)
	assert.ErrorIs(t, err, maillog.ErrNoLog)

	strange := write(t, filepath.Join(dir, "passwd"), []byte("root:x:0:0:root:/root:/bin/bash\nbin:x:2:2\n"))
	_, err = maillog.Hits(context.Background(), []maillog.Source{{Path: strange}}, o, none)
	var no *maillog.NoMailLogError
	require.ErrorAs(t, err, &no)
	assert.Equal(t, strange, no.Path)

	empty := write(t, filepath.Join(dir, "empty.log"), nil)
	_, err = maillog.Hits(context.Background(), []maillog.Source{{Path: empty}}, o, none)
	assert.NoError(t, err)

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = maillog.Hits(ctx, []maillog.Source{good}, o, none)
	assert.ErrorIs(t, err, context.Canceled)
}

func TestStampsOfTheFutureAreCounted(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "mail.log"), []byte(warned("2026-09-01T00:01:00Z", "a")+warned("2031-01-01T00:00:00Z", "b")))
	_, c := hits(t, maillog.Options{Now: begin.AddDate(0, 0, 1)}, maillog.Source{Path: path})
	assert.Equal(t, int64(3), c.Future)
	assert.Equal(t, "2026-09-01T00:01:00Z", c.To.UTC().Format(time.RFC3339))
}

func TestSinceLeavesOutWhatIsOlder(t *testing.T) {
	dir := t.TempDir()
	path := write(t, filepath.Join(dir, "mail.log"), []byte(warned("2026-09-01T00:01:00Z", "a")+warned("2026-09-03T00:00:00Z", "b")))
	all, c := hits(t, maillog.Options{Now: begin.AddDate(0, 0, 5), Since: begin.AddDate(0, 0, 1)}, maillog.Source{Path: path})
	assert.Equal(t, "b", senders(all))
	assert.Equal(t, int64(3), c.Lines)
	assert.Equal(t, map[string]int64{"2026-09-03": 3}, c.Days)
}

func TestABeginningWithinALargeFile(t *testing.T) {
	content, _ := made(t, logtest.Options{Bytes: 12 << 20, Seed: 3})
	path := write(t, filepath.Join(t.TempDir(), "mail.log"), content)
	since, now := begin.AddDate(0, 0, 70), begin.AddDate(0, 0, 90)
	whole, _ := hits(t, maillog.Options{Now: now}, maillog.Source{Path: path})
	var expected int
	for _, h := range whole {
		if !h.Time.Before(since) {
			expected++
		}
	}
	read := int64(0)
	part, c := hits(t, maillog.Options{Now: now, Since: since, Progress: func(n, _ int64) { read = n }}, maillog.Source{Path: path})
	assert.Len(t, part, expected)
	assert.Less(t, read, int64(4<<20))
	assert.WithinDuration(t, since, c.From, time.Hour)
}

func TestGaps(t *testing.T) {
	var b strings.Builder
	// office has mail from 8 to 18 o'clock every ten minutes, but on some days not before a later hour.
	office := func(late time.Duration, days ...int) []maillog.Gap {
		b.Reset()
		for day := range 14 {
			for at := 8 * time.Hour; at < 18*time.Hour; at += 10 * time.Minute {
				if at >= late || !slices.Contains(days, day) {
					b.WriteString(warned(begin.AddDate(0, 0, day).Add(at).Format(time.RFC3339), "a"))
				}
			}
		}
		path := write(t, filepath.Join(t.TempDir(), "mail.log"), []byte(b.String()))
		_, c := hits(t, maillog.Options{Now: begin.AddDate(0, 1, 0)}, maillog.Source{Path: path})
		return c.Gaps
	}
	assert.Empty(t, office(9*time.Hour, 9), "15 hours are not unusual where every night has 14 hours without mail")
	assert.Len(t, office(17*time.Hour, 9), 1, "23 hours are more than a night")
	assert.Len(t, office(17*time.Hour, 3, 5, 7, 9), 4, "and not less so when they come again")

	b.Reset()
	for hour := range 14 * 24 {
		if hour < 200 || hour > 205 {
			b.WriteString(warned(begin.Add(time.Duration(hour)*time.Hour-time.Second).Format(time.RFC3339), "a"))
			b.WriteString(warned(begin.Add(time.Duration(hour)*time.Hour+30*time.Minute).Format(time.RFC3339), "a"))
		}
	}
	path := write(t, filepath.Join(t.TempDir(), "mail.log"), []byte(b.String()))
	_, c := hits(t, maillog.Options{Now: begin.AddDate(0, 1, 0)}, maillog.Source{Path: path})
	require.Len(t, c.Gaps, 1)
	assert.Equal(t, begin.Add(199*time.Hour+30*time.Minute), c.Gaps[0].From.UTC())
}

func TestTheExportOfTheJournal(t *testing.T) {
	entry := func(message string) string {
		text := "__CURSOR=s=1\n__REALTIME_TIMESTAMP=1788220860123456\n_HOSTNAME=mail\nSYSLOG_FACILITY=2\nSYSLOG_IDENTIFIER=postfix/smtpd\nSYSLOG_PID=7\n"
		if strings.Contains(message, "\n") || strings.Contains(message, "\xff") {
			length := binary.LittleEndian.AppendUint64(nil, uint64(len(message)))
			return text + "MESSAGE\n" + string(length) + message + "\n\n"
		}
		return text + "MESSAGE=" + message + "\n\n"
	}
	line := "NOQUEUE: warn: RCPT from h[203.0.113.66]: #ucs-harden:sender-spoofing x; from=<%s@company.my> to=<b@company.my> proto=ESMTP helo=<h>"
	text := entry("connect from h[203.0.113.66]") + entry(fmt.Sprintf(line, "a")) + entry(fmt.Sprintf(line, "b\xff\nc")) + entry(fmt.Sprintf(line, "d"))
	all, c := hits(t, maillog.Options{Now: begin.AddDate(1, 0, 0)}, maillog.Source{Path: "-", Stream: strings.NewReader(text)})
	assert.Equal(t, "a b\xff?c d", senders(all))
	assert.Equal(t, time.UnixMicro(1788220860123456).UTC(), all[0].Time.UTC())
	assert.Equal(t, int64(4), c.Lines)
}

// Two hosts may have a process with the same number at the same time.
func TestSessionsOfTwoHosts(t *testing.T) {
	text := `2026-11-30T10:00:00Z mail postfix/submission/smtpd[5]: connect from unknown[198.51.100.5]
2026-11-30T10:00:01Z other postfix/submission/smtpd[5]: connect from unknown[10.1.1.1]
2026-11-30T10:00:02Z mail postfix/submission/smtpd[5]: NOQUEUE: reject_warning: RCPT from unknown[198.51.100.5]: 554 5.7.1 ` +
		`<x@foreign.example>: Recipient address rejected: Access denied; from=<boss@company.my> to=<x@foreign.example> proto=ESMTP helo=<h>
2026-11-30T10:00:03Z other postfix/submission/smtpd[5]: AABBCCDDEE: client=unknown[10.1.1.1], sasl_method=PLAIN, sasl_username=employee
2026-11-30T10:00:04Z other postfix/submission/smtpd[5]: disconnect from unknown[10.1.1.1] ehlo=1 auth=1 mail=1 quit=1 commands=4
2026-11-30T10:00:05Z mail postfix/submission/smtpd[5]: disconnect from unknown[198.51.100.5] ehlo=1 mail=1 rcpt=0/1 quit=1 commands=4
`
	path := write(t, filepath.Join(t.TempDir(), "mail.log"), []byte(text))
	all, _ := hits(t, maillog.Options{Now: begin.AddDate(1, 0, 0)}, maillog.Source{Path: path})
	require.Len(t, all, 1)
	assert.Equal(t, 5, all[0].PID)
	assert.True(t, all[0].LoginKnown)
	assert.Empty(t, all[0].Login, "the login is that of another host")
}

func TestALineOfOneMebibyte(t *testing.T) {
	forged := strings.Repeat("#ucs-harden:sender-spoofing ", 40000)
	long := "2026-09-01T00:01:00Z mail postfix/smtpd[7]: NOQUEUE: reject: RCPT from h[203.0.113.66]: 554 5.7.1 <" + forged +
		">: Sender address rejected; from=<" + forged + "> to=<b@company.my> proto=ESMTP helo=<h>\n"
	text := warned("2026-09-01T00:00:00Z", "a") + long + warned("2026-09-01T00:02:00Z", "b")
	path := write(t, filepath.Join(t.TempDir(), "mail.log"), []byte(text))
	for name, source := range map[string]maillog.Source{"file": {Path: path}, "stream": {Path: "-", Stream: strings.NewReader(text)}} {
		all, c := hits(t, maillog.Options{Now: begin.AddDate(0, 1, 0)}, source)
		assert.Equal(t, "a b", senders(all), name)
		assert.Equal(t, int64(7), c.Lines, name)
		assert.Equal(t, int64(1), c.Ambiguous, name)
		assert.Zero(t, c.Unparsed, name)
	}
}

func TestAReaderThatFails(t *testing.T) {
	text := warned("2026-09-01T00:00:00Z", "a")
	failing := io.MultiReader(strings.NewReader(text), errorReader{})
	all, c := hits(t, maillog.Options{Now: begin.AddDate(0, 1, 0)}, maillog.Source{Path: "-", Stream: failing})
	assert.Equal(t, "a", senders(all))
	assert.Equal(t, []maillog.Unreadable{{"-", "the line was cut", begin.AddDate(0, 1, 0)}}, c.Unreadable)
}

type errorReader struct{}

func (errorReader) Read([]byte) (int, error) { return 0, errors.New("the line was cut") }

func TestProgressEndsWithAll(t *testing.T) {
	content, counts := made(t, logtest.Options{Bytes: 2 << 20})
	path := write(t, filepath.Join(t.TempDir(), "mail.log"), content)
	last, total := int64(0), int64(0)
	o := maillog.Options{Now: begin.AddDate(0, 4, 0), Progress: func(read, all int64) {
		assert.GreaterOrEqual(t, read, last)
		last, total = read, all
	}}
	hits(t, o, maillog.Source{Path: path})
	assert.Equal(t, counts.Bytes, last)
	assert.Equal(t, counts.Bytes, total)
}

// TestALoginMayEndLikeAnAddress: what stands behind a client is read, whatever it ends in.
func TestALoginMayEndLikeAnAddress(t *testing.T) {
	for fields, login := range map[string]string{
		"":                                       "",
		", sasl_method=PLAIN, sasl_username=joe": "joe",
		", sasl_method=PLAIN, sasl_username=joe[office]":                           "joe[office]",
		", sasl_method=PLAIN, sasl_username=joe, orig_client=h[203.0.113.9]":       "joe",
		", sasl_username=x, orig_queue_id=4AbCdE12345, orig_client=h[203.0.113.9]": "x",
	} {
		text := fmt.Sprintf(connects, "2026-11-30T10:00:00Z") + fmt.Sprintf(warns, "2026-11-30T10:00:01Z", "a") +
			"2026-11-30T10:00:02Z mail postfix/smtpd[7]: 4AbCdE12345: client=h.foreign.example[203.0.113.66]" + fields + "\n"
		var all []maillog.Hit
		_, err := maillog.Hits(t.Context(), []maillog.Source{{Path: "-", Stream: strings.NewReader(text)}}, maillog.Options{}, func(h maillog.Hit) { all = append(all, h) })
		require.NoError(t, err)
		require.Len(t, all, 1)
		assert.True(t, all[0].LoginKnown, fields)
		assert.Equal(t, login, all[0].Login, fields)
	}
}

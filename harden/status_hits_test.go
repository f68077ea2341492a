package harden

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
	"ucs-harden/plan"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
)

// appliedBefore puts a change into the history that gave sender-spoofing a mode.
func (s *Server) appliedBefore(t *testing.T, at time.Time, mode plan.Mode) {
	t.Helper()
	id := at.UTC().Format("20060102T150405Z") + "-00000000"
	content, err := json.Marshal(transaction.Manifest{
		Schema: 1, ID: id, Time: at, Mode: mode,
		Controls: []plan.Control{{Name: "sender-spoofing", Before: plan.Off, After: mode}},
	})
	require.NoError(t, err)
	dir := s.path(StateDir + "/history/" + id)
	require.NoError(t, os.MkdirAll(dir, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "manifest.json"), content, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, string(transaction.Applied)), []byte("{}"), 0o600))
}

// tally is what is known since the modes were changed.
func (l *logged) tally(o ReadOptions) *evidence.Tally {
	l.t.Helper()
	o.Ours = evidence.Ours{Domains: []string{"company.my"}}
	_, _, tally, err := l.digest(l.t.Context(), o)
	require.NoError(l.t, err)
	return tally
}

// broken appends warnings about a lookup table and a milter.
func (l *logged) broken(days float64) {
	l.t.Helper()
	f, err := os.OpenFile(l.log(), os.O_APPEND|os.O_WRONLY, 0o644)
	require.NoError(l.t, err)
	defer f.Close()
	at := l.now.Add(-time.Duration(days * float64(24*time.Hour))).Format("2006-01-02T15:04:05.000000-07:00")
	_, err = fmt.Fprintf(f, "%s mail postfix/smtpd[7]: warning: hash:/etc/postfix/x: table lookup problem\n"+
		"%[1]s mail postfix/smtpd[7]: warning: connect to Milter service inet:localhost:8891: Connection refused\n", at)
	require.NoError(l.t, err)
}

func TestHitsCountFromTheChangeOfTheModesOn(t *testing.T) {
	const days = 24 * time.Hour
	hits := func(l *logged) int64 { return l.tally(ReadOptions{}).Hits["sender-spoofing"][evidence.FromWarn] }
	start := func(t *testing.T) *logged {
		l := newLogged(t)
		l.warned(5, 2, "news@company.my")
		l.broken(4.5)
		l.appliedBefore(t, l.now.Add(-4*days), plan.Warn)
		l.warned(3, 3, "news@company.my")
		l.broken(3)
		return l
	}
	t.Run("what was logged before does not count, whether it was read before or not", func(t *testing.T) {
		for _, read := range []bool{false, true} {
			l := newLogged(t)
			l.warned(5, 2, "news@company.my")
			l.broken(4.5)
			if read {
				assert.Nil(t, l.tally(ReadOptions{}), "all controls are off")
			}
			l.appliedBefore(t, l.now.Add(-4*days), plan.Warn)
			l.warned(3, 3, "news@company.my")
			l.broken(3)
			tally := l.tally(ReadOptions{})
			assert.EqualValues(t, 3, tally.Hits["sender-spoofing"][evidence.FromWarn])
			assert.EqualValues(t, 1, tally.Tables)
			assert.EqualValues(t, 1, tally.Milters)
			assert.Equal(t, l.now.Add(-4*days).Unix(), tally.Since.Unix())
		}
	})
	t.Run("nothing counts twice, and what is not kept is counted again", func(t *testing.T) {
		l := start(t)
		for range 2 {
			assert.EqualValues(t, 3, l.tally(ReadOptions{ReadOnly: true}).Hits["sender-spoofing"][evidence.FromWarn])
		}
		for range 2 {
			assert.EqualValues(t, 3, hits(l))
		}
		l.move("mail.log", "mail.log.1")
		l.warned(2, 4, "news@company.my")
		assert.EqualValues(t, 7, hits(l))
		l.move("mail.log", "mail.log.2")
		require.NoError(t, os.Remove(filepath.Dir(l.log())+"/mail.log.1"))
		assert.EqualValues(t, 7, hits(l), "the log is gone, the count stays")
	})
	t.Run("a sync that changes no mode does not begin anew, another mode does", func(t *testing.T) {
		l := start(t)
		assert.EqualValues(t, 3, hits(l))
		l.appliedBefore(t, l.now.Add(-2*days), plan.Warn)
		assert.EqualValues(t, 3, hits(l))
		l.appliedBefore(t, l.now.Add(-1*days), plan.Enforce)
		assert.EqualValues(t, 0, hits(l))
		l.warned(0.5, 1, "news@company.my")
		assert.EqualValues(t, 1, hits(l))
		assert.EqualValues(t, 0, l.tally(ReadOptions{}).Tables)
	})
	t.Run("lines that were read before the change was known do not count, and the time says so", func(t *testing.T) {
		l := newLogged(t)
		l.warned(3, 3, "news@company.my")
		assert.Nil(t, l.tally(ReadOptions{}))
		l.appliedBefore(t, l.now.Add(-4*days), plan.Warn)
		l.warned(2, 2, "news@company.my")
		tally := l.tally(ReadOptions{})
		assert.EqualValues(t, 2, tally.Hits["sender-spoofing"][evidence.FromWarn])
		assert.Equal(t, l.now.Add(-3*days+2*time.Minute).Unix(), tally.Since.Unix())
	})
	t.Run("a log that does not go back so far says so", func(t *testing.T) {
		l := newLogged(t)
		l.appliedBefore(t, l.now.Add(-4*days), plan.Warn)
		l.warned(2, 2, "news@company.my")
		assert.Equal(t, l.now.Add(-2*days).Unix(), l.tally(ReadOptions{}).Since.Unix())
	})
}

// In status, a control that logs nothing has a zero: an alert needs the series.
func TestStatusSaysWhatTheControlsHaveLogged(t *testing.T) {
	s, now, _ := keeping(t, "mail/harden/mode: warn")
	st, err := s.Status(t.Context())
	require.NoError(t, err)
	assert.Nil(t, st.Hits, "no change was made")
	assert.Nil(t, st.Troubles)

	s.appliedBefore(t, time.Date(2026, 11, 26, 8, 30, 0, 0, time.UTC), plan.Warn)
	st, err = s.Status(t.Context())
	require.NoError(t, err)
	require.NotNil(t, st.Hits)
	assert.Equal(t, map[string]map[string]int{"submission": {"warn": 2}}, st.Hits.Counts)
	assert.Equal(t, &Troubles{}, st.Troubles)

	s.Logs = nil
	*now = monday
	st, err = s.Status(t.Context())
	require.NoError(t, err)
	assert.Nil(t, st.Hits, "the log of an archive is not that of a server")
}

func TestWhatExpiresNext(t *testing.T) {
	registry := func(lines string) *ucr.Registry {
		t.Helper()
		root := t.TempDir()
		require.NoError(t, os.MkdirAll(root+"/etc/univention", 0o755))
		require.NoError(t, os.WriteFile(root+"/etc/univention/base.conf", []byte(lines), 0o644))
		r, err := ucr.Load(root)
		require.NoError(t, err)
		return r
	}
	for sentence, c := range map[string]struct {
		lines string
		want  *Expiry
	}{
		"nothing expires": {"mail/harden/suspended/account/a/account: joe@company.my\n", nil},
		"of all lists and exceptions the next one, on its last day too": {`mail/harden/suspended/account/a/account: joe@company.my
mail/harden/suspended/account/a/expires: 2026-12-24
mail/harden/exception/scan/client: 10.99.1.60
mail/harden/exception/scan/expires: 2026-11-30
`, &Expiry{List: "exception", Name: "scan", Date: "2026-11-30"}},
		"what has expired, or is no date, expires no more": {`mail/harden/suspended/account/a/account: joe@company.my
mail/harden/suspended/account/a/expires: 2026-11-29
mail/harden/suspended/account/b/account: jim@company.my
mail/harden/suspended/account/b/expires: tomorrow
mail/harden/suspended/account/c/account: jon@company.my
mail/harden/suspended/account/c/expires: 2026-12-02
`, &Expiry{List: "suspended", Name: "c", Date: "2026-12-02", Days: 2}},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, c.want, nextExpiry(registryOf{registry(c.lines)}, "2026-11-30"))
		})
	}
}

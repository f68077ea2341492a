package harden

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// keeping is a server of which a test sets the clock, with a week of warn in its log.
func keeping(t *testing.T, modes string) (s *Server, now *time.Time, kept func() map[string]string) {
	t.Helper()
	s = reporting(t, weekOfWarn)
	s.Logs = files{}
	at := monday
	s.Now = func() time.Time { return at }
	setModes(s, modes)
	return s, &at, func() map[string]string {
		out := map[string]string{}
		entries, err := os.ReadDir(s.index().Dir)
		if err != nil {
			require.ErrorIs(t, err, os.ErrNotExist)
		}
		for _, e := range entries {
			content, err := os.ReadFile(filepath.Join(s.index().Dir, e.Name()))
			require.NoError(t, err)
			out[e.Name()] = string(content)
		}
		return out
	}
}

func (s *Server) synced(t *testing.T) {
	t.Helper()
	p, err := s.Plan(t.Context(), "")
	require.NoError(t, err)
	s.keepEvidence(t.Context(), p)
}

func TestNothingIsKeptWhileAllIsOff(t *testing.T) {
	s, _, kept := keeping(t, "mail/harden/mode: off")
	r, err := s.Report(t.Context(), ReportOptions{SPF: true})
	require.NoError(t, err)
	assert.NotEmpty(t, r.Groups)
	s.synced(t)
	assert.Empty(t, kept())
}

func TestFilesThatAreNamedLeaveNothing(t *testing.T) {
	s, _, kept := keeping(t, "mail/harden/mode: warn")
	r, err := s.Report(t.Context(), ReportOptions{SPF: true, Logs: []string{s.path("/var/log/mail.log")}})
	require.NoError(t, err)
	assert.NotEmpty(t, r.Groups)
	assert.Empty(t, kept())
}

// What was kept while a control was on is aged when all are off as well.
func TestWhatIsKeptIsAgedInEveryMode(t *testing.T) {
	for mode, off := range map[string]bool{"warn": false, "off": true} {
		t.Run(mode, func(t *testing.T) {
			s, now, kept := keeping(t, "mail/harden/mode: warn")
			_, err := s.Report(t.Context(), ReportOptions{SPF: true})
			require.NoError(t, err)
			s.synced(t)
			assert.Contains(t, kept()["index.json"], "198.51.100.80")
			assert.Contains(t, kept()["spf.json"], "198.51.100.80")
			assert.Contains(t, kept(), "message-ids")

			replaceIn(s, "/etc/univention/base.conf", "mail/harden/mode: warn", "mail/harden/mode: "+mode)
			*now = monday.AddDate(0, 0, 35)
			s.synced(t)
			assert.NotContains(t, kept()["index.json"], "198.51.100.80")
			assert.Contains(t, kept()["index.json"], "198.51.100.0")
			assert.NotContains(t, kept(), "spf.json")
			assert.Equal(t, off, kept()["message-ids"] == "")

			*now = monday.AddDate(0, 0, 405)
			s.synced(t)
			assert.NotContains(t, kept()["index.json"], "198.51.100")
		})
	}
}

// The answers of the DNS go when the registry wants the addresses of strangers to go.
func TestAnswersAboutSPFGoWithTheAddresses(t *testing.T) {
	s, now, kept := keeping(t, "mail/harden/mode: warn\nmail/harden/evidence/addresses-days: 7")
	_, err := s.Report(t.Context(), ReportOptions{SPF: true})
	require.NoError(t, err)
	*now = monday.AddDate(0, 0, 7)
	s.synced(t)
	assert.Contains(t, kept(), "spf.json")
	*now = monday.AddDate(0, 0, 8)
	s.synced(t)
	assert.NotContains(t, kept(), "spf.json")
}

// SPF is asked about senders of ours only.
func TestTheRecordsOfForeignDomainsAreNotAskedFor(t *testing.T) {
	s, _, _ := keeping(t, "mail/harden/mode: warn")
	asked := map[string]bool{}
	s.Resolver = watchedRecords{records{}, asked}
	s.write(t, "/var/log/mail.log", `2026-11-29T08:00:00.000001+00:00 mail postfix/smtpd[11]: NOQUEUE: reject_warning: RCPT from mx.foreign.example[198.51.100.9]: 554 5.7.1 <staff@company.my>: Recipient address rejected: #ucs-harden:protected; from=<joe@foreign.example> to=<staff@company.my> proto=ESMTP helo=<mx>
2026-11-29T09:00:00.000001+00:00 mail postfix/smtpd[12]: NOQUEUE: warn: RCPT from mta1.newsletter.example[198.51.100.80]: *** Invalid Inbound Sender *** #ucs-harden:sender-spoofing; from=<news@company.my> to=<boss@company.my> proto=ESMTP helo=<mta1.newsletter.example>
`)
	r, err := s.Report(t.Context(), ReportOptions{SPF: true})
	require.NoError(t, err)
	assert.Len(t, r.Groups, 2)
	assert.Equal(t, map[string]bool{"company.my": true}, asked)
}

// watchedRecords notes which names are asked for.
type watchedRecords struct {
	records
	asked map[string]bool
}

func (r watchedRecords) LookupTXT(ctx context.Context, name string) ([]string, error) {
	r.asked[strings.TrimSuffix(name, ".")] = true
	return r.records.LookupTXT(ctx, name)
}

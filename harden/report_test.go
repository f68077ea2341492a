package harden

import (
	"context"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
	"ucs-harden/hostnet"
)

// weekOfWarn is what mode warn has logged: one line for each kind of sender that the page of verdicts knows.
const weekOfWarn = `2026-11-23T08:00:00.000001+00:00 mail postfix/smtpd[11]: NOQUEUE: warn: RCPT from printer.company.my[10.99.1.60]: *** Invalid Inbound Sender *** #ucs-harden:sender-spoofing; from=<scan@company.my> to=<boss@company.my> proto=ESMTP helo=<printer.company.my>
2026-11-24T08:00:00.000001+00:00 mail postfix/smtpd[11]: NOQUEUE: warn: RCPT from files.company.my[10.99.1.40]: *** Invalid Inbound Sender *** #ucs-harden:sender-spoofing; from=<root@company.my> to=<boss@company.my> proto=ESMTP helo=<files.company.my>
2026-11-25T08:00:00.000001+00:00 mail postfix/smtpd[12]: NOQUEUE: warn: RCPT from mta1.newsletter.example[198.51.100.80]: *** Invalid Inbound Sender *** #ucs-harden:sender-spoofing; from=<news@company.my> to=<boss@company.my> proto=ESMTP helo=<mta1.newsletter.example>
2026-11-26T08:00:00.000001+00:00 mail postfix/smtpd[13]: NOQUEUE: warn: RCPT from unknown[198.51.100.66]: *** Invalid Inbound Sender *** #ucs-harden:sender-spoofing; from=<boss@company.my> to=<employee@company.my> proto=ESMTP helo=<mail.company.my>
2026-11-26T09:00:00.000001+00:00 mail postfix/submission/smtpd[14]: NOQUEUE: reject_warning: RCPT from unknown[203.0.113.80]: 553 5.7.1 <info@company.my>: Sender address rejected: not owned by user employee; from=<info@company.my> to=<you@foreign.example> proto=ESMTP helo=<laptop>
2026-11-26T09:00:01.000001+00:00 mail postfix/submission/smtpd[14]: NOQUEUE: reject_warning: RCPT from unknown[203.0.113.80]: 553 5.7.1 <office@company.my>: Sender address rejected: not owned by user boss; from=<office@company.my> to=<you@foreign.example> proto=ESMTP helo=<laptop>
2026-11-26T09:00:02.000001+00:00 mail postfix/smtpd[13]: NOQUEUE: reject_warning: RCPT from unknown[198.51.100.66]: 450 4.7.25 Client host rejected: cannot find your hostname, [198.51.100.66]; from=<x@foreign.example> to=<employee@company.my> proto=ESMTP helo=<x>
2026-11-29T08:00:00.000001+00:00 mail postfix/smtpd[13]: NOQUEUE: reject: RCPT from unknown[198.51.100.66]: 550 5.1.1 <nobody@company.my>: Recipient address rejected: User unknown in virtual mailbox table; from=<x@foreign.example> to=<nobody@company.my> proto=ESMTP helo=<x>
`

// records are TXT records of a DNS.
type records map[string]string

func (r records) LookupTXT(_ context.Context, name string) ([]string, error) {
	if text, ok := r[strings.TrimSuffix(name, ".")]; ok {
		return []string{text}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (records) LookupMX(context.Context, string) ([]*net.MX, error)        { return nil, nil }
func (records) LookupIPAddr(context.Context, string) ([]net.IPAddr, error) { return nil, nil }
func (records) LookupAddr(context.Context, string) ([]string, error)       { return nil, nil }

// reporting is an archive of the server of the lab with a mail log.
func reporting(t *testing.T, log string) *Server {
	t.Helper()
	s, _ := archived(t)
	people, err := os.ReadFile("../tests/lab/files/directory.ldif")
	require.NoError(t, err)
	s.Directory = &Export{"directory.ldif", people}
	s.Now = func() time.Time { return monday }
	s.Interfaces = func() ([]hostnet.Interface, error) {
		return []hostnet.Interface{
			{Name: "lan", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.99.1.1/24")}},
			{Name: "wan", Prefixes: []netip.Prefix{netip.MustParsePrefix("203.0.113.1/24")}},
		}, nil
	}
	s.Resolver = records{
		"company.my":         "v=spf1 ip4:203.0.113.1 include:newsletter.example -all",
		"newsletter.example": "v=spf1 ip4:198.51.100.80 -all",
	}
	s.write(t, "/var/log/mail.log", log)
	return s
}

func TestReport(t *testing.T) {
	s := reporting(t, weekOfWarn)
	r, err := s.Report(t.Context(), ReportOptions{SPF: true})
	require.NoError(t, err)
	verdicts, commands := map[string]evidence.Verdict{}, map[string]string{}
	for _, g := range r.Groups {
		verdicts[g.ID] = g.Verdict
		for _, fix := range g.Fixes {
			if len(fix.Commands) > 0 && commands[g.ID] == "" {
				commands[g.ID] = strings.Join(fix.Commands[0], " ")
				assert.Equal(t, fix.Of, fix.Clears, g.ID)
			}
		}
	}
	assert.Equal(t, map[string]evidence.Verdict{
		"sender-spoofing:company.my:10.99.1.60":         evidence.InsideDevice,
		"sender-spoofing:company.my:10.99.1.40":         evidence.OwnServer,
		"sender-spoofing:company.my:newsletter.example": evidence.Provider,
		"sender-spoofing:company.my:198.51.100.0/24":    evidence.Forged,
		"submission:company.my:employee":                evidence.NotOwned,
		"submission:company.my:boss":                    evidence.NotOwned,
	}, verdicts)
	assert.Equal(t, map[string]string{
		"sender-spoofing:company.my:10.99.1.60": "ucs-harden allow scan-10-99-1-60 --client 10.99.1.60 --sender scan@company.my" +
			" --reason device 10.99.1.60 writes as scan@company.my, seen once until 2026-11-23 --now",
		"sender-spoofing:company.my:10.99.1.40": "udm computers/memberserver modify" +
			" --dn cn=files,cn=memberserver,cn=computers,dc=company,dc=my --append service=SMTP",
		"sender-spoofing:company.my:newsletter.example": "ucs-harden allow news-198-51-100-80 --client 198.51.100.80 --sender news@company.my" +
			" --reason provider 198.51.100.80 writes as news@company.my, seen once until 2026-11-25 --now",
		"submission:company.my:employee": "udm users/user modify --dn uid=employee,cn=users,dc=company,dc=my" +
			" --append mailAlternativeAddress=info@company.my",
		"submission:company.my:boss": "ucs-harden send-as add --group office --reason members write as office@company.my --now",
	}, commands)
	assert.EqualValues(t, 1, r.Administrator, "the line of the administrator's own warn_if_reject")
	assert.Equal(t, "mail.company.my", r.Host)
	assert.Equal(t, map[string]int64{"sender-spoofing": 1, "submission": 2}, r.PerDay["2026-11-26"])
	assert.Empty(t, r.Notes)
}

// TestReportAfterTheFix: what the printed commands do makes the groups that they are for disappear, and no other.
func TestReportAfterTheFix(t *testing.T) {
	s := reporting(t, weekOfWarn)
	base, err := os.ReadFile(s.path("/etc/univention/base.conf"))
	require.NoError(t, err)
	s.write(t, "/etc/univention/base.conf", strings.Replace(string(base), "\nmail/hosteddomains", `
mail/harden/exception/scan/client: 10.99.1.60
mail/harden/exception/scan/reason: test
mail/harden/exception/scan/sender: scan@company.my
mail/harden/submission/sender/office/group: office
mail/hosteddomains`, 1))
	s.Directory.Content = []byte(strings.Replace(string(s.Directory.Content),
		"mailAlternativeAddress: e.mployee@company.my", "mailAlternativeAddress: e.mployee@company.my\nmailAlternativeAddress: info@company.my", 1))
	r, err := s.Report(t.Context(), ReportOptions{SPF: true})
	require.NoError(t, err)
	open, cleared := []string{}, []string{}
	for _, g := range r.Groups {
		if g.Open {
			open = append(open, g.ID)
		}
		if g.Cleared {
			cleared = append(cleared, g.ID)
		}
	}
	assert.ElementsMatch(t, []string{"sender-spoofing:company.my:10.99.1.40", "sender-spoofing:company.my:newsletter.example"}, open)
	assert.ElementsMatch(t, []string{
		"sender-spoofing:company.my:10.99.1.60", "submission:company.my:employee", "submission:company.my:boss",
	}, cleared)
	require.Len(t, r.Exceptions, 1)
	assert.True(t, r.Exceptions[0].InForce)
}

func TestReportWithoutSPFAndWithDMARC(t *testing.T) {
	s := reporting(t, weekOfWarn)
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "a.txt"), []byte("no report"), 0o600))
	r, err := s.Report(t.Context(), ReportOptions{DMARC: folder})
	require.NoError(t, err)
	require.Len(t, r.Notes, 1)
	assert.Contains(t, r.Notes[0].String(), "1 file of DMARC could not be used, such as "+filepath.Join(folder, "a.txt"))
	for _, g := range r.Groups {
		if g.From == "newsletter.example" {
			assert.Equal(t, evidence.Forged, g.Verdict, "one letter on one day, and nobody asked the DNS")
		}
	}
	_, err = s.Report(t.Context(), ReportOptions{DMARC: filepath.Join(folder, "none")})
	assert.ErrorContains(t, err, "cannot read DMARC reports")
}

func TestReportOfAStreamAndWithoutALog(t *testing.T) {
	s := reporting(t, "")
	r, err := s.Report(t.Context(), ReportOptions{Stream: strings.NewReader(weekOfWarn)})
	require.NoError(t, err)
	assert.Len(t, r.Groups, 6)
	require.NoError(t, os.Remove(s.path("/var/log/mail.log")))
	_, err = s.Report(t.Context(), ReportOptions{})
	require.Error(t, err)
}

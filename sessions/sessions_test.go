package sessions_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/sessions"
)

// A server with two masters, an smtpd of each, one of another port, one without a client, and another program.
func proc(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	process := func(pid, name, parent, socket string) {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, pid, "fd"), 0o755))
		require.NoError(t, os.MkdirAll(filepath.Join(dir, pid, "net"), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, pid, "stat"), []byte(pid+" ("+name+") S "+parent+" 1 1 0"), 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(dir, pid, "net", "tcp"), []byte(
			"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"+
				"   0: 0100007F:024B 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 11 1 0\n"+
				"   1: 0100007F:0019 0201630A:C002 01 00000000:00000000 00:00000000 00000000     0        0 12 1 0\n"+
				"   2: 0100007F:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 13 1 0\n"+
				"   3: 0100007F:C003 0100007F:1CDD 01 00000000:00000000 00:00000000 00000000     0        0 14 1 0\n"), 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(dir, pid, "net", "tcp6"), []byte(
			"   0: 00000000000000000000000001000000:01D1 B80D0120000000000000000005000000:C004 01 00000000:00000000 00:00000000 00000000 0 0 15 1 0\n"), 0o644))
		require.NoError(t, os.Symlink("socket:["+socket+"]", filepath.Join(dir, pid, "fd", "0")))
		require.NoError(t, os.Symlink("/dev/null", filepath.Join(dir, pid, "fd", "1")))
	}
	process("101", "smtpd", "7", "11")
	process("102", "smtpd", "7", "12")
	process("103", "smtpd", "7", "13") // listens
	process("104", "smtpd", "7", "14") // asks the directory
	process("105", "smtpd", "7", "15")
	process("106", "smtpd", "8", "11") // of another master
	process("107", "qmgr", "7", "11")
	require.NoError(t, os.Mkdir(filepath.Join(dir, "self"), 0o755))
	return dir
}

func TestOpenSessions(t *testing.T) {
	open, err := sessions.Open(proc(t), 7, []int{25, 465, 587})
	require.NoError(t, err)
	assert.Equal(t, []sessions.Session{
		{PID: 101, Client: netip.MustParseAddr("127.0.0.1"), Port: 587},
		{PID: 102, Client: netip.MustParseAddr("10.99.1.2"), Port: 25},
		{PID: 105, Client: netip.MustParseAddr("2001:db8::5"), Port: 465},
	}, open)
	open, err = sessions.Open(proc(t), 7, []int{25})
	require.NoError(t, err)
	assert.Len(t, open, 1)
	_, err = sessions.Open(filepath.Join(t.TempDir(), "none"), 7, nil)
	assert.Error(t, err)
}

func TestWhoHasLoggedIn(t *testing.T) {
	log := `Nov 30 20:43:12 mail postfix/submission/smtpd[101]: connect from localhost[127.0.0.1]
Nov 30 20:43:12 mail postfix/submission/smtpd[101]: 7F9551F97: client=localhost[127.0.0.1], sasl_method=PLAIN, sasl_username=boss@company.my
Nov 30 20:43:13 mail postfix/smtpd[102]: 7F9551F98: client=localhost[127.0.0.1], sasl_method=PLAIN, sasl_username=earlier
Nov 30 20:43:13 mail postfix/smtpd[102]: disconnect from localhost[127.0.0.1] ehlo=1 mail=1 rcpt=1 rset=1 quit=1 commands=5
Nov 30 20:43:13 mail postfix/smtpd[102]: connect from unknown[10.99.1.2]
Nov 30 20:43:13 mail postfix/smtpd[102]: 7F9551F99: client=unknown[10.99.1.2]
2026-11-30T20:43:14+01:00 mail postfix/smtps/smtpd[105]: 4ZFG2h0Xz1z: client=x[2001:db8::5], sasl_method=LOGIN, sasl_username=clerk, sasl_sender=a@b
Nov 30 20:43:14 mail postfix/smtp[104]: to=<sasl_username=x>`
	with, err := sessions.WithLogins([]sessions.Session{{PID: 101}, {PID: 102}, {PID: 104}, {PID: 105}}, strings.NewReader(log))
	require.NoError(t, err)
	var logins []string
	for _, s := range with {
		logins = append(logins, s.Login)
	}
	assert.Equal(t, []string{"boss@company.my", "", "", "clerk"}, logins)
}

func FuzzWithLogins(f *testing.F) {
	f.Add("postfix/smtpd[1]: AB: client=a[1.2.3.4], sasl_method=PLAIN, sasl_username=boss\n")
	f.Fuzz(func(t *testing.T, log string) {
		with, err := sessions.WithLogins([]sessions.Session{{PID: 1}}, strings.NewReader(log))
		assert.NoError(t, err)
		assert.Contains(t, log, with[0].Login)
	})
}

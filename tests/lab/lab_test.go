package lab

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab/smtpclient"
)

// deliver sends a message from outside and waits until it is in the mailbox.
func deliver(t *testing.T, l *Lab, address, subject string) {
	t.Helper()
	a, err := l.SMTP(t, "outside").Play(t.Context(), smtpclient.Dialogue{
		Server: MailServer("outside"), Port: 25, MailFrom: "me@foreign.example", RcptTo: []string{address}, Data: "Subject: " + subject + "\n\nHello.\n",
	})
	require.NoError(t, err)
	require.Equal(t, 250, a.Data.Code, a.Data)
	l.WaitFor(t, "the message in the mailbox", func() bool {
		messages, err := l.Messages(address)
		return err == nil && len(messages) == 1 && strings.Contains(messages[0], "Subject: "+subject)
	})
}

func TestACompany(t *testing.T) {
	l := New(t)
	t.Run("mail from outside is delivered to the mailbox", func(t *testing.T) { deliver(t, l, "clerk@company.local", "welcome") })
	t.Run("mail to a foreign domain leaves by its MX", func(t *testing.T) { testForeign(t, l) })
	t.Run("port 25, 465 and 587 judge as on a fresh mail server", func(t *testing.T) { testVerdicts(t, l) })
	t.Run("the SASL name is what was typed", func(t *testing.T) { testLogins(t, l) })
	t.Run("the LDAP maps answer", func(t *testing.T) { testMaps(t, l) })
	t.Run("the directory is open to the machine account over TLS only", func(t *testing.T) { testDirectory(t, l) })
	t.Run("a change of a group is one of memberOf", func(t *testing.T) { testMemberOf(t, l) })
	t.Run("the second directory has the same entries", func(t *testing.T) { testSecondDirectory(t, l) })
	t.Run("names resolve as on the map", func(t *testing.T) { testNames(t, l) })
	t.Run("every machine writes from its own address", func(t *testing.T) { testMachines(t, l) })
	t.Run("swaks plays from every host", func(t *testing.T) { testSwaks(t, l) })
	t.Run("ucr renders what is set", func(t *testing.T) { testUCR(t, l) })
}

func testForeign(t *testing.T, l *Lab) {
	a, err := l.SMTP(t, "mail").Play(t.Context(), smtpclient.Dialogue{
		Server: MailServer("mail"), Port: 25, MailFrom: "boss@company.my", RcptTo: []string{"you@foreign.example"}, Data: "Subject: out\n\nHello.\n",
	})
	require.NoError(t, err)
	require.Equal(t, 250, a.Data.Code, a.Data)
	l.WaitFor(t, "the delivery", func() bool {
		return strings.Contains(l.MailLog(), "to=<you@foreign.example>, relay=mx.foreign.example[203.0.113.25]:25,")
	})
	l.WaitFor(t, "its success", func() bool { return strings.Contains(l.MailLog(), "status=sent (250 ") })
}

// The expectations are those of a fresh installation (restrictions: permit_mynetworks, permit_sasl_authenticated,
// reject_unauth_destination, reject_unlisted_recipient, quota); the reply codes are those of postconf(5).
func testVerdicts(t *testing.T, l *Lab) {
	plain := smtpclient.Dialogue{Port: 25, MailFrom: "me@foreign.example"}
	submission := smtpclient.Dialogue{Port: 587, TLS: smtpclient.StartTLS, MailFrom: "me@foreign.example"}
	smtps := smtpclient.Dialogue{Port: 465, TLS: smtpclient.Implicit, MailFrom: "me@foreign.example"}
	login := func(d smtpclient.Dialogue, login, password string) smtpclient.Dialogue {
		d.Login, d.Password = login, password
		return d
	}
	for _, c := range []struct {
		what, host string
		dialogue   smtpclient.Dialogue
		recipient  string
		code       int
		text       string
	}{
		{"a stranger reaches a mailbox", "outside", plain, "boss@company.my", 250, ""},
		{"an alternative address", "outside", plain, "e.mployee@company.my", 250, ""},
		{"a mailing list", "outside", plain, "staff@company.my", 250, ""},
		{"a group", "outside", plain, "office@company.my", 250, ""},
		{"postmaster without a domain", "outside", plain, "postmaster", 250, ""},
		{"nobody", "outside", plain, "nobody@company.my", 550, "5.1.1"},
		{"a mailbox above its quota", "outside", plain, "full@company.my", 552, "5.2.2 <full@company.my>: Recipient address rejected: Mailbox is full"},
		{"a stranger must not relay", "outside", plain, "you@foreign.example", 454, "Relay access denied"},
		{"neither must a client in the company", "inside", plain, "you@foreign.example", 454, "Relay access denied"},
		{"nor the second controller", "dc2", plain, "you@foreign.example", 454, "Relay access denied"},
		{"the mail server itself may", "mail", plain, "you@foreign.example", 250, ""},
		{"port 25 offers no login", "outside", login(plain, "boss", "lab-boss"), "you@foreign.example", 503, "authentication not enabled"},
		{"587 without TLS", "outside", smtpclient.Dialogue{Port: 587}, "boss@company.my", 530, "Must issue a STARTTLS command first"},
		{"587 without login", "outside", submission, "you@foreign.example", 454, "Relay access denied"},
		{"587 with login", "outside", login(submission, "boss", "lab-boss"), "you@foreign.example", 250, ""},
		{"587 with a wrong password", "outside", login(submission, "boss", "wrong"), "you@foreign.example", 535, ""},
		{"465 with login by address", "inside", login(smtps, "boss@company.my", "lab-boss"), "you@foreign.example", 250, ""},
		{"465 on the mail server", "mail", login(smtps, "clerk", "lab-clerk"), "you@foreign.example", 250, ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			c.dialogue.Server, c.dialogue.RcptTo = MailServer(c.host), []string{c.recipient}
			a, err := l.SMTP(t, c.host).Play(t.Context(), c.dialogue)
			require.NoError(t, err)
			assert.Equal(t, c.code, a.Verdict(0).Code, a.Verdict(0))
			assert.Contains(t, a.Verdict(0).Text, c.text)
		})
	}
}

func testLogins(t *testing.T, l *Lab) {
	for uid, user := range Users {
		for _, typed := range []string{uid, user.Mail} {
			a, err := l.SMTP(t, "inside").Play(t.Context(), smtpclient.Dialogue{Server: MailServer("inside"), Port: 587,
				TLS: smtpclient.StartTLS, Login: typed, Password: user.Password, RcptTo: []string{"you@foreign.example"}})
			require.NoError(t, err)
			require.Equal(t, 250, a.Verdict(0).Code, "%s: %s", typed, a.Verdict(0))
			l.WaitFor(t, "the login in the log", func() bool { return strings.Contains(l.MailLog(), "sasl_username="+typed+"\n") })
		}
	}
}

func testMaps(t *testing.T, l *Lab) {
	require.NoError(t, l.BackdatePostfix())
	for _, c := range []struct{ what, table, key, value string }{
		{"a mailbox", "ldap.virtual_mailbox", "boss@company.my", "boss@company.my\n"},
		{"an alternative address", "ldap.virtual", "chief@company.my", "boss@company.my\n"},
		{"a login's address", "ldap.saslusermapping", "employee@company.local", "employee@company.my\n"},
		{"nobody", "ldap.virtual_mailbox", "nobody@company.my", ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			result, err := l.Mail().Run(t.Context(), "postmap", "-q", c.key, "ldap:/etc/postfix/"+c.table)
			require.NoError(t, err)
			assert.Equal(t, c.value, result.Stdout, result.Stderr)
		})
	}
}

func testMemberOf(t *testing.T, l *Lab) {
	groups := func(uid string) string {
		found := search(t, l.Mail(), "mail.company.my", "-ZZ", "-D", machineDN, "-w", MachineSecret, "(uid="+uid+")", "memberOf", "ucsHardenSuspendedReason")
		require.Zero(t, found.Code, found.Stderr)
		return strings.Join(strings.Fields(found.Stdout), " ")
	}
	restricted := "memberOf: cn=restricted,cn=groups,dc=company,dc=my"
	assert.Equal(t, "dn: uid=intern,cn=users,dc=company,dc=my "+restricted, groups("intern"), "as it was loaded")
	change := func(what string) {
		l.ChangeDirectory(t, "dn: cn=restricted,cn=groups,dc=company,dc=my\nchangetype: modify\n"+what+": uniqueMember\nuniqueMember: uid=leaver,cn=users,dc=company,dc=my\n")
	}
	assert.NotContains(t, groups("leaver"), restricted)
	change("add")
	assert.Contains(t, groups("leaver"), restricted, "at once")
	change("delete")
	assert.NotContains(t, groups("leaver"), restricted)

	l.ChangeDirectory(t, "dn: uid=leaver,cn=users,dc=company,dc=my\nchangetype: modify\nreplace: ucsHardenSuspendedReason\nucsHardenSuspendedReason: on leave\n")
	assert.Contains(t, groups("leaver"), "ucsHardenSuspendedReason: on leave")
	l.ChangeDirectory(t, "dn: uid=leaver,cn=users,dc=company,dc=my\nchangetype: modify\nreplace: ucsHardenSuspendedReason\nucsHardenSuspendedReason: contract ended\n")
}

const machineDN = "cn=mail,cn=dc,cn=computers,dc=company,dc=my"

func search(t *testing.T, h *Host, server string, options ...string) Result {
	t.Helper()
	argv := append([]string{"env", "LDAPTLS_CACERT=/etc/univention/ssl/ucsCA/CAcert.pem", "ldapsearch", "-x", "-LLL", "-o", "ldif-wrap=no",
		"-H", "ldap://" + server + ":7389", "-b", "dc=company,dc=my"}, options...)
	result, err := h.Run(t.Context(), argv...)
	require.NoError(t, err)
	return result
}

func testMachines(t *testing.T, l *Lab) {
	for name, m := range neighbours {
		a, err := l.SMTP(t, name).Play(t.Context(), smtpclient.Dialogue{
			Server: MailServer(name), Port: 25, MailFrom: "me@foreign.example", RcptTo: []string{"nobody-" + name + "@company.my"},
		})
		require.NoError(t, err)
		require.Equal(t, 550, a.Verdict(0).Code, a.Verdict(0))
		client := fmt.Sprintf("reject: RCPT from %s[%s]: 550 5.1.1 <nobody-%s@company.my>", cmp.Or(m.fqdn, "unknown"), m.addr, name)
		l.WaitFor(t, "the line of "+name, func() bool { return strings.Contains(l.MailLog(), client) })
	}
}

// Exit codes of ldapsearch are LDAP result codes (RFC 4511, 4.1.9): 13 confidentialityRequired, 32 noSuchObject, 49
// invalidCredentials.
func testDirectory(t *testing.T, l *Lab) {
	controllers := "(objectClass=univentionDomainController)"
	machine := []string{"-D", machineDN, "-w", MachineSecret}
	ok := search(t, l.Mail(), "mail.company.my", append(machine, "-ZZ", controllers, "cn", "aRecord", "aAAARecord")...)
	require.Zero(t, ok.Code, ok.Stderr)
	assert.Equal(t, 5, strings.Count(ok.Stdout, "dn: cn="))
	assert.Contains(t, ok.Stdout, "aRecord: 10.99.1.20\naRecord: 10.99.1.21\n")
	assert.Contains(t, ok.Stdout, "aAAARecord: fd99:0001:0000:0000:0000:0000:0000:0030\n")

	assert.Equal(t, 13, search(t, l.Mail(), "mail.company.my", append(machine, controllers)...).Code, "without TLS")
	assert.Equal(t, 49, search(t, l.Mail(), "mail.company.my", "-ZZ", "-D", machineDN, "-w", "wrong", controllers).Code)
	anonymous := search(t, l.Mail(), "mail.company.my", "-ZZ", controllers)
	assert.Equal(t, 32, anonymous.Code)
	assert.Empty(t, anonymous.Stdout)
	secret, err := l.Snapshot("/etc/machine.secret")
	require.NoError(t, err)
	assert.Equal(t, "0600", secret["/etc/machine.secret"].Mode)
	untrusting := search(t, l.Host("outside"), "203.0.113.1", append(machine, "-ZZ", controllers)...)
	assert.NotZero(t, untrusting.Code, "a host without the authority's certificate")
}

func testSecondDirectory(t *testing.T, l *Lab) {
	require.NoError(t, l.Start(t.Context(), SlapdDC2))
	require.NoError(t, l.Stop(t.Context(), Slapd))
	search := []string{"univention-ldapsearch", "-LLL", "(cn=six)", "aAAARecord"}
	result, err := l.Mail().Run(t.Context(), search...)
	require.NoError(t, err)
	require.NotZero(t, result.Code, "no server left")

	require.NoError(t, l.Mail().WriteFile("/etc/hosts", []byte("10.99.1.1 mail.company.my mail\n10.99.1.10 dc2.company.my\n"), 0o644))
	l.UCR(t, "set", "ldap/server/addition=dc2.company.my")
	result, err = l.Mail().Run(t.Context(), search...)
	require.NoError(t, err)
	require.Zero(t, result.Code, result.Stderr)
	assert.Contains(t, result.Stdout, "aAAARecord: fd99:0001:0000:0000:0000:0000:0000:0030\n")
	require.NoError(t, l.Start(t.Context(), Slapd))
	require.NoError(t, l.Stop(t.Context(), SlapdDC2))
	l.UCR(t, "unset", "ldap/server/addition")
}

func testNames(t *testing.T, l *Lab) {
	for host, server := range map[string]string{"mail": "127.0.0.1:53", "inside": "10.99.1.1:53", "outside": "203.0.113.1:53"} {
		resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return l.Host(host).Dial(ctx, network, server)
		}}
		addresses, err := resolver.LookupHost(t.Context(), "mail.company.my.")
		require.NoError(t, err)
		assert.ElementsMatch(t, []string{"10.99.1.1", "fd99:1::1"}, addresses)
		for _, domain := range []string{"company.my.", "company.local.", "foreign.example."} {
			mx, err := resolver.LookupMX(t.Context(), domain)
			require.NoError(t, err, domain)
			require.Len(t, mx, 1)
			assert.Equal(t, map[bool]string{true: "mail.company.my.", false: "mx.foreign.example."}[domain != "foreign.example."], mx[0].Host)
		}
		names, err := resolver.LookupAddr(t.Context(), "203.0.113.66")
		require.NoError(t, err)
		assert.Equal(t, []string{"out66.foreign.example."}, names)
		_, err = resolver.LookupHost(t.Context(), "nowhere.example.")
		var dns *net.DNSError
		require.ErrorAs(t, err, &dns)
		assert.True(t, dns.IsNotFound, err)
	}
	for name, fqdn := range map[string]string{"mail": "mail.company.my", "outside": "out66.foreign.example"} {
		result, err := l.Host(name).Run(t.Context(), "hostname", "-f")
		require.NoError(t, err)
		assert.Equal(t, fqdn+"\n", result.Stdout)
	}
}

func testSwaks(t *testing.T, l *Lab) {
	for _, host := range []string{"mail", "dc2", "inside", "outside", "mx"} {
		result, err := l.Host(host).Run(t.Context(), "swaks", "--server", MailServer(host), "--from", "me@foreign.example", "--to", "boss@company.my", "--quit-after", "RCPT")
		require.NoError(t, err)
		require.Zero(t, result.Code, result.Stdout)
		assert.Contains(t, result.Stdout, "250 2.1.5 Ok")
	}
}

func testUCR(t *testing.T, l *Lab) {
	l.UCR(t, "set", "mail/postfix/mynetworks=127.0.0.0/8, 10.99.1.10")
	require.NoError(t, l.BackdatePostfix())
	result, err := l.Mail().Run(t.Context(), "postconf", "-h", "mynetworks")
	require.NoError(t, err)
	assert.Equal(t, "127.0.0.0/8, 10.99.1.10\n", result.Stdout)
	assert.Equal(t, "127.0.0.0/8, 10.99.1.10\n", l.UCR(t, "get", "mail/postfix/mynetworks"))
	require.NoError(t, l.Restart(t.Context(), Postfix))
	a, err := l.SMTP(t, "dc2").Play(t.Context(), smtpclient.Dialogue{Server: MailServer("dc2"), Port: 25, RcptTo: []string{"you@foreign.example"}})
	require.NoError(t, err)
	assert.Equal(t, 250, a.Verdict(0).Code, a.Verdict(0))
}

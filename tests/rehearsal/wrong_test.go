package rehearsal_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

const (
	recipientList = "mail/postfix/smtpd/restrictions/recipient/"
	loginMap      = "/usr/share/ucs-harden/ldap_map.py" // what its template prints
	localMain     = "/etc/postfix/main.cf.local"
)

// wrong is one thing that an administrator, a package or an accident may have done to the server before an apply.
type wrong struct {
	what string
	do   func(*testing.T, server)
	undo func(*testing.T, server)
	mode string // enforce when empty
	says []string
	// harmless: the apply goes on, and says is in its standard output, otherwise in its error.
	harmless bool
	// rehearsed: a finding of the plan stops the apply before the rehearsal. ucs-harden rehearse does not look at
	// findings; this is what it says of the same mistake.
	rehearsed []string
}

var wrongs = []wrong{
	{
		what: "a table that is not there, in front of the permits: who logs in would be put off",
		do:   set(recipientList+"20", "check_client_access hash:/etc/postfix/nowhere"), undo: unset(recipientList + "20"),
		says: []string{"the configuration of the plan does not work: 451 4.3.5 ", "open database /etc/postfix/nowhere.db: No such file or directory"},
	},
	{
		what: "the same behind all else: what it puts off it puts off today",
		do:   set(recipientList+"90", "check_client_access hash:/etc/postfix/nowhere"), undo: unset(recipientList + "90"),
		says: []string{"mail from elsewhere and bounces come in as before; it is put off today, too: 451 4.3.5 ", "/etc/postfix/nowhere.db: No such file or directory"}, harmless: true,
	},
	{
		what: "the same in mode warn", mode: "warn",
		do: set(recipientList+"90", "check_client_access hash:/etc/postfix/nowhere"), undo: unset(recipientList + "90"),
		says: []string{"it is put off today, too: 451 4.3.5 ", "/etc/postfix/nowhere.db: No such file or directory"}, harmless: true,
	},
	{
		what: "a login map that knows nobody",
		do:   edit(loginMap, "objectClass=univentionMail)", "objectClass=nothingAtAll)"), undo: edit(loginMap, "objectClass=nothingAtAll)", "objectClass=univentionMail)"),
		says: []string{"553 5.7.1 <boss@company.my>: Sender address rejected: not owned by user boss@company.my: the login map does not give boss@company.my as an owner of boss@company.my"},
	},
	{
		what: "a login map whose server does not answer",
		do:   edit(loginMap, `_number(registry, "ldap/server/port", "7389")`, `"7390"`), undo: edit(loginMap, `"7390"`, `_number(registry, "ldap/server/port", "7389")`),
		says: []string{"files/ldap.ucs-harden-logins", "Can't contact LDAP server"},
	},
	{
		what: "the same in mode warn, which asks a table of the last sync: warn_if_reject does not soften a 451", mode: "warn",
		do: edit(loginMap, `_number(registry, "ldap/server/port", "7389")`, `"7390"`), undo: edit(loginMap, `"7390"`, `_number(registry, "ldap/server/port", "7389")`),
		says: []string{"smtpd_sender_login_maps = hash:/etc/postfix/ucs-harden/submission-logins", "none unexpectedly"}, harmless: true,
	},
	{
		what: "a login map by mail address only, while users log in by uid",
		do:   edit(loginMap, `"uid, mailPrimaryAddress"`, `"mailPrimaryAddress"`), undo: edit(loginMap, `"mailPrimaryAddress")`, `"uid, mailPrimaryAddress")`),
		says: []string{"Sender address rejected: not owned by user boss: the login map does not give boss as an owner of boss@company.my"},
	},
	{
		what: "an administrator's permit in front of everything, and no relay restrictions",
		do:   both(noRelay, set(recipientList+"45", "permit")), undo: both(unset(recipientList+"45"), local("")),
		says:      []string{"smtpd_recipient_restrictions has no working reject_unauth_destination"},
		rehearsed: []string{"specify at least one working instance of: reject_unauth_destination", "restriction `reject_unauth_destination' after `permit' is ignored"},
	},
	{
		what: "an administrator's table between ours and the relay check, which permits whom it knows, and no relay restrictions",
		do:   both(noRelay, set(recipientList+"50", "check_client_access inline:{203.0.113.77=permit}, reject_unauth_destination")),
		undo: both(set(recipientList+"50", "reject_unauth_destination"), local("")),
		says: []string{"a stranger may never send through this server to elsewhere; it is accepted all the same"},
	},
	{
		what: "a network with host bits",
		do:   set("mail/postfix/mynetworks", "127.0.0.1/8"), undo: unset("mail/postfix/mynetworks"),
		says:      []string{`mail/postfix/mynetworks holds "127.0.0.1/8": bits are set behind the network mask`},
		rehearsed: []string{"today's configuration accepts nothing to compare with", "451 4.3.0 ", "Temporary lookup failure"},
	},
	{
		what: "a main.cf.local that has the last word on the list",
		do:   local("smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination"), undo: local(""),
		says:      []string{"/etc/postfix/main.cf would say smtpd_recipient_restrictions"},
		rehearsed: []string{"a stranger may not write as company.my; it is accepted all the same: something permits it first, or the check is not there"},
	},
	{
		what: "a main.cf.local that refuses everybody as soon as the plan has set another parameter, in mode warn", mode: "warn",
		do: local("smtpd_sender_restrictions = ${submission_recipient_restrictions?{reject}}"), undo: local(""),
		says: []string{"it is accepted today and would be refused: 554 5.7.1 <boss@company.my>: Sender address rejected: Access denied"},
	},
	{
		what: "postscreen is on",
		do:   set("mail/postfix/postscreen/enabled", "yes"), undo: unset("mail/postfix/postscreen/enabled"),
		says: []string{"note: postscreen stands in front of port 25; rehearsed is the smtpd behind it, where the restriction lists are"}, harmless: true,
	},
	{
		what: "port 25 offers AUTH",
		do:   set("mail/postfix/mastercf/options/smtp/smtpd_sasl_auth_enable", "yes"), undo: unset("mail/postfix/mastercf/options/smtp/smtpd_sasl_auth_enable"),
		says: []string{"note: port 25 offers AUTH; whether a login owns its sender address is asked on 465 and 587 only"}, harmless: true,
	},
	{
		what: "the quota service is dead; a rehearsal asks no policy service",
		do:   quota("12340", "12341"), undo: quota("12341", "12340"),
		says: []string{"note: the policy service inet:127.0.0.1:12340 was not asked: its part in the verdicts is not rehearsed"}, harmless: true,
	},
	{
		what: "the disk is full",
		do:   func(t *testing.T, s server) { require.NoError(t, s.Mail().LimitDisk(0)) }, undo: func(t *testing.T, s server) { require.NoError(t, s.Mail().UnlimitDisk()) },
		says: []string{"no space left on device"},
	},
	{
		what: "the disk of /run is full, where the rehearsal lives",
		do:   runs("sh", "-c", "mount -o remount,size=4M /run; ! dd if=/dev/zero of=/run/full bs=4k"),
		undo: runs("sh", "-c", "rm /run/full; mount -o remount,size=50% /run"),
		says: []string{"cannot rehearse: ", "no space left on device"},
	},
	{
		what: "another program has port 587, so Postfix does not run",
		do: func(t *testing.T, s server) {
			require.NoError(t, s.Stop(t.Context(), lab.Postfix))
			runs("start-stop-daemon", "--start", "--background", "--make-pidfile", "--pidfile", "/run/squatter.pid",
				"--startas", "/usr/sbin/smtp-sink", "--", "-u", "postfix", "127.0.0.1:587", "100")(t, s)
		},
		undo: func(t *testing.T, s server) {
			runs("start-stop-daemon", "--stop", "--retry", "5", "--pidfile", "/run/squatter.pid")(t, s)
			require.NoError(t, s.Start(t.Context(), lab.Postfix))
		},
		says: []string{"none unexpectedly", "Postfix is not running: the change takes effect when Postfix starts."}, harmless: true,
	},
	{
		what: "the certificate of port 465 is not where it should be",
		do:   set("mail/postfix/mastercf/options/smtps/smtpd_tls_cert_file", "/etc/nowhere.pem"), undo: unset("mail/postfix/mastercf/options/smtps/smtpd_tls_cert_file"),
		says: []string{"today's configuration: ", "cannot rehearse port 465: ", `cannot get RSA certificate from file "/etc/nowhere.pem"`},
	},
}

// A mistake in a plan or around it is found before anything is changed, with its cause, or explained.
func TestWhatIsWrong(t *testing.T) {
	t.Parallel() // it waits, while swaks computes
	s := newServer(t)
	// The first `ucr set` makes files that remain.
	s.UCR(t, "set", "server/role=domaincontroller_master")
	for _, w := range wrongs {
		t.Run(w.what, func(t *testing.T) {
			w.do(t, s)
			defer func() {
				w.undo(t, s)
				if t.Failed() { // or the next mistake would meet another server
					s.UCR(t, "unset", "mail/harden/mode")
					s.harden(t, 0, "sync")
				}
				s.reload(t)
			}()
			s.reload(t)
			before := s.state(t)
			mode := w.mode
			if mode == "" {
				mode = "enforce"
			}
			if w.rehearsed != nil {
				result := s.harden(t, 1, "rehearse", "--mode", mode)
				for _, says := range w.rehearsed {
					assert.Contains(t, flat(result.Stdout+result.Stderr), says)
				}
			}
			if w.harmless {
				result := s.harden(t, 0, "apply", "--yes", "--no-evidence", "--commands", "--mode", mode)
				for _, says := range w.says {
					assert.Contains(t, flat(result.Stdout), says)
				}
				s.harden(t, 0, "rollback")
				assert.Empty(t, before.Without("/var/lib/ucs-harden").Diff(s.state(t).Without("/var/lib/ucs-harden")))
				return
			}
			result := s.harden(t, 1, "apply", "--yes", "--no-evidence", "--mode", mode)
			for _, says := range w.says {
				assert.Contains(t, flat(result.Stdout+result.Stderr), says)
			}
			assert.Regexp(t, `^(warning: the evidence was not asked .*\n)?error: .*; nothing was changed\nhint: .+\n$`, result.Stderr)
			if w.rehearsed != nil {
				assert.NotContains(t, result.Stderr, "rehears", "the plan's own finding stops it")
			}
			assert.Empty(t, before.Diff(s.state(t)))
		})
	}
}

// state is everything that must not change.
func (s server) state(t *testing.T) lab.Snapshot {
	t.Helper()
	snapshot, err := s.Snapshot("/etc/postfix", "/etc/univention", "/var/lib/ucs-harden")
	require.NoError(t, err)
	return snapshot
}

// harden runs the program, which must end with this code.
func (s server) harden(t *testing.T, code int, arguments ...string) lab.Result {
	t.Helper()
	require.NoError(t, s.BackdatePostfix())
	result, err := s.Mail().Run(t.Context(), append([]string{"ucs-harden"}, arguments...)...)
	require.NoError(t, err)
	require.Equal(t, code, result.Code, "ucs-harden %s\n%s%s", strings.Join(arguments, " "), result.Stderr, result.Stdout)
	return result
}

// reload makes the live Postfix, if it runs, use its changed configuration.
func (s server) reload(t *testing.T) {
	t.Helper()
	require.NoError(t, s.BackdatePostfix())
	if s.Running(lab.Postfix) {
		runs("postfix", "reload")(t, s)
	}
}

// flat is text without its line breaks.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

func runs(argv ...string) func(*testing.T, server) {
	return func(t *testing.T, s server) {
		t.Helper()
		result, err := s.Mail().Run(t.Context(), argv...)
		require.NoError(t, err)
		require.Zero(t, result.Code, "%v: %s", argv, result.Stderr)
	}
}

func set(key, value string) func(*testing.T, server) {
	return func(t *testing.T, s server) { s.UCR(t, "set", key+"="+value) }
}

func unset(key string) func(*testing.T, server) {
	return func(t *testing.T, s server) { s.UCR(t, "unset", key) }
}

// edit replaces the only occurrence of old in a file.
func edit(path, old, by string) func(*testing.T, server) {
	return func(t *testing.T, s server) {
		t.Helper()
		require.NoError(t, s.Mail().WriteFile(path, replace(t, s.file(t, path), old, by), 0o644))
	}
}

// local puts a line at the end of main.cf.local, in place of the line of the last call.
func local(line string) func(*testing.T, server) {
	return func(t *testing.T, s server) {
		t.Helper()
		const mark = "# the test's\n"
		kept, _, _ := strings.Cut(string(s.file(t, localMain)), mark)
		if line != "" {
			kept += mark + line + "\n"
		}
		require.NoError(t, s.Mail().WriteFile(localMain, []byte(kept), 0o644))
		s.UCR(t, "commit", "/etc/postfix/main.cf")
	}
}

// noRelay leaves it to the recipient restrictions who may relay, as Postfix did before smtpd_relay_restrictions.
var noRelay = local("smtpd_relay_restrictions =")

func both(first, second func(*testing.T, server)) func(*testing.T, server) {
	return func(t *testing.T, s server) {
		first(t, s)
		second(t, s)
	}
}

// quota moves the quota service of Dovecot to another port.
func quota(from, to string) func(*testing.T, server) {
	return func(t *testing.T, s server) {
		t.Helper()
		edit("/etc/dovecot/dovecot.conf", "port = "+from+"\n", "port = "+to+"\n")(t, s)
		runs("doveadm", "reload")(t, s)
		takes := func(port string) bool {
			conn, err := s.Mail().Dial(t.Context(), "tcp", "127.0.0.1:"+port)
			if err == nil {
				_ = conn.Close()
			}
			return err == nil
		}
		s.WaitFor(t, "Dovecot", func() bool { return takes(to) && !takes(from) })
	}
}

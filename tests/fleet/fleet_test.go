// Package fleet_test has two mail servers whose modes a policy sets: a policy run writes the ldap layer of the registry,
// and each server follows with its next sync. One has a week of mail log and comes to enforce; the other lacks it, stays in
// warn and says so. What both say of themselves becomes one table. On these servers the play of Ansible that docs/ has is
// played, and the hooks of the App Center are run.
package fleet_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/fleet"
	"ucs-harden/plan"
	"ucs-harden/tests/lab"
	"ucs-harden/tests/schema"
)

// server is a mail server of its own in a company like that of the other.
type server struct {
	*lab.Lab
	name string
}

// newServers brings up mail servers at the same time.
func newServers(t *testing.T, names ...string) (all []server) {
	t.Helper()
	all = make([]server, len(names))
	var group sync.WaitGroup
	for i, name := range names {
		group.Go(func() {
			services := []lab.Service{lab.Rsyslog, lab.DNS, lab.Slapd, lab.Dovecot, lab.Postfix}
			s := server{lab.New(t, lab.Options{Services: services}), name}
			s.InstallProgram(t, "-tags=faults") // its clock can be set
			s.run(t, 0, "cp", "-a", "/etc/univention/ssl/mail.company.my", "/etc/univention/ssl/"+name+".company.my")
			s.UCR(t, "set", "hostname="+name)
			all[i] = s
		})
	}
	group.Wait()
	return all
}

// run runs a command on the mail server; the exit status must be this one.
func (s server) run(t *testing.T, status int, argv ...string) lab.Result {
	t.Helper()
	require.NoError(t, s.BackdatePostfix())
	result, err := s.Mail().Run(t.Context(), argv...)
	require.NoError(t, err)
	require.Equal(t, status, result.Code, "%s: %q: %s%s", s.name, argv, result.Stdout, result.Stderr)
	return result
}

// policy is a policy run: it sets variables in the ldap layer.
func (s server) policy(t *testing.T, variables ...string) {
	t.Helper()
	s.UCR(t, append([]string{"set", "--ldap-policy"}, variables...)...)
}

// week writes eight days of mail log: a letter to nobody every quarter of an hour, and a forger now and then.
func (s server) week(t *testing.T, now time.Time) {
	t.Helper()
	var log strings.Builder
	for at := now.Add(-8 * 24 * time.Hour).Add(time.Minute); at.Before(now); at = at.Add(15 * time.Minute) {
		line := func(text string) {
			log.WriteString(at.Format("2006-01-02T15:04:05.000000-07:00") + " mail postfix/smtpd[99]: NOQUEUE: " + text + "\n")
		}
		line("reject: RCPT from mx.foreign.example[192.0.2.9]: 550 5.1.1 <nobody@company.my>: Recipient address rejected: User unknown" +
			" in virtual mailbox table; from=<x@foreign.example> to=<nobody@company.my> proto=ESMTP helo=<mx>")
		if at.Minute() < 15 && at.Hour()%6 == 0 {
			line("warn: RCPT from unknown[203.0.113.66]: <ceo@company.my>: Sender address triggers WARN #ucs-harden:sender-spoofing" +
				" *** Invalid Inbound Sender ***; from=<ceo@company.my> to=<boss@company.my> proto=ESMTP helo=<x>")
		}
	}
	s.log(t, log.String())
}

// log replaces the mail log. syslogd has the file open, and goes on behind the new content.
func (s server) log(t *testing.T, content string) {
	t.Helper()
	f, err := os.OpenFile(s.Path("/var/log/mail.log"), os.O_WRONLY|os.O_TRUNC, 0)
	require.NoError(t, err)
	_, err = f.WriteString(content)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

// spoof is the reply to a stranger who writes as boss.
func (s server) spoof(t *testing.T) string {
	t.Helper()
	s.Settled(t, 25)
	return s.Swaks(t, "outside", "--from", "boss@company.my", "--to", "clerk@company.local")
}

func TestTwoServersFollowAPolicy(t *testing.T) {
	both := newServers(t, "mail1", "mail2")
	ready, new := both[0], both[1]
	now := time.Now()

	// The policy says warn: on one server since eight days, on the other since today.
	for _, s := range both {
		s.policy(t, "mail/harden/mode=warn")
	}
	ready.run(t, 0, "env", "UCS_HARDEN_CLOCK="+now.Add(-8*24*time.Hour).Format(time.RFC3339), "ucs-harden", "sync")
	ready.week(t, now)
	new.run(t, 0, "ucs-harden", "sync")
	for _, s := range both {
		assert.Regexp(t, "^250 ", s.spoof(t), "warn refuses nothing")
	}
	assert.Equal(t, 0, table(t, "", both...).code, "both are as planned")

	// The next policy run says enforce.
	for _, s := range both {
		s.policy(t, "mail/harden/mode=enforce")
	}
	ready.run(t, 0, "ucs-harden", "sync")
	refused := new.run(t, 5, "ucs-harden", "sync")
	assert.Regexp(t, "(?s)^error: these stay in warn, although the registry has enforce: sender-spoofing .*\nhint: ", refused.Stderr)
	assert.Regexp(t, `^554 5\.7\.1 `, ready.spoof(t))
	assert.Regexp(t, "^250 ", new.spoof(t), "it lacks evidence")

	// Both in one table.
	seen := table(t, "", both...)
	assert.Equal(t, 2, seen.code)
	require.Len(t, seen.Servers, 2)
	held, fine := seen.Servers[0], seen.Servers[1]
	assert.Equal(t, "mail2.company.my", held.Name, "the server that needs somebody comes first")
	assert.Equal(t, "mail1.company.my", fine.Name)
	assert.Empty(t, fine.Troubles)
	for _, name := range []string{"sender-spoofing", "submission"} {
		c := fine.Control(name)
		assert.True(t, c.AsWanted() && c.Running == plan.Enforce && !c.Held, "%+v", c)
		c = held.Control(name)
		assert.True(t, c.Wanted == plan.Enforce && c.Running == plan.Warn && c.Held, "%+v", c)
		require.NotEmpty(t, c.Lacks)
		assert.Regexp(t, `the log shows \d+(\.\d+)? of 7 days`, c.Lacks[0].String())
	}
	assert.Empty(t, held.Drift, "what is held back is no drift")
	for _, trouble := range held.Troubles {
		assert.Equal(t, fleet.Held, trouble.Kind)
	}
	text := seen.text
	assert.Regexp(t, `(?m)^2 servers, 1 as planned, 1 with a warning$`, text)
	assert.Regexp(t, `(?m)^mail2\.company\.my  held back +.*  warn → enforce `, text)
	assert.Regexp(t, `(?m)^    sender-spoofing is wanted in enforce, and stays in warn: the log shows \d`, text)
	assert.Regexp(t, `(?m)^mail1\.company\.my  as planned +.*  enforce `, text)

	t.Run("the play of Ansible", func(t *testing.T) { ready.plays(t) })
	t.Run("hooks of the app", func(t *testing.T) { new.hooks(t) })
}

// plays runs the play that is documented, as its users do.
func (s server) plays(t *testing.T) {
	play, err := os.ReadFile("../../docs/ansible.yml")
	require.NoError(t, err)
	require.NoError(t, s.Mail().WriteFile("/root/play.yml", play, 0o644))
	require.NoError(t, s.Mail().WriteFile("/root/inventory", []byte("[mail_servers]\nmail1 ansible_connection=local\n"), 0o644))
	run := func(status int, options ...string) string {
		t.Helper()
		return s.run(t, status, append([]string{"env", "HOME=/root", "LC_ALL=C.UTF-8", "ANSIBLE_NOCOLOR=1",
			"ansible-playbook", "-i", "/root/inventory", "-e", "ansible_become=false", "/root/play.yml"}, options...)...).Stdout
	}
	refused := run(2, "-e", "ucs_harden_mode=warn")
	assert.Contains(t, refused, "mail/harden/mode is held by the layer", "a policy holds the variable")
	assert.Regexp(t, `mail1\.company\.my +as planned`, refused, "the table is shown all the same")
	assert.Regexp(t, `mail1 +: ok=\d+ +changed=0 +unreachable=0 +failed=1 `, refused)
	s.UCR(t, "set", "--ldap-policy", "mail/harden/mode=warn")
	was := s.Configuration(t)
	foretold := run(0, "--check")
	assert.Regexp(t, `mail1 +: ok=\d+ +changed=1 +unreachable=0 +failed=0 `, foretold)
	assert.Regexp(t, `mail1\.company\.my +drift`, foretold)
	assert.Empty(t, was.Diff(s.Configuration(t)), "--check changes nothing")
	assert.Regexp(t, `mail1 +: ok=\d+ +changed=1 +unreachable=0 +failed=0 `, run(0))
	again := run(0, "--check")
	assert.Regexp(t, `mail1 +: ok=\d+ +changed=0 +unreachable=0 +failed=0 `, again)
	assert.Regexp(t, `mail1\.company\.my +as planned`, again)
}

// shown is what fleet shows of servers.
type shown struct {
	fleet.Fleet
	text string
	code int
}

// table collects the states, as a script would, and shows them.
func table(t *testing.T, options string, of ...server) (out shown) {
	t.Helper()
	dir := t.TempDir()
	var files []string
	for _, s := range of {
		status := s.run(t, 0, "ucs-harden", "status", "--json")
		require.NoError(t, schema.Fits("status.json", status.Stdout))
		file := filepath.Join(dir, s.name+".json")
		require.NoError(t, os.WriteFile(file, []byte(status.Stdout), 0o600))
		require.NoError(t, of[0].Mail().WriteFile("/root/"+s.name+".json", []byte(status.Stdout), 0o600))
		files = append(files, "/root/"+s.name+".json")
	}
	argv := append(append([]string{"ucs-harden", "fleet"}, strings.Fields(options)...), files...)
	result, err := of[0].Mail().Run(t.Context(), argv...)
	require.NoError(t, err)
	assert.Empty(t, result.Stderr)
	out.text, out.code = result.Stdout, result.Code
	asJSON, err := of[0].Mail().Run(t.Context(), append(argv, "--json")...)
	require.NoError(t, err)
	require.Equal(t, out.code, asJSON.Code)
	require.NoError(t, schema.Fits("fleet.json", asJSON.Stdout))
	require.NoError(t, json.Unmarshal([]byte(asJSON.Stdout), &out.Fleet))
	return out
}

// hooks runs the hooks as the App Center does: run-parts without arguments, and a failure would be one of the app.
func (s server) hooks(t *testing.T) {
	const (
		folder = "/var/lib/univention-appcenter/apps/mailserver/local/hooks/"
		stamp  = "/var/lib/ucs-harden/sync-wanted"
	)
	for _, action := range []string{"post-install", "post-upgrade", "post-remove"} {
		s.run(t, 0, "rm", "-f", stamp)
		assert.Equal(t, folder+action+".d/ucsharden\n", s.run(t, 0, "run-parts", "--test", folder+action+".d").Stdout,
			"run-parts takes the name")
		said := s.run(t, 0, "run-parts", "--verbose", folder+action+".d")
		assert.Equal(t, "run-parts: executing "+folder+action+".d/ucsharden\n", said.Stderr)
		s.run(t, 0, "test", "-f", stamp)
		assert.Equal(t, action == "post-remove", strings.Contains(said.Stdout, "the controls stay on"), said.Stdout)

		// Whatever is wrong with ours, the app is installed.
		s.run(t, 0, "sh", "-c", "rm "+stamp+" && mkdir "+stamp+" && chattr +i /var/lib/ucs-harden 2>/dev/null; true")
		s.run(t, 0, "run-parts", folder+action+".d")
		s.run(t, 0, "sh", "-c", "chattr -i /var/lib/ucs-harden 2>/dev/null; rmdir "+stamp)
	}

	// When the app comes, the templates are registered that were not while this was no mail server.
	s.UCR(t, "unregister", "ucs-harden")
	const template = "main.cf.d/60_ucs-harden"
	assert.NotContains(t, s.run(t, 0, "cat", "/etc/postfix/main.cf").Stdout, template)
	s.run(t, 0, "run-parts", folder+"post-install.d")
	assert.Contains(t, s.run(t, 0, "cat", "/etc/postfix/main.cf").Stdout, template)
}

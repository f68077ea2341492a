package package_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/debianroot"
	"ucs-harden/tests/lab"
	"ucs-harden/tests/lab/smtpclient"
)

const (
	templates   = "/etc/univention/templates/files/etc/postfix/"
	infoFile    = "/etc/univention/templates/info/ucs-harden.info"
	removedInfo = "/etc/univention/templates/removed/ucs-harden.info"
	announced   = "/var/lib/ucs-harden/sync-wanted"
	registry    = "/etc/univention/base.conf"
)

// step is one step in the life of the package on a mail server, and everything that it changes in /etc, /var and /run.
type step struct {
	name   string
	do     func(t *testing.T, h host)
	traces []trace
}

// installed are the traces of an installation on a UCS mail server, of version 0.1.0 and of today's.
var installed = []trace{
	{"+ /etc/univention/templates/**", "conffiles: the templates, and the .info file that registers them with UCR"},
	{"+ /etc/univention/registry.info/variables/ucs-harden.cfg", "conffile: describes the variables"},
	{"+ /etc/postfix/ldap.ucs-harden-*", "the LDAP maps, rendered; nothing names them yet"},
	{"+ /etc/postfix/ucs-harden", "the folder of the tables"},
	{"+ /etc/systemd/system/**", "the units that are enabled"},
	{"+ /var/lib/systemd/deb-systemd-helper-enabled/**", "what deb-systemd-helper(1p) has enabled"},
}

// state is the further trace of an installation of today's version.
var state = trace{"+ /var/lib/ucs-harden/**", "the folder of our state, where changes are announced"}

// hooked and unhooked are the traces of the hooks that only today's version has.
var (
	hooked   = trace{"+ /var/lib/univention-appcenter/**", "hooks of the App Center for the app mailserver"}
	unhooked = trace{"- /var/lib/univention-appcenter/**", "the hooks are no conffiles"}
)

// enforced are the traces of the first apply.
var enforced = []trace{
	{"~ " + registry, "modes, lists, and what Postfix's templates are rendered from"},
	{"~ /etc/postfix/main.cf", "rendered"},
	{"~ /etc/postfix/master.cf", "rendered"},
	{"+ /etc/postfix/ucs-harden/**", "the tables"},
	{"+ /etc/postfix/check_custom_sender_access*", "the table of our domains, under the name of the published procedure"},
	{"* /var/lib/ucs-harden/**", "ledger and history"},
	{"+ /run/ucs-harden.lock", "the lock, on a file system that a reboot empties"},
}

// released are the traces of a removal, after everything was switched off.
var released = []trace{
	{"- " + infoFile, "UCR does not find the templates any more"},
	{"+ " + removedInfo, "kept there as univention-config would keep it"},
	{"- /etc/postfix/ldap.ucs-harden-*", "UCR removes what it has rendered"},
	{"- /etc/postfix/ucs-harden", "the folder of the tables, which is empty"},
	unhooked,
}

// followed are the traces of a sync that finds nothing to change.
var followed = []trace{
	{"- " + announced, "it is done"},
	{"* /var/lib/ucs-harden/**", "what the mail log shows, and what status shows of the sync"},
	{"~ /run/ucs-harden.lock", "who locks"},
}

// switchedOff are the traces of mode off.
var switchedOff = []trace{
	{"~ " + registry, "the modes, and what Postfix's templates are rendered from"},
	{"~ /etc/postfix/main.cf", "rendered as it was before"},
	{"~ /etc/postfix/master.cf", "rendered as it was before"},
	{"- /etc/postfix/ucs-harden/*", "the tables"},
	{"- /etc/postfix/check_custom_sender_access*", "the table of our domains"},
	{"* /var/lib/ucs-harden/**", "the ledger is empty, the history has one entry more"},
	{"~ /run/ucs-harden.lock", "who locks"},
}

// The life of the package on a fresh UCS 5.2.
func TestLifeOnUCS52(t *testing.T) {
	t.Parallel()
	today, later := deb(t), newer(t)
	relay := erratum(t, "16.0.3", map[string]string{templates + "main.cf.d/55_erratum": "smtpd_helo_required = yes\n"})
	live(t, lab.UCS52, []step{
		{"installing it changes nothing in Postfix", func(t *testing.T, h host) {
			h.dpkg(t, "--install", today)
			h.registered(t)
		}, append([]trace{state, hooked}, installed...)},
		{"installing it again changes nothing", dpkg("--install", today), nil},
		{"a plan changes nothing", func(t *testing.T, h host) {
			assert.Equal(t, 2, h.run(t, "ucs-harden", "plan", "--mode", "enforce").Code, "there is something to do")
		}, nil},
		{"an apply", enforce, enforced},
		{"an upgrade changes nothing in Postfix, and announces a sync", func(t *testing.T, h host) {
			h.mailFlows(t, func() { h.dpkg(t, "--install", later) })
		}, []trace{
			{"~ " + infoFile, "the new conffile"},
			{"~ " + templates + "ldap.ucs-harden-logins", "the new conffile"},
			{"~ /etc/postfix/ldap.ucs-harden-logins", "rendered from its new template"},
			{"+ " + announced, "the path unit starts a sync with the new version"},
		}},
		{"a sync, which the path unit would start", follow, followed},
		{"an erratum that changes Postfix's templates announces a sync", func(t *testing.T, h host) {
			h.mailFlows(t, func() { h.dpkg(t, "--install", relay) })
		}, []trace{
			{"+ " + templates + "main.cf.d/55_erratum", "the erratum's"},
			{"+ " + announced, "the path unit starts a sync"},
		}},
		{"a removal is refused, and changes nothing", func(t *testing.T, h host) {
			refused := h.run(t, "dpkg", "--remove", "ucs-harden")
			assert.Equal(t, 1, refused.Code)
			assert.Contains(t, refused.Stderr, "hint: run `ucs-harden rollback` or `ucs-harden apply --mode off --all` first\n")
			h.protected(t)
		}, nil},
		{"mode off", off, switchedOff},
		{"a removal keeps settings, lists and history", func(t *testing.T, h host) {
			said := h.dpkg(t, "--remove", "ucs-harden")
			assert.Contains(t, said, "mail/harden/... and the history are kept; a purge removes them\n")
			h.forgotten(t)
		}, released},
		{"univention-config finds nothing to move", dpkg("--install", univentionConfig(t, "15.0.1")), nil},
		{"it can be installed again", func(t *testing.T, h host) {
			h.dpkg(t, "--install", today)
			h.registered(t)
		}, []trace{
			{"+ " + infoFile, "it is back"}, {"- " + removedInfo, "it is back"},
			{"~ " + templates + "ldap.ucs-harden-logins", "the conffile of this version"},
			{"+ /etc/postfix/ldap.ucs-harden-*", "the LDAP maps, rendered"},
			{"+ /etc/postfix/ucs-harden", "the folder of the tables"},
			hooked,
		}},
		{"a purge removes everything that is ours", func(t *testing.T, h host) {
			said := h.dpkg(t, "--purge", "ucs-harden")
			assert.Contains(t, said, "ucs-harden: removing the settings and lists:\nUnsetting mail/harden/")
			h.forgotten(t)
		}, []trace{
			{"- /etc/**", "conffiles, maps and the folder of the tables"},
			{"~ " + registry, "the settings and lists in mail/harden/..."},
			{"- /var/lib/ucs-harden/**", "history and evidence"},
			{"- /var/lib/systemd/deb-systemd-helper-enabled/**", "nothing is enabled"},
			{"- /run/ucs-harden.lock", "nobody locks any more"},
			unhooked,
		}},
	}, []trace{
		{"+ " + templates + "main.cf.d/55_erratum", "the erratum's"},
	})
}

// The life of the package on a UCS 5.0 that becomes a 5.2. It begins with version 0.1.0, whose removal left its .info
// file where UCR finds it.
func TestLifeOnUCS50(t *testing.T) {
	t.Parallel()
	old, today := older(t), deb(t)
	live(t, lab.UCS50, []step{
		{"version 0.1.0", dpkg("--install", old), installed},
		{"its removal leaves the .info file", dpkg("--remove", "ucs-harden"), []trace{
			{"- /etc/postfix/ldap.ucs-harden-*", "UCR removes what it has rendered"},
			{"- /etc/postfix/ucs-harden", "the folder of the tables"},
		}},
		{"univention-config moves that, when another package has templates", func(t *testing.T, h host) {
			h.dpkg(t, "--install", standIn(t, "univention-other", "1", map[string]string{
				"/etc/univention/templates/info/univention-other.info": "Type: script\nScript: other\nVariables: ^other/\n"}))
		}, []trace{
			{"- " + infoFile, "by the trigger"}, {"+ " + removedInfo, "by the trigger"},
			{"+ /etc/univention/templates/info/univention-other.info", "the other package's"},
		}},
		{"this version can be installed nevertheless", func(t *testing.T, h host) {
			h.dpkg(t, "--install", today)
			h.registered(t)
		}, []trace{
			{"- " + removedInfo, "it is back"}, {"+ " + infoFile, "it is back, as the conffile of this version"},
			{"+ /etc/postfix/ldap.ucs-harden-*", "the LDAP maps, rendered"},
			{"+ /etc/postfix/ucs-harden", "the folder of the tables"},
			{"+ /etc/univention/templates/scripts/**", "conffile: announces changes of variables"},
			{"+ /etc/systemd/system/**", "the units of this version"},
			{"+ /var/lib/systemd/deb-systemd-helper-enabled/**", "the units of this version"},
			state, hooked,
		}},
		{"a purge, to begin anew", dpkg("--purge", "ucs-harden"), []trace{
			{"- /etc/**", "everything that is ours"}, {"- /var/lib/systemd/deb-systemd-helper-enabled/**", "nothing is enabled"},
			{"- /var/lib/ucs-harden/**", "our state"}, unhooked,
		}},
		{"version 0.1.0 after a purge", dpkg("--install", old), installed},
		{"an apply", enforce, enforced},
		{"an upgrade from 0.1.0 changes nothing in Postfix, and announces a sync", func(t *testing.T, h host) {
			h.mailFlows(t, func() { h.dpkg(t, "--install", today) })
			h.registered(t)
		}, []trace{
			{"~ " + infoFile, "main.cf is not ours any more, only a subfile of it"},
			{"+ /etc/postfix/ldap.ucs-harden-suspended-free", "a map that 0.1.0 did not have"}, hooked,
			{"+ /etc/univention/templates/scripts/**", "conffile: announces changes of variables"},
			{"+ /etc/systemd/system/**", "the units of this version"},
			{"+ /var/lib/systemd/deb-systemd-helper-enabled/**", "the units of this version"},
			{"+ " + announced, "the path unit starts a sync with the new version"},
		}},
		{"a sync, which the path unit would start", follow, followed},
		{"UCS becomes a 5.2, and announces a sync", func(t *testing.T, h host) {
			h.mailFlows(t, func() {
				// The templates of the stand-in look at this file. The update of the postfix package renders them.
				h.ok(t, "rm", "/etc/univention/lab-face")
				h.ok(t, "ucr", "update")
				h.ok(t, "ucr", "set", "version/version=5.2")
				h.dpkg(t, "--install", erratum(t, "16.0.2", map[string]string{templates + "main.cf.d/55_erratum": "\n"}))
			})
			assert.Equal(t, "3.6\n", h.ok(t, "postconf", "-h", "compatibility_level"))
		}, []trace{
			{"- /etc/univention/lab-face", "the face of the stand-ins"},
			{"+ /etc/univention/base-defaults.conf", "5.2 keeps the defaults of variables there"},
			{"~ " + registry, "version/version"},
			{"+ " + templates + "main.cf.d/55_erratum", "the new templates"},
			{"~ /etc/postfix/main.cf", "5.2's: smtpd_relay_restrictions and others"},
			{"~ /etc/postfix/master.cf", "5.2's: 25 instead of smtp"},
			{"+ " + announced, "the path unit starts a sync"},
		}},
		{"a sync on 5.2", follow, followed},
		{"mode off", off, switchedOff},
		{"a purge at once", func(t *testing.T, h host) {
			h.dpkg(t, "--purge", "ucs-harden")
			h.forgotten(t)
		}, []trace{
			{"- /etc/**", "everything that is ours"},
			{"~ " + registry, "the settings and lists in mail/harden/..."},
			{"- /var/lib/ucs-harden/**", "history and evidence"},
			{"- /var/lib/systemd/deb-systemd-helper-enabled/**", "nothing is enabled"},
			{"- /run/ucs-harden.lock", "nobody locks any more"}, unhooked,
		}},
	}, []trace{
		{"+ /etc/univention/templates/info/univention-other.info", "the other package's"},
		{"- /etc/univention/lab-face", "the face of the stand-ins"},
		{"+ /etc/univention/base-defaults.conf", "5.2 keeps the defaults of variables there"},
		{"~ " + registry, "version/version"},
		{"+ " + templates + "main.cf.d/55_erratum", "5.2's templates"},
		{"~ /etc/postfix/main.cf", "5.2's"},
		{"~ /etc/postfix/master.cf", "5.2's"},
	})
}

// live takes a fresh Debian 12 with the stand-ins for UCS through the steps. In the end, nothing is left on the server
// but what last says; this comparison includes the programs and libraries.
func live(t *testing.T, face lab.Face, steps []step, last []trace) {
	l := lab.New(t, lab.Options{Root: debianroot.Tree(t), Face: face})
	h := host{l.Mail(), l}
	h.dpkg(t, "--install", univentionConfig(t, "15.0.0"))
	first := h.state(t, "/etc", "/opt", "/root", "/run", "/srv", "/usr", "/var")
	for _, s := range steps {
		before := h.state(t, "/etc", "/run", "/var")
		done := false
		t.Run(s.name, func(t *testing.T) {
			s.do(t, h)
			done = true
			assertTraces(t, before, h.state(t, "/etc", "/run", "/var"), s.traces)
		})
		require.True(t, done, "the other steps begin where this one ends")
	}
	assertTraces(t, first, h.state(t, "/etc", "/opt", "/root", "/run", "/srv", "/usr", "/var"), last)
}

func dpkg(option, what string) func(*testing.T, host) {
	return func(t *testing.T, h host) { h.dpkg(t, option, what) }
}

func enforce(t *testing.T, h host) {
	h.ok(t, "ucs-harden", "suspend", "add", "boss@company.my") // a list in the registry
	h.ok(t, "ucs-harden", "apply", "--mode", "enforce", "--no-evidence", "--yes")
	h.ok(t, "rm", "-f", announced)
	h.protected(t)
}

func follow(t *testing.T, h host) {
	h.ok(t, "ucs-harden", "sync")
	h.ok(t, "rm", "-f", announced)
	h.protected(t)
}

func off(t *testing.T, h host) {
	h.ok(t, "ucs-harden", "apply", "--mode", "off", "--all", "--yes")
	assert.Equal(t, 250, h.fromOutside(t, "employee@company.my"), "as before the package came")
}

// dpkg runs dpkg(1) on a package file of this machine or on a package, and returns its output.
func (h host) dpkg(t *testing.T, option, what string) string {
	t.Helper()
	if option == "--install" {
		what = h.bring(t, what)
	}
	return h.ok(t, "dpkg", option, what)
}

// registered says that UCR follows changes with our templates, and that only root reads the machine password in our
// maps.
func (h host) registered(t *testing.T) {
	t.Helper()
	modes := h.ok(t, "sh", "-c", "stat -c '%a %U:%G' /etc/postfix/ldap.ucs-harden-* | sort -u")
	assert.Equal(t, "440 root:root\n", modes)
	assert.Contains(t, h.ok(t, "ucr", "set", "mail/postfix/ldap/timeout=11"), "ldap.ucs-harden-logins")
	h.ok(t, "ucr", "unset", "mail/postfix/ldap/timeout")
}

// forgotten says that UCR does not, whatever makes it read its templates again.
func (h host) forgotten(t *testing.T) {
	t.Helper()
	h.ok(t, "ucr", "update")
	assert.NotContains(t, h.ok(t, "ucr", "set", "mail/postfix/ldap/timeout=11"), "ucs-harden")
	h.ok(t, "ucr", "unset", "mail/postfix/ldap/timeout")
	assert.NotContains(t, h.ok(t, "ucr", "commit", "/etc/postfix/main.cf"), "ucs-harden")
}

// protected says that mail flows and that the controls are in force.
func (h host) protected(t *testing.T) {
	t.Helper()
	assert.Equal(t, 250, h.fromOutside(t, "stranger@foreign.example"), "mail comes in")
	assert.Equal(t, 554, h.fromOutside(t, "employee@company.my"), "a stranger cannot claim to be one of us")
	assert.Equal(t, "State          as planned\n", h.firstLine(t, "ucs-harden", "status"))
}

// fromOutside is the code of the mail server's answer to a letter to employee@company.my.
func (h host) fromOutside(t *testing.T, sender string) int {
	t.Helper()
	code, err := h.try(t.Context(), sender)
	require.NoError(t, err)
	return code
}

func (h host) try(ctx context.Context, sender string) (int, error) {
	client, err := h.lab.NewSMTP("outside")
	if err != nil {
		return 0, err
	}
	defer client.Close()
	answer, err := client.Play(ctx, smtpclient.Dialogue{Server: lab.MailServer("outside"), Port: 25,
		MailFrom: sender, RcptTo: []string{"employee@company.my"}})
	return answer.Verdict(0).Code, err
}

// mailFlows asks the mail server again and again while something happens: it takes the mail that it took before, and
// refuses what it refused.
func (h host) mailFlows(t *testing.T, happens func()) {
	t.Helper()
	done, asked := make(chan struct{}), make(chan int)
	go func() {
		times := 0
		defer func() { asked <- times }()
		for {
			select {
			case <-done:
				return
			default:
			}
			for sender, wanted := range map[string]int{"stranger@foreign.example": 250, "employee@company.my": 554} {
				code, err := h.try(t.Context(), sender)
				assert.NoError(t, err, "a letter from %s", sender)
				assert.Equal(t, wanted, code, "a letter from %s", sender)
			}
			times++
		}
	}()
	happens()
	close(done)
	assert.Positive(t, <-asked)
	h.protected(t)
}

package privatepostfix

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/maincf"
	"ucs-harden/mastercf"
)

const services = `smtp inet n - y - - smtpd -v -o smtpd_tls_security_level=may -o syslog_name=x
  -o smtpd_sender_restrictions=check_sender_access,hash:/etc/postfix/senders
smtps inet n - y - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_client_connection_count_limit=3
10023 inet n n n - 0 spawn user=nobody argv=/usr/bin/greylist
pickup unix n - y 60 1 pickup
cleanup unix n - y - 0 cleanup -o content_filter=scan:x -o header_checks=pcre:/etc/postfix/headers
qmgr unix n - n 300 1 qmgr
rewrite unix - - y - - trivial-rewrite
smtp unix - - y - - smtp
listfilter unix - n n - 0 spawn user=listfilter argv=/usr/share/listfilter.py -o x -b dc=company,dc=my
listfilter unix - n n - 0 spawn user=listfilter argv=/usr/share/listfilter.py -b {dc=our company,dc=my}
maildrop unix - n n - - pipe flags=DRhu user=vmail argv=/usr/bin/maildrop
`

func newTestBuilder(t *testing.T, main, master string, files ...File) *builder {
	t.Helper()
	f := folder{
		dir: "/run/p", etc: "/run/p/etc", files: "/run/p/files", queue: "/run/p/queue", data: "/run/p/data", log: "/run/p/log",
		stage: "/run/p/etc/stage",
	}
	c := parsed(t, main, master)
	c.Files, c.QueueDirectory = files, "/var/spool/postfix"
	b, err := newBuilder(f, c)
	require.NoError(t, err)
	return b
}

// parsed is a Config of these files.
func parsed(t *testing.T, main, master string) Config {
	t.Helper()
	m, err := maincf.Parse([]byte(main))
	require.NoError(t, err)
	services, err := mastercf.Parse([]byte(master))
	require.NoError(t, err)
	return Config{Main: m, Master: services}
}

func TestMainHasEveryParameterOnce(t *testing.T) {
	b := newTestBuilder(t, `queue_directory = /var/spool/postfix
mynetworks = 127.0.0.0/8
smtpd_milters = unix:private/milter
inet_interfaces = all
mynetworks = 10.0.0.0/8
in_flow_delay = 1s
soft_bounce = yes
`, services)
	count := map[string]int{}
	values := map[string]string{}
	for line := range strings.Lines(string(b.mainCF())) {
		if name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " = "); ok && line[0] != '#' {
			count[name]++
			values[name] = value
		}
	}
	for name, n := range count {
		assert.Equal(t, 1, n, name)
	}
	assert.Equal(t, "10.0.0.0/8", values["mynetworks"], "the last one counts")
	assert.Equal(t, "yes", values["soft_bounce"])
	assert.Equal(t, "all", values["inet_interfaces"], "which addresses are the server's own is part of the verdict")
	assert.Equal(t, "/run/p/queue", values["queue_directory"])
	assert.Equal(t, "", values["smtpd_milters"])
	assert.Equal(t, "0s", values["in_flow_delay"])
	assert.Equal(t, "0.0.0.0/0, [::]/0", values["smtpd_authorized_xclient_hosts"])
	assert.Equal(t, "static:DISCARD", values["header_checks"])
}

func TestRewrite(t *testing.T) {
	b := newTestBuilder(t, "", services,
		File{Path: "/etc/postfix/senders", Type: "hash"}, File{Path: "/etc/postfix/ldap.logins"},
		File{Path: "/etc/postfix/senders.exempt", Type: "cidr"})
	for value, want := range map[string]string{
		"hash:/etc/postfix/senders":                                  "hash:/run/p/files/senders",
		"hash:/etc/postfix/senders, permit":                          "hash:/run/p/files/senders, permit",
		"hash:/etc/postfix/senders2 hash:/srv/etc/postfix/senders":   "hash:/etc/postfix/senders2 hash:/srv/etc/postfix/senders",
		"cidr:/etc/postfix/senders.exempt hash:/etc/postfix/senders": "cidr:/run/p/files/senders.exempt hash:/run/p/files/senders",
		"{ldap:/etc/postfix/ldap.logins}":                            "{ldap:/run/p/files/ldap.logins}",
		"proxy:hash:$config_directory/senders":                       "proxy:hash:/run/p/files/senders",
		"hash:${config_directory}/other":                             "hash:/etc/postfix/other",
		"unix:$queue_directory/private/x":                            "unix:/var/spool/postfix/private/x",
		"$queue_directory_of_mine":                                   "$queue_directory_of_mine",
		"btree:$data_directory/cache":                                "btree:$data_directory/cache",
	} {
		assert.Equal(t, want, b.rewrite(value), value)
	}
}

func TestMasterHasWhatSmtpdNeeds(t *testing.T) {
	b := newTestBuilder(t, "smtpd_use_tls = yes\n", services, File{Path: "/etc/postfix/senders", Type: "hash"})
	// Written from master(5): the SMTP services on private sockets, the helpers; nothing in chroot, nothing in the
	// network.
	assert.Equal(t, `# service type private unpriv chroot wakeup maxproc command
smtpd-25 unix y - n - - smtpd
  -o {smtpd_sender_restrictions = check_sender_access pipemap:{ hash:/run/p/files/senders, regexp:/run/p/etc/stage, regexp:/run/p/etc/stage }}
  -o {syslog_name = ucs-harden-rehearsal/25}
  -o {smtpd_tls_security_level = may}
smtpd-465 unix y - n - - smtpd
  -o {syslog_name = ucs-harden-rehearsal/465}
  -o {smtpd_tls_security_level = may}
cleanup unix n - n - 0 cleanup
  {-o}
  {canonical_maps =}
  {-o}
  {sender_canonical_maps =}
  {-o}
  {recipient_canonical_maps =}
  {-o}
  {virtual_alias_maps =}
rewrite unix - - n - - trivial-rewrite
listfilter unix - n n - 0 spawn
  {user=listfilter}
  {argv=/usr/share/listfilter.py}
  {-b}
  {dc=our company,dc=my}
`, string(b.masterCF()))
}

func TestServices(t *testing.T) {
	for sentence, test := range map[string]struct {
		main, entry  string
		tls, mustTLS bool
	}{
		"no TLS at all":               {"", "", false, false},
		"TLS is offered":              {"smtpd_tls_security_level = may", "", true, false},
		"the old parameter offers it": {"smtpd_use_tls = yes", "", true, false},
		"the new parameter overrules the old": {
			"smtpd_use_tls = yes\nsmtpd_tls_security_level = none", "", false, false,
		},
		"the entry asks for it":                {"", "-o smtpd_tls_security_level=encrypt", true, true},
		"the entry asks for it in the old way": {"", "-o smtpd_enforce_tls=yes", true, true},
		"main.cf overrules the old way": {
			"smtpd_tls_security_level = may", "-o smtpd_enforce_tls=yes", true, false,
		},
		"TLS from the first byte": {"", "-o smtpd_tls_wrappermode=yes", true, true},
		"the entry overrules main.cf": {
			"smtpd_tls_security_level = encrypt", "-o smtpd_tls_security_level=may", true, false,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			b := newTestBuilder(t, test.main, "submission inet n - n - - smtpd "+test.entry+"\n")
			require.Len(t, b.services, 1)
			assert.Equal(t, 587, b.services[0].id)
			assert.Equal(t, [2]bool{test.tls, test.mustTLS}, [2]bool{b.services[0].tls, b.services[0].mustTLS})
		})
	}
}

func TestBehindPostscreenIsTheSmtpd(t *testing.T) {
	b := newTestBuilder(t, "", `smtp inet n - n - 1 postscreen -o smtpd_service_name=behind
smtpd pass - - n - - smtpd -o x=other
behind pass - - n - - smtpd -o x=this
`)
	require.Len(t, b.services, 1)
	assert.Equal(t, 25, b.services[0].id)
	assert.Equal(t, "this", b.services[0].overrides[0].Value)
}

func TestWithoutAnySmtpdThereIsNothingToRehearse(t *testing.T) {
	_, err := newBuilder(folder{}, parsed(t, "", "pickup unix n - n 60 1 pickup\n"))
	assert.ErrorContains(t, err, "no smtpd")
}

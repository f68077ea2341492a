package package_test

import (
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	joinScript = "/usr/lib/univention-install/60ucs-harden.inst"
	// unjoinScript is where a removal puts the unjoin script, and UCS finds it.
	unjoinScript = "/usr/lib/univention-install/40ucs-harden.uinst"
)

// shellLibrary stands in for the library of UCS that the maintainer scripts use. On the primary and backup nodes a join
// script runs at once, and an unjoin script is removed when it has succeeded; elsewhere both wait for the administrator.
const shellLibrary = `
at_once() { case $(ucr get server/role) in domaincontroller_master | domaincontroller_backup) return 0 ;; *) return 1 ;; esac; }
call_joinscript() {
	if [ -x "/usr/lib/univention-install/$1" ] && at_once; then
		"/usr/lib/univention-install/$1"
		echo "Joinscript $1 finished with exitcode $?"
	fi
}
call_unjoinscript() {
	if [ -x "/usr/lib/univention-install/$1" ] && at_once; then
		"/usr/lib/univention-install/$1" && rm "/usr/lib/univention-install/$1"
	fi
}
`

// joinLibrary stands in for the library of the join scripts: it notes who runs, and what is left of the package then.
const joinLibrary = `
joinscript_init() {
	echo "$0 $(dpkg-query --show --showformat '${db:Status-Status}' ucs-harden) $(ls /usr/sbin/ucs-harden 2>/dev/null)" >>/tmp/joined
	[ ! -e /tmp/fail ]
	exit
}
`

// newMember is a fresh mail server with this role in a domain.
func newMember(t *testing.T, role string) host {
	t.Helper()
	server := freshMailServer(t)
	server.ok(t, "ucr", "set", "server/role="+role)
	for file, content := range map[string]string{
		"/usr/share/univention-lib/all.sh":                shellLibrary,
		"/usr/share/univention-join/joinscripthelper.lib": joinLibrary,
		"/usr/share/univention-lib/base.sh":               "\n",
		"/usr/share/univention-lib/ucr.sh":                "\n",
		"/usr/share/univention-lib/ldap.sh":               "\n",
		"/tmp/joined":                                     "",
	} {
		server.ok(t, "mkdir", "-p", path.Dir(file))
		require.NoError(t, server.WriteFile(file, []byte(content), 0o644))
	}
	return server
}

// joined is what ran since it was asked last.
func (h host) joined(t *testing.T) []string {
	t.Helper()
	said := strings.TrimSuffix(h.ok(t, "cat", "/tmp/joined"), "\n")
	require.NoError(t, h.WriteFile("/tmp/joined", nil, 0o644))
	if said == "" {
		return nil
	}
	return strings.Split(said, "\n")
}

func (h host) exists(t *testing.T, file string) bool {
	t.Helper()
	return h.run(t, "test", "-e", file).Code == 0
}

func TestJoinScriptsOfThePackage(t *testing.T) {
	t.Parallel()
	server := newMember(t, "domaincontroller_master")
	program := " /usr/sbin/ucs-harden"

	server.install(t)
	assert.Equal(t, []string{joinScript + " half-configured" + program}, server.joined(t), "the primary node joins at once")
	assert.NotContains(t, server.dpkg(t, "--remove", "ucs-harden"), "did not end well")
	ran := server.joined(t)
	require.Len(t, ran, 1)
	assert.Equal(t, unjoinScript+" half-installed ", ran[0], "it runs when the files are gone")
	assert.False(t, server.exists(t, unjoinScript), "it has done its work")

	t.Run("scripts that fail", func(t *testing.T) {
		require.NoError(t, server.WriteFile("/tmp/fail", nil, 0o644))
		assert.Contains(t, server.dpkg(t, "--install", deb(t)), "60ucs-harden.inst finished with exitcode 1")
		removed := server.run(t, "dpkg", "--remove", "ucs-harden")
		assert.Zero(t, removed.Code)
		assert.Contains(t, removed.Stderr, "the unjoin script did not end well; run univention-run-join-scripts")
		assert.True(t, server.exists(t, unjoinScript), "it is pending")
		server.ok(t, "rm", "/tmp/fail")
	})
	t.Run("another server waits for the administrator", func(t *testing.T) {
		server.ok(t, "ucr", "set", "server/role=memberserver")
		server.joined(t)
		server.install(t)
		assert.False(t, server.exists(t, unjoinScript), "it would take back what is in use again")
		server.dpkg(t, "--purge", "ucs-harden")
		assert.True(t, server.exists(t, unjoinScript), "it is pending")
		assert.Empty(t, server.joined(t))
	})
}

func TestFilesThatOtherProgramsMakeOfOurs(t *testing.T) {
	t.Parallel()
	server := freshMailServer(t)
	server.install(t)
	metrics := "/var/lib/prometheus/node-exporter/ucs-harden.prom"
	log := "/var/log/univention/listener_modules/ucs_harden.log"
	atOnce := []string{metrics, "/usr/lib/univention-directory-listener/system/__pycache__/ucs_harden.cpython-311.pyc",
		"/usr/lib/python3/dist-packages/univention/management/console/modules/diagnostic/plugins/__pycache__/75_ucs_harden.cpython-311.pyc"}
	later := []string{log, log + ".2026-11-30", "/var/lib/univention-directory-listener/handlers/ucs_harden",
		"/var/lib/univention-directory-listener/ucs-harden-sync-wanted"}
	for _, file := range append(append([]string{}, atOnce...), later...) {
		server.ok(t, "mkdir", "-p", path.Dir(file))
		require.NoError(t, server.WriteFile(file, nil, 0o644))
	}
	server.dpkg(t, "--remove", "ucs-harden")
	for _, file := range atOnce {
		assert.False(t, server.exists(t, file), file)
	}
	for _, file := range later {
		assert.True(t, server.exists(t, file), file)
	}
	server.dpkg(t, "--purge", "ucs-harden")
	for _, file := range later {
		assert.False(t, server.exists(t, file), file)
	}
}

// A removal is interrupted after the templates are unregistered: something fails, or dpkg is killed.
func TestInterruptedRemoval(t *testing.T) {
	t.Parallel()
	server := newMember(t, "memberserver")
	const prerm = "/var/lib/dpkg/info/ucs-harden.prerm"
	interrupt := func(how string) {
		t.Helper()
		server.ok(t, "sed", "-i", `s/^exit 0$/[ "$1" != remove ] || `+how+"/", prerm)
		assert.NotZero(t, server.run(t, "dpkg", "--remove", "ucs-harden").Code)
	}
	server.install(t)
	interrupt("exit 1")
	assert.False(t, server.exists(t, unjoinScript), "nobody may run it while the package is there")
	server.registered(t)

	interrupted := func(what string) {
		t.Helper()
		server.install(t)
		interrupt("kill -9 $PPID")
		require.True(t, server.exists(t, removedInfo), what)
	}
	interrupted("configured nevertheless")
	server.ok(t, "dpkg", "--configure", "ucs-harden")
	assert.False(t, server.exists(t, unjoinScript))
	server.registered(t)

	interrupted("installed again")
	server.install(t)
	assert.False(t, server.exists(t, unjoinScript))
	server.registered(t)

	interrupted("removed again")
	server.ok(t, "sed", "-i", "s/.*kill .*/exit 0/", prerm)
	server.dpkg(t, "--remove", "ucs-harden")
	assert.True(t, server.exists(t, unjoinScript))
	server.forgotten(t)
}

// dpkg runs no prerm for a package that was never configured.
func TestPurgeOfWhatWasNeverConfigured(t *testing.T) {
	t.Parallel()
	server := newMember(t, "domaincontroller_master")
	before := server.state(t, "/etc", "/usr", "/var")
	server.dpkg(t, "--unpack", server.bring(t, deb(t)))
	server.dpkg(t, "--purge", "ucs-harden")
	assert.Empty(t, before.Diff(server.state(t, "/etc", "/usr", "/var")))
	assert.Empty(t, server.joined(t))
}

package ucs_test

import (
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

const (
	joinScript   = "/usr/lib/univention-install/60ucs-harden.inst"
	unjoinScript = "/usr/lib/univention-uninstall/40ucs-harden.uinst"
	attributes   = "cn=custom attributes,cn=univention,dc=company,dc=my"
	monitoring   = "cn=monitoring,dc=company,dc=my"
)

// domain is a host with the join scripts, and with stand-ins for the programs that they call: testdata/join.
type domain struct{ *lab.Host }

func newDomain(t *testing.T) domain {
	t.Helper()
	d := domain{lab.New(t, lab.Options{Services: []lab.Service{}}).Mail()}
	require.NoError(t, d.CopyTree("../../../ucs"))
	for target, mode := range map[string]os.FileMode{
		"/usr/share/univention-join/joinscripthelper.lib": 0o644, "/usr/share/univention-lib/ldap.sh": 0o644, "/usr/sbin/udm": 0o755,
	} {
		content, err := os.ReadFile("testdata/join/" + strings.TrimSuffix(path.Base(target), ".sh"))
		require.NoError(t, err)
		require.NoError(t, d.WriteFile(target, content, mode))
	}
	for target, content := range map[string]string{
		"/usr/share/univention-lib/base.sh": `stop_udm_cli_server() { note stop_udm_cli_server; }` + "\n",
		"/usr/share/univention-lib/ucr.sh":  `is_ucr_false() { [ "$(ucr get "$1")" = no ]; }` + "\n",
		"/tmp/a b":                          "secret",
	} {
		require.NoError(t, d.WriteFile(target, []byte(content), 0o644))
	}
	return d
}

var login = []string{"--binddn", "uid=Administrator,cn=users,dc=company,dc=my", "--bindpwdfile", "/tmp/a b"}

// play runs a script with variables for the stand-ins. calls are those that it made, in angle brackets.
func (d domain) play(t *testing.T, script string, variables ...string) (result lab.Result, calls []string) {
	t.Helper()
	require.NoError(t, d.WriteFile("/tmp/calls", nil, 0o644))
	result, err := d.Run(t.Context(), slices.Concat([]string{"env"}, variables, []string{script}, login)...)
	require.NoError(t, err)
	said, err := d.ReadFile("/tmp/calls")
	require.NoError(t, err)
	return result, strings.Split(strings.TrimSuffix(string(said), "\n"), "\n")
}

// object is what the stand-in has of an object, sorted; nil when there is none.
func (d domain) object(t *testing.T, dn string) []string {
	t.Helper()
	result, err := d.Run(t.Context(), "cat", "/tmp/directory/"+dn)
	require.NoError(t, err)
	if result.Code != 0 {
		return nil
	}
	return slices.Sorted(slices.Values(strings.Split(strings.TrimSuffix(result.Stdout, "\n"), "\n")))
}

// objects are the DNs of all objects.
func (d domain) objects(t *testing.T) []string {
	t.Helper()
	result, err := d.Run(t.Context(), "ls", "/tmp/directory")
	require.NoError(t, err)
	return strings.Split(strings.TrimSuffix(result.Stdout, "\n"), "\n")
}

// first are the first words of calls; of udm(8) the module and the action.
func first(calls []string) []string {
	var out []string
	for _, call := range calls {
		words := strings.Split(strings.Trim(call, "<>"), "><")
		if words[0] == "udm" {
			words = []string{strings.Join(words[1:min(3, len(words))], " ")}
		}
		out = append(out, words[0])
	}
	return out
}

func withMonitoring(t *testing.T, d domain) string {
	t.Helper()
	require.NoError(t, d.WriteFile("/etc/univention/templates/info/univention-monitoring-client.info", nil, 0o644))
	return "MONITORING=monitoring/alert"
}

func TestJoinScript(t *testing.T) {
	d := newDomain(t)
	as := "<" + strings.Join(login, "><") + ">"

	result, calls := d.play(t, joinScript)
	require.Zero(t, result.Code, "%s%s", result.Stdout, result.Stderr)
	assert.Empty(t, result.Stderr)
	assert.Equal(t, []string{
		"joinscript_init", "ucs_addServiceToLocalhost", "ucs_registerLDAPExtension", "ucs_registerLDAPExtension",
		"settings/extended_attribute create", "settings/extended_attribute create", "stop_udm_cli_server", "joinscript_save_current_version",
	}, first(calls), "the first time, without the monitoring")
	assert.Equal(t, "<ucs_addServiceToLocalhost><ucs-harden>"+as, calls[1])
	assert.Equal(t, "<ucs_registerLDAPExtension>"+as+"<--schema></usr/share/ucs-harden/ucs-harden.schema>", calls[2])
	assert.Equal(t, "<ucs_registerLDAPExtension>"+as+"<--ucsversionstart><5.0-0><--ucsversionend><5.99-99><--acl></usr/share/ucs-harden/69ucs-harden.acl>", calls[3])
	for _, call := range calls[4:6] {
		assert.Contains(t, call, "><create>"+as+"<", "the credentials")
	}
	fields := map[string][]string{
		"ucsHardenSuspended":       {"syntax=TrueFalseUp", "tabPosition=1", "shortDescription=May not send mail", `translationShortDescription="de_DE" "Darf keine E-Mails senden"`},
		"ucsHardenSuspendedReason": {"syntax=string", "tabPosition=2", "shortDescription=Reason", `translationShortDescription="de_DE" "Grund"`},
	}
	for name, own := range fields {
		assert.Subset(t, d.object(t, "cn="+name+","+attributes), append(own,
			"name="+name, "CLIName="+name, "ldapMapping="+name, "objectClass=ucsHardenMail", "module=users/user", "multivalue=0", "valueRequired=0", "mayChange=1",
			"deleteObjectClass=1", "tabName=Mail", "tabAdvanced=1", "groupName=Sending mail", "groupPosition=1"))
	}
	joined := d.object(t, "cn=ucsHardenSuspended,"+attributes)

	t.Run("a host that has joined with this version does nothing", func(t *testing.T) {
		result, calls := d.play(t, joinScript, "JOINED=2")
		assert.Equal(t, 1, result.Code)
		assert.Equal(t, []string{"joinscript_init"}, first(calls))
	})
	t.Run("a higher version brings what there is up to date", func(t *testing.T) {
		old := "name=ucsHardenSuspended\nsyntax=boolean\ngroupPosition=2\nshortDescription=Old\ntranslationShortDescription=\"de_DE\" \"Alt\"\n"
		require.NoError(t, d.WriteFile("/tmp/directory/cn=ucsHardenSuspended,"+attributes, []byte(old), 0o644))
		result, calls := d.play(t, joinScript, "JOINED=1")
		require.Zero(t, result.Code, "%s%s", result.Stdout, result.Stderr)
		assert.Equal(t, 2, strings.Count(strings.Join(first(calls), " "), "settings/extended_attribute modify"))
		assert.Equal(t, joined, d.object(t, "cn=ucsHardenSuspended,"+attributes))
	})
	for fail, until := range map[string]string{
		"service":                             "ucs_addServiceToLocalhost",
		"ucs_registerLDAPExtension":           "ucs_registerLDAPExtension",
		"name=ucsHardenSuspended":             "settings/extended_attribute create",
		"name=ucsHardenSuspendedReason":       "settings/extended_attribute create",
		"cn=ucsHardenSuspended," + attributes: "settings/extended_attribute modify",
	} {
		t.Run("it fails at "+fail, func(t *testing.T) {
			result, calls := d.play(t, joinScript, "FAIL="+fail)
			assert.NotZero(t, result.Code)
			assert.Contains(t, result.Stdout, "__JOINERR__:FAILED: "+joinScript, "the library of join scripts says so")
			assert.NotContains(t, result.Stderr, "the wrong die")
			assert.Equal(t, until, first(calls)[len(calls)-1], "nothing comes after it, and it is never saved as done")
		})
	}
	testAlerts(t, d)
}

// testAlerts is about the alerts of the monitoring.
func testAlerts(t *testing.T, d domain) {
	t.Run("the module of the alerts without the client", func(t *testing.T) {
		_, calls := d.play(t, joinScript, "MONITORING=monitoring/alert")
		assert.NotContains(t, strings.Join(calls, " "), "monitoring/alert")
	})
	module := withMonitoring(t, d)
	t.Run("the client without the module", func(t *testing.T) {
		_, calls := d.play(t, joinScript)
		assert.NotContains(t, strings.Join(calls, " "), "monitoring/alert")
	})
	const hostdn = "cn=mail,cn=dc,cn=computers,dc=company,dc=my"
	t.Run("alerts that no host is assigned to", func(t *testing.T) {
		_, err := d.Run(t.Context(), "ucr", "set", "monitoring/client/autoregister=no")
		require.NoError(t, err)
		result, _ := d.play(t, joinScript, module)
		require.Zero(t, result.Code, "%s%s", result.Stdout, result.Stderr)
		assert.NotContains(t, d.object(t, "cn=UCS_HARDEN_DRIFT,"+monitoring), "assignedHosts="+hostdn)
		_, err = d.Run(t.Context(), "ucr", "unset", "monitoring/client/autoregister")
		require.NoError(t, err)
	})
	for range 2 { // any number of times
		result, _ := d.play(t, joinScript, module)
		require.Zero(t, result.Code, "%s%s", result.Stdout, result.Stderr)
	}
	names := alertNames(t)
	for _, name := range names {
		alert := d.object(t, "cn="+name+","+monitoring)
		assert.Subset(t, alert, []string{"alertGroup=UCS_HARDEN", "assignedHosts=" + hostdn}, name)
		for property, form := range map[string]string{
			"labels": `^"severity" "(warning|critical)"$`, "for": `^[0-9]+[mh]$`, "query": `%instance%\}`, "summary": `.`, "description": `.`,
		} {
			i := slices.IndexFunc(alert, func(line string) bool { return strings.HasPrefix(line, property+"=") })
			if assert.GreaterOrEqual(t, i, 0, "%s has %s", name, property) {
				assert.Regexp(t, form, strings.TrimPrefix(alert[i], property+"="), name)
			}
		}
	}
	t.Run("an alert of another version is brought up to date", func(t *testing.T) {
		const dn = "cn=UCS_HARDEN_EXPIRY," + monitoring
		now := d.object(t, dn)
		require.NoError(t, d.WriteFile("/tmp/directory/"+dn, []byte("name=UCS_HARDEN_EXPIRY\nfor=5m\nquery=old\n"), 0o644))
		result, _ := d.play(t, joinScript, module)
		require.Zero(t, result.Code)
		assert.Equal(t, now, d.object(t, dn))
	})
}

// alertNames are the alerts of the package.
func alertNames(t *testing.T) (names []string) {
	t.Helper()
	content, err := os.ReadFile("../../../ucs/usr/share/ucs-harden/alerts")
	require.NoError(t, err)
	for line := range strings.Lines(string(content)) {
		if name, _, found := strings.Cut(line, "\t"); found && !strings.HasPrefix(name, "#") {
			names = append(names, name)
		}
	}
	require.NotEmpty(t, names)
	return names
}

func TestUnjoinScript(t *testing.T) {
	d := newDomain(t)
	module := withMonitoring(t, d)
	join := func(t *testing.T) []string {
		t.Helper()
		result, _ := d.play(t, joinScript, module)
		require.Zero(t, result.Code, "%s%s", result.Stdout, result.Stderr)
		return d.objects(t)
	}
	all := join(t)

	t.Run("another host has the package", func(t *testing.T) {
		result, calls := d.play(t, unjoinScript, module, "USED=1")
		require.Zero(t, result.Code, "%s%s", result.Stdout, result.Stderr)
		assert.Equal(t, all, d.objects(t))
		assert.NotContains(t, strings.Join(calls, " "), "ucs_unregisterLDAPExtension")
		for _, dn := range all {
			if strings.HasSuffix(dn, monitoring) {
				assert.NotContains(t, strings.Join(d.object(t, dn), "\n"), "assignedHosts", dn)
			}
		}
		assert.Equal(t, "<joinscript_remove_script_from_status_file><ucs-harden>", calls[len(calls)-1])
	})
	t.Run("nobody can tell whether another host has the package", func(t *testing.T) {
		result, _ := d.play(t, unjoinScript, module, "USED=2")
		assert.Zero(t, result.Code)
		assert.Equal(t, all, d.objects(t))
	})
	t.Run("the last host, while a user is marked", func(t *testing.T) {
		result, calls := d.play(t, unjoinScript, module, "MARKED=uid=leaver,cn=users,dc=company,dc=my")
		require.Zero(t, result.Code, "%s%s", result.Stdout, result.Stderr)
		assert.Contains(t, result.Stdout, "the marks and the access rule 69ucs-harden stay")
		assert.NotContains(t, strings.Join(calls, " "), "ucs_unregisterLDAPExtension")
		assert.Equal(t, []string{""}, d.objects(t))
	})
	t.Run("the last host", func(t *testing.T) {
		assert.Equal(t, all, join(t), "it may join again")
		result, calls := d.play(t, unjoinScript, module)
		require.Zero(t, result.Code, "%s%s", result.Stdout, result.Stderr)
		assert.Equal(t, []string{""}, d.objects(t))
		said := strings.Join(calls, "\n")
		as := "<" + strings.Join(login, "><") + ">"
		assert.Contains(t, said, "<ucs_removeServiceFromLocalhost><ucs-harden>"+as)
		assert.Contains(t, said, "<ucs_unregisterLDAPExtension>"+as+"<--acl><69ucs-harden>\n")
		assert.NotContains(t, said, "--schema", "a schema is never unregistered")
		assert.Contains(t, first(calls), "stop_udm_cli_server")
	})
	t.Run("once more, and without the monitoring", func(t *testing.T) {
		for _, with := range []string{module, "MONITORING="} {
			result, _ := d.play(t, unjoinScript, with)
			assert.Zero(t, result.Code, "%s%s", result.Stdout, result.Stderr)
		}
	})
	for _, fail := range []string{"service", "ucs_unregisterLDAPExtension", "cn=ucsHardenSuspended," + attributes, "cn=UCS_HARDEN_DRIFT," + monitoring} {
		t.Run("it fails at "+fail, func(t *testing.T) {
			join(t)
			result, calls := d.play(t, unjoinScript, module, "FAIL="+fail)
			assert.NotZero(t, result.Code)
			assert.Contains(t, result.Stdout, "__JOINERR__:FAILED: "+unjoinScript)
			assert.NotContains(t, strings.Join(calls, "\n"), "joinscript_remove_script_from_status_file", "it stays pending")
		})
	}
	t.Run("UDM cannot tell whether a user is marked", func(t *testing.T) {
		join(t)
		result, calls := d.play(t, unjoinScript, module, "FAIL=(|(ucsHardenSuspended=*)(ucsHardenSuspendedReason=*))")
		assert.Zero(t, result.Code)
		assert.NotContains(t, strings.Join(calls, " "), "ucs_unregisterLDAPExtension")
	})
}

package ucs_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// Replacements for the programs that a join script calls on UCS. They record each call with its arguments between angle
// brackets. The directory is a folder with a file for each object. A call that the environment variable FAIL names
// fails.
const (
	joinLib = `die() { echo "died" >&2; exit 1; }
joinscript_init() { note joinscript_init "$VERSION"; }
joinscript_save_current_version() { note joinscript_save_current_version; }
note() { printf '<%s>' "$@" >>/tmp/calls; echo >>/tmp/calls; }
udm() {
	note udm "$@"
	local name= arg
	for arg; do case $arg in name=*) name=${arg#name=} ;; esac; done
	[ "$name" != "$FAIL" ] || return 1
	[ ! -e "/tmp/directory/$name" ] || [[ " $* " == *" --ignore_exists "* ]] || return 1
	mkdir -p /tmp/directory && touch "/tmp/directory/$name"
}`
	ldapLib = `ucs_registerLDAPExtension() { note ucs_registerLDAPExtension "$@"; [ "$FAIL" != schema ]; }`
)

func TestJoinScript(t *testing.T) {
	l := lab.New(t, lab.Options{Services: []lab.Service{}})
	mail := l.Mail()
	require.NoError(t, mail.CopyTree("../../../ucs"))
	require.NoError(t, mail.WriteFile("/usr/share/univention-join/joinscripthelper.lib", []byte(joinLib), 0o644))
	require.NoError(t, mail.WriteFile("/usr/share/univention-lib/ldap.sh", []byte(ldapLib), 0o644))
	login := []string{"--binddn", "uid=Administrator,cn=users,dc=company,dc=my", "--bindpwdfile", "/tmp/a b"}
	join := func(fail string) (lab.Result, []string) {
		t.Helper()
		result, err := mail.Run(t.Context(), append([]string{"env", "FAIL=" + fail, "/usr/lib/univention-install/60ucs-harden.inst"}, login...)...)
		require.NoError(t, err)
		calls, err := mail.ReadFile("/tmp/calls")
		require.NoError(t, err)
		require.NoError(t, mail.WriteFile("/tmp/calls", nil, 0o644))
		return result, strings.Split(strings.TrimSuffix(string(calls), "\n"), "\n")
	}
	names := func(calls []string) string {
		var first []string
		for _, call := range calls {
			first = append(first, strings.TrimPrefix(call[:strings.Index(call, ">")], "<"))
		}
		return strings.Join(first, " ")
	}

	result, calls := join("")
	require.Equal(t, lab.Result{}, result)
	require.Equal(t, "joinscript_init ucs_registerLDAPExtension udm udm joinscript_save_current_version", names(calls))
	as := "<" + strings.Join(login, "><") + ">"
	assert.Equal(t, "<ucs_registerLDAPExtension>"+as+"<--schema></usr/share/ucs-harden/ucs-harden.schema>", calls[1])
	for i, c := range []struct{ name, syntax, label, labelGerman string }{
		{"ucsHardenSuspended", "TrueFalseUp", "May not send mail", "Darf keine E-Mails senden"},
		{"ucsHardenSuspendedReason", "string", "Reason", "Grund"},
	} {
		call := calls[2+i]
		assert.True(t, strings.HasPrefix(call, "<udm><settings/extended_attribute><create>"+as+"<--ignore_exists><--position><cn=custom attributes,cn=univention,dc=company,dc=my>"), call)
		for _, set := range []string{
			"name=" + c.name, "ldapMapping=" + c.name, "objectClass=ucsHardenMail", "module=users/user", "syntax=" + c.syntax, "multivalue=0", "valueRequired=0",
			"tabName=Mail", "shortDescription=" + c.label, `translationShortDescription="de_DE" "` + c.labelGerman + `"`,
		} {
			assert.Contains(t, call, "<--set><"+set+">")
		}
	}

	again, callsAgain := join("")
	assert.Equal(t, lab.Result{}, again, "once more")
	assert.Equal(t, calls, callsAgain)

	for fail, until := range map[string]string{
		"schema":                   "joinscript_init ucs_registerLDAPExtension",
		"ucsHardenSuspended":       "joinscript_init ucs_registerLDAPExtension udm",
		"ucsHardenSuspendedReason": "joinscript_init ucs_registerLDAPExtension udm udm",
	} {
		result, calls := join(fail)
		assert.Equal(t, lab.Result{Code: 1, Stderr: "died\n"}, result, fail)
		assert.Equal(t, until, names(calls), "nothing after %s failed, and never saved as done", fail)
	}
}

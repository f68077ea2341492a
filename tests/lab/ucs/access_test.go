package ucs_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// more are the people and servers that the lab does not have.
const more = `dn: cn=Domain Admins,cn=groups,dc=company,dc=my
changetype: add
objectClass: groupOfUniqueNames
objectClass: univentionGroup
cn: Domain Admins
uniqueMember: uid=boss,cn=users,dc=company,dc=my
uniqueMember: cn=helpdesk,cn=groups,dc=company,dc=my

dn: cn=helpdesk,cn=groups,dc=company,dc=my
changetype: add
objectClass: groupOfUniqueNames
objectClass: univentionGroup
cn: helpdesk
uniqueMember: uid=clerk,cn=users,dc=company,dc=my

dn: cn=files,cn=memberserver,cn=computers,dc=company,dc=my
changetype: modify
add: userPassword
userPassword: lab-files

dn: cn=relay,cn=memberserver,cn=computers,dc=company,dc=my
changetype: add
objectClass: person
objectClass: univentionHost
objectClass: univentionMemberServer
cn: relay
sn: relay
univentionService: SMTP
userPassword: lab-relay

dn: cn=hardened,cn=memberserver,cn=computers,dc=company,dc=my
changetype: add
objectClass: person
objectClass: univentionHost
objectClass: univentionMemberServer
cn: hardened
sn: hardened
univentionService: ucs-harden
userPassword: lab-hardened

dn: cn=school,dc=company,dc=my
changetype: add
objectClass: applicationProcess
cn: school

dn: cn=dc-school,cn=school,dc=company,dc=my
changetype: add
objectClass: person
objectClass: univentionHost
objectClass: univentionDomainController
cn: dc-school
sn: dc-school
userPassword: lab-dc-school
`

// TestAccessRule puts the access rule of the package where UCS puts it, before the rules that let all users read and
// administrators write.
func TestAccessRule(t *testing.T) {
	l := lab.New(t, lab.Options{Services: []lab.Service{lab.Slapd}})
	mail := l.Mail()
	l.ChangeDirectory(t, more)
	template, err := os.ReadFile("../../../ucs/usr/share/ucs-harden/69ucs-harden.acl")
	require.NoError(t, err)
	rendered, err := mail.RunInput(t.Context(), string(template), "ucr", "filter")
	require.NoError(t, err)
	require.Zero(t, rendered.Code, rendered.Stderr)
	require.NotContains(t, rendered.Stdout, "@")

	const conf, last = "/etc/ldap/slapd-lab.conf", "access to *\n"
	content, err := mail.ReadFile(conf)
	require.NoError(t, err)
	before, _, found := strings.Cut(string(content), last)
	require.True(t, found)
	rules := before + rendered.Stdout + last +
		"\tby set=\"user & [cn=Domain Admins,cn=groups,dc=company,dc=my]/uniqueMember*\" write\n\tby users read\n"
	require.NoError(t, mail.WriteFile(conf, []byte(rules), 0o600))
	tested, err := mail.Run(t.Context(), "slaptest", "-u", "-f", conf)
	require.NoError(t, err)
	require.Zero(t, tested.Code, "as UCS validates it: %s", tested.Stderr)
	require.NoError(t, l.Restart(t.Context(), lab.Slapd))

	as := func(program, dn, password string, arguments ...string) lab.Result {
		t.Helper()
		result, err := mail.Run(t.Context(), append([]string{
			"env", "LDAPTLS_CACERT=/etc/univention/ssl/ucsCA/CAcert.pem", program, "-x", "-ZZ",
			"-H", "ldap://mail.company.my:7389", "-D", dn + ",dc=company,dc=my", "-w", password,
		}, arguments...)...)
		require.NoError(t, err)
		return result
	}
	for who, c := range map[string]struct {
		dn, password string
		reads        bool
	}{
		"a user":                               {"uid=employee,cn=users", "lab-employee", false},
		"the suspended user":                   {"uid=leaver,cn=users", "lab-leaver", false},
		"a server that is no mail server":      {"cn=files,cn=memberserver,cn=computers", "lab-files", false},
		"the mail server":                      {"cn=mail,cn=dc,cn=computers", "lab-machine", true},
		"another domain controller":            {"cn=dc2,cn=dc,cn=computers", "lab-dc2", true},
		"a domain controller elsewhere":        {"cn=dc-school,cn=school", "lab-dc-school", true},
		"a mail server that is only a member":  {"cn=relay,cn=memberserver,cn=computers", "lab-relay", true},
		"a member server that has ucs-harden":  {"cn=hardened,cn=memberserver,cn=computers", "lab-hardened", true},
		"an administrator":                     {"uid=boss,cn=users", "lab-boss", true},
		"an administrator by way of a group":   {"uid=clerk,cn=users", "lab-clerk", true},
		"the account that all rules are above": {"cn=admin", "lab-admin", true},
	} {
		t.Run(who, func(t *testing.T) {
			all := as("ldapsearch", c.dn, c.password, "-LLL", "-b", "uid=leaver,cn=users,dc=company,dc=my")
			require.Zero(t, all.Code, all.Stderr)
			assert.Contains(t, all.Stdout, "mailPrimaryAddress: leaver@company.my", "the rest is as before")
			for _, line := range []string{"ucsHardenSuspended: TRUE", "ucsHardenSuspendedReason: contract ended", "objectClass: ucsHardenMail"} {
				assert.Equal(t, c.reads, strings.Contains(all.Stdout, line), line)
			}
			assert.Contains(t, all.Stdout, "objectClass: univentionMail")
			for _, filter := range []string{
				"(ucsHardenSuspended=TRUE)", "(ucsHardenSuspended=*)", "(ucsHardenSuspended=TR*)",
				"(ucsHardenSuspendedReason=*t end*)", "(objectClass=ucsHardenMail)",
			} {
				found := as("ldapsearch", c.dn, c.password, "-LLL", "-b", "dc=company,dc=my", filter, "uid")
				require.Zero(t, found.Code, found.Stderr)
				assert.Equal(t, c.reads, strings.Contains(found.Stdout, "uid: leaver"), filter)
			}
		})
	}
	t.Run("who may change it", func(t *testing.T) {
		const change = "/tmp/change.ldif"
		require.NoError(t, mail.WriteFile(change, []byte("dn: uid=leaver,cn=users,dc=company,dc=my\nchangetype: modify\nreplace: ucsHardenSuspendedReason\nucsHardenSuspendedReason: moved\n"), 0o644))
		assert.Equal(t, 50, as("ldapmodify", "uid=employee,cn=users", "lab-employee", "-f", change).Code, "insufficientAccessRights")
		assert.Equal(t, 50, as("ldapmodify", "uid=leaver,cn=users", "lab-leaver", "-f", change).Code)
		assert.Zero(t, as("ldapmodify", "uid=boss,cn=users", "lab-boss", "-f", change).Code)
	})
}

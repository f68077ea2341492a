package verdicts_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	mainList = "mail/postfix/smtpd/restrictions/recipient/"
	ourCheck = "check_sender_access hash:/etc/postfix/check_custom_sender_access"
)

// administrators are restrictions that somebody added below mainList.
var administrators = map[string]string{
	"100":     "reject_non_fqdn_recipient",
	"15":      "reject_unknown_sender_domain",
	"55-mine": "warn_if_reject reject_non_fqdn_helo_hostname",
	"60":      "check_client_access cidr:/etc/postfix/our_clients",
}

func TestTheAdministratorsRestrictionsStayAndDecide(t *testing.T) {
	tab := readTable(t, "testdata/administrator.txt")
	c := newCompany(t)
	require.NoError(t, c.Mail().WriteFile("/etc/postfix/our_clients", []byte("203.0.113.25 REJECT not welcome here\n"), 0o644))
	arguments := []string{"set"}
	for key, value := range administrators {
		arguments = append(arguments, mainList+key+"="+value)
	}
	c.UCR(t, arguments...)
	c.addAddress(t, "employee", "employee@nowhere.example")
	c.reload(t)
	untouched := c.snapshot(t)

	// As the templates of UCS sort them: by key, as strings.
	asKeyed := []string{
		"permit_mynetworks", administrators["100"], administrators["15"], "permit_sasl_authenticated", "reject_unauth_destination",
		administrators["55-mine"], administrators["60"], "reject_unlisted_recipient", "check_policy_service inet:127.0.0.1:12340",
	}
	hardened := slices.Insert(slices.Clone(asKeyed), 5, ourCheck)
	inPlace := func(want []string) {
		t.Helper()
		assert.Equal(t, want, c.list(t, "smtpd_recipient_restrictions"))
		kept := map[string]string{}
		for key := range administrators {
			kept[key] = strings.TrimSpace(c.UCR(t, "get", mainList+key))
		}
		assert.Equal(t, administrators, kept)
	}

	inPlace(asKeyed)
	before := c.play(t, tab, "before")
	tab.compare(t, "before", before)

	c.harden(t, "apply --mode warn --yes")
	inPlace(hardened)
	tab.compare(t, "warn", c.play(t, tab, "warn"))

	c.harden(t, "apply --mode enforce --yes")
	inPlace(hardened)
	assert.Equal(t, []string{
		"reject_sender_login_mismatch", "reject_unknown_recipient_domain", administrators["100"], administrators["15"],
		"permit_sasl_authenticated", "check_policy_service inet:127.0.0.1:12340", "reject",
	}, c.list(t, "submission_recipient_restrictions"))
	tab.compare(t, "enforce", c.play(t, tab, "enforce"))

	c.harden(t, "rollback")
	c.harden(t, "rollback")
	inPlace(asKeyed)
	after := c.play(t, tab, "rolled-back")
	tab.compare(t, "before", after)
	assert.Empty(t, untouched.Diff(c.snapshot(t)), "what the rollback left")
}

// list is a restriction list as Postfix reads it. Here no restriction holds a comma.
func (c company) list(t *testing.T, parameter string) []string {
	t.Helper()
	var list []string
	for text := range strings.SplitSeq(c.postconf(t, parameter), ",") {
		list = append(list, strings.TrimSpace(text))
	}
	return list
}

// reload makes Postfix serve what was changed behind its back.
func (c company) reload(t *testing.T) {
	t.Helper()
	require.NoError(t, c.BackdatePostfix())
	result, err := c.Mail().Run(t.Context(), "postfix", "reload")
	require.NoError(t, err)
	require.Zero(t, result.Code, result.Stderr)
}

// addAddress gives a user of the directory one more mailAlternativeAddress.
func (c company) addAddress(t *testing.T, uid, address string) {
	t.Helper()
	change := "dn: uid=" + uid + ",cn=users,dc=company,dc=my\nchangetype: modify\nadd: mailAlternativeAddress\nmailAlternativeAddress: " + address + "\n"
	result, err := c.Mail().RunInput(t.Context(), change, "env", "LDAPTLS_CACERT=/etc/univention/ssl/ucsCA/CAcert.pem",
		"ldapmodify", "-x", "-ZZ", "-H", "ldap://mail.company.my:7389", "-D", "cn=admin,dc=company,dc=my", "-w", "lab-admin")
	require.NoError(t, err)
	require.Zero(t, result.Code, result.Stderr)
}

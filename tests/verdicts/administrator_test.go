package verdicts_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/verdicts/table"
)

const (
	mainList = "mail/postfix/smtpd/restrictions/recipient/"
	handMade = "check_sender_access hash:/etc/postfix/check_custom_sender_access"
	// ourCheck exempts this server and other mail servers, and sends all others into a class with the check of the table.
	ourCheck = "check_client_access cidr:/etc/postfix/ucs-harden/sender-spoofing-clients.cidr"
)

// leaverChecks are our restrictions at the beginning of the lists as soon as the controls are on, because an account of
// the directory is marked as suspended. The first one checks the login; it exists only on 465 and 587, where clients
// can log in. The second one checks the sender of mail without a login.
var leaverChecks = []string{
	"check_sasl_access hash:/etc/postfix/ucs-harden/suspended-logins", "check_sender_access hash:/etc/postfix/ucs-harden/suspended-senders",
}

// On 465 and 587 the login says who writes. So a sender of the table leads into leaverClass there. A client that has
// logged in goes on in goOnClass, which is the rest of the list up to the permit for logins. All others are asked for
// the sender.
const (
	leaverClass = "ucs_harden_suspended_submission_sender_1"
	goOnClass   = "ucs_harden_suspended_submission_logged_in"
	leadsOn     = "check_sender_access pipemap:{hash:/etc/postfix/ucs-harden/suspended-senders,static:" + leaverClass + "}"
)

// administrators are restrictions that an administrator added below mainList.
var administrators = map[string]string{
	"100":     "reject_non_fqdn_recipient",
	"15":      "reject_unknown_sender_domain",
	"55-mine": "warn_if_reject reject_non_fqdn_helo_hostname",
	"60":      "check_client_access cidr:/etc/postfix/our_clients",
}

func TestTheAdministratorsRestrictionsStayAndDecide(t *testing.T) {
	tab := table.Read(t, "testdata/administrator.txt")
	c := newCompany(t)
	require.NoError(t, c.Mail().WriteFile("/etc/postfix/our_clients", []byte("203.0.113.25 REJECT not welcome here\n"), 0o644))
	arguments := []string{"set"}
	for key, value := range administrators {
		arguments = append(arguments, mainList+key+"="+value)
	}
	c.UCR(t, arguments...)
	c.ChangeDirectory(t, "dn: uid=employee,cn=users,dc=company,dc=my\nchangetype: modify\nadd: mailAlternativeAddress\nmailAlternativeAddress: employee@nowhere.example")
	c.ReloadPostfix(t)
	untouched := c.Snapshot(t)

	// The templates of UCS sort them by key, as strings.
	asKeyed := []string{
		"permit_mynetworks", administrators["100"], administrators["15"], "permit_sasl_authenticated", "reject_unauth_destination",
		administrators["55-mine"], administrators["60"], "reject_unlisted_recipient", "check_policy_service inet:127.0.0.1:12340",
	}
	hardened := func(warn string) []string {
		return slices.Concat([]string{warn + leaverChecks[1]}, asKeyed[:5], []string{ourCheck}, asKeyed[5:])
	}
	inPlace := func(want []string) {
		t.Helper()
		assert.Equal(t, want, c.List(t, "smtpd_recipient_restrictions"))
		kept := map[string]string{}
		for key := range administrators {
			kept[key] = strings.TrimSpace(c.UCR(t, "get", mainList+key))
		}
		assert.Equal(t, administrators, kept)
	}

	inPlace(asKeyed)
	before := c.Play(t, tab, "before")
	tab.Compare(t, "before", before)

	c.Harden(t, "apply --mode warn --yes")
	inPlace(hardened("warn_if_reject "))
	tab.Compare(t, "warn", c.Play(t, tab, "warn"))

	c.Harden(t, "apply --mode enforce --no-evidence --yes")
	inPlace(hardened(""))
	untilLogin := []string{
		"reject_sender_login_mismatch", "reject_unknown_recipient_domain", administrators["100"], administrators["15"], "permit_sasl_authenticated",
	}
	assert.Equal(t, slices.Concat(
		[]string{leaverChecks[0], leadsOn}, untilLogin, []string{"check_policy_service inet:127.0.0.1:12340", "reject"},
	), c.List(t, "submission_recipient_restrictions"))
	assert.Equal(t, []string{"check_sasl_access static:" + goOnClass, leaverChecks[1]}, c.List(t, leaverClass))
	assert.Equal(t, untilLogin, c.List(t, goOnClass))
	tab.Compare(t, "enforce", c.Play(t, tab, "enforce"))

	c.Harden(t, "rollback")
	c.Harden(t, "rollback")
	inPlace(asKeyed)
	after := c.Play(t, tab, "rolled-back")
	tab.Compare(t, "before", after)
	assert.Empty(t, untouched.Diff(c.Snapshot(t)), "what the rollback left")
}

package harden

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/privatepostfix"
	"ucs-harden/rehearsal"
	"ucs-harden/ucr"
)

const (
	recipient  = "mail/postfix/smtpd/restrictions/recipient/"
	submission = "mail/postfix/submission/restrictions/recipient/"
)

// Which restrictions a port evaluates, and which variable sets each of them.
func TestWhatAPortAsks(t *testing.T) {
	reg := ucr.New(map[ucr.Layer]map[string]string{ucr.Normal: {
		recipient + "10": "permit_mynetworks, permit_sasl_authenticated", recipient + "50": "reject_unauth_destination",
		recipient + "51": "strict",
		recipient + "60": "reject_unlisted_recipient", recipient + "9": "reject_unlisted_recipient",
		submission + "10": "warn_if_reject reject_sender_login_mismatch", submission + "99": "reject",
	}})
	f, err := parseConfiguration(
		[]byte(`mynetworks = 127.0.0.0/8
strict = check_client_access cidr:/etc/postfix/strict, reject
smtpd_restriction_classes = strict
helo = reject_invalid_helo_hostname
smtpd_helo_restrictions = ${helo}
smtpd_sender_restrictions = reject_non_fqdn_sender
smtpd_sender_restrictions = permit_mynetworks, $(helo)
smtpd_recipient_restrictions = check_policy_service unix:private/listfilter,
        permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination, reject_unknown_client_hostname,
        strict, reject_unlisted_recipient, check_helo_access hash:/by/hand, reject_unlisted_recipient
submission_recipient_restrictions = warn_if_reject reject_sender_login_mismatch, reject
`),
		[]byte(`smtp      inet  n - y - 1 postscreen
smtpd     pass  - - y - - smtpd -o mynetworks=10.99.1.0/24
submission inet n - y - - smtpd -o smtpd_recipient_restrictions=$submission_recipient_restrictions
 -o smtpd_helo_restrictions=
`),
	)
	require.NoError(t, err)
	class := []rehearsal.Place{
		{Restriction: "check_client_access cidr:/etc/postfix/strict", List: "strict"},
		{Restriction: "reject", List: "strict"},
	}
	sender := []rehearsal.Place{
		{Restriction: "permit_mynetworks", List: "smtpd_sender_restrictions"},
		{Restriction: "reject_invalid_helo_hostname", List: "smtpd_sender_restrictions"},
	}
	const list = "smtpd_recipient_restrictions"

	on := func(port int) privatepostfix.Dialogue { return privatepostfix.Dialogue{Port: port} }
	s := f.service(reg, on(25))
	want := append([]rehearsal.Place{{Restriction: "reject_invalid_helo_hostname", List: "helo"}}, sender...)
	want = append(want,
		rehearsal.Place{
			Restriction: "check_policy_service unix:private/listfilter", List: list, Variable: "mail/postfix/policy/listfilter",
		},
		rehearsal.Place{Restriction: "permit_mynetworks", List: list, Variable: recipient + "10"},
		rehearsal.Place{Restriction: "permit_sasl_authenticated", List: list, Variable: recipient + "10"},
		rehearsal.Place{Restriction: "reject_unauth_destination", List: list, Variable: recipient + "50"},
		rehearsal.Place{
			Restriction: "reject_unknown_client_hostname", List: list,
			Variable: "mail/postfix/smtpd/restrictions/sender/reject_unknown_client_hostname",
		},
		rehearsal.Place{Restriction: "strict", List: list, Variable: recipient + "51"},
		rehearsal.Place{Restriction: "reject_unlisted_recipient", List: list, Variable: recipient + "60"},
		rehearsal.Place{Restriction: "check_helo_access hash:/by/hand", List: list},
		rehearsal.Place{Restriction: "reject_unlisted_recipient", List: list, Variable: recipient + "9"},
	)
	assert.Equal(t, append(want, class...), s.Places)
	value, _ := s.Parameters.Resolve("mynetworks")
	assert.Equal(t, "10.99.1.0/24", value, "behind postscreen the options of smtpd apply")

	s = f.service(reg, on(587))
	const own = "submission_recipient_restrictions"
	want = append(sender,
		rehearsal.Place{Restriction: "warn_if_reject reject_sender_login_mismatch", List: own, Variable: submission + "10"},
		rehearsal.Place{Restriction: "reject", List: own, Variable: submission + "99"},
	)
	assert.Equal(t, append(want, class...), s.Places)

	assert.Equal(t, f.maincf, f.service(reg, on(465)).Parameters, "a port without a service entry has those of main.cf")
	_, err = parseConfiguration([]byte("biff\n"), nil)
	require.ErrorContains(t, err, "no name = value")
}

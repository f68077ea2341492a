package harden

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/maincf"
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
		"mail/postfix/mastercf/options/submission/smtpd_relay_restrictions": "reject",
	}})
	f, err := parseConfiguration(
		[]byte(`mynetworks = 127.0.0.0/8
strict = check_client_access cidr:/etc/postfix/strict, reject
smtpd_restriction_classes = strict, from_a_table
from_a_table = reject
compatibility_level = 3.6
helo = reject_invalid_helo_hostname
smtpd_helo_restrictions = ${helo}
smtpd_sender_restrictions = reject_non_fqdn_sender
smtpd_sender_restrictions = permit_mynetworks, $(helo)
smtpd_recipient_restrictions = check_policy_service unix:private/listfilter,
        permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination, reject_unknown_client_hostname,
        strict, reject_unlisted_recipient, check_helo_access hash:/by/hand, reject_unlisted_recipient
submission_recipient_restrictions = warn_if_reject reject_sender_login_mismatch, reject
smtpd_data_restrictions = reject_unauth_pipelining
`),
		[]byte(`smtp      inet  n - y - 1 postscreen
smtpd     pass  - - y - - smtpd -o mynetworks=10.99.1.0/24
submission inet n - y - - smtpd -o smtpd_recipient_restrictions=$submission_recipient_restrictions
 -o smtpd_helo_restrictions= -o smtpd_relay_restrictions=reject -o smtpd_client_restrictions=reject_unknown_client_hostname
`),
	)
	require.NoError(t, err)
	f.local, err = maincf.Parse([]byte("smtpd_data_restrictions = reject_unauth_pipelining\n"))
	require.NoError(t, err)
	on := func(port int) privatepostfix.Dialogue { return privatepostfix.Dialogue{Port: port} }
	// place is a restriction of a list; the words are: restriction, list, registry variable.
	place := func(asked string, words ...string) rehearsal.Place {
		p := rehearsal.Place{Restriction: words[0], List: words[1], Variable: words[2], Origin: "/etc/postfix/main.cf", Asked: asked, Step: "RCPT"}
		if asked == "" {
			p.Step = ""
		}
		return p
	}
	const (
		helo, sender, relay, list = "smtpd_helo_restrictions", "smtpd_sender_restrictions", "smtpd_relay_restrictions", "smtpd_recipient_restrictions"
		own                       = "submission_recipient_restrictions"
	)
	senders := []rehearsal.Place{
		place(sender, "permit_mynetworks", sender, ""), place(sender, "reject_invalid_helo_hostname", sender, ""),
	}
	relays := []rehearsal.Place{
		place(relay, "permit_mynetworks", relay, ""), place(relay, "permit_sasl_authenticated", relay, ""), place(relay, "defer_unauth_destination", relay, ""),
	}
	for i := range relays {
		relays[i].Origin = "Postfix's default for compatibility_level = 3.6"
	}
	data := place("smtpd_data_restrictions", "reject_unauth_pipelining", "smtpd_data_restrictions", "")
	data.Origin, data.Step = "/etc/postfix/main.cf.local", "DATA"

	assert.Equal(t, slices.Concat([]rehearsal.Place{place(helo, "reject_invalid_helo_hostname", "helo", "")}, senders, relays, []rehearsal.Place{
		place(list, "check_policy_service unix:private/listfilter", list, "mail/postfix/policy/listfilter"),
		place(list, "permit_mynetworks", list, recipient+"10"),
		place(list, "permit_sasl_authenticated", list, recipient+"10"),
		place(list, "reject_unauth_destination", list, recipient+"50"),
		place(list, "reject_unknown_client_hostname", list, "mail/postfix/smtpd/restrictions/sender/reject_unknown_client_hostname"),
		place(list, "check_client_access cidr:/etc/postfix/strict", "strict", ""),
		place(list, "reject", "strict", ""),
		place(list, "reject_unlisted_recipient", list, recipient+"60"),
		place(list, "check_helo_access hash:/by/hand", list, ""),
		place(list, "reject_unlisted_recipient", list, recipient+"9"),
		data,
		place("", "reject", "from_a_table", ""),
	}), f.service(reg, on(25)).Places)
	value, _ := f.service(reg, on(25)).Parameters.Resolve("mynetworks")
	assert.Equal(t, "10.99.1.0/24", value, "behind postscreen the options of smtpd apply")

	override := place(relay, "reject", relay, "")
	override.Origin = "mail/postfix/mastercf/options/submission/smtpd_relay_restrictions"
	client := place("smtpd_client_restrictions", "reject_unknown_client_hostname", "smtpd_client_restrictions", "")
	client.Origin = "an -o override in /etc/postfix/master.cf"
	assert.Equal(t, slices.Concat([]rehearsal.Place{client}, senders, []rehearsal.Place{
		override,
		place(list, "warn_if_reject reject_sender_login_mismatch", own, submission+"10"),
		place(list, "reject", own, submission+"99"),
		data,
		place("", "check_client_access cidr:/etc/postfix/strict", "strict", ""),
		place("", "reject", "strict", ""),
		place("", "reject", "from_a_table", ""),
	}), f.service(reg, on(587)).Places)

	assert.Equal(t, f.maincf, f.service(reg, on(465)).Parameters, "a port without a service entry has those of main.cf")
	_, err = parseConfiguration([]byte("biff\n"), nil)
	require.ErrorContains(t, err, "no name = value")
}

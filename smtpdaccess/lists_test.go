package smtpdaccess_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/maincf"
	"ucs-harden/mastercf"
	"ucs-harden/smtpdaccess"
)

// service is a service of a main.cf and the -o overrides of its entry in master.cf.
func service(t *testing.T, main, overrides string) smtpdaccess.Service {
	t.Helper()
	parameters, err := maincf.Parse([]byte(main))
	require.NoError(t, err)
	master, err := mastercf.Parse([]byte("587 inet n - y - - smtpd\n  " + overrides + "\n"))
	require.NoError(t, err)
	return smtpdaccess.Of(parameters, master.Service("587", "inet"))
}

// The order and the steps are those of SMTPD_ACCESS_README and postconf(5).
func TestTheListsThatSmtpdAsks(t *testing.T) {
	const all = `smtpd_client_restrictions = reject_unknown_client_hostname
smtpd_helo_restrictions = reject_invalid_helo_hostname
smtpd_sender_restrictions = reject_non_fqdn_sender
smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_data_restrictions = reject_unauth_pipelining
smtpd_end_of_data_restrictions = check_policy_service { unix:private/size, timeout = 3 }
`
	const stock = "smtpd_relay_restrictions/RCPT/default: permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination"
	for sentence, c := range map[string]struct {
		main, overrides string
		want            []string // those that are not empty
	}{
		"UCS 5.2: relay restrictions by default, before the recipient list": {all + "compatibility_level = 3.6\n", "", []string{
			"smtpd_client_restrictions/RCPT/main.cf: reject_unknown_client_hostname",
			"smtpd_helo_restrictions/RCPT/main.cf: reject_invalid_helo_hostname",
			"smtpd_sender_restrictions/RCPT/main.cf: reject_non_fqdn_sender",
			stock,
			"smtpd_recipient_restrictions/RCPT/main.cf: permit_mynetworks, reject_unauth_destination",
			"smtpd_data_restrictions/DATA/main.cf: reject_unauth_pipelining",
			"smtpd_end_of_data_restrictions/END-OF-MESSAGE/main.cf: check_policy_service { unix:private/size, timeout = 3 }",
		}},
		"UCS 5.0: no relay restrictions": {"smtpd_recipient_restrictions = reject\n", "", []string{"smtpd_recipient_restrictions/RCPT/main.cf: reject"}},
		"UCS 5.0 with relay restrictions of the administrator: behind the recipient list": {
			"smtpd_recipient_restrictions = permit_mynetworks\nsmtpd_relay_restrictions = reject\n", "",
			[]string{"smtpd_recipient_restrictions/RCPT/main.cf: permit_mynetworks", "smtpd_relay_restrictions/RCPT/main.cf: reject"},
		},
		"UCS 5.2 where the administrator wants the old order": {
			"compatibility_level = 3.6\nsmtpd_relay_before_recipient_restrictions = no\nsmtpd_recipient_restrictions = permit_mynetworks\n", "",
			[]string{"smtpd_recipient_restrictions/RCPT/main.cf: permit_mynetworks", stock},
		},
		"without smtpd_delay_reject each list refuses at its own step": {all + "smtpd_delay_reject = no\n", "", []string{
			"smtpd_client_restrictions/CONNECT/main.cf: reject_unknown_client_hostname",
			"smtpd_helo_restrictions/EHLO/main.cf: reject_invalid_helo_hostname",
			"smtpd_sender_restrictions/MAIL/main.cf: reject_non_fqdn_sender",
			"smtpd_recipient_restrictions/RCPT/main.cf: permit_mynetworks, reject_unauth_destination",
			"smtpd_data_restrictions/DATA/main.cf: reject_unauth_pipelining",
			"smtpd_end_of_data_restrictions/END-OF-MESSAGE/main.cf: check_policy_service { unix:private/size, timeout = 3 }",
		}},
		"an override counts more than main.cf, and may refer to it": {
			"compatibility_level = 3.6\nsmtpd_recipient_restrictions = permit_mynetworks\nmine = reject_unlisted_recipient,\n $more\nmore = reject\n",
			"-o smtpd_recipient_restrictions=$mine -o smtpd_relay_restrictions=permit_sasl_authenticated,reject",
			[]string{
				"smtpd_relay_restrictions/RCPT/override: permit_sasl_authenticated, reject",
				"smtpd_recipient_restrictions(mine)/RCPT/main.cf: reject_unlisted_recipient, reject",
			},
		},
		"an override of a parameter that main.cf refers to": {
			"smtpd_recipient_restrictions = $mine\nmine = permit_mynetworks\n", "-o mine=reject",
			[]string{"smtpd_recipient_restrictions(mine)/RCPT/override: reject"},
		},
		"an override that empties the relay restrictions": {"compatibility_level = 3.6\nsmtpd_recipient_restrictions = reject\n", "-o smtpd_relay_restrictions=", []string{"smtpd_recipient_restrictions/RCPT/main.cf: reject"}},
		"an override of the compatibility level":          {"compatibility_level = 3.6\nsmtpd_recipient_restrictions = reject\n", "-o compatibility_level=0", []string{"smtpd_recipient_restrictions/RCPT/main.cf: reject"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			var got []string
			for _, l := range service(t, c.main, c.overrides).Lists() {
				if len(l.Items) == 0 {
					continue
				}
				name := l.Parameter
				if l.Holder != name {
					name += "(" + l.Holder + ")"
				}
				origin := map[smtpdaccess.Origin]string{smtpdaccess.Default: "default", smtpdaccess.MainCF: "main.cf", smtpdaccess.Override: "override"}
				got = append(got, name+"/"+l.Step+"/"+origin[l.Origin]+": "+strings.Join(l.Items.Texts(), ", "))
			}
			assert.Equal(t, c.want, got)
		})
	}
}

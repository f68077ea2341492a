package restrictions_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/restrictions"
)

func TestWarnInsertion(t *testing.T) {
	for name, tc := range map[string]struct {
		main string
		want []string
	}{
		"the stock list: clients of mynetworks without a login are warned about too": {
			"permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination, reject_unlisted_recipient",
			[]string{"permit_sasl_authenticated", "warn_if_reject reject", "permit_mynetworks", "reject_unauth_destination", "reject_unlisted_recipient"},
		},
		"other permits for insiders move along": {
			"sleep 1, permit_tls_clientcerts, permit_mynetworks, permit_sasl_authenticated, reject",
			[]string{"sleep 1", "permit_sasl_authenticated", "warn_if_reject reject", "permit_tls_clientcerts", "permit_mynetworks", "reject"},
		},
		"a check between the permits stays where it is": {
			"permit_mynetworks, reject_unknown_sender_domain, permit_sasl_authenticated, reject_unauth_destination",
			[]string{"permit_mynetworks", "reject_unknown_sender_domain", "permit_sasl_authenticated", "warn_if_reject reject", "reject_unauth_destination"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := restrictions.WarnInsertion(restrictions.Parse(tc.main))
			assert.True(t, ok)
			assert.Equal(t, tc.want, got)
		})
	}
	_, ok := restrictions.WarnInsertion(restrictions.Parse("permit_mynetworks, reject_unauth_destination"))
	assert.False(t, ok, "no place without permit_sasl_authenticated")
}

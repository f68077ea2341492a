package restrictions_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/restrictions"
)

// stockRelay is the default of smtpd_relay_restrictions since compatibility level 1 (postconf(5)).
const stockRelay = "permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination"

func TestCheckPlace(t *testing.T) {
	for sentence, c := range map[string]struct {
		vars  []restrictions.Variable
		relay string
		key   string // "": there is no place
	}{
		"the stock list on UCS 5.0":                               {stock(), "", "50"},
		"the stock list on UCS 5.2":                               {stock(), stockRelay, "50"},
		"the first reject_unauth_destination that works":          {vars("20", "warn_if_reject reject_unauth_destination", "50", "permit_mynetworks Reject_Unauth_Destination"), "", "50"},
		"defer_unauth_destination lets the same mail pass":        {vars("10", "permit_mynetworks", "30", "permit_sasl_authenticated", "50", "defer_unauth_destination", "70", "reject_unlisted_recipient"), "", "50"},
		"a permit ends what smtpd looks at":                       {vars("10", "permit", "50", "reject_unauth_destination"), "", ""},
		"relay policy in the relay restrictions":                  {vars("10", "permit_mynetworks", "30", "permit_sasl_authenticated", "70", "reject_unlisted_recipient"), stockRelay, "30"},
		"the permits in the other order":                          {vars("10", "permit_sasl_authenticated", "30", "permit_mynetworks", "70", "reject_unlisted_recipient"), stockRelay, "30"},
		"a reject at the end of the list":                         {vars("10", "permit_mynetworks", "30", "permit_sasl_authenticated", "40", "permit_auth_destination", "99", "reject"), "", "30"},
		"permits that are never reached":                          {vars("10", "reject", "30", "permit_mynetworks"), stockRelay, ""},
		"no relay policy anywhere":                                {vars("10", "permit_mynetworks", "30", "permit_sasl_authenticated"), "", ""},
		"relay restrictions that permit everybody":                {vars("10", "permit_mynetworks", "30", "permit_sasl_authenticated"), "permit_mynetworks, permit, reject_unauth_destination", ""},
		"relay restrictions that only warn":                       {vars("10", "permit_mynetworks", "30", "permit_sasl_authenticated"), "permit_mynetworks, warn_if_reject reject_unauth_destination", ""},
		"nobody is permitted in the list, so all come everywhere": {vars("70", "reject_unlisted_recipient"), stockRelay, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			list := restrictions.Main(c.vars, restrictions.Switches{})
			at, ok := list.CheckPlace(restrictions.Parse(c.relay))
			require.Equal(t, c.key != "", ok)
			if ok {
				assert.Equal(t, c.key, list[at].Key)
			}
		})
	}
}

func TestReachBehindRelayRestrictions(t *testing.T) {
	relay := restrictions.Parse(stockRelay)
	for sentence, c := range map[string]struct {
		vars []restrictions.Variable
		want []found
	}{
		"the list itself need not refuse relaying": {vars: vars("10", "permit_mynetworks", "30", "permit_sasl_authenticated", "30-ucs-harden", check, "70", "reject_unlisted_recipient")},
		"a table in front relays for nobody and skips our check": {
			vars: stock("50-ucs-harden", check, "20", "check_sender_access hash:/etc/postfix/friends"),
			want: []found{{restrictions.MaySkip, "20"}},
		},
		"a permit in front hides our check and relays for nobody": {
			vars: vars("05", "permit", "10", "permit_mynetworks", "30", "permit_sasl_authenticated", "30-ucs-harden", check),
			want: []found{{restrictions.Hidden, "05"}},
		},
		"a permit that is missing": {
			vars: vars("10", "permit_mynetworks", "10-ucs-harden", check),
			want: []found{{restrictions.HitsInsiders, "10-ucs-harden"}},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			problems := restrictions.Reach(restrictions.Main(c.vars, restrictions.Switches{}), check, relay)
			assert.Equal(t, c.want, kinds(problems), "%+v", problems)
		})
	}
}

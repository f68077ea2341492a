package restrictions_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/restrictions"
)

// found is a Problem without its text.
type found struct {
	kind restrictions.Kind
	key  string
}

func kinds(problems []restrictions.Problem) []found {
	var out []found
	for _, p := range problems {
		out = append(out, found{p.Kind, p.Key})
	}
	return out
}

func TestReach(t *testing.T) {
	for name, tc := range map[string]struct {
		vars []restrictions.Variable
		on   restrictions.Switches
		want []found
	}{
		"the stock list with our check has no problem": {vars: stock("50-ucs-harden", check)},
		"the template's policy services and host name checks are no problem": {
			vars: stock("50-ucs-harden", check),
			on:   restrictions.Switches{Listfilter: true, Greylisting: true, UnknownClientHostname: true, UnknownReverseClientHostname: true},
		},
		"checks that only refuse may stand anywhere": {
			vars: stock("50-ucs-harden", check, "05", "reject_unauth_pipelining, check_client_mx_access hash:/x", "40", "reject_rbl_client zen.example, defer_if_reject"),
		},
		"an earlier permit of a table opens the relay": {
			vars: stock("50-ucs-harden", check, "20", "check_sender_access hash:/etc/postfix/friends"),
			want: []found{{restrictions.OpenRelay, "20"}},
		},
		"a bare table, a policy service and a table that only warns open the relay": {
			vars: stock("50-ucs-harden", check, "20", "hash:/x", "21", "check_policy_service inet:10.0.0.1:9998", "22", "warn_if_reject check_client_access cidr:/x"),
			want: []found{{restrictions.OpenRelay, "20"}, {restrictions.OpenRelay, "21"}, {restrictions.OpenRelay, "22"}},
		},
		"behind reject_unauth_destination a table can only skip our check": {
			vars: stock("50-ucs-harden", check, "50-aaa", "check_client_access cidr:/x"),
			want: []found{{restrictions.NotDirectlyAfter, "50-ucs-harden"}, {restrictions.MaySkip, "50-aaa"}},
		},
		"allow lists skip our check and never relay": {
			vars: stock("50-ucs-harden", check, "20", "permit_dnswl_client list.example"),
			want: []found{{restrictions.MaySkip, "20"}},
		},
		"permitting our own recipients hides our check": {
			vars: stock("50-ucs-harden", check, "50-aaa", "permit_auth_destination"),
			want: []found{{restrictions.NotDirectlyAfter, "50-ucs-harden"}, {restrictions.Hidden, "50-aaa"}},
		},
		"a permit in the same value hides our check": {
			vars: vars("10", "permit_mynetworks", "30", "permit_sasl_authenticated", "50", "reject_unauth_destination, permit", "50-ucs-harden", check),
			want: []found{{restrictions.NotDirectlyAfter, "50-ucs-harden"}, {restrictions.Hidden, "50"}},
		},
		"a reject in front hides our check and everything else": {
			vars: stock("50-ucs-harden", check, "40", "reject"),
			want: []found{{restrictions.Hidden, "40"}},
		},
		"a reject that only warns hides nothing": {vars: stock("50-ucs-harden", check, "40", "warn_if_reject reject")},
		"key 500 sorts behind 50-ucs-harden":     {vars: stock("50-ucs-harden", check, "500", "permit")},
		"a permit in front stops smtpd from seeing reject_unauth_destination": {
			vars: stock("50-ucs-harden", check, "40", "permit"),
			want: []found{{restrictions.MissingUnauthDestination, ""}, {restrictions.Hidden, "40"}},
		},
		"a permit that only warns is an open relay that starts": {
			vars: stock("50-ucs-harden", check, "40", "warn_if_reject permit"),
			want: []found{{restrictions.OpenRelay, "40"}, {restrictions.Hidden, "40"}},
		},
		"a missing reject_unauth_destination kills port 25": {
			vars: vars("10", "permit_mynetworks", "30", "permit_sasl_authenticated", "50-ucs-harden", check),
			want: []found{{restrictions.MissingUnauthDestination, ""}},
		},
		"behind warn_if_reject reject_unauth_destination is missing": {
			vars: vars("10", "permit_mynetworks", "30", "permit_sasl_authenticated", "50", "warn_if_reject reject_unauth_destination", "50-ucs-harden", check),
			want: []found{{restrictions.UnauthDestinationNotStandalone, "50"}, {restrictions.MissingUnauthDestination, ""}},
		},
		"it is missing when warn_if_reject ends the variable before": {
			vars: stock("50-ucs-harden", check, "40", "warn_if_reject"),
			want: []found{{restrictions.UnauthDestinationNotStandalone, "40"}, {restrictions.MissingUnauthDestination, ""}, {restrictions.SpansVariables, "40"}},
		},
		"reject at the end keeps Postfix running without reject_unauth_destination": {
			vars: vars("10", "permit_mynetworks", "30", "permit_sasl_authenticated", "40", check, "99", "reject"),
			want: []found{{restrictions.UnauthDestinationReplaced, "99"}},
		},
		"our check in front judges insiders": {
			vars: stock("05", check),
			want: []found{{restrictions.HitsInsiders, "05"}, {restrictions.HitsInsiders, "05"}, {restrictions.BeforeUnauthDestination, "05"}},
		},
		"our check between the permits judges clients that log in": {
			vars: stock("20", check),
			want: []found{{restrictions.HitsInsiders, "20"}, {restrictions.BeforeUnauthDestination, "20"}},
		},
		"without permit_mynetworks our check judges insiders": {
			vars: vars("30", "permit_sasl_authenticated", "50", "reject_unauth_destination", "50-ucs-harden", check),
			want: []found{{restrictions.HitsInsiders, "50-ucs-harden"}},
		},
		"warn_if_reject at the end of the value takes our check": {
			vars: vars("10", "permit_mynetworks", "30", "permit_sasl_authenticated", "50", "reject_unauth_destination, warn_if_reject", "50-ucs-harden", check),
			want: []found{{restrictions.CheckOnlyWarns, "50"}},
		},
		"our check is not there":                   {vars: stock(), want: []found{{restrictions.CheckMissing, ""}}},
		"a class in front is unknown":              {vars: stock("50-ucs-harden", check, "20", "my_class"), want: []found{{restrictions.UnknownRestriction, "20"}}},
		"a parameter in front is unknown":          {vars: stock("50-ucs-harden", check, "20", "$my:list"), want: []found{{restrictions.UnknownRestriction, "20"}}},
		"a class behind our check does not matter": {vars: stock("50-ucs-harden", check, "60", "my_class")},
		"a check without table breaks":             {vars: stock("50-ucs-harden", check, "20", "check_helo_access"), want: []found{{restrictions.Broken, "20"}}},
	} {
		t.Run(name, func(t *testing.T) {
			problems := restrictions.Reach(restrictions.Main(tc.vars, tc.on), check, nil)
			assert.Equal(t, tc.want, kinds(problems), "%+v", problems)
		})
	}
}

func TestReachWithoutACheckJudgesTheList(t *testing.T) {
	assert.Empty(t, restrictions.Reach(restrictions.Main(stock(), restrictions.Switches{}), "", nil))
	assert.Equal(t, []found{{restrictions.OpenRelay, "20"}},
		kinds(restrictions.Reach(restrictions.Main(stock("20", "hash:/x", "60", "hash:/y"), restrictions.Switches{}), "", nil)))
	assert.Equal(t, []found{{restrictions.MissingUnauthDestination, ""}}, kinds(restrictions.Reach(nil, "", nil)))
}

func TestCheckKeySortsDirectlyAfter(t *testing.T) {
	for name, key := range map[string]string{"stock": "50", "a word": "50-mine", "a long number": "500"} {
		t.Run(name, func(t *testing.T) {
			all := vars("10", "permit_mynetworks", "30", "permit_sasl_authenticated", key, "reject_unauth_destination", key+"0", "reject_unlisted_recipient",
				key+"x", "reject_unlisted_sender")
			list := restrictions.Main(all, restrictions.Switches{})
			unauth, ok := list.CheckPlace(nil)
			require.True(t, ok)
			assert.Equal(t, key, list[unauth].Key)
			all = append(all, restrictions.Variable{Key: restrictions.CheckKey(list[unauth].Key), Value: check})
			list = restrictions.Main(all, restrictions.Switches{})
			assert.Equal(t, list.IndexOf("reject_unauth_destination")+1, list.IndexOf(check))
			assert.Empty(t, restrictions.Reach(list, check, nil))
		})
	}
}

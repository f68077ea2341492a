package restrictions_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/restrictions"
)

// vars makes variables from key, value, key, value …
func vars(kv ...string) []restrictions.Variable {
	var out []restrictions.Variable
	for i := 0; i < len(kv); i += 2 {
		out = append(out, restrictions.Variable{Key: restrictions.MainPrefix + kv[i], Value: kv[i+1]})
	}
	return out
}

const check = "check_sender_access hash:/etc/postfix/check_custom_sender_access"

// stock are the variables of a fresh UCS mail server, given in the wrong order.
func stock(more ...string) []restrictions.Variable {
	return append(vars(more...), vars("80", restrictions.QuotaCheck, "70", "reject_unlisted_recipient", "50", "reject_unauth_destination",
		"30", "permit_sasl_authenticated", "10", "permit_mynetworks")...)
}

// The expectations were rendered by the unmodified templates.
func TestMainOrdersAsTheTemplate(t *testing.T) {
	more := []string{"100", "reject_non_fqdn_sender", "15", "reject_unknown_sender_domain", "55-mine", "reject_non_fqdn_recipient", "50-ucs-harden", check}
	for name, tc := range map[string]struct {
		vars []restrictions.Variable
		on   restrictions.Switches
		want string
	}{
		"fresh mail server": {stock(), restrictions.Switches{},
			"permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination, reject_unlisted_recipient, check_policy_service inet:127.0.0.1:12340"},
		"keys sort as strings": {stock(more...), restrictions.Switches{},
			"permit_mynetworks, reject_non_fqdn_sender, reject_unknown_sender_domain, permit_sasl_authenticated, reject_unauth_destination, " + check + ", reject_non_fqdn_recipient, reject_unlisted_recipient, check_policy_service inet:127.0.0.1:12340"},
		"list filter and greylisting": {stock(more...), restrictions.Switches{Listfilter: true, Greylisting: true},
			"check_policy_service unix:private/listfilter, permit_mynetworks, reject_non_fqdn_sender, reject_unknown_sender_domain, permit_sasl_authenticated, check_policy_service inet:127.0.0.1:10023, reject_unauth_destination, " + check + ", reject_non_fqdn_recipient, reject_unlisted_recipient, check_policy_service inet:127.0.0.1:12340"},
		"unknown client host names": {stock(), restrictions.Switches{UnknownClientHostname: true, UnknownReverseClientHostname: true},
			"permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination, reject_unknown_client_hostname, reject_unknown_reverse_client_hostname, reject_unlisted_recipient, check_policy_service inet:127.0.0.1:12340"},
		"host names have no place without reject_unauth_destination":         {vars("10", "reject"), restrictions.Switches{UnknownClientHostname: true}, "reject"},
		"host names come after the whole value of reject_unauth_destination": {vars("50", "reject_unauth_destination, permit"), restrictions.Switches{UnknownClientHostname: true}, "reject_unauth_destination, permit, reject_unknown_client_hostname"},
		"an equal key of the administrator is sorted by value":               {vars("40-greylisting", "sleep 1"), restrictions.Switches{Greylisting: true}, "check_policy_service inet:127.0.0.1:10023, sleep 1"},
		"no variables, empty list":                                           {nil, restrictions.Switches{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tc.want, restrictions.Main(tc.vars, tc.on).String())
		})
	}
}

func TestTheLinesThatTheTemplatePrints(t *testing.T) {
	values := restrictions.MainValues(vars("50", "reject_unauth_destination,permit", "10", "permit_mynetworks"), restrictions.Switches{Listfilter: true})
	assert.Equal(t, restrictions.Values{
		{Text: "check_policy_service unix:private/listfilter"}, {Key: "10", Text: "permit_mynetworks"}, {Key: "50", Text: "reject_unauth_destination,permit"},
	}, values)
}

func TestItemsRememberWhereTheyComeFrom(t *testing.T) {
	list := restrictions.Main(vars("50", "reject_unauth_destination permit_auth_destination", "60", "reject_unlisted_recipient"), restrictions.Switches{Greylisting: true})
	var keys []string
	for _, item := range list {
		keys = append(keys, item.Key)
		assert.Equal(t, item.Key == "", item.FromTemplate())
	}
	assert.Equal(t, []string{"", "50", "50", "60"}, keys)
}

// Postfix reads the joined lines, not the variables.
func TestValuesAreReadTogether(t *testing.T) {
	for name, tc := range map[string]struct {
		vars []restrictions.Variable
		want []string
	}{
		"an argument may come from the next variable":                  {vars("10", "check_sender_access", "20", "hash:/x, reject"), []string{"check_sender_access hash:/x", "reject"}},
		"warn_if_reject at the end takes the next variable":            {vars("10", "warn_if_reject", "50", "reject_unauth_destination"), []string{"warn_if_reject reject_unauth_destination"}},
		"a value that begins with # is a comment":                      {vars("10", "permit_mynetworks", "20", "# reject", "30", "reject"), []string{"permit_mynetworks", "reject"}},
		"the first value is never a comment, because it follows the =": {vars("10", "#permit", "20", "reject"), []string{"#permit", "reject"}},
		"an empty value adds nothing":                                  {vars("10", "permit_mynetworks", "20", "", "30", "reject"), []string{"permit_mynetworks", "reject"}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tc.want, restrictions.Main(tc.vars, restrictions.Switches{}).Texts())
		})
	}
}

func TestSubmissionTakesItsOwnPrefixOff(t *testing.T) {
	list := restrictions.Submission([]restrictions.Variable{
		{Key: restrictions.SubmissionPrefix + "99", Value: "reject"},
		{Key: restrictions.SubmissionPrefix + "30", Value: "permit_sasl_authenticated"},
	})
	assert.Equal(t, restrictions.List{{Key: "30", Text: "permit_sasl_authenticated"}, {Key: "99", Text: "reject"}}, list)
}

func TestIndexOf(t *testing.T) {
	list := restrictions.Parse("warn_if_reject reject, Permit_Mynetworks, check_sender_access hash:/a, check_sender_access hash:/b, reject")
	assert.Equal(t, 1, list.IndexOf("permit_mynetworks"))
	assert.Equal(t, 2, list.IndexOf("check_sender_access"))
	assert.Equal(t, 3, list.IndexOf("check_sender_access hash:/b"))
	assert.Equal(t, 4, list.IndexOf("reject"), "behind warn_if_reject it is not the restriction itself")
	assert.Equal(t, -1, list.IndexOf("permit"))
}

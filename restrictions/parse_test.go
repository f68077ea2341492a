package restrictions_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/restrictions"
)

func TestParse(t *testing.T) {
	for name, tc := range map[string]struct {
		value string
		want  []string
	}{
		"an empty value holds nothing":              {" , ", nil},
		"commas and blanks both separate":           {"permit_mynetworks,permit_sasl_authenticated  reject_unauth_destination", []string{"permit_mynetworks", "permit_sasl_authenticated", "reject_unauth_destination"}},
		"a table belongs to its check":              {"check_sender_access, hash:/etc/postfix/x reject", []string{"check_sender_access hash:/etc/postfix/x", "reject"}},
		"a class of tables takes a table too":       {"check_reverse_client_hostname_ns_access cidr:/x", []string{"check_reverse_client_hostname_ns_access cidr:/x"}},
		"a table alone is a restriction":            {"hash:/etc/postfix/recipients reject", []string{"hash:/etc/postfix/recipients", "reject"}},
		"a policy service with options is one word": {"check_policy_service { inet:127.0.0.1:10040, timeout=10s, default_action=DUNNO } reject", []string{"check_policy_service { inet:127.0.0.1:10040, timeout=10s, default_action=DUNNO }", "reject"}},
		"a domain belongs to a block list":          {"reject_rbl_client zen.example=127.0.0.[2..11], reject_rhsbl_sender dbl.example", []string{"reject_rbl_client zen.example=127.0.0.[2..11]", "reject_rhsbl_sender dbl.example"}},
		"sleep takes a number":                      {"sleep 1, reject_unauth_pipelining", []string{"sleep 1", "reject_unauth_pipelining"}},
		"warn_if_reject takes what follows":         {"warn_if_reject check_sender_access hash:/x permit", []string{"warn_if_reject check_sender_access hash:/x", "permit"}},
		"warn_if_reject may be said twice":          {"warn_if_reject warn_if_reject reject", []string{"warn_if_reject warn_if_reject reject"}},
		"defer_if_permit takes nothing":             {"defer_if_permit reject", []string{"defer_if_permit", "reject"}},
		"names are kept as written":                 {"Permit_MyNetworks CHECK_SENDER_ACCESS hash:/X", []string{"Permit_MyNetworks", "CHECK_SENDER_ACCESS hash:/X"}},
		"an unknown name stands alone":              {"my_class reject", []string{"my_class", "reject"}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tc.want, append([]string(nil), restrictions.Parse(tc.value).Texts()...))
		})
	}
}

// smtpd(8) answers 451 4.3.5 "Server configuration error" to each of these values.
func TestWhatCannotWorkIsBroken(t *testing.T) {
	for name, tc := range map[string]struct{ value, says string }{
		"a check without its table":           {"check_sender_access", "type:table"},
		"a check followed by another name":    {"check_sender_access reject", "type:table"},
		"a policy service without an address": {"check_policy_service private/x", "transport:server"},
		"a block list without a name":         {"reject_rbl_client", "domain name"},
		"sleep without a number":              {"sleep long", "number"},
		"warn_if_reject at the end":           {"permit_mynetworks, warn_if_reject", "warn_if_reject"},
		"a brace that swallows the rest":      {"check_policy_service { inet:127.0.0.1:1 , reject", "without }"},
		"a brace in a name":                   {"{ reject", "without }"},
	} {
		t.Run(name, func(t *testing.T) {
			var broken []string
			for _, p := range restrictions.Reach(restrictions.Parse(tc.value), "", nil) {
				if p.Kind == restrictions.Broken {
					broken = append(broken, p.Detail)
				}
			}
			require.Len(t, broken, 1)
			assert.Contains(t, broken[0], tc.says)
		})
	}
}

// FuzzParse checks that a list, printed again, parses to the same restrictions.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "permit_mynetworks, reject", "check_sender_access hash:/x", "warn_if_reject warn_if_reject reject_rbl_client a{b, c}d",
		"check_policy_service { unix:private/x, timeout = 3 } sleep 3", "} {", "a}b{,}", "$x hash:y",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		list := restrictions.Parse(value)
		for _, p := range restrictions.Reach(list, "", nil) {
			if p.Kind == restrictions.Broken {
				return // what is missing may stand in what follows
			}
		}
		require.Equal(t, list.Texts(), restrictions.Parse(list.String()).Texts())
	})
}

// FuzzList checks that every restriction has a key and that printing keeps the meaning, however the words are spread
// over variables.
func FuzzList(f *testing.F) {
	f.Add("permit_mynetworks", "check_sender_access", "hash:/x, reject_unauth_destination")
	f.Add("a", "# b", "c {")
	f.Add("warn_if_reject", "", "reject }")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		list := restrictions.Submission([]restrictions.Variable{{Key: "10", Value: a}, {Key: "20", Value: b}, {Key: "30", Value: c}})
		require.Equal(t, list.Texts(), restrictions.Parse(list.String()).Texts())
		restrictions.Reach(list, "check_sender_access hash:/x", nil)
		for _, item := range list {
			require.NotEmpty(t, item.Key)
		}
	})
}

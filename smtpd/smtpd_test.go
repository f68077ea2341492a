package smtpd_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/maincf"
	"ucs-harden/smtpd"
)

func settings(t *testing.T, main string, overrides map[string]string) smtpd.Settings {
	t.Helper()
	file, err := maincf.Parse([]byte(main))
	require.NoError(t, err)
	return smtpd.Settings{Main: file, Overrides: overrides}
}

func TestTheValueThatPostfixUses(t *testing.T) {
	const relay = "permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination"
	for sentence, c := range map[string]struct {
		main            string
		overrides       map[string]string
		parameter, want string
	}{
		"an override counts more than main.cf":     {"x = main", map[string]string{"x": "own"}, "x", "own"},
		"an empty override counts, too":            {"x = main", map[string]string{"x": ""}, "x", ""},
		"the last definition counts":               {"x = a\nx = b", nil, "x", "b"},
		"an override refers to another override":   {"y = main", map[string]string{"x": "$y", "y": "own"}, "x", "own"},
		"a value of main.cf refers to an override": {"x = <${y}>", map[string]string{"y": "own"}, "x", "<own>"},
		"a parameter of nobody":                    {"", nil, "x", ""},
		"a default":                                {"", nil, "smtpd_delay_reject", "yes"},
		"relay restrictions of Postfix before 3":   {"", nil, "smtpd_relay_restrictions", ""},
		"relay restrictions of today":              {"compatibility_level = 3.6", nil, "smtpd_relay_restrictions", relay},
		"a table of the default type":              {"x = $default_database_type:$config_directory/x", nil, "x", "hash:/etc/postfix/x"},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, c.want, settings(t, c.main, c.overrides).Value(c.parameter))
		})
	}
}

// files are tables of an administrator.
var files = map[string]string{
	"hash:/t/clients":    "# reject_sender_login_mismatch\n10.0.0.1 reject_known_sender_login_mismatch\n10.0.0.2 OK\n",
	"cidr:/t/networks":   "10.0.0.0/8 warn_if_reject reject_sender_login_mismatch\n0.0.0.0/0 his_class\n",
	"regexp:/t/patterns": "/^a b/ reject_unauthenticated_sender_login_mismatch\n",
	"hash:/t/plain":      "10.0.0.1 REJECT\n",
	"hash:/t/loop":       "10.0.0.1 other_class\n",
	"hash:/t/owners":     "boss@company.my boss\noffice@company.my boss, employee\n",
	"hash:/t/domains":    "boss@company.my boss\n@company.my admin\n",
	"hash:/t/users":      "boss boss\n",
	"regexp:/t/all":      "/^(.*)@company.my$/ $1\n",
}

func table(name string) []byte {
	if content, there := files[name]; there {
		return []byte(content)
	}
	return nil
}

// Where a restriction may stand: postconf(5), access(5), RESTRICTION_CLASS_README.
func TestWhereALoginCheckMayStand(t *testing.T) {
	const mismatch = "reject_sender_login_mismatch"
	for sentence, c := range map[string]struct {
		main      string
		overrides map[string]string
		want      []string
	}{
		"nowhere": {"smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination", nil, nil},
		"in each list, in the order in which Postfix asks them": {
			"smtpd_end_of_data_restrictions = " + mismatch + "\nsmtpd_sender_restrictions = permit_mynetworks Reject_Known_Sender_Login_Mismatch\n" +
				"smtpd_data_restrictions = reject_unauthenticated_sender_login_mismatch", nil,
			[]string{
				"reject_known_sender_login_mismatch in smtpd_sender_restrictions",
				"reject_unauthenticated_sender_login_mismatch in smtpd_data_restrictions",
				mismatch + " in smtpd_end_of_data_restrictions",
			},
		},
		"behind warn_if_reject, which takes the next restriction only": {
			"smtpd_sender_restrictions = warn_if_reject " + mismatch + ", reject_authenticated_sender_login_mismatch", nil,
			[]string{"reject_authenticated_sender_login_mismatch in smtpd_sender_restrictions"},
		},
		"in an override": {
			"smtpd_sender_restrictions = " + mismatch, map[string]string{"smtpd_sender_restrictions": "", "smtpd_helo_restrictions": "$his", "his": mismatch},
			[]string{mismatch + " in smtpd_helo_restrictions"},
		},
		"in a class": {
			"smtpd_restriction_classes = his_class, unused\nhis_class = permit_mynetworks, " + mismatch + "\nsmtpd_client_restrictions = his_class", nil,
			[]string{mismatch + " in smtpd_client_restrictions (through his_class)"},
		},
		"in a class behind warn_if_reject": {
			"smtpd_restriction_classes = his_class\nhis_class = " + mismatch + "\nsmtpd_client_restrictions = warn_if_reject his_class", nil, nil,
		},
		"in a parameter that is no class": {"his_class = " + mismatch + "\nsmtpd_client_restrictions = his_class", nil, nil},
		"as a result of a table": {
			"smtpd_sender_restrictions = check_client_access hash:/t/clients", nil,
			[]string{"reject_known_sender_login_mismatch in smtpd_sender_restrictions (through check_client_access hash:/t/clients)"},
		},
		"in a class that a table names": {
			"smtpd_restriction_classes = his_class\nhis_class = " + mismatch + "\nsmtpd_data_restrictions = check_client_access cidr:/t/networks", nil,
			[]string{mismatch + " in smtpd_data_restrictions (through check_client_access cidr:/t/networks)"},
		},
		"as a result of a pattern": {
			"smtpd_recipient_restrictions = regexp:/t/patterns", nil,
			[]string{"reject_unauthenticated_sender_login_mismatch in smtpd_recipient_restrictions (through regexp:/t/patterns)"},
		},
		"as a result that stands in the list": {
			"smtpd_sender_restrictions = check_sender_access inline:{{boss@company.my = " + mismatch + "}}", nil,
			[]string{mismatch + " in smtpd_sender_restrictions (through check_sender_access inline:{{boss@company.my = " + mismatch + "}})"},
		},
		"as the only result": {
			"smtpd_sender_restrictions = check_sender_access static:" + mismatch, nil,
			[]string{mismatch + " in smtpd_sender_restrictions (through check_sender_access static:" + mismatch + ")"},
		},
		"not in a table without it": {"smtpd_sender_restrictions = check_client_access hash:/t/plain, check_client_access hash:/t/gone", nil, nil},
		"classes and tables that lead back": {
			"smtpd_restriction_classes = other_class\nother_class = check_client_access hash:/t/loop, " + mismatch + "\nsmtpd_data_restrictions = other_class", nil,
			[]string{mismatch + " in smtpd_data_restrictions (through other_class)"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			var got []string
			for _, check := range settings(t, c.main, c.overrides).LoginChecks(table) {
				got = append(got, check.String())
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestLoginMapsThatCannotFailOrBeHidden(t *testing.T) {
	const ours = "ldap:/etc/postfix/ours"
	for sentence, c := range map[string]struct {
		maps, more string
		steady     bool
		joined     string
	}{
		"a file of whole addresses":               {"hash:/t/owners", "", true, "unionmap:{hash:/t/owners," + ours + "}"},
		"a restriction for addresses with owners": {"hash:/t/owners", "smtpd_sender_restrictions = reject_known_sender_login_mismatch", true, "hash:/t/owners," + ours},
		"one for clients without login":           {"hash:/t/owners", "smtpd_data_restrictions = reject_unauthenticated_sender_login_mismatch", true, "hash:/t/owners," + ours},
		"one for addresses without owner":         {"hash:/t/owners", "smtpd_sender_restrictions = reject_sender_login_mismatch", true, ""},
		"another one":                             {"hash:/t/owners", "smtpd_data_restrictions = reject_authenticated_sender_login_mismatch", true, ""},
		"extensions of addresses":                 {"hash:/t/owners", "recipient_delimiter = +", true, ""},
		"a second file that is not there":         {"hash:/t/owners, texthash:/t/gone", "", false, ""},
		"an owner of a domain":                    {"hash:/t/owners hash:/t/domains", "", true, ""},
		"a key without a domain":                  {"hash:/t/users", "", true, ""},
		"a pattern":                               {"regexp:/t/all", "", true, ""},
		"a map behind the network":                {"ldap:/t/owners", "", false, ""},
		"a file behind proxymap(8)":               {"proxy:hash:/t/owners", "", false, ""},
		"a map of maps":                           {"unionmap:{hash:/t/owners,ldap:/t/x}", "", false, ""},
		"a file that is not there":                {"hash:/t/gone", "", false, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			m := settings(t, "smtpd_sender_login_maps = "+c.maps+"\n"+c.more, nil).LoginMaps(table)
			assert.Equal(t, c.maps, m.Value)
			assert.Equal(t, c.steady, m.Steady)
			joined, why := m.Join(ours)
			assert.Equal(t, c.joined, joined)
			assert.Equal(t, joined == "", why != "", why)
		})
	}
}

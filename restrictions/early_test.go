package restrictions_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/restrictions"
)

func TestACheckThatNobodyCanBeMadeToMeet(t *testing.T) {
	list := restrictions.Main([]restrictions.Variable{{Key: "*", Value: "permit_mynetworks"}}, restrictions.Switches{})
	for _, find := range []func(restrictions.List, string) (string, bool){restrictions.EarlyKey, restrictions.LastEarlyKey} {
		key, ok := find(list, "x")
		assert.Empty(t, key)
		assert.False(t, ok)
	}
}

func TestACheckThatEverybodyMeets(t *testing.T) {
	for sentence, c := range map[string]struct {
		list          map[string]string
		listfilter    bool
		early, lastly string // keys
		before        []string
		noLoginPermit bool
	}{
		"stands first on a fresh server": {
			list:  map[string]string{"10": "permit_mynetworks", "30": "permit_sasl_authenticated", "50": "reject_unauth_destination"},
			early: "05-ucs-harden-x", lastly: "05-ucs-harden-x",
			before: []string{"permit_mynetworks"},
		},
		"stands behind the list protection of UCS, which permits nobody": {
			list:       map[string]string{"10": "permit_mynetworks", "30": "permit_sasl_authenticated"},
			listfilter: true,
			early:      "05-ucs-harden-x", lastly: "05-ucs-harden-x",
			before: []string{"permit_mynetworks"},
		},
		"stands before the administrator's table of clients, which may permit": {
			list:  map[string]string{"04": "check_client_access cidr:/c", "10": "permit_mynetworks", "30": "permit_sasl_authenticated"},
			early: "00-ucs-harden-x", lastly: "00-ucs-harden-x",
			before: []string{"check_client_access cidr:/c", "permit_mynetworks"},
		},
		"there is no place before a key that sorts before all digits": {
			list:  map[string]string{"-x": "permit_mynetworks", "10": "reject"},
			early: "-ucs-harden-x", noLoginPermit: true,
		},
		"may stand behind restrictions that only refuse": {
			list:  map[string]string{"10": "reject_sender_login_mismatch", "20": "reject_unknown_recipient_domain", "30": "reject_non_fqdn_sender, permit_sasl_authenticated", "99": "reject"},
			early: "05-ucs-harden-x", lastly: "20-ucs-harden-x",
			before: []string{"reject_non_fqdn_sender"},
		},
		"stands directly before the first permit": {
			list:  map[string]string{"10": "reject_sender_login_mismatch", "20": "reject_unknown_recipient_domain", "30": "permit_sasl_authenticated", "99": "reject"},
			early: "05-ucs-harden-x", lastly: "20-ucs-harden-x",
		},
		"repeats the restrictions that a client with a login passes": {
			list:  map[string]string{"10": "permit_mynetworks", "15": "reject_non_fqdn_recipient", "30": "permit_sasl_authenticated"},
			early: "05-ucs-harden-x", lastly: "05-ucs-harden-x",
			before: []string{"permit_mynetworks", "reject_non_fqdn_recipient"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			var vars []restrictions.Variable
			for key, value := range c.list {
				vars = append(vars, restrictions.Variable{Key: restrictions.MainPrefix + key, Value: value})
			}
			list := restrictions.Main(vars, restrictions.Switches{Listfilter: c.listfilter})
			key, ok := restrictions.EarlyKey(list, "x")
			assert.Equal(t, c.early, key)
			assert.Equal(t, c.early != "", ok)
			last, _ := restrictions.LastEarlyKey(list, "x")
			if c.lastly == "" {
				c.lastly = c.early
			}
			assert.Equal(t, c.lastly, last)
			until, ok := restrictions.UntilLogin(list, last)
			if c.noLoginPermit {
				assert.Empty(t, until)
			} else {
				assert.Equal(t, append(c.before, "permit_sasl_authenticated"), until)
			}
			assert.Equal(t, !c.noLoginPermit, ok)

			// With the check in its place, no restriction that may permit stands before the check.
			vars = append(vars, restrictions.Variable{Key: restrictions.MainPrefix + key, Value: "check_sender_access hash:/ours"})
			texts := restrictions.Main(vars, restrictions.Switches{Listfilter: c.listfilter}).Texts()
			at := slices.Index(texts, "check_sender_access hash:/ours")
			for _, text := range texts[:at] {
				assert.Contains(t, []string{restrictions.ListfilterCheck, "reject_sender_login_mismatch", "reject_unknown_recipient_domain"}, text)
			}
		})
	}
}

package loginmaps_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/loginmaps"
	"ucs-harden/mastercf"
	"ucs-harden/plan"
	"ucs-harden/smtpd"
)

// What a service gets, by mode and by what the administrator has there: the table of the package comment.
func TestDecide(t *testing.T) {
	const ours, his = "hash:/ours", "hash:/his"
	check := func(restriction string) []smtpd.LoginCheck {
		return []smtpd.LoginCheck{{Restriction: restriction, List: "smtpd_sender_restrictions"}}
	}
	everybody, known := check("reject_sender_login_mismatch"), check("reject_known_sender_login_mismatch")
	for sentence, c := range map[string]struct {
		mode   plan.Mode
		has    smtpd.LoginMaps
		value  string
		id     string
		stops  bool
		phrase string
	}{
		"warn, and nothing of his": {
			plan.Warn, smtpd.LoginMaps{},
			ours, "", false, "",
		},
		"warn, and a check that finds no owner": {
			plan.Warn, smtpd.LoginMaps{Checks: known},
			"", "no-login-map:submission", false, "the verdicts of reject_known_sender_login_mismatch in smtpd_sender_restrictions would change",
		},
		"warn, and a check that refuses everybody": {
			plan.Warn, smtpd.LoginMaps{Checks: everybody},
			"", "no-login-map:submission", false, "so reject_sender_login_mismatch in smtpd_sender_restrictions refuses everybody who logs in",
		},
		"warn, and his map": {
			plan.Warn, smtpd.LoginMaps{Value: his, Steady: true},
			"", "own-login-map:submission", false, "it stays, and warn logs",
		},
		"warn, and his map in LDAP": {
			plan.Warn, smtpd.LoginMaps{Value: "ldap:/his"},
			"", "own-login-map:submission", false, "warn asks nothing there",
		},
		"warn, and the map of the procedure": {
			plan.Warn, smtpd.LoginMaps{Value: mastercf.StockLoginMaps},
			ours, "", false, "",
		},
		"warn, and the map of the procedure with its check": {
			plan.Warn, smtpd.LoginMaps{Value: mastercf.StockLoginMaps, Checks: everybody},
			"", "own-login-map:submission", false, "",
		},
		"enforce, and nothing of his": {
			plan.Enforce, smtpd.LoginMaps{},
			ours, "", false, "",
		},
		"enforce, and a check that finds no owner": {
			plan.Enforce, smtpd.LoginMaps{Checks: known},
			ours, "awakened:submission", false, "decides there as the control does",
		},
		"enforce, and a check that refuses everybody": {
			plan.Enforce, smtpd.LoginMaps{Checks: everybody},
			ours, "awakened:submission", true, "refuses everybody who logs in",
		},
		"enforce, and a map whose keys are not known": {
			plan.Enforce, smtpd.LoginMaps{Value: "ldap:/his"},
			"", "kept-login-map:submission", true, "ours cannot join it",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := loginmaps.Theirs{LoginMaps: c.has, Service: "submission", From: "main.cf"}.Decide(c.mode, ours)
			assert.Equal(t, c.value, got.Value)
			if c.id == "" {
				assert.Nil(t, got.Finding)
				return
			}
			assert.Equal(t, c.id, got.Finding.ID)
			assert.Contains(t, got.Finding.Text, c.phrase)
			assert.Equal(t, c.stops, got.Finding.Severity == plan.Error)
			assert.Equal(t, c.stops, got.Finding.Acceptable)
			assert.NotEmpty(t, got.Finding.Hint)
		})
	}
}

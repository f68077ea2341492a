package rules_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/rights"
	"ucs-harden/rules"
)

func TestARightMakesAnOwner(t *testing.T) {
	l := rules.Listings{Rights: rights.Rights{
		Addresses: map[string][]string{"support@company.my": {"Ticket", "ticket@company.my"}},
		Domains:   map[string][]string{"partner.example": {"relay"}},
	}}
	for sentence, c := range map[string]struct {
		login, sender string
		before, after rules.Owner
	}{
		"a holder":                            {"ticket", "Support@Company.my", rules.Nobody, rules.TheLogin},
		"a holder by another name":            {"TICKET@company.my", "support@company.my", rules.Somebody, rules.TheLogin},
		"the holder of a domain":              {"relay", "any@Partner.example", rules.Nobody, rules.TheLogin},
		"another login":                       {"boss", "support@company.my", rules.Nobody, rules.Somebody},
		"no login":                            {"", "support@company.my", rules.Nobody, rules.Somebody},
		"the owner stays the owner":           {"boss", "support@company.my", rules.TheLogin, rules.TheLogin},
		"another address":                     {"ticket", "info@company.my", rules.Nobody, rules.Nobody},
		"a sub-domain":                        {"relay", "any@mx.partner.example", rules.Nobody, rules.Nobody},
		"the null sender has no owner":        {"relay", "", rules.Nobody, rules.Nobody},
		"the domain of a right is no address": {"relay", "partner.example", rules.Nobody, rules.Nobody},
	} {
		letter := rules.Letter{Port: 587, Login: c.login, Sender: c.sender, Owner: c.before}
		l.Mark(&letter, netip.MustParseAddr("203.0.113.66"))
		assert.Equal(t, c.after, letter.Owner, sentence)
	}
}

package rules_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/rules"
)

func TestAnExceptionAdmits(t *testing.T) {
	network := netip.MustParsePrefix("192.0.2.0/25")
	for sentence, c := range map[string]struct {
		exception      rules.Exception
		client, sender string
		want           bool
	}{
		"a client, any sender":                       {rules.Exception{Client: network}, "192.0.2.1", "boss@company.my", true},
		"a client in the form of IPv6":               {rules.Exception{Client: network}, "::ffff:192.0.2.1", "boss@company.my", true},
		"its neighbour":                              {rules.Exception{Client: network}, "192.0.2.128", "boss@company.my", false},
		"a sender, any client":                       {rules.Exception{Sender: "scan@company.my"}, "203.0.113.66", "Scan@Company.MY", true},
		"another sender":                             {rules.Exception{Sender: "scan@company.my"}, "203.0.113.66", "xscan@company.my", false},
		"the sender in quotes that it does not need": {rules.Exception{Sender: "scan@company.my"}, "203.0.113.66", `"scan"@company.my`, true},
		"an extension is another address":            {rules.Exception{Sender: "scan@company.my"}, "203.0.113.66", "scan+x@company.my", false},
		"a domain":                                   {rules.Exception{Sender: "news.company.my"}, "203.0.113.66", "a@news.company.my", true},
		"its sub-domain":                             {rules.Exception{Sender: "news.company.my"}, "203.0.113.66", "a@eu.news.company.my", true},
		"a domain that only ends alike":              {rules.Exception{Sender: "news.company.my"}, "203.0.113.66", "a@xnews.company.my", false},
		"its parent domain":                          {rules.Exception{Sender: "news.company.my"}, "203.0.113.66", "a@company.my", false},
		"its U-label":                                {rules.Exception{Sender: "xn--mnchen-3ya.example"}, "203.0.113.66", "a@München.example", true},
		"an address with the U-label":                {rules.Exception{Sender: "a@xn--mnchen-3ya.example"}, "203.0.113.66", "A@MÜNCHEN.example", true},
		"both":                                       {rules.Exception{Client: network, Sender: "scan@company.my"}, "192.0.2.1", "scan@company.my", true},
		"the client of both with another sender":     {rules.Exception{Client: network, Sender: "scan@company.my"}, "192.0.2.1", "boss@company.my", false},
		"the sender of both from another client":     {rules.Exception{Client: network, Sender: "scan@company.my"}, "203.0.113.66", "scan@company.my", false},
		"neither is nobody":                          {rules.Exception{}, "192.0.2.1", "boss@company.my", false},
	} {
		assert.Equal(t, c.want, c.exception.Admits(netip.MustParseAddr(c.client), c.sender), sentence)
	}
}

func TestTheFirstExceptionThatAdmitsIsNamed(t *testing.T) {
	l := rules.Listings{Exceptions: []rules.Exception{
		{Name: "scanner", Client: netip.MustParsePrefix("192.0.2.1/32")}, {Name: "office", Client: netip.MustParsePrefix("192.0.2.0/24")},
	}}
	mark := func(client, login, sender string) string {
		letter := rules.Letter{Login: login, Sender: sender, SenderIs: rules.SenderOf(sender, []string{"company.my"})}
		l.Mark(&letter, netip.MustParseAddr(client))
		return letter.Exception
	}
	assert.Equal(t, "scanner", mark("192.0.2.1", "", "boss@company.my"))
	assert.Equal(t, "office", mark("192.0.2.2", "", "boss@company.my"))
	assert.Empty(t, mark("203.0.113.66", "", "boss@company.my"), "another client")
	assert.Empty(t, mark("192.0.2.1", "", "x@foreign.example"), "a foreign sender needs no exception")
	assert.Empty(t, mark("192.0.2.1", "boss", "boss@company.my"), "a login needs none")
}

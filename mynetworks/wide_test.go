package mynetworks_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/mynetworks"
)

func TestWide(t *testing.T) {
	for value, want := range map[string][]string{
		"127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 203.0.113.0/24 [2001:db8::]/32 [fc00::]/7 [fe80::]/10": nil,
		"127.0.0.0/8 0.0.0.0/0":                 {"0.0.0.0/0"},
		"127.0.0.0/8, 64.0.0.0/2 [2000::]/3":    {"64.0.0.0/2", "2000::/3"},
		"!0.0.0.0/0 hash:/etc/postfix/networks": nil,
	} {
		var prefixes []netip.Prefix
		for _, w := range want {
			prefixes = append(prefixes, netip.MustParsePrefix(w))
		}
		assert.Equal(t, prefixes, mynetworks.Parse(value).Wide(), value)
	}
}

func TestOutside(t *testing.T) {
	for value, want := range map[string]string{
		"":                                 "1.0.0.0",
		"0.0.0.0/1":                        "128.0.0.0",
		"0.0.0.0/2 128.0.0.0/1":            "64.0.0.0",
		"0.0.0.0/0":                        "",
		"!8.8.8.8 0.0.0.0/0":               "8.8.8.8",
		"0.0.0.0/1 128.0.0.0/1 [2000::]/3": "",
	} {
		a, ok := mynetworks.Parse(value).Coverage().Outside()
		assert.Equal(t, want != "", ok, value)
		if ok {
			assert.Equal(t, want, a.String(), value)
		}
	}
}

package directory

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/identity"
)

func TestClientAddress(t *testing.T) {
	for value, want := range map[string]string{
		"10.99.1.10":         "10.99.1.10",
		"198.18.0.1":         "198.18.0.1",
		"64.0.0.1":           "64.0.0.1",
		"203.0.113.1":        "",
		"fd99:1::10":         "fd99:1::10",
		"FD99:0001:0:0::10":  "fd99:1::10",
		"2a00:1450::1":       "2a00:1450::1",
		"2001:db8::1":        "",
		"240.0.0.1":          "",
		"::ffff:10.99.1.10":  "10.99.1.10",
		"":                   "",
		"10.99.1":            "",
		"10.99.1.999":        "",
		"010.99.1.1":         "",
		"10.99.1.1/32":       "",
		" 10.99.1.1":         "",
		"[fd99:1::10]":       "",
		"dc2.company.my":     "",
		"0.0.0.0":            "",
		"::":                 "",
		"127.0.0.1":          "",
		"127.99.0.1":         "",
		"::1":                "",
		"::ffff:127.0.0.1":   "",
		"::ffff:0.0.0.0":     "",
		"224.0.0.1":          "",
		"ff02::1":            "",
		"255.255.255.255":    "",
		"169.254.3.4":        "",
		"fe80::1":            "",
		"fe80::1%eth0":       "",
		"fd99:1::10%eth0":    "",
		"10.99.1.1\n0.0.0.0": "",
	} {
		addr, err := clientAddress(value)
		if want == "" {
			require.Error(t, err, "%q", value)
			continue
		}
		require.NoError(t, err, "%q", value)
		assert.Equal(t, want, addr.String())
	}
}

func TestNewHost(t *testing.T) {
	for sentence, c := range map[string]struct {
		dn         string
		attributes map[string][]string
		want       identity.Host
	}{
		"addresses are sorted, each once, IPv4 first": {
			"cn=dc2," + base,
			map[string][]string{
				"cn": {"dc2"}, "associatedDomain": {"company.my"},
				"aRecord": {"10.99.1.10", "10.99.1.9", "10.99.1.10"}, "aAAARecord": {"fd99:1::10", "::ffff:10.99.1.9"},
			},
			identity.Host{Name: "dc2.company.my", DN: "cn=dc2," + base, Addresses: addresses("10.99.1.9", "10.99.1.10", "fd99:1::10")},
		},
		"a value that is not an address is kept apart": {
			"cn=dc2," + base,
			map[string][]string{"cn": {"dc2"}, "aRecord": {"x\n", "0.0.0.0", "x\n"}, "aAAARecord": {"::1"}},
			identity.Host{Name: "dc2", DN: "cn=dc2," + base, Invalid: []string{"0.0.0.0", "::1", "x\n"}},
		},
		"without cn the name is taken from the DN": {
			`cn=dc\2c2,` + base, map[string][]string{"associatedDomain": {"company.my"}},
			identity.Host{Name: "dc,2.company.my", DN: `cn=dc\2c2,` + base},
		},
		"text that is not a DN is the name": {
			"nonsense", nil, identity.Host{Name: "nonsense", DN: "nonsense"},
		},
		"an empty DN too": {
			"", nil, identity.Host{},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, c.want, newHost(c.dn, func(attribute string) []string { return c.attributes[attribute] }))
		})
	}
}

func TestWholeSortsByName(t *testing.T) {
	hosts, err := whole([]identity.Host{{Name: "b", DN: "2"}, {Name: "a", DN: "9"}, {Name: "b", DN: "1"}})
	require.NoError(t, err)
	assert.Equal(t, []identity.Host{{Name: "a", DN: "9"}, {Name: "b", DN: "1"}, {Name: "b", DN: "2"}}, hosts)
}

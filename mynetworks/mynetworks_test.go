package mynetworks_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/mynetworks"
)

// What Postfix makes of each pattern is measured, on Postfix 3.7.
func TestProblems(t *testing.T) {
	for value, want := range map[string][]mynetworks.Problem{
		"127.0.0.0/8 10.99.1.50, [::1]/128,[fd99:1::]/64":           nil,
		"127.0.0.0/8, hash:/etc/postfix/networks /etc/postfix/more": nil,
		"!10.99.1.66 10.99.1.0/24":                                  nil,
		"mail.company.my .company.my":                               nil,
		"":                                                          nil,
		"127.0.0.1/8":                                               {{Kind: mynetworks.HostBits, Token: "127.0.0.1/8"}},
		"10.0.0.0/8 ![fd99::1]/64":                                  {{Kind: mynetworks.HostBits, Token: "![fd99::1]/64"}},
		"127.0.0.0/8 fd99::1":                                       {{Kind: mynetworks.Unbracketed, Token: "fd99::1"}},
		"::1/128":                                                   {{Kind: mynetworks.Unbracketed, Token: "::1/128"}},
		"fd99::/64":                                                 {{Kind: mynetworks.Unbracketed, Token: "fd99::/64"}},
		"127.0.0.0/8;10.0.0.0/8":                                    {{Kind: mynetworks.Semicolon, Token: "127.0.0.0/8;10.0.0.0/8"}},
		"127.0.0.0/8; 10.0.0.0/8":                                   {{Kind: mynetworks.Semicolon, Token: "127.0.0.0/8;"}},
		"127.0.0.0/8 [10.0.0.1] [10.0.0.0]/8":                       nil,
		"10.99.1.0/33":                                              {{Kind: mynetworks.NoNetwork, Token: "10.99.1.0/33"}},
		"10.99.1.999/24":                                            {{Kind: mynetworks.NoNetwork, Token: "10.99.1.999/24"}},
		"10.99.1.999":                                               {{Kind: mynetworks.NoAddress, Token: "10.99.1.999"}},
		"[fd99::1":                                                  {{Kind: mynetworks.NoAddress, Token: "[fd99::1"}},
		"127.0.0.1/8 10.99.1.999 10.0.0.0/8": {
			{Kind: mynetworks.HostBits, Token: "127.0.0.1/8"}, {Kind: mynetworks.NoAddress, Token: "10.99.1.999"},
		},
	} {
		problems := mynetworks.Parse(value).Problems()
		assert.Equal(t, want, problems, value)
		for _, p := range problems {
			assert.NotEmpty(t, p.Hint(), value)
			assert.NotEmpty(t, p.Kind.Meaning(), value)
		}
	}
	assert.Equal(t, "write 127.0.0.0/8 for the network, or 127.0.0.1/32 for the one address",
		mynetworks.Problem{Kind: mynetworks.HostBits, Token: "127.0.0.1/8"}.Hint())
	assert.Equal(t, "write [fd99::]/64 for the network, or [fd99::1]/128 for the one address",
		mynetworks.Problem{Kind: mynetworks.HostBits, Token: "![fd99::1]/64"}.Hint())
}

// postconf(5), mynetworks: "The list is matched left to right, and the search stops on the first match. Specify
// !pattern to exclude an address".
func TestCoverage(t *testing.T) {
	for _, c := range []struct {
		sentence, value, prefix string
		want                    bool
	}{
		{"an address is its own network", "10.99.1.10", "10.99.1.10/32", true},
		{"a network covers its addresses", "127.0.0.0/8, 10.99.0.0/16", "10.99.1.10/32", true},
		{"not those of others", "10.98.0.0/16", "10.99.1.10/32", false},
		{"two halves cover the whole", "10.0.0.0/25 10.0.0.128/25", "10.0.0.0/24", true},
		{"one half does not", "10.0.0.0/25", "10.0.0.0/24", false},
		{"IPv6 in brackets", "[fd99:1::]/64", "fd99:1::10/128", true},
		{"an exception in front decides", "!10.99.1.10 10.99.1.0/24", "10.99.1.10/32", false},
		{"behind the network it comes too late", "10.99.1.0/24 !10.99.1.10", "10.99.1.10/32", true},
		{"an exception for another one", "!10.99.1.66 10.99.1.0/24", "10.99.1.10/32", true},
		{"a whole network with a hole is not covered", "!10.99.1.66 10.99.1.0/24", "10.99.1.0/24", false},
		{"two exclamation marks are none", "!!10.99.1.10", "10.99.1.10/32", true},
		{"a faulty pattern covers nothing", "10.99.1.1/24", "10.99.1.10/32", false},
		{"a table is not looked into", "hash:/etc/postfix/networks", "10.99.1.10/32", false},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			assert.Equal(t, c.want, mynetworks.Parse(c.value).Coverage().CoversAll(netip.MustParsePrefix(c.prefix)))
		})
	}
}

func TestCovers(t *testing.T) {
	for _, c := range []struct {
		sentence, value, address string
		want                     bool
	}{
		{"an address of a network", "127.0.0.0/8, 10.99.0.0/16", "10.99.1.10", true},
		{"IPv6", "127.0.0.0/8 [fd99:1::]/64", "fd99:1::10", true},
		{"an address of nobody's", "127.0.0.0/8", "10.99.1.10", false},
		{"an exception", "!10.99.1.10 10.99.0.0/16", "10.99.1.10", false},
		{"an IPv4 address that is written as IPv6", "10.99.0.0/16", "::ffff:10.99.1.10", false},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			assert.Equal(t, c.want, mynetworks.Parse(c.value).Covers(netip.MustParseAddr(c.address)))
		})
	}
}

func TestPrefixesAndOpaque(t *testing.T) {
	for _, c := range []struct {
		sentence, value, prefixes string
		opaque                    bool
	}{
		{"nothing", "", "", false},
		{"networks and addresses, each once", "10.0.0.0/8, 10.99.1.10 10.0.0.0/8,[fd99::]/64", "10.0.0.0/8 10.99.1.10/32 fd99::/64", false},
		{"those that Postfix cannot use", "10.99.1.1/24 fd99::1", "10.99.1.1/24 fd99::1/128", false},
		{"an exception is known, and is no network", "!10.99.1.66 10.0.0.0/8", "10.0.0.0/8", false},
		{"a table", "10.0.0.0/8 hash:/etc/postfix/networks", "10.0.0.0/8", true},
		{"a file", "/etc/postfix/networks", "", true},
		{"a name", "mail.company.my", "", true},
		{"an exception for a name", "!mail.company.my 10.0.0.0/8", "10.0.0.0/8", true},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			list := mynetworks.Parse(c.value)
			var words []string
			for _, p := range list.Prefixes() {
				words = append(words, p.String())
			}
			assert.Equal(t, c.prefixes, strings.Join(words, " "))
			assert.Equal(t, c.opaque, list.Opaque())
		})
	}
}

func TestParseNetwork(t *testing.T) {
	for word, want := range map[string]string{
		"10.99.1.50": "10.99.1.50/32", "10.99.0.0/16": "10.99.0.0/16", "fd99::1": "fd99::1/128", "[fd99::1]": "fd99::1/128",
		"[fd99::]/64": "fd99::/64", "fd99::/64": "fd99::/64", "::ffff:10.99.1.50": "10.99.1.50/32",
	} {
		got, err := mynetworks.ParseNetwork(word)
		require.NoError(t, err, word)
		assert.Equal(t, want, got.String(), word)
	}
	for word, fault := range map[string]string{
		"10.99.1.1/24": `"10.99.1.1/24" is neither an address nor a network`, "mail": `"mail" is neither an address nor a network`,
		"fe80::1%eth0": `"fe80::1%eth0" is neither an address nor a network`, "10.99.1.50/33": `"10.99.1.50/33" is neither an address nor a network`,
		"0.0.0.0/0": `"0.0.0.0/0" is the whole Internet`, "::/0": `"::/0" is the whole Internet`,
	} {
		_, err := mynetworks.ParseNetwork(word)
		assert.EqualError(t, err, fault, word)
	}
}

func TestWithAndWithout(t *testing.T) {
	dc, v6 := netip.MustParsePrefix("10.99.1.10/32"), netip.MustParsePrefix("fd99:1::10/128")
	for _, c := range []struct{ sentence, value, with, without string }{
		{"blanks", "127.0.0.0/8 10.0.0.0/8", "127.0.0.0/8 10.0.0.0/8 10.99.1.10/32 [fd99:1::10]/128", "127.0.0.0/8 10.0.0.0/8"},
		{"commas", "127.0.0.0/8, 10.0.0.0/8", "127.0.0.0/8, 10.0.0.0/8, 10.99.1.10/32, [fd99:1::10]/128", "127.0.0.0/8, 10.0.0.0/8"},
		{"one pattern", "127.0.0.0/8", "127.0.0.0/8 10.99.1.10/32 [fd99:1::10]/128", "127.0.0.0/8"},
		{"nothing", "", "10.99.1.10/32 [fd99:1::10]/128", ""},
		{"the administrator wrote the same in front: that one stays", "10.99.1.10/32, 127.0.0.0/8", "10.99.1.10/32, 127.0.0.0/8, 10.99.1.10/32, [fd99:1::10]/128", "10.99.1.10/32, 127.0.0.0/8"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			with := mynetworks.Parse(c.value).With(dc).With(v6)
			assert.Equal(t, c.with, with.String())
			assert.True(t, slices.Contains(with.Prefixes(), dc) && slices.Contains(with.Prefixes(), v6))
			assert.Equal(t, c.without, with.Without([]netip.Prefix{dc, v6}).String())
		})
	}
	for _, c := range []struct{ sentence, value, want string }{
		{"from the middle", "127.0.0.0/8, 10.99.1.10/32, 10.0.0.0/8", "127.0.0.0/8, 10.0.0.0/8"},
		{"from the middle, no blanks", "127.0.0.0/8,10.99.1.10/32,10.0.0.0/8", "127.0.0.0/8,10.0.0.0/8"},
		{"from the beginning", "10.99.1.10/32, 10.0.0.0/8", "10.0.0.0/8"},
		{"another way to write it is the administrator's", "10.99.1.10 10.99.1.10/31", "10.99.1.10 10.99.1.10/31"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			assert.Equal(t, c.want, mynetworks.Parse(c.value).Without([]netip.Prefix{dc}).String())
		})
	}
}

func TestReplace(t *testing.T) {
	prefixes := func(words string) []netip.Prefix {
		var out []netip.Prefix
		for _, word := range strings.Fields(words) {
			out = append(out, netip.MustParsePrefix(word))
		}
		return out
	}
	const a, b = "10.99.1.10/32", "10.99.1.20/32"
	for _, c := range []struct{ sentence, value, ours, wanted, next, added string }{
		{"the first one", "127.0.0.0/8", "", a, "127.0.0.0/8 " + a, a},
		{"one that stays and a new one", "127.0.0.0/8 " + a, a, a + " " + b, "127.0.0.0/8 " + a + " " + b, a + " " + b},
		{"one that goes", "127.0.0.0/8 " + a + " " + b, a + " " + b, b, "127.0.0.0/8 " + b, b},
		{"one that the administrator has", a, "", a, a, ""},
		{"one within the administrator's network", "10.99.0.0/16", "", a, "10.99.0.0/16", ""},
		{"one within a wanted network", "", "", "10.99.1.0/24 " + a, "10.99.1.0/24", "10.99.1.0/24"},
		{"one that somebody has taken out comes back", "127.0.0.0/8", a, a, "127.0.0.0/8 " + a, a},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			next, added := mynetworks.Parse(c.value).Replace(prefixes(c.ours), prefixes(c.wanted))
			assert.Equal(t, c.next, next.String())
			assert.Equal(t, prefixes(c.added), added)
		})
	}
}

func FuzzNetworks(f *testing.F) {
	for _, value := range []string{
		"", " ", ",", "127.0.0.0/8", "127.0.0.0/8, [::1]/128,10.0.0.0/8 ", "10.99.1.10/32", "a,\n\tb", "!10.0.0.1 hash:/x;y", "10.0.0.1/8, ",
		"\xff ,\u00a0", "[fd99::1]/128", "!!!", "1.2.3.4/99 ::/0",
	} {
		f.Add(value, []byte{10, 99, 1, 10}, uint8(32))
		f.Add(value, netip.MustParseAddr("fd99:1::10").AsSlice(), uint8(128))
	}
	f.Fuzz(func(t *testing.T, value string, address []byte, bits uint8) {
		n := mynetworks.Parse(value)
		require.Equal(t, value, n.String(), "nothing is lost")
		for _, p := range n.Problems() {
			require.Contains(t, value, p.Token)
		}
		a, ok := netip.AddrFromSlice(address)
		if !ok || a.Is4In6() {
			return
		}
		p, err := a.Prefix(int(bits) % (a.BitLen() + 1))
		require.NoError(t, err)
		with := n.With(p)
		require.Contains(t, with.Prefixes(), p)
		require.Len(t, with.Problems(), len(n.Problems()), "what With writes is right")
		if strings.TrimSpace(value) != "" { // UCR strips values, and blanks alone are nothing
			require.Equal(t, value, with.Without([]netip.Prefix{p}).String())
		}
		if !strings.Contains(value, "!") {
			require.True(t, with.Coverage().CoversAll(p))
		}
		require.Equal(t, with.String(), mynetworks.Parse(with.String()).String())
	})
}

package hostnet

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func described(registry map[string]string) []Interface {
	keys := func(prefix string) (out []string) {
		for key := range registry {
			if strings.HasPrefix(key, prefix) {
				out = append(out, key)
			}
		}
		slices.Sort(out)
		return out
	}
	return Described(keys, func(key string) (string, bool) { v, ok := registry[key]; return v, ok })
}

func TestTheAddressesOfThisHost(t *testing.T) {
	const loop = "127.0.0.0/8"
	for sentence, c := range map[string]struct {
		interfaces string // NAME PREFIX, one a line
		want       string
	}{
		"loopback is a network in IPv4 and one address in IPv6":          {"lo 127.0.0.1/8\nlo ::1/128", loop + " ::1/128"},
		"an address of each interface, whatever its network":             {"eth0 10.99.1.1/24\neth1 203.0.113.1/24\neth0 fd99:1::1/64", "10.99.1.1/32 203.0.113.1/32 fd99:1::1/128"},
		"an address on two interfaces counts once":                       {"eth0 10.99.1.1/24\neth1 10.99.1.1/24", "10.99.1.1/32"},
		"an address on a bridge is one of this host":                     {"docker0 172.17.0.1/16", "172.17.0.1/32"},
		"any host may have a link-local address of ours on another link": {"eth0 fe80::1/64\neth0 169.254.7.7/16", ""},
		"an IPv4 address that is written as IPv6":                        {"eth0 ::ffff:10.99.1.1/120", "10.99.1.1/32"},
		"no interface": {"", ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			var all []Interface
			for line := range strings.SplitSeq(c.interfaces, "\n") {
				if name, prefix, ok := strings.Cut(line, " "); ok {
					all = append(all, Interface{name, []netip.Prefix{netip.MustParsePrefix(prefix)}})
				}
			}
			assert.Equal(t, strings.Fields(c.want), words(Own(all)))
		})
	}
}

func TestTheInterfacesOfAnArchive(t *testing.T) {
	all := described(map[string]string{
		"interfaces/eth0/address": "10.99.1.1", "interfaces/eth0/netmask": "255.255.255.0",
		"interfaces/eth0/ipv6/default/address": "fd99:1::1", "interfaces/eth0/ipv6/default/prefix": "64",
		"interfaces/eth1/address": "198.51.100.7", "interfaces/eth1/type": "static",
		"interfaces/eth2/type": "dhcp", "interfaces/primary": "eth0", "docker/daemon/default/opts/bip": "172.16.1.1/16",
		"interfaces/bad/address": "somewhere",
	})
	assert.Equal(t, []string{"10.99.1.1/32", "127.0.0.0/8", "172.16.1.1/32", "198.51.100.7/32", "::1/128", "fd99:1::1/128"}, words(Own(all)))
	bridges := Bridges(all)
	require.Len(t, bridges, 1)
	assert.Equal(t, "docker0 [172.16.0.0/16]", fmt.Sprint(bridges[0].Name, " ", bridges[0].Prefixes))
	assert.Equal(t, []string{"127.0.0.0/8", "::1/128"}, words(Own(described(nil))), "every host has loopback")
}

func TestThisMachineHasLoopback(t *testing.T) {
	all, err := Interfaces()
	require.NoError(t, err)
	assert.Subset(t, words(Own(all)), []string{"127.0.0.0/8", "::1/128"})
}

func TestBridges(t *testing.T) {
	for name, want := range map[string]bool{
		"docker0": true, "br-0123456789ab": true, "virbr0": true, "docker_gwbridge": true, "podman1": true, "lxdbr0": true, "cni-podman0": true,
		"br0": false, "br-lan": false, "eth0": false, "br-0123456789ag": false, "dockerx": false,
	} {
		all := []Interface{{name, []netip.Prefix{netip.MustParsePrefix("172.17.0.1/16"), netip.MustParsePrefix("fe80::1/64")}}}
		assert.Equal(t, want, len(Bridges(all)) == 1, name)
	}
	assert.Empty(t, Bridges([]Interface{{"docker0", nil}}), "a bridge without an address has no network that we know")
}

func TestKindOf(t *testing.T) {
	for kind, addresses := range map[Kind]string{
		Public:   "8.8.8.8 100.63.255.255 172.32.0.1 2a00:1450::1 64.0.0.1 ::ffff:8.8.8.8",
		Private:  "10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1 fd99:1::1 198.18.0.1",
		Unusable: "0.0.0.0 127.0.0.1 169.254.1.1 224.0.0.1 255.255.255.255 240.0.0.1 192.0.2.1 203.0.113.1 :: ::1 fe80::1 ff02::1 2001:db8::1 ::ffff:127.0.0.1",
	} {
		for _, word := range strings.Fields(addresses) {
			assert.Equal(t, kind, KindOf(netip.MustParseAddr(word)), word)
		}
	}
}

func TestReachableAndWide(t *testing.T) {
	for word, want := range map[string][2]bool{
		"64.0.0.0/2": {true, true}, "0.0.0.0/1": {true, true}, "8.0.0.0/8": {true, false}, "10.0.0.0/8": {false, false}, "10.0.0.0/7": {true, true},
		"172.16.0.0/12": {false, false}, "172.16.0.0/11": {true, false}, "203.0.113.25/32": {true, false}, "fd00::/8": {false, true}, "2a00::/31": {true, true},
		"2a00:1450::/32": {true, false}, "fd99:1::/64": {false, false}, "100.64.0.0/10": {false, false},
	} {
		p := netip.MustParsePrefix(word)
		assert.Equal(t, want, [2]bool{Reachable(p), Wide(p)}, word)
	}
}

func words(all []netip.Prefix) []string {
	out := []string{}
	for _, p := range all {
		out = append(out, p.String())
	}
	return out
}

// Package hostnet knows the network interfaces of this host, and what kind of address an IP address is.
//
// The addresses of this host are read from its interfaces, never from names: a name in DNS may lead elsewhere. On an
// archive of a server, the interfaces are those that the registry describes:
//
//	interfaces/NAME/address                 an IPv4 address, with interfaces/NAME/netmask
//	interfaces/NAME/ipv6/LABEL/address      an IPv6 address, with interfaces/NAME/ipv6/LABEL/prefix
//	docker/daemon/default/opts/bip          the address and the network of the bridge docker0
package hostnet

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// Interface is a network interface. Each of its prefixes is an address of this host with the length of its network:
// 10.99.1.1/24.
type Interface struct {
	Name     string
	Prefixes []netip.Prefix
}

// loopback are the addresses by which every host reaches itself. /etc/hosts of UCS maps localhost to both families.
var loopback = Interface{"lo", []netip.Prefix{netip.MustParsePrefix("127.0.0.1/8"), netip.MustParsePrefix("::1/128")}}

// Interfaces reads the interfaces of this machine.
func Interfaces() ([]Interface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("cannot read the network interfaces: %w", err)
	}
	out := []Interface{loopback}
	for _, i := range all {
		addresses, err := i.Addrs()
		if err != nil {
			return nil, fmt.Errorf("cannot read the addresses of %s: %w", i.Name, err)
		}
		one := Interface{Name: i.Name}
		for _, a := range addresses {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				one.Prefixes = append(one.Prefixes, p)
			}
		}
		out = append(out, one)
	}
	return out, nil
}

// Described are the interfaces that the registry describes. keys are the variables with a prefix.
func Described(keys func(prefix string) []string, get func(key string) (string, bool)) []Interface {
	out := []Interface{loopback}
	add := func(name, address, length string) {
		p, err := netip.ParsePrefix(address + "/" + length)
		if err != nil {
			return
		}
		if i := slices.IndexFunc(out, func(i Interface) bool { return i.Name == name }); i >= 0 {
			out[i].Prefixes = append(out[i].Prefixes, p)
			return
		}
		out = append(out, Interface{name, []netip.Prefix{p}})
	}
	for _, key := range keys("interfaces/") {
		name, rest, _ := strings.Cut(strings.TrimPrefix(key, "interfaces/"), "/")
		address, _ := get(key)
		switch base := strings.TrimSuffix(key, "address"); {
		case rest == "address":
			mask, _ := get(base + "netmask")
			add(name, address, maskLength(mask))
		case strings.HasPrefix(rest, "ipv6/") && strings.HasSuffix(rest, "/address"):
			length, _ := get(base + "prefix")
			add(name, address, length)
		}
	}
	if bip, set := get("docker/daemon/default/opts/bip"); set {
		address, length, _ := strings.Cut(bip, "/")
		add("docker0", address, length)
	}
	return out
}

// maskLength is the prefix length of a netmask: "24" for both "255.255.255.0" and "24". A host without a known mask
// still has its address.
func maskLength(mask string) string {
	if a, err := netip.ParseAddr(mask); err == nil && a.Is4() {
		ones, _ := net.IPMask(a.AsSlice()).Size()
		return fmt.Sprint(ones)
	}
	if mask == "" {
		return "32"
	}
	return mask
}

// Own are the addresses of this host as host routes, and the loopback network, sorted. Link-local addresses are not
// among them: such an address is unique on its link only, so any host on another link may have it, too.
func Own(all []Interface) []netip.Prefix {
	var out []netip.Prefix
	for _, i := range all {
		for _, p := range i.Prefixes {
			switch a := p.Addr().Unmap(); {
			case a.IsLinkLocalUnicast() || a.Zone() != "":
			case a.Is4() && a.IsLoopback():
				out = append(out, netip.MustParsePrefix("127.0.0.0/8"))
			default:
				out = append(out, netip.PrefixFrom(a, a.BitLen()))
			}
		}
	}
	slices.SortFunc(out, netip.Prefix.Compare)
	return slices.Compact(out)
}

// Bridges are the interfaces on which containers and virtual machines of this host live, with their networks. They have
// the names that Docker ("docker0", "br-" and twelve digits), Podman ("podman0", "cni-podman0"), libvirt ("virbr0") and
// LXC ("lxcbr0", "lxdbr0") give. Interfaces without a network that another host could be in are left out.
func Bridges(all []Interface) []Interface {
	var out []Interface
	for _, i := range all {
		if !isBridge(i.Name) {
			continue
		}
		b := Interface{Name: i.Name}
		for _, p := range i.Prefixes {
			if !p.Addr().IsLinkLocalUnicast() && !p.IsSingleIP() {
				b.Prefixes = append(b.Prefixes, p.Masked())
			}
		}
		if len(b.Prefixes) > 0 {
			out = append(out, b)
		}
	}
	return out
}

func isBridge(name string) bool {
	if id, ok := strings.CutPrefix(name, "br-"); ok {
		return len(id) == 12 && strings.Trim(id, "0123456789abcdef") == ""
	}
	return slices.ContainsFunc([]string{"docker", "docker_gwbridge", "virbr", "podman", "cni-podman", "lxcbr", "lxdbr"},
		func(begin string) bool {
			rest, ok := strings.CutPrefix(name, begin)
			return ok && strings.Trim(rest, "0123456789") == ""
		})
}

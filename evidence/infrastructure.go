package evidence

import (
	"hash/maphash"
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"

	"ucs-harden/hostnet"
	"ucs-harden/mailbox"
)

// Infrastructure is who stands behind a client, as far as the log tells: for a private address the address, which is one
// device; else the organisation of the forward-confirmed name, which is the registrable domain of publicsuffix.org; else
// the /24 or /48 of the address. It is "" for no address.
func Infrastructure(client netip.Addr, name string) string {
	client = client.Unmap().WithZone("")
	switch {
	case !client.IsValid():
		return ""
	case isPrivate(client):
		return client.String()
	}
	if organisation := Organisation(name); organisation != "" {
		return organisation
	}
	return Network(client).String()
}

// infrastructures are those of names and addresses that were met not long ago: a log names the same ones again and again.
type infrastructures struct {
	seed          maphash.Seed
	organisations [1 << 10]struct{ name, is string }
	clients       [1 << 12]struct {
		client  netip.Addr
		private bool
		is      string // without a name
	}
}

func newInfrastructures() *infrastructures { return &infrastructures{seed: maphash.MakeSeed()} }

// of is Infrastructure.
func (i *infrastructures) of(client netip.Addr, name string) string {
	client = client.Unmap().WithZone("")
	if i == nil || !client.IsValid() {
		return Infrastructure(client, name)
	}
	address := client.As16()
	met := &i.clients[maphash.Bytes(i.seed, address[:])%uint64(len(i.clients))]
	if met.client != client {
		met.client, met.private, met.is = client, isPrivate(client), Infrastructure(client, "")
	}
	if name != "" && !met.private {
		if organisation := i.organisation(name); organisation != "" {
			return organisation
		}
	}
	return met.is
}

// organisation is Organisation.
func (i *infrastructures) organisation(name string) string {
	met := &i.organisations[maphash.String(i.seed, name)%uint64(len(i.organisations))]
	if met.name != name {
		met.name, met.is = name, Organisation(name)
	}
	return met.is
}

// Organisation is the registrable domain of a host name. It is "" for a name without one.
func Organisation(name string) string {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if name == "" || mailbox.CheckHost(name) != nil {
		return ""
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return ""
	}
	organisation, err := publicsuffix.EffectiveTLDPlusOne(name)
	if err != nil {
		return ""
	}
	return organisation
}

func isPrivate(client netip.Addr) bool {
	return !hostnet.Reachable(netip.PrefixFrom(client, client.BitLen()))
}

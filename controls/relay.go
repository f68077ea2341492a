package controls

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/identity"
	"ucs-harden/ledger"
	"ucs-harden/lists"
	"ucs-harden/mynetworks"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
	"ucs-harden/rules"
)

const (
	relayName = "relay"

	relayMode         = modePrefix + relayName + "/mode"
	systemsVariable   = modePrefix + relayName + "/systems"
	protocolsVariable = "mail/postfix/inet/protocols"
	// The defaults of the templates.
	defaultNetworks  = "127.0.0.0/8"
	defaultProtocols = "ipv4"
)

// relayControl lets the domain controllers of the directory send mail through port 25, and further systems that the
// administrator names. It adds their addresses to mynetworks. It keeps all other patterns, and later removes only what
// it added.
var relayControl = Control{
	Name: relayName, ModeVariable: relayMode, Rules: []string{"relay"},
	Variables: []string{systemsVariable},
	Ask:       func(_ Registry, _ plan.Mode, q *Questions) { q.Controllers = true },
	Desire:    func(w Work) error { return relay{w}.desire() },
	Withdraw:  func(w Work) { relay{w}.withdraw() },
	Advice:    ToRelay,
}

// LetsRelay reports whether the control is on.
func LetsRelay(modes map[string]plan.Mode) bool {
	return modes[relayName] == plan.Warn || modes[relayName] == plan.Enforce
}

// OnMainList are the modes of the controls at an smtpd(8) that asks the main recipient list, although it is meant for
// mail programs. The rules of submission hold where its own list is asked.
func OnMainList(modes map[string]plan.Mode) map[string]plan.Mode {
	modes = maps.Clone(modes)
	delete(modes, submissionName)
	return modes
}

// ToRelay advises how the client of a letter may relay.
func ToRelay(r Refused) []string {
	switch {
	case r.Letter.Client == rules.Controller:
		return advise("mynetworks lacks %s, or something refuses it before permit_mynetworks: ucs-harden plan", r.Client)
	case r.Letter.Client != rules.Stranger && r.Letter.Client != rules.Unlisted:
		return nil
	case r.Letter.Port != 25 && r.Modes[submissionName] != plan.Off:
		return nil // there only a login counts, once it is enforced
	case LetsRelay(r.Modes):
		return advise("if %s is a system of yours that is meant to relay: add it to the registry variable %s",
			r.Client, systemsVariable)
	}
	return advise("if %s is a domain controller, or another system of yours that you add to %s:"+
		" switch the control relay on", r.Client, systemsVariable)
}

type relay struct{ Work }

func (c relay) desire() error {
	value, ok := c.facts.Registry.Get(mynetworks.Variable)
	if !ok {
		value = defaultNetworks
	}
	wanted, err := c.addresses()
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(c.facts.Controllers, func(h identity.Host) bool { return len(h.Addresses) > 0 }) {
		// Every UCS domain has a controller, so most likely the wrong place was asked.
		find, text := c.warn, "the directory names no domain controller with an address"
		if len(c.facts.Ledger.Networks) > 0 {
			find, text = c.doubt, text+": those that were let in before would be shut out"
		}
		find("no-controllers", text, "look at ldap/base and at the computer objects in UMC")
	}
	if id, text, hint := restrictions.NoNetworks(c.facts.Relay); id != "" {
		c.warn(id, text, hint)
	}
	networks := mynetworks.Parse(value)
	for _, p := range networks.Problems() {
		c.fail("mynetworks-"+string(p.Kind)+":"+p.Token,
			fmt.Sprintf("%s holds %q: %s", mynetworks.Variable, p.Token, p.Kind.Meaning()),
			p.Hint())
	}
	networks, added := networks.Replace(c.facts.Ledger.Networks, wanted)
	c.excepted(networks, added)
	c.rebase()
	c.Ledger.Networks = slices.SortedFunc(slices.Values(added), netip.Prefix.Compare)
	_, ours := c.facts.Ledger.Variables[mynetworks.Variable]
	if next := networks.String(); next != value || ours {
		c.set(mynetworks.Variable, next)
	}
	c.Expect.Main["mynetworks"] = networks.String()
	if _, held, ok := c.facts.Registry.Stronger(mynetworks.Variable); ok {
		c.Expect.Main["mynetworks"] = held // one finding says so already
	}
	return nil
}

// excepted reports those of our networks that an exception of the administrator excludes.
func (c relay) excepted(networks mynetworks.List, added []netip.Prefix) {
	covered := networks.Coverage()
	for _, p := range added {
		if !covered.CoversAll(p) {
			c.warn("relay-excepted:"+p.String(),
				fmt.Sprintf("%s excepts %s with a pattern that begins with \"!\": it may not relay, although it should",
					mynetworks.Variable, p),
				"take the exception out of "+mynetworks.Variable+", or switch the control off: ucr set "+relayMode+"=off")
		}
	}
}

// rebase notes in the ledger what the administrator has made of mynetworks since we wrote it, without our addresses.
// Mode off restores that.
func (c relay) rebase() {
	entry, ours := c.facts.Ledger.Variables[mynetworks.Variable]
	now, set := c.facts.Registry.Normal(mynetworks.Variable)
	switch {
	case !ours || set && now == entry.Wrote:
		return
	case !set:
		entry.Before = nil
	default:
		entry.Before = c.rest(entry, now)
	}
	c.Ledger.Variables[mynetworks.Variable] = entry
}

// rest is a value of mynetworks without our addresses. It is nil when only the default is left, which we wrote because
// the variable was not set.
func (c relay) rest(entry ledger.Entry, now string) *string {
	rest := mynetworks.Parse(now).Without(c.facts.Ledger.Networks).String()
	if entry.Before == nil && rest == defaultNetworks {
		return nil
	}
	return &rest
}

// withdraw takes our addresses out again, and nothing else. While nobody has changed the variable, the ledger knows its
// old value.
func (c relay) withdraw() {
	entry, ours := c.facts.Ledger.Variables[mynetworks.Variable]
	now, set := c.facts.Registry.Normal(mynetworks.Variable)
	_, _, held := c.facts.Registry.Stronger(mynetworks.Variable)
	if ours && set && now != entry.Wrote && !held {
		c.release(mynetworks.Variable, c.rest(entry, now))
	}
	c.Ledger.Networks = nil
}

// addresses are the host routes of all systems that may relay, sorted. IPv6 addresses count only if Postfix speaks
// IPv6.
func (c relay) addresses() ([]netip.Prefix, error) {
	protocols, ok := c.facts.Registry.Get(protocolsVariable)
	if !ok {
		protocols = defaultProtocols
	}
	speaks := func(p string) bool { return strings.Contains(protocols, p) || strings.Contains(protocols, "all") }
	var out []netip.Prefix
	add := func(p netip.Prefix) {
		if p.Addr().Is4() && speaks("ipv4") || p.Addr().Is6() && speaks("ipv6") {
			out = append(out, p)
		}
	}
	for _, h := range c.facts.Controllers {
		for _, a := range h.Addresses {
			add(netip.PrefixFrom(a, a.BitLen()))
		}
		for _, bad := range h.Invalid {
			c.warn("controller-address:"+h.Name+":"+bad,
				fmt.Sprintf("the directory gives the domain controller %s the address %q, which is none it could write from",
					h.Name, bad),
				"mend the address of the computer object in UMC")
		}
	}
	systems, _ := c.facts.Registry.Get(systemsVariable)
	for _, word := range lists.Words(systems) {
		p, err := mynetworks.ParseNetwork(word)
		if err != nil {
			return nil, fmt.Errorf("cannot use the registry variable %s: %w", systemsVariable, err)
		}
		add(p)
	}
	slices.SortFunc(out, netip.Prefix.Compare)
	return slices.Compact(out), nil
}

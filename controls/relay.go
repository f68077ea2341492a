package controls

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"ucs-harden/findings"
	"ucs-harden/inside"
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
	Purpose:        "controllers and named systems may relay",
	Variables:      []string{systemsVariable},
	Ask:            func(_ Registry, _ plan.Mode, q *Questions) { q.Controllers = true },
	NeedsDirectory: isOn,
	Runs:           relayRuns,
	Desire:         func(w Work) error { return relay{w}.desire() },
	Withdraw:       func(w Work) { relay{w}.withdraw() },
	Advice:         ToRelay,
}

// isOn is the answer of a control that needs the directory in every mode but off.
func isOn(_ *Facts, mode plan.Mode) bool { return mode != plan.Off }

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

// ToRelay advises how the client of a letter may relay. A stranger never may.
func ToRelay(r Refused) []string {
	switch {
	case r.Letter.Client == rules.Stranger:
		return nil
	case r.Letter.Client == rules.Controller:
		return advise("mynetworks lacks %s, or something refuses it before permit_mynetworks: ucs-harden plan", r.Client)
	case r.Letter.Client == rules.Listed || r.Letter.Client == rules.Named:
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
	c.findAll(inside.NoControllers(c.facts.Controllers, len(c.facts.Ledger.Networks) > 0))
	if text, hint := restrictions.NoNetworks(c.facts.Relay); text != "" {
		c.warn(findings.RelayNotPermitted.Of(), text, hint)
	}
	c.findAll(inside.Faults(mynetworks.Parse(value)))
	networks, added := mynetworks.Parse(value).Replace(c.facts.Ledger.Networks, wanted)
	c.findAll(inside.Excepted(networks, added, "ucr set "+relayMode+"=off"))
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

// addresses are the networks of all systems that may relay. What is doubtful about them becomes findings.
func (c relay) addresses() ([]netip.Prefix, error) {
	out, found, err := c.relaying()
	c.findAll(found)
	return out, err
}

// leftOut reports whether a sync leaves out a word of the variable of systems. What is doubtful about the words is found
// by their networks.
func (d *Desired) leftOut(word string) bool {
	w := Work{Desired: d, name: relayName}
	p, err := mynetworks.ParseNetwork(word)
	if err != nil {
		w.skips(findings.Variable.Of(systemsVariable, word).Finding(plan.Error,
			fmt.Sprintf("%s cannot be used: %s", systemsVariable, err), "correct it with ucr set"))
		return true
	}
	for _, f := range inside.OfSystem(p, systemsVariable) {
		if w.skips(f) {
			return true
		}
	}
	return false
}

func (d *Desired) relaying() ([]netip.Prefix, []plan.Finding, error) {
	protocols, ok := d.facts.Registry.Get(protocolsVariable)
	if !ok {
		protocols = defaultProtocols
	}
	systems, _ := d.facts.Registry.Get(systemsVariable)
	words := lists.Words(systems)
	if d.facts.Sync {
		words = slices.DeleteFunc(words, func(word string) bool { return d.leftOut(word) })
	}
	return inside.Relaying(d.facts.Controllers, protocols, systemsVariable, words)
}

package controls

import (
	"fmt"
	"net/netip"
	"strings"

	"ucs-harden/access"
	"ucs-harden/findings"
	"ucs-harden/lists"
	"ucs-harden/mynetworks"
	"ucs-harden/plan"
	"ucs-harden/rules"
)

const (
	foreignSenderName = "foreign-sender"

	foreignPrefix = modePrefix + "foreign-sender/"
	foreignExcept = foreignPrefix + "except"
	foreignText   = foreignPrefix + "text"

	foreignClass = "ucs_harden_foreign_sender"
)

var foreignTexts = Texts{
	"en": "This system may only send with a sender of our own domains",
	"de": "Dieses System darf nur mit Absendern der eigenen Maildomains senden",
}

// foreignSenderControl checks mail from the systems of control relay. A sender outside the hosted domains means that
// the system was broken into, or forwards mail. The null sender may pass, and so may a sender in a sub-domain of a
// hosted domain or in the domain of the directory. The control is a part of relay with a switch of its own.
var foreignSenderControl = Control{
	Name: foreignSenderName, ModeVariable: foreignPrefix + "mode", OwnSwitch: true, Rules: []string{"foreign-sender"},
	NeedsEvidence: true,
	Purpose:       "relaying systems use senders of yours",
	Variables:     []string{foreignExcept, foreignText}, OtherPrefix: modePrefix + "relay/foreign-sender/",
	Texts:     []Texts{foreignTexts},
	Selective: true, Runs: asks(foreignSenderName, "foreign-sender-clients"),
	Ask:            func(_ Registry, _ plan.Mode, q *Questions) { q.Controllers = true },
	NeedsDirectory: isOn,
	Desire:         func(w Work) error { return foreignSender{w}.desire() },
	Listings: func(t Tables, l *rules.Listings) {
		l.Inside = t.keys(foreignSenderName + "-inside")
		for prefix, action := range t.entries(foreignSenderName + "-clients.cidr") {
			if p, err := netip.ParsePrefix(prefix); err == nil {
				l.Systems = append(l.Systems, rules.System{Prefix: p, Exempt: action != foreignClass})
			}
		}
	},
	Refuses: func(c Check) bool { return c.placedBy(foreignSenderName) },
	Advice: func(r Refused) []string {
		return advise("if %s may send mail of others: add it to the registry variable %s", r.Client, foreignExcept+thenSync)
	},
}

type foreignSender struct{ Work }

func (c foreignSender) desire() error {
	systems, err := relay{c.Desired.work(relayControl, plan.Control{})}.addresses()
	if err != nil {
		return err
	}
	except, err := c.except()
	if err != nil {
		return err
	}
	if len(systems) == 0 {
		return nil
	}
	var lines []access.Network
	for _, p := range except {
		lines = append(lines, access.Network{Prefix: p, Action: "DUNNO"})
	}
	for _, p := range systems {
		lines = append(lines, access.Network{Prefix: p, Action: foreignClass})
	}
	refuse := c.refuseOthers(c.refusal(c.text(foreignText, foreignTexts), ""))
	c.class(foreignClass, c.unlessInside(refuse))
	c.busy[c.name] = len(systems)
	clients := c.networks("clients", "Systems that may relay; those with DUNNO may do so with any sender.", lines)
	c.early(3, "check_client_access "+clients)
	return nil
}

// except are the systems that may send with any sender.
func (c foreignSender) except() ([]netip.Prefix, error) {
	value, variable, _ := c.setting(c.facts.Registry, foreignExcept)
	var out []netip.Prefix
	for _, word := range lists.Words(value) {
		p, err := mynetworks.ParseNetwork(word)
		switch {
		case err != nil && c.facts.Sync:
			c.skips(findings.Variable.Of(variable, word).Finding(plan.Error,
				fmt.Sprintf("%s cannot be used: %s", variable, err), "correct it with ucr set"))
			continue
		case err != nil:
			return nil, fmt.Errorf("cannot use the registry variable %s: %w", variable, err)
		}
		out = append(out, p)
	}
	return out, nil
}

// unlessInside refuses senders whose domain is not inside, even with up to MaxLabels labels taken off its front.
// Postfix completes a sender without a domain with its own, so such a sender passes.
func (c foreignSender) unlessInside(refuse string) string {
	inside := map[string]string{"<>": isListed}
	domains := hostedDomains(c.facts.Registry)
	own, _ := c.facts.Registry.Get("domainname")
	if lists.IsDomain(own) {
		domains = append(domains, own)
	}
	for _, domain := range domains {
		inside[strings.ToLower(domain)] = isListed
	}
	listed := c.access("inside", "Domains of ours, and the null sender.", inside)
	maps := make([]string, 0, rules.MaxLabels+2)
	for labels := range rules.MaxLabels + 1 {
		patterns := []string{`/^.*@` + strings.Repeat(`[^.@]+\.`, labels) + `([^@]+)$/ $1`}
		if labels == 0 {
			patterns = append(patterns, `/^[^@]*$/ <>`)
		}
		about := fmt.Sprintf("Gives the domain of a sender, less %d labels.", labels)
		part := c.patterns(fmt.Sprintf("domain-%d", labels), about, patterns...)
		maps = append(maps, fmt.Sprintf("pipemap:{%s,%s}", part, listed))
	}
	return fmt.Sprintf("check_sender_access pipemap:{unionmap:{%s,static:%s},%s}",
		strings.Join(maps, ","), notListed, refuse)
}

package controls

import (
	"fmt"
	"net/netip"
	"strings"

	"ucs-harden/lists"
	"ucs-harden/mynetworks"
	"ucs-harden/plan"
)

// foreignSender looks at mail from the systems that relay may use with a sender
// outside the hosted domains: something there has been broken into, or forwards
// mail. The null sender passes, and so does what is in a sub-domain of a hosted
// domain or in the domain of the directory.
type foreignSender struct{}

func (foreignSender) name() string { return "foreign-sender" }

const (
	foreignPrefix = modePrefix + "relay/foreign-sender/"
	foreignMode   = foreignPrefix + "mode"
	foreignExcept = foreignPrefix + "except"
	foreignText   = foreignPrefix + "text"

	foreignClass       = "ucs_harden_foreign_sender"
	defaultForeignText = "This system may only send with a sender of our own domains"

	// deepest is how many labels in front of a hosted domain are taken off.
	deepest = 3
)

func (c foreignSender) desire(f *Facts, state plan.Control, d *Desired) error {
	if state.After == plan.Off {
		return nil
	}
	systems, err := (relay{}).addresses(f, d)
	if err != nil {
		return err
	}
	except, err := c.except(f)
	if err != nil {
		return err
	}
	if len(systems) == 0 {
		return nil
	}
	var lines []network
	for _, p := range except {
		lines = append(lines, network{p, "DUNNO"})
	}
	for _, p := range systems {
		lines = append(lines, network{p, foreignClass})
	}
	refuse := d.refuseOthers(c.name()+"-refusal", refusal(d.text(foreignText, defaultForeignText), "", c.name()), c.name())
	d.class(foreignClass, c.unlessInside(f, d, refuse))
	d.busy[c.name()] = len(systems)
	d.early(3, c.name(), state.After,
		"check_client_access "+d.networks(c.name()+"-clients", "Systems that may relay; those with DUNNO may do so with any sender.", c.name(), lines))
	return nil
}

// except are the systems that may relay foreign mail.
func (foreignSender) except(f *Facts) ([]netip.Prefix, error) {
	value, _ := f.Registry.Get(foreignExcept)
	var out []netip.Prefix
	for _, word := range words(value) {
		p, err := mynetworks.ParseNetwork(word)
		if err != nil {
			return nil, fmt.Errorf("cannot use the registry variable %s: %w", foreignExcept, err)
		}
		out = append(out, p)
	}
	return out, nil
}

// unlessInside refuses senders whose domain is not inside, with up to deepest
// labels taken off its front. What has no domain gets this server's own.
func (c foreignSender) unlessInside(f *Facts, d *Desired, refuse string) string {
	inside := map[string]string{"<>": isListed}
	domains := hostedDomains(f.Registry)
	own, _ := f.Registry.Get("domainname")
	if lists.IsDomain(own) {
		domains = append(domains, own)
	}
	for _, domain := range domains {
		inside[strings.ToLower(domain)] = isListed
	}
	listed := d.access(c.name()+"-inside", "Domains of ours, and the null sender.", inside, c.name())
	maps := make([]string, 0, deepest+2)
	for labels := range deepest + 1 {
		patterns := []string{`/^.*@` + strings.Repeat(`[^.@]+\.`, labels) + `([^@]+)$/ $1`}
		if labels == 0 {
			patterns = append(patterns, `/^[^@]*$/ <>`)
		}
		part := d.patterns(fmt.Sprintf("%s-domain-%d", c.name(), labels), fmt.Sprintf("Gives the domain of a sender, less %d labels.", labels), c.name(), patterns...)
		maps = append(maps, fmt.Sprintf("pipemap:{%s,%s}", part, listed))
	}
	return fmt.Sprintf("check_sender_access pipemap:{unionmap:{%s,static:%s},%s}", strings.Join(maps, ","), notListed, refuse)
}

// words are those of a list in a registry variable: blanks or commas between.
func words(value string) []string {
	return strings.FieldsFunc(value, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' })
}

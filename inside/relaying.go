package inside

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/findings"
	"ucs-harden/hostnet"
	"ucs-harden/identity"
	"ucs-harden/mynetworks"
	"ucs-harden/plan"
)

// Relaying returns the host routes and networks of all systems that may relay, sorted, with what is doubtful about
// them. protocols is the value of inet_protocols: IPv6 addresses count only if Postfix speaks IPv6. systems are the
// words of the registry variable that names further systems.
func Relaying(
	controllers []identity.Host, protocols, variable string, systems []string,
) (out []netip.Prefix, found []plan.Finding, err error) {
	speaks := func(p string) bool { return strings.Contains(protocols, p) || strings.Contains(protocols, "all") }
	add := func(p netip.Prefix) {
		if p.Addr().Is4() && speaks("ipv4") || p.Addr().Is6() && speaks("ipv6") {
			out = append(out, p)
		}
	}
	for _, h := range controllers {
		for _, a := range h.Addresses {
			add(netip.PrefixFrom(a, a.BitLen()))
		}
		found = append(found, ofController(h)...)
	}
	for _, word := range systems {
		p, err := mynetworks.ParseNetwork(word)
		if err != nil {
			return nil, nil, fmt.Errorf("cannot use the registry variable %s: %w", variable, err)
		}
		add(p)
		found = append(found, OfSystem(p, variable)...)
	}
	slices.SortFunc(out, netip.Prefix.Compare)
	return slices.Compact(out), found, nil
}

// NoControllers reports that no controller has an address. Every UCS domain has one, so most likely the wrong place was
// asked. It is an error, which can be accepted, when controllers were let in before.
func NoControllers(controllers []identity.Host, before bool) []plan.Finding {
	if slices.ContainsFunc(controllers, func(h identity.Host) bool { return len(h.Addresses) > 0 }) {
		return nil
	}
	f := warning(findings.NoControllers.Of(), "the directory names no domain controller with an address",
		"look at ldap/base and at the computer objects in UMC")
	if before {
		f.Severity, f.Acceptable = plan.Error, true
		f.Text += ": those that were let in before would be shut out"
	}
	return []plan.Finding{f}
}

// Faults are errors about patterns of mynetworks that Postfix cannot use.
func Faults(networks mynetworks.List) (found []plan.Finding) {
	for _, p := range networks.Problems() {
		found = append(found, findings.InMynetworks(p.Kind).Of(p.Token).Finding(plan.Error,
			fmt.Sprintf("%s holds %q: %s", mynetworks.Variable, p.Token, p.Kind.Meaning()), p.Hint()))
	}
	return found
}

// ofController is a warning for each address that the Internet reaches, and for each that cannot be used. A public
// address is no error: some companies have no other, and it is the address of one host that the directory names. An
// error would stop every sync there.
func ofController(h identity.Host) (found []plan.Finding) {
	for _, a := range h.Addresses {
		if hostnet.KindOf(a) == hostnet.Public {
			found = append(found, warning(findings.ControllerPublic.Of(h.Name, a.String()),
				fmt.Sprintf("the domain controller %s has the public address %s: whoever has this address may relay", h.Name, a),
				"if the address is wrong: correct the computer object in UMC"))
		}
	}
	for _, bad := range h.Invalid {
		found = append(found, warning(findings.ControllerAddress.Of(h.Name, bad),
			fmt.Sprintf("the directory gives the domain controller %s the address %q, which is none it could write from",
				h.Name, bad),
			"mend the address of the computer object in UMC"))
	}
	return found
}

// OfSystem is an error, which can be accepted, for a network that is too wide or that the Internet reaches.
func OfSystem(p netip.Prefix, variable string) []plan.Finding {
	var id findings.ID
	var text string
	switch {
	case hostnet.Wide(p):
		id = findings.WideSystem.Of(p.String())
		text = fmt.Sprintf("%s names %s, which is larger than the networks of one organisation:"+
			" this server would be an open relay for it", variable, p)
	case hostnet.Reachable(p):
		id = findings.PublicSystem.Of(p.String())
		text = fmt.Sprintf("%s names %s, which the Internet reaches: whoever has such an address may relay", variable, p)
	default:
		return nil
	}
	return []plan.Finding{id.Doubt(text, "take it out of "+variable+
		", or name the networks of your own systems only; if it is meant: --accept "+id.String())}
}

// Excepted warns of networks that were added to mynetworks and that an exception there excludes. off switches the
// control off.
func Excepted(networks mynetworks.List, added []netip.Prefix, off string) (found []plan.Finding) {
	covered := networks.Coverage()
	for _, p := range added {
		if !covered.CoversAll(p) {
			found = append(found, warning(findings.RelayExcepted.Of(p.String()),
				fmt.Sprintf("%s excepts %s with a pattern that begins with \"!\": it may not relay, although it should",
					mynetworks.Variable, p),
				"take the exception out of "+mynetworks.Variable+", or switch the control off: "+off))
		}
	}
	return found
}

func warning(id findings.ID, text, hint string) plan.Finding {
	return id.Finding(plan.Warning, text, hint)
}

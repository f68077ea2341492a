package harden

import (
	"fmt"

	"ucs-harden/findings"
	"ucs-harden/mynetworks"
	"ucs-harden/plan"
)

// everybody reports a mynetworks that trusts a large part of the Internet, wherever it is written.
func (p *Planned) everybody() {
	networks := p.facts.now.maincf.Value("mynetworks")
	if p.next.maincf != nil {
		networks = p.next.maincf.Value("mynetworks")
	}
	wide := mynetworks.Parse(networks).Wide()
	if len(wide) == 0 || allOff(p.Plan) {
		return
	}
	p.find(findings.MynetworksWide.Of().Finding(plan.Warning,
		fmt.Sprintf("mynetworks trusts every client in %s: these clients may relay, and no control refuses what they send",
			wide),
		"take these networks out of "+mynetworks.Variable+", unless every client in them is yours"))
}

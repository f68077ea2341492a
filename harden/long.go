package harden

import (
	"fmt"

	"ucs-harden/mynetworks"
	"ucs-harden/plan"
)

// longestArgument is the length in bytes of the longest argument that the kernel hands to a program (execve(2),
// MAX_ARG_STRLEN: 128 KiB with the NUL at the end).
const longestArgument = 128*1024 - 1

// tooLong finds variables that ucr cannot set, because "key=value" is one argument of the program.
func (p *Planned) tooLong() {
	for _, v := range p.Variables {
		if v.After == nil || len(v.Key)+1+len(*v.After) <= longestArgument {
			continue
		}
		f := plan.Finding{
			ID: "too-long:" + v.Key, Severity: plan.Error,
			Text: fmt.Sprintf("%s would have %d bytes: ucr cannot set more than %d bytes with the name of the variable",
				v.Key, len(*v.After), longestArgument-1),
			Hint: "let the controls need fewer entries",
		}
		if v.Key == mynetworks.Variable {
			f.Hint = "add the networks of the domain controllers to " + v.Key +
				" yourself: an address that a network contains needs no entry of its own"
		}
		p.find(f)
	}
}

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
	p.find(plan.Finding{
		ID: "mynetworks-wide", Severity: plan.Warning,
		Text: fmt.Sprintf("mynetworks trusts every client in %s: these clients may relay, and no control refuses what they send",
			wide),
		Hint: "take these networks out of " + mynetworks.Variable + ", unless every client in them is yours",
	})
}

package findings

import (
	"fmt"

	"ucs-harden/plan"
)

// HeldAt is the error about a variable that a stronger layer of the registry holds with another value than wanted.
func HeldAt(key, layer, held, wanted, control string) plan.Finding {
	hint := fmt.Sprintf("take it out of that layer: ucr unset --%s %s", layer, plan.Quote(key))
	switch layer {
	case "ldap":
		hint = "change the UCR policy in the directory that sets it, or take this computer out of the policy"
	case "forced":
		hint = "ucr unset --force " + plan.Quote(key) + ", or force the wanted value there"
	}
	f := Held.Of(key).Finding(plan.Error,
		fmt.Sprintf("%s is held by the layer %q with the value %q; %q, written to the normal layer,"+
			" would have no effect", key, layer, held, wanted), hint)
	f.Control = control
	return f
}

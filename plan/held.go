package plan

import "fmt"

// HeldFinding is the error about a variable that a stronger layer of the registry holds with another value than wanted.
func HeldFinding(key, layer, held, wanted, control string) Finding {
	hint := fmt.Sprintf("take it out of that layer: ucr unset --%s %s", layer, Quote(key))
	switch layer {
	case "ldap":
		hint = "change the UCR policy in the directory that sets it, or take this computer out of the policy"
	case "forced":
		hint = "ucr unset --force " + Quote(key) + ", or force the wanted value there"
	}
	return Finding{
		ID: "held:" + key, Severity: Error, Control: control,
		Text: fmt.Sprintf("%s is held by the layer %q with the value %q; %q, written to the normal layer,"+
			" would have no effect", key, layer, held, wanted),
		Hint: hint,
	}
}

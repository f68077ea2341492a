package controls

import (
	"fmt"
	"strings"

	"ucs-harden/findings"
	"ucs-harden/plan"
)

// naming is how the variables of a control are called. Each begins with prefix. If other is not empty, a variable also
// counts under a second name, which begins with other instead; see Control.OtherPrefix.
type naming struct{ prefix, other string }

func (c Control) naming() naming { return naming{modePrefix + c.Name + "/", c.OtherPrefix} }

// otherName is the second name of a variable, "" when it has none.
func (n naming) otherName(key string) string {
	rest, ok := strings.CutPrefix(key, n.prefix)
	if !ok || n.other == "" {
		return ""
	}
	return n.other + rest
}

// names are the names of a variable, the one that wins first.
func (n naming) names(key string) []string {
	if other := n.otherName(key); other != "" {
		return []string{key, other}
	}
	return []string{key}
}

// setting is the value of a variable, and the name by which it is set.
func (n naming) setting(r Registry, key string) (value, name string, set bool) {
	for _, name := range n.names(key) {
		if value, set := r.Get(name); set {
			return value, name, true
		}
	}
	return "", key, false
}

// contradictions reports variables that have another value by their other name.
func (d *Desired) contradictions(c Control) {
	for _, key := range append([]string{c.ModeVariable}, c.Variables...) {
		other := c.naming().otherName(key)
		value, set := d.facts.Registry.Get(key)
		otherValue, otherSet := d.facts.Registry.Get(other)
		if other == "" || !set || !otherSet || value == otherValue {
			continue
		}
		d.work(c, plan.Control{}).warn(findings.TwoNames.Of(key),
			fmt.Sprintf("%s is %q, but its other name %s is %q: the first one counts", key, value, other, otherValue),
			"keep one of them: ucr unset "+plan.Quote(other))
	}
}

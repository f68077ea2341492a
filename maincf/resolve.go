package maincf

import (
	"strings"

	"ucs-harden/internal/lazyregexp"
)

// reference is $name, ${name} or $(name), postconf(5).
var reference = lazyregexp.New(`\$(?:(\w+)|\{(\w+)\}|\((\w+)\))`)

// deepest is how often a value may refer to another one.
const deepest = 10

// Resolve is the value of a parameter without references, and the parameter
// that holds it: one that is nothing but a reference leads to the other.
func (m File) Resolve(name string) (value, holder string) {
	named := func(ref string) string {
		return strings.Join(reference.FindStringSubmatch(ref)[1:], "")
	}
	value, holder = m.Value(name), name
	for range deepest {
		if ref := strings.TrimSpace(value); ref != "" && reference.FindString(ref) == ref {
			holder = named(ref)
		}
		next := reference.ReplaceAllStringFunc(value, func(ref string) string { return m.Value(named(ref)) })
		if next == value {
			break
		}
		value = next
	}
	return value, holder
}

package maincf

import (
	"strings"

	"ucs-harden/internal/lazyregexp"
)

// reference is $name, ${name} or $(name), postconf(5).
var reference = lazyregexp.New(`\$(?:(\w+)|\{(\w+)\}|\((\w+)\))`)

// deepest is how many references may follow one another.
const deepest = 10

// Resolve returns the value of a parameter with all references replaced, and the name of the parameter that holds it. A
// value that is nothing but a reference is held by the other parameter. References of a parameter to itself remain.
func (m File) Resolve(name string) (value, holder string) {
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

// Expand replaces the references in a value to parameters that main.cf has. References to others, whose values are built
// into Postfix, remain.
func (m File) Expand(value string) string {
	for range deepest {
		next := reference.ReplaceAllStringFunc(value, func(ref string) string {
			if value, ok := m.Get(named(ref)); ok {
				return value
			}
			return ref
		})
		if next == value {
			break
		}
		value = next
	}
	return value
}

// named is the parameter that a reference names.
func named(ref string) string { return strings.Join(reference.FindStringSubmatch(ref)[1:], "") }

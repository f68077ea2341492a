package controls

import (
	"fmt"
	"slices"
	"strings"

	"ucs-harden/findings"
	"ucs-harden/internal/similar"
	"ucs-harden/plan"
)

// anyWord stands in a pattern for the name of an entry or of a mail domain.
const anyWord = ".*"

// Variables are all registry variables that the controls read. ".*" stands for one word without a slash: the name of an
// entry or of a mail domain.
func Variables() []string {
	out := General()
	for _, c := range all {
		out = append(out, c.Patterns()...)
	}
	return out
}

// Unknown reports the registry variables below mail/harden/ that nobody reads. The most likely cause is a typing error, so
// a finding offers the names that may be meant. Others are the variables below mail/harden/ that are no business of the
// controls.
func Unknown(r Registry, others ...string) []plan.Finding {
	known := append(Variables(), others...)
	var out []plan.Finding
	for _, key := range r.Keys(modePrefix) {
		if slices.ContainsFunc(known, func(pattern string) bool { return fill(pattern, key) == key }) {
			continue
		}
		out = append(out, findings.UnknownVariable.Of(key).Finding(plan.Warning,
			fmt.Sprintf("nothing reads the registry variable %s", key), unknownHint(r, key, known)))
	}
	return out
}

// unknownHint says what may be meant, and how to remove the variable.
func unknownHint(r Registry, key string, known []string) string {
	var names []string
	for _, pattern := range known {
		if name := fill(pattern, key); !strings.Contains(name, anyWord) {
			names = append(names, name)
		}
	}
	remove := "to remove it: ucr unset " + plan.Quote(key)
	if layer, _, held := r.Stronger(key); held {
		remove = "to remove it, take it out of the layer " + layer
	}
	if meant := similar.To(key, names); len(meant) > 0 {
		return fmt.Sprintf("did you mean %s? %s", strings.Join(meant, " or "), remove)
	}
	return "ucs-harden-variables(7) has all that are read; " + remove
}

// fill puts the words of a key into a pattern: the result is the key if the pattern matches it, and else the key as it
// would have to be. A word of the pattern that the key does not have stays.
func fill(pattern, key string) string {
	words, of := strings.Split(key, "/"), strings.Split(pattern, "/")
	for i, word := range of {
		if word == anyWord && i < len(words) && words[i] != "" {
			of[i] = words[i]
		}
	}
	return strings.Join(of, "/")
}

package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// State is a fingerprint of everything a plan was made from: a name such as
// "variable mail/postfix/mynetworks" or "file /etc/postfix/main.cf", mapped to
// a hash. It holds no value itself, so it may be shown.
type State map[string]string

// Add takes one input into the state; nil means that it is absent.
func (s State) Add(name string, content []byte) {
	if content == nil {
		s[name] = "absent"
		return
	}
	sum := sha256.Sum256(content)
	s[name] = hex.EncodeToString(sum[:8])
}

// Stale returns the names of the inputs in which two states differ, sorted;
// none when a plan made from the one is still true for the other.
func (s State) Stale(now State) []string {
	var names []string
	for name, hash := range s {
		if now[name] != hash {
			names = append(names, name)
		}
	}
	for name := range now {
		if _, ok := s[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

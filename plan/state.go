package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// State is a fingerprint of everything that a plan was made from. It maps a name such as "variable
// mail/postfix/mynetworks" or "file /etc/postfix/main.cf" to a hash. State holds no value itself, so it may be shown.
type State map[string]string

// Add adds one input to the state; nil means that the input is absent.
func (s State) Add(name string, content []byte) {
	if content == nil {
		s[name] = "absent"
		return
	}
	sum := sha256.Sum256(content)
	s[name] = hex.EncodeToString(sum[:8])
}

// Stale returns the sorted names of the inputs in which two states differ. It returns none when a plan made from the
// one state is still valid for the other.
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

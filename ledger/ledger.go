// Package ledger holds what ucs-harden has set on this machine and what was there before. It is the difference between
// "ours" and "the administrator's": a variable that is not in it is never removed, however much it looks like ours.
package ledger

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
)

// Ledger is the ledger of a machine. The zero value is not one: see Parse.
type Ledger struct {
	Schema int `json:"schema"`
	// Variables maps a registry variable to its entry.
	Variables map[string]Entry `json:"variables,omitempty"`
	// Networks are the addresses added to mynetworks.
	Networks []netip.Prefix `json:"networks,omitempty"`
	// Files are the generated files that exist because of us.
	Files []string `json:"files,omitempty"`
}

// Entry is one variable that we set.
type Entry struct {
	// Before is what the normal layer had; nil when it had nothing.
	Before *string `json:"before"`
	// Wrote is what we wrote last.
	Wrote string `json:"wrote"`
	// Adopted: the variable was set by hand after the published procedure.
	Adopted bool `json:"adopted,omitempty"`
}

const schema = 1

// Parse reads the JSON form; nil is an empty ledger.
func Parse(content []byte) (Ledger, error) {
	l := Ledger{Schema: schema}
	if content != nil {
		if err := json.Unmarshal(content, &l); err != nil {
			return l, fmt.Errorf("cannot read the ledger: %w", err)
		}
		if l.Schema != schema {
			return l, fmt.Errorf("cannot read the ledger: it has schema %d, this program knows %d", l.Schema, schema)
		}
	}
	if l.Variables == nil {
		l.Variables = map[string]Entry{}
	}
	return l, nil
}

// Bytes is the JSON form, which is deterministic. It is nil for an empty ledger, which needs no file.
func (l Ledger) Bytes() []byte {
	if len(l.Variables) == 0 && len(l.Networks) == 0 && len(l.Files) == 0 {
		return nil
	}
	out, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		panic(err) // strings and prefixes only: cannot fail
	}
	return append(out, '\n')
}

// Clone is a copy that shares nothing with the ledger.
func (l Ledger) Clone() Ledger {
	c := Ledger{Schema: schema, Variables: map[string]Entry{}, Networks: slices.Clone(l.Networks)}
	c.Files = slices.Clone(l.Files)
	maps.Copy(c.Variables, l.Variables)
	return c
}

// HasFile reports whether a generated file exists because of us.
func (l Ledger) HasFile(path string) bool { return slices.Contains(l.Files, path) }

// Registry is what the ledger reads of the Univention Configuration Registry.
type Registry interface {
	// Normal is the value in the normal layer (base.conf), the layer that we write.
	Normal(key string) (string, bool)
	// Stronger names a layer above the normal one that holds the variable.
	Stronger(key string) (layer, value string, ok bool)
}

// Untouched reports whether a variable still has the value that we wrote.
func (l Ledger) Untouched(r Registry, key string) bool {
	entry, ours := l.Variables[key]
	now, set := r.Normal(key)
	return ours && set && now == entry.Wrote
}

// Stood reports whether a variable was there without us. One that was adopted was set by hand.
func (l Ledger) Stood(r Registry, key string) bool {
	if entry, ours := l.Variables[key]; ours {
		return entry.Adopted || entry.Before != nil
	}
	_, there := r.Normal(key)
	_, _, held := r.Stronger(key)
	return there || held
}

// Restored is the value that a variable gets back when no control wants it any more, nil for none. It is not ok when
// the variable is not ours, when somebody has changed it since, or when a stronger layer holds it.
func (l Ledger) Restored(r Registry, key string) (value *string, ok bool) {
	before := l.Variables[key].Before
	if _, _, held := r.Stronger(key); !l.Untouched(r, key) || held && before != nil {
		return nil, false
	}
	return before, true
}

// Package ledger records the values that ucs-harden has set on this machine and the values that were there before. The
// ledger distinguishes our settings from the administrator's: a variable that is not in the ledger is never removed,
// even when it looks like ours.
package ledger

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
)

// Ledger is the ledger of a machine. The zero value is not valid; use Parse.
type Ledger struct {
	Schema int `json:"schema"`
	// Variables maps a registry variable to its entry.
	Variables map[string]Entry `json:"variables,omitempty"`
	// Networks are the addresses added to mynetworks.
	Networks []netip.Prefix `json:"networks,omitempty"`
	// Files are the generated files that exist because of ucs-harden.
	Files []string `json:"files,omitempty"`
}

// Entry is one variable that we set.
type Entry struct {
	// Before is the value that the normal layer had before; nil when it had none.
	Before *string `json:"before"`
	// Wrote is the value that we wrote last.
	Wrote string `json:"wrote"`
	// Adopted: the administrator had set the variable by hand, following the published procedure.
	Adopted bool `json:"adopted,omitempty"`
}

const schema = 1

// Parse reads the JSON form; nil gives an empty ledger.
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
		panic(err) // cannot happen: the ledger holds only strings and prefixes
	}
	return append(out, '\n')
}

// Clone is a copy that shares nothing with the ledger.
func (l Ledger) Clone() Ledger {
	c := Ledger{
		Schema: schema, Variables: map[string]Entry{}, Networks: slices.Clone(l.Networks), Files: slices.Clone(l.Files),
	}
	for k, v := range l.Variables {
		c.Variables[k] = v
	}
	return c
}

// HasFile reports whether a generated file exists because of ucs-harden.
func (l Ledger) HasFile(path string) bool { return slices.Contains(l.Files, path) }

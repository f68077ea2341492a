package transaction

import (
	"encoding/json"
	"time"

	"ucs-harden/plan"
)

// manifestSchema is the version of the JSON form.
const manifestSchema = 1

// Manifest is one change of the machine, with the states before and after it.
type Manifest struct {
	Schema    int            `json:"schema"`
	ID        string         `json:"id"`
	Time      time.Time      `json:"time"`
	Version   string         `json:"version"`
	By        string         `json:"by,omitempty"`
	Mode      plan.Mode      `json:"mode"`
	Controls  []plan.Control `json:"controls"`
	Accepted  []string       `json:"accepted,omitempty"`
	Rehearsal string         `json:"rehearsal,omitempty"`
	// Evidence is what the mail log said about a control that came to enforce.
	Evidence json.RawMessage `json:"evidence,omitempty"`
	// Urgent: the change stops accounts, or lifts that. Nothing but the next such change takes it back.
	Urgent    bool            `json:"urgent,omitempty"`
	Variables []plan.Variable `json:"variables"`
	Files     []File          `json:"files"`
	Rendered  []RenderedFile  `json:"rendered"`

	size int64 // of the before-images
}

// File is a generated file of a change.
type File struct {
	Path string    `json:"path"`
	Kind plan.Kind `json:"kind"`
	Type string    `json:"type,omitempty"`
	// Compiled is the path of the file that postmap(1) makes of a table.
	Compiled string `json:"compiled,omitempty"`
	// Before and CompiledBefore are nil when there was no such file.
	Before         *Image `json:"before"`
	CompiledBefore *Image `json:"compiled_before,omitempty"`
	// After is the hash of the new content; empty when the file was removed, or when the content is a secret.
	After string `json:"after,omitempty"`
	// Gone: the change removes the file.
	Gone bool `json:"gone,omitempty"`
}

// RenderedFile is main.cf or master.cf.
type RenderedFile struct {
	Path   string `json:"path"`
	Before *Image `json:"before"`
	// Current is the hash of the dry run before the change. If a dry run gives the same again, the rollback restores the
	// before-image byte by byte.
	Current string `json:"current"`
	Turned
}

// Turned are the logical lines of a rendered file (postconf(5), master(5)) in which a change differs: those that it adds,
// and those that it removes. They tell whether the change is in a file that has other changes as well.
type Turned struct {
	Added   []string `json:"added,omitempty"`
	Removed []string `json:"removed,omitempty"`
}

// State is what has become of a change.
type State string

const (
	// Applied: the change is in effect.
	Applied State = "applied"
	// RolledBack: the change was in effect and was taken back.
	RolledBack State = "rolled-back"
	// Undone: a step failed, and the steps before it were taken back.
	Undone State = "undone"
	// Waiting: the change is in effect, and is taken back at the deadline in the journal unless it is confirmed.
	Waiting State = "waiting"
	// Unconfirmed: the change was not confirmed in time and was taken back.
	Unconfirmed State = "unconfirmed"
	// Unfinished: the change is in the journal.
	Unfinished State = "unfinished"
)

// before are the values before the change; nil: not set.
func (f *Manifest) before() map[string]*string {
	out := map[string]*string{}
	for _, v := range f.Variables {
		out[v.Key] = v.Before
	}
	return out
}

// after are the values after the change.
func (f *Manifest) after() map[string]*string {
	out := map[string]*string{}
	for _, v := range f.Variables {
		out[v.Key] = v.After
	}
	return out
}

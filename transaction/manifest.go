package transaction

import (
	"time"

	"ucs-harden/plan"
)

// manifestSchema is the version of the JSON form.
const manifestSchema = 1

// Manifest is one change of the machine, with both of its ends.
type Manifest struct {
	Schema    int             `json:"schema"`
	ID        string          `json:"id"`
	Time      time.Time       `json:"time"`
	Version   string          `json:"version"`
	Mode      plan.Mode       `json:"mode"`
	Controls  []plan.Control  `json:"controls"`
	Accepted  []string        `json:"accepted,omitempty"`
	Rehearsal string          `json:"rehearsal,omitempty"`
	Variables []plan.Variable `json:"variables"`
	Files     []File          `json:"files"`
	Rendered  []RenderedFile  `json:"rendered"`
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
	// After is the hash of the content that the change gave the file; empty
	// when it was removed, or when the content is a secret.
	After string `json:"after,omitempty"`
	// Gone tells that the change removes the file.
	Gone bool `json:"gone,omitempty"`
}

// RenderedFile is main.cf or master.cf.
type RenderedFile struct {
	Path   string `json:"path"`
	Before *Image `json:"before"`
	// Current is the hash of what UCR would have rendered before the change.
	// While the registry renders to the same again, the before-image is what
	// belongs on disk, byte by byte.
	Current string `json:"current"`
}

// State is how far a change has got.
type State string

const (
	// Applied: the change is in effect.
	Applied State = "applied"
	// RolledBack: it was in effect and was taken back.
	RolledBack State = "rolled-back"
	// Undone: it failed on the way, and what it had done was taken back.
	Undone State = "undone"
	// Waiting: it is in effect until the deadline in the journal, and beyond
	// when it is confirmed.
	Waiting State = "waiting"
	// Unconfirmed: it was not confirmed in time and was taken back.
	Unconfirmed State = "unconfirmed"
	// Unfinished: the journal speaks of it.
	Unfinished State = "unfinished"
)

// before is the target of the way back, as far as variables go.
func (f *Manifest) before() map[string]*string {
	out := map[string]*string{}
	for _, v := range f.Variables {
		out[v.Key] = v.Before
	}
	return out
}

func (f *Manifest) after() map[string]*string {
	out := map[string]*string{}
	for _, v := range f.Variables {
		out[v.Key] = v.After
	}
	return out
}

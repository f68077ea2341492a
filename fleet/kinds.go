package fleet

import (
	"ucs-harden/evidence"
	"ucs-harden/plan"
)

// Trouble is why a server needs somebody: an error or a warning. A note is only worth knowing.
type Trouble struct {
	// Kind is one of the kinds below.
	Kind     Kind            `json:"kind"`
	Severity plan.Severity   `json:"severity"`
	Text     evidence.Phrase `json:"text"`
	// Hint says what to do. It says nothing if there is nothing to do.
	Hint evidence.Phrase `json:"hint,omitzero"`
}

// Kind is a kind of trouble.
type Kind string

// The kinds of troubles, the gravest first.
const (
	Interrupted Kind = "interrupted"
	Down        Kind = "postfix-down"
	NoStatus    Kind = "no-status"
	Silent      Kind = "directory-silent"
	Faulty      Kind = "findings"
	SyncFailed  Kind = "sync-failed"
	ToConfirm   Kind = "to-confirm"
	Paused      Kind = "paused"
	Held        Kind = "held"
	Drifted     Kind = "drift"
	Differs     Kind = "differs"
	Overdue     Kind = "overdue"
	Partly      Kind = "partly"
	Old         Kind = "old"
	Undated     Kind = "undated"
	Ahead       Kind = "ahead"
	Failing     Kind = "failing"
	Expires     Kind = "expires"
	Newer       Kind = "newer"
	Twice       Kind = "twice"
)

// label is a trouble in a few words, for the table.
func (k Kind) label() evidence.Phrase { return labels[k] }

var labels = map[Kind]evidence.Phrase{
	Interrupted: evidence.Phrasef("interrupted"),
	Down:        evidence.Phrasef("Postfix is down"),
	NoStatus:    evidence.Phrasef("no status"),
	Silent:      evidence.Phrasef("no directory"),
	Faulty:      evidence.Phrasef("findings"),
	SyncFailed:  evidence.Phrasef("sync failed"),
	ToConfirm:   evidence.Phrasef("to confirm"),
	Paused:      evidence.Phrasef("sync paused"),
	Held:        evidence.Phrasef("held back"),
	Drifted:     evidence.Phrasef("drift"),
	Differs:     evidence.Phrasef("other mode"),
	Overdue:     evidence.Phrasef("sync overdue"),
	Partly:      evidence.Phrasef("partly"),
	Old:         evidence.Phrasef("old status"),
	Undated:     evidence.Phrasef("old version"),
	Ahead:       evidence.Phrasef("wrong clock"),
}

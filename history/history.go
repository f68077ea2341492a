// Package history tells for people and scripts what was applied and taken back.
package history

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"ucs-harden/controls"
	"ucs-harden/evidence"
	"ucs-harden/plan"
	"ucs-harden/transaction"
)

// Schema is the version of the JSON form of a history and of a change. It rises when a name or a meaning changes.
const Schema = 2

// Change is one change in the history.
type Change struct {
	ID string `json:"id"`
	// Time is when the change was applied; zero if the change is damaged.
	Time  time.Time         `json:"time,omitzero"`
	State transaction.State `json:"state"`
	// Ended is when the change got its state; zero if it has not ended.
	Ended time.Time `json:"ended,omitzero"`
	// By is who applied the change and with which command, EndedBy who took it back, Why the reason; "" where it is not known.
	By      string `json:"by,omitempty"`
	EndedBy string `json:"ended_by,omitempty"`
	Why     string `json:"reason,omitempty"`
	// Damaged is why nothing else is known of the change, which cannot be taken back.
	Damaged  string    `json:"damaged,omitempty"`
	Mode     plan.Mode `json:"mode,omitempty"`
	Version  string    `json:"version,omitempty"`
	Accepted []string  `json:"accepted,omitempty"`
	// Rehearsal is the result of the rehearsal in one line.
	Rehearsal string `json:"rehearsal,omitempty"`
	// Evidence is what the mail log said about the controls that came to enforce.
	Evidence *evidence.Summary `json:"evidence,omitempty"`
	// Urgent: the change has stopped accounts, or let them send again. No rollback takes it back.
	Urgent bool `json:"urgent,omitempty"`
	// Controls are the modes of the controls.
	Controls map[string]plan.Mode `json:"modes,omitempty"`
	// Modes is a text for people: the mode, and the controls whose mode differs from it.
	Modes string `json:"-"`
	// Variables and Files name what was changed, each after its action.
	Variables []string `json:"variables"`
	Files     []string `json:"files"`
}

// History is the changes, oldest first.
type History struct {
	Schema  int      `json:"schema"`
	Changes []Change `json:"changes"`
	// Differs are the controls that Postfix does not have as the last change that is in effect has left them.
	Differs []Difference `json:"differs"`
	// Paused is the ID of the change after whose rollback syncs wait, "" if they do not wait.
	Paused string `json:"paused,omitempty"`
}

// Difference is a control that Postfix does not have as it was applied.
type Difference struct {
	Control string    `json:"control"`
	Applied plan.Mode `json:"applied"`
	Running plan.Mode `json:"running"`
}

// Compare fills in Differs. running are the modes that the controls have in Postfix, by name.
func (h *History) Compare(records []transaction.Record, running map[string]plan.Mode) {
	for _, r := range slices.Backward(records) {
		if !r.InEffect() || r.Damaged != nil {
			continue
		}
		for _, c := range r.Controls {
			if runs, known := running[c.Name]; known && runs != c.Strongest() && !c.Idle {
				h.Differs = append(h.Differs, Difference{c.Name, c.Strongest(), runs})
			}
		}
		return
	}
}

// Of makes the history from the records of the store, which are the oldest first.
func Of(records []transaction.Record) *History {
	h := &History{Schema: Schema, Changes: []Change{}, Differs: []Difference{}}
	for _, r := range records {
		h.Changes = append(h.Changes, changeOf(r))
	}
	return h
}

// changeOf makes the history's change from a record.
func changeOf(r transaction.Record) Change {
	m := r.Manifest
	if m == nil {
		return Change{ID: r.ID, State: r.State, Damaged: r.Damaged.Error(), Ended: r.Ended, Variables: []string{}, Files: []string{}}
	}
	c := Change{
		ID: m.ID, Time: m.Time, State: r.State, Ended: r.Ended, Version: m.Version, By: m.By, EndedBy: r.EndedBy, Why: r.Why,
		Mode: m.Mode, Modes: controls.ModeText(m.Mode, m.Controls),
		Urgent: m.Urgent, Accepted: m.Accepted, Rehearsal: m.Rehearsal, Variables: []string{}, Files: []string{},
	}
	if len(m.Evidence) > 0 {
		var kept evidence.Summary
		if json.Unmarshal(m.Evidence, &kept) == nil { // a newer program may write it otherwise
			c.Evidence = &kept
		}
	}
	if m.Urgent {
		c.Modes = "suspend --now"
	}
	if len(m.Controls) > 0 {
		c.Controls = plan.Modes(m.Controls)
	}
	for _, v := range m.Variables {
		c.Variables = append(c.Variables, fmt.Sprintf("%s %s", v.Action(), v.Key))
	}
	for _, f := range m.Files {
		if f.Kind == plan.Ledger {
			continue
		}
		action := plan.Change
		switch {
		case f.Gone:
			action = plan.Remove
		case f.Before == nil:
			action = plan.Create
		}
		c.Files = append(c.Files, fmt.Sprintf("%s %s", action, f.Path))
	}
	return c
}

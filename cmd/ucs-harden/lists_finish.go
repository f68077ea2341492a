package main

import (
	"context"
	"errors"
	"strings"

	"ucs-harden/controls"
	"ucs-harden/lists"
	"ucs-harden/plan"
	"ucs-harden/report"
)

// listed is what add and remove have done.
type listed struct {
	Schema  int    `json:"schema"`
	Control string `json:"control"`
	// Action is "added", "changed", "removed", or "" when there was nothing to do.
	Action  string      `json:"action"`
	Changed bool        `json:"changed"`
	Mode    plan.Mode   `json:"mode"`
	Entry   lists.Entry `json:"entry"`
	// Sync is what --now has done, and Findings what the plan had to say of the
	// entry; absent without it.
	Sync     *result        `json:"sync,omitempty"`
	Findings []plan.Finding `json:"findings,omitempty"`

	fields []string // that were changed
}

// finish says what was done, and brings it into effect if asked to.
func (k keeper) finish(ctx context.Context, done listed, mode plan.Mode, now bool) error {
	done.Schema, done.Control, done.Changed, done.Mode = plan.Schema, k.control, done.Action != "", mode
	if !k.g.json {
		k.tell(done, now)
	}
	if now {
		synced, p, err := k.g.sync(ctx)
		if err != nil {
			return notSynced(err, done.Changed)
		}
		done.Findings = k.Findings(done.Entry, p.Findings)
		if done.Sync = synced; synced != nil {
			synced.Schema = plan.Schema
		}
	}
	if k.g.json {
		return report.JSON(k.g.out, done)
	}
	for _, f := range done.Findings {
		k.g.print("%s: %s\nhint: %s\n", f.Severity, f.Text, f.Hint)
	}
	if done.Sync != nil {
		return k.g.showResult(*done.Sync)
	}
	return nil
}

func (k keeper) tell(done listed, now bool) {
	about := shown(done.Entry.About())
	if name := done.Entry.Name; name != lists.EntryName(strings.TrimPrefix(done.Entry.About(), "group ")) {
		about += " (" + shown(name) + ")"
	}
	switch done.Action {
	case "added":
		k.g.print("Added %s to %s.\n", about, k.All)
	case "changed":
		k.g.print("Changed %s among %s: %s.\n", about, k.All, strings.Join(done.fields, ", "))
	case "removed":
		k.g.print("Removed %s from %s.\n", about, k.All)
	default:
		k.g.print("Nothing to change: %s is among %s, just so.\n", about, k.All)
	}
	switch {
	case done.Mode == plan.Off:
		k.g.print("%s is off. To switch it on: ucr set %s=warn, then ucs-harden apply\n", k.control, controls.ModeOf(k.control))
	case done.Changed && !now:
		k.g.print("It takes effect with: ucs-harden sync\n")
	}
}

// notSynced is the error of the sync that --now asked for: what it says of
// nothing being changed is not true of the list.
func notSynced(err error, written bool) error {
	if !written {
		return err
	}
	code, hint := explain(err)
	return &failure{code: code, hint: hint, err: errors.New("the list was changed, but that is not in effect yet: " + err.Error())}
}

// notDone gives advice on an ucr that did not do as it was told.
func (k keeper) notDone(err error) error {
	return &advice{hint: "see what the registry holds now: ucs-harden " + k.Verb + " list; then try again", err: err}
}

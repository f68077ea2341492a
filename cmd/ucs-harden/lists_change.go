package main

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"

	"ucs-harden/controls"
	"ucs-harden/harden"
	"ucs-harden/lists"
	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/report"
)

// changeOptions are options of add and remove.
type changeOptions struct{ now, holdQueue bool }

// add adds an entry to the list, or changes the existing entry.
func (k listCommands) add(ctx context.Context, name string, fields map[string]string, o changeOptions) error {
	wanted, err := k.wanted(name, fields)
	if err != nil {
		return outcome.Unchanged(err)
	}
	// A stop does not wait for other letters: then the reply has no more of the reason than can be said.
	if why := lists.NotPrintable(fields["reason"]); k.ReasonTold && why != "" && !o.now {
		return outcome.Unchanged(misused("write it with Latin letters; umlauts and accents are replaced",
			"cannot use the reason %q: %s", cut(fields["reason"]), why))
	}
	if err := k.g.needServer(k.Adding()); err != nil {
		return err
	}
	k.attempt(k.Adding(), strings.TrimSpace(wanted.About()), o)
	done, err := k.g.server.Add(ctx, k.control, wanted, fields, k.options(o))
	return k.finish(done, err)
}

// remove removes one entry from the list.
func (k listCommands) remove(ctx context.Context, which lists.Which, o changeOptions) error {
	if err := k.g.needServer(k.Removing()); err != nil {
		return err
	}
	k.attempt(k.Removing(), which.String(), o)
	done, err := k.g.server.Remove(ctx, k.control, which, k.options(o))
	return k.finish(done, err)
}

// attempt begins the line about a change of the list.
func (k listCommands) attempt(what, about string, o changeOptions) {
	if o.now {
		what += " --now"
	}
	k.g.audit.begin(what).about = about
}

func (k listCommands) options(o changeOptions) harden.ListOptions {
	return harden.ListOptions{
		Now: o.now, HoldQueue: o.holdQueue, Written: k.tell(o.now), Rehearsed: k.g.showRehearsal,
	}
}

// tell prints what was written, before it is applied.
func (k listCommands) tell(now bool) func(*harden.ListChange) {
	return func(done *harden.ListChange) {
		if k.g.json {
			return
		}
		about := lists.Shown(done.Entry.About())
		if name := done.Entry.Name; name != lists.EntryName(done.Entry.Subject()) {
			about += " (" + lists.Shown(name) + ")"
		}
		switch done.Action {
		case "added":
			k.g.print("Added %s to %s.\n", about, k.All)
		case "changed":
			k.g.print("Changed %s among %s: %s.\n", about, k.All, strings.Join(done.Fields, ", "))
		case "removed":
			k.g.print("Removed %s from %s.\n", about, k.All)
		default:
			k.g.print("Nothing to change: %s is already among %s, with the same values.\n", about, k.All)
		}
		if told := lists.Printable(done.Entry.Reason); k.ReasonTold && done.Action != "removed" && told != done.Entry.Reason {
			if told == "" {
				told = "not at all"
			} else {
				told = "as " + strconv.Quote(told)
			}
			k.g.print("The reply of the mail server is ASCII, and gives the reason %s.\n", told)
		}
		switch e := done.Entry; {
		case done.Action != "added" && done.Action != "changed":
		case done.Foreign:
			k.g.print("warning: %s is in none of your mail domains: unless it is a name of this server, the exception has no"+
				" effect, and needs none\nhint: ucs-harden %s %s takes it out\n", lists.Shown(e.Sender), k.Removing(), plan.Quote(e.Name))
		case k.ByName() && e.Client == "":
			k.g.print("warning: everybody may write as %s, also who forges it\nhint: if the client is known: ucs-harden %s %s"+
				" --client NETWORK\n", lists.Shown(e.Sender), k.Adding(), plan.Quote(e.Name))
		}
		switch {
		case now && k.OwnMode:
		case done.Mode == plan.Off:
			name := k.control.Name
			k.g.print("%s is off. To switch it on: ucr set %s=warn, then ucs-harden apply\n", name, controls.ModeOf(name))
		case done.Action != "" && !now:
			k.g.print("%s\n", k.g.nextSync())
		}
	}
}

// listResultSchema is the version of the JSON form of a listResult. It rises when a name or a meaning changes.
const listResultSchema = 2

// listResult is the JSON output of add and remove.
type listResult struct {
	Schema  int    `json:"schema"`
	Control string `json:"control"`
	// Action is "added", "changed", "removed", or "" when there was nothing to do.
	Action  string       `json:"action"`
	Changed bool         `json:"changed"`
	Mode    plan.Mode    `json:"mode"`
	Entry   harden.Entry `json:"entry"`
	// Applied is the change that --now made; it is absent if there was nothing to change. Findings are those of its plan
	// about the entry. Both are absent without --now.
	Applied  *result        `json:"applied,omitempty"`
	Findings []plan.Finding `json:"findings,omitempty"`
	// Unknown is what the directory does not have.
	Unknown *harden.Unknown `json:"unknown,omitempty"`
	// Stopped is what became of the account, for a list whose entries have modes of their own.
	Stopped *harden.Stopped `json:"stopped,omitempty"`
}

func (k listCommands) finish(done *harden.ListChange, err error) error {
	if done != nil {
		k.g.audit.attempt.listed(done, err)
	}
	if done == nil || err != nil && done.Stopped == nil {
		if done != nil && !k.g.json {
			k.tellUnknown(done)
		}
		return err
	}
	applied := cmp.Or(done.Sync, done.Stop)
	if k.g.json {
		var change *result
		if applied != nil && applied.Changed {
			change = resultOf(applied)
		}
		return errors.Join(err, report.JSON(k.g.out, listResult{
			listResultSchema, k.control.Name, done.Action, done.Action != "", done.Mode,
			harden.Entry{Entry: done.Entry, Expired: done.Entry.Expired(k.g.server.Today()), Fault: k.Fault(done.Entry)},
			change, done.Findings, done.Unknown, done.Stopped,
		}))
	}
	k.tellUnknown(done)
	for _, f := range done.Findings {
		k.g.printFinding(f)
	}
	switch {
	case done.Stopped != nil:
		return errors.Join(err, report.Stopped(k.g.out, done.Entry.About(), done.Stopped))
	case done.Sync != nil && done.Sync.Changed:
		return k.g.showApplied(done.Sync)
	}
	return err
}

// tellUnknown says that the directory does not have what the entry is about, and what may have been meant.
func (k listCommands) tellUnknown(done *harden.ListChange) {
	u := done.Unknown
	if u == nil {
		return
	}
	var names []string
	for _, name := range u.Similar {
		names = append(names, lists.Shown(name))
	}
	meant := ""
	if len(names) > 0 {
		meant = " Did you mean " + strings.Join(names, " or ") + "?"
	}
	counts := "only this very name counts"
	if done.Entry.Group != "" {
		counts = "the entry means nobody"
	}
	k.g.print("warning: the directory has no %s %s: %s.%s\nhint: if it is mistyped: ucs-harden %s %s\n",
		u.What, lists.Shown(u.Name), counts, meant, k.Removing(), plan.Quote(done.Entry.Name))
}

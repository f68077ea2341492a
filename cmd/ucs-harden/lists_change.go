package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ucs-harden/controls"
	"ucs-harden/lists"
	"ucs-harden/plan"
	"ucs-harden/ucr"
)

// add puts an entry into the list, or changes the one there is:
//  1. The command line is checked before anything is looked at.
//  2. Under the lock, the list is read and checked with the change in it; what
//     stands against it is an error, and nothing is changed.
//  3. One ucr set writes what differs, and it is read back.
func (k keeper) add(ctx context.Context, name string, fields map[string]string, now bool) error {
	wanted, err := k.wanted(name, fields)
	if err != nil {
		return unchanged(err)
	}
	release, reg, mode, err := k.begin(ctx, "add", now)
	if err != nil {
		return err
	}
	defer release()
	before, exists, err := k.place(wanted, k.Read(reg))
	if err != nil {
		return unchanged(err)
	}
	next := before.With(fields)
	done := listed{Action: "added", Entry: next}
	if exists {
		// The account keeps the letters in which it was listed.
		next = before.With(without(fields, k.Subject, "group"))
		done = listed{Action: "changed", Entry: next, fields: before.Differences(next)}
		if err := k.usable(next); err != nil {
			return unchanged(err)
		}
	}
	set := k.VariablesTo(before, next)
	if err := held(controls.HeldEntry(reg, k.control, set, nil)); err != nil {
		return err
	}
	if len(set) == 0 {
		done.Action = ""
	} else if err := k.g.ucr().Set(ctx, set); err != nil {
		return k.notDone(fmt.Errorf("cannot add %s: %w", next.About(), err))
	}
	return k.finish(ctx, done, mode, now)
}

// remove takes the entry with a name out of the list, or, without a name, the
// one that a word means.
func (k keeper) remove(ctx context.Context, name, word string, now bool) error {
	release, reg, mode, err := k.begin(ctx, "remove", now)
	if err != nil {
		return err
	}
	defer release()
	entry, err := k.find(name, word, k.Read(reg))
	if err != nil {
		return unchanged(err)
	}
	keys := k.EntryKeys(reg, entry.Name)
	if err := held(controls.HeldEntry(reg, k.control, nil, keys)); err != nil {
		return err
	}
	if err := k.g.ucr().Unset(ctx, keys); err != nil {
		return k.notDone(fmt.Errorf("cannot remove %s: %w", entry.About(), err))
	}
	return k.finish(ctx, listed{Action: "removed", Entry: entry}, mode, now)
}

// begin takes the lock and reads the registry and the mode of the control.
func (k keeper) begin(ctx context.Context, action string, now bool) (release func(), reg registry, mode plan.Mode, err error) {
	what := k.Verb + " " + action
	if release, err = k.g.lock(ctx, what); err != nil {
		return nil, reg, "", err
	}
	programs := []string{"ucr"}
	if now {
		programs = planPrograms
	}
	if err = k.g.needPrograms(what, programs...); err == nil {
		reg.Registry, err = ucr.Load(k.g.root)
	}
	if err == nil {
		mode, err = k.mode(reg)
	}
	if err != nil {
		release()
		return nil, reg, "", unchanged(err)
	}
	return release, reg, mode, nil
}

// mode is the control's, as the registry says.
func (k keeper) mode(reg registry) (plan.Mode, error) {
	states, _, err := controls.Modes(reg, "")
	if err != nil {
		return "", &advice{hint: "ucr set that variable to off, warn or enforce", err: err}
	}
	i := slices.IndexFunc(states, func(c plan.Control) bool { return c.Name == k.control })
	return states[i].After, nil
}

// place finds the entry that add is about, or the name for a new one.
func (k keeper) place(wanted lists.Entry, list []lists.Entry) (before lists.Entry, exists bool, err error) {
	var same []lists.Entry
	for _, l := range list {
		if l.SameAs(wanted) {
			same = append(same, l)
		}
	}
	verb := "ucs-harden " + k.Verb
	name := wanted.Name
	switch {
	case name == "" && len(same) == 1:
		return same[0], true, nil
	case name == "" && len(same) > 1:
		return before, false, &advice{hint: "say which with --name, or remove the others: " + verb + " remove --name " + plan.Quote(same[1].Name),
			err: fmt.Errorf("cannot change %s: it is listed more than once, as %s", wanted.About(), namesOf(same))}
	case name == "":
		name = lists.EntryName(wanted.About())
		if wanted.Group != "" {
			name = lists.EntryName(wanted.Group)
		}
	}
	i := slices.IndexFunc(list, func(l lists.Entry) bool { return l.Name == name })
	switch {
	case i >= 0 && list[i].SameAs(wanted):
		return list[i], true, nil
	case i >= 0:
		return before, false, &advice{hint: "give it another name with --name; " + verb + " list shows those that are taken",
			err: fmt.Errorf("cannot add %s: the name %s is taken by %s", wanted.About(), name, shown(list[i].About()))}
	case len(same) > 0:
		return before, false, &advice{hint: "leave out --name to change it, or remove it first: " + verb + " remove --name " + plan.Quote(same[0].Name),
			err: fmt.Errorf("cannot add %s as %s: it is listed already, as %s", wanted.About(), name, namesOf(same))}
	}
	return lists.Entry{Name: name}, false, nil
}

// usable refuses a change after which the entry still would not count.
func (k keeper) usable(l lists.Entry) error {
	if why := k.Fault(l); why != "" {
		return &advice{hint: "remove it, then add it anew: ucs-harden " + k.Verb + " remove --name " + plan.Quote(l.Name),
			err: fmt.Errorf("cannot use the entry %s: %s", l.Name, why)}
	}
	if l.Expired(today()) {
		return &advice{hint: "--expires gives it another last day, --expires '' none",
			err: fmt.Errorf("cannot use the entry %s: it expired on %s", l.Name, l.Expires)}
	}
	return nil
}

// find is the one entry that a name or a word means. A word that is the name of
// one entry and what another is about, is not guessed at.
func (k keeper) find(name, word string, list []lists.Entry) (lists.Entry, error) {
	var found []lists.Entry
	for _, l := range list {
		means := l.Name == word || strings.EqualFold(l.About(), word) || strings.EqualFold(l.Account+l.Group+l.Address, word)
		if name != "" && l.Name == name || name == "" && word != "" && means {
			found = append(found, l)
		}
	}
	verb := "ucs-harden " + k.Verb
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return lists.Entry{}, &advice{hint: verb + " list shows what there is",
			err: fmt.Errorf("cannot remove %s: it is not among %s", shown(name+word), k.All)}
	}
	return lists.Entry{}, &advice{hint: "say which: " + verb + " remove --name " + plan.Quote(found[0].Name),
		err: fmt.Errorf("cannot remove %s: it can mean the entries %s", shown(word), namesOf(found))}
}

// held is the error about a variable that a stronger layer holds.
func held(f *plan.Finding) error {
	if f == nil {
		return nil
	}
	return &failure{code: exitError, hint: f.Hint, err: unchanged(errors.New("cannot change the list: " + f.Text))}
}

func today() string { return time.Now().Format(time.DateOnly) }

func without(fields map[string]string, names ...string) map[string]string {
	out := map[string]string{}
	for name, value := range fields {
		if !slices.Contains(names, name) {
			out[name] = value
		}
	}
	return out
}

func namesOf(list []lists.Entry) string {
	var names []string
	for _, l := range list {
		names = append(names, shown(l.Name))
	}
	return strings.Join(names, ", ")
}

package lists

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"ucs-harden/internal/similar"
)

// Contents are a list with its entries, as a change finds them.
type Contents struct {
	*List
	Entries []Entry
}

// Place finds the existing entry for an addition, or chooses the name of a new entry.
func (l Contents) Place(wanted Entry) (before Entry, exists bool, err error) {
	var same []Entry
	for _, e := range l.Entries {
		if e.SameAs(wanted) {
			same = append(same, e)
		}
	}
	name := wanted.Name
	i := slices.IndexFunc(l.Entries, func(e Entry) bool { return e.Name == name })
	switch {
	case l.ByName() && i >= 0:
		return l.Entries[i], true, nil
	case name == "" && len(same) == 1:
		return same[0], true, nil
	case name == "" && len(same) > 1:
		return before, false, l.Error(ListedTwice, namesOf(same),
			"cannot change %s: it is listed more than once, as %s", wanted.About(), shownNames(same))
	case name == "":
		name = EntryName(wanted.Subject())
		i = slices.IndexFunc(l.Entries, func(e Entry) bool { return e.Name == name })
	}
	switch {
	case i >= 0 && l.Entries[i].SameAs(wanted):
		return l.Entries[i], true, nil
	case i >= 0:
		return before, false, l.Error(NameTaken, []string{name},
			"cannot add %s: the name %s is taken by %s", wanted.About(), name, Shown(l.Entries[i].About()))
	case len(same) > 0 && !l.As:
		return before, false, l.Error(ListedAs, namesOf(same),
			"cannot add %s as %s: it is listed already, as %s", wanted.About(), name, shownNames(same))
	}
	return Entry{Name: name}, false, nil
}

// PlaceAnyhow is Place for an entry that must not wait: of several entries about the same it takes the first, and a name
// that is taken gets an addition.
func (l Contents) PlaceAnyhow(wanted Entry) (before Entry, exists bool, err error) {
	before, exists, err = l.Place(wanted)
	var wrong *EntryError
	if !errors.As(err, &wrong) {
		return before, exists, err
	}
	if wrong.Fault == NameTaken {
		taken := func(name string) bool {
			return slices.ContainsFunc(l.Entries, func(e Entry) bool { return e.Name == name })
		}
		name := wrong.Names[0] + "-now"
		for taken(name) {
			name += "-now"
		}
		return Entry{Name: name}, false, nil
	}
	i := slices.IndexFunc(l.Entries, func(e Entry) bool { return e.SameAs(wanted) })
	return l.Entries[i], true, nil
}

// Mended are fields that also take away what would make the changed entry useless: its last day.
func (l Contents) Mended(before Entry, fields map[string]string, today string) map[string]string {
	e := before.With(fields)
	if _, given := fields["expires"]; given || l.Fault(e) == "" && e.InForce(today) {
		return fields
	}
	out := maps.Clone(fields)
	out["expires"] = ""
	return out
}

// Details are the fields that can change an existing entry. What it is about keeps the spelling (upper and lower case)
// with which it was listed. Where an entry is named by its name alone, what it is about can change.
func (l Contents) Details(fields map[string]string) map[string]string {
	out := maps.Clone(fields)
	if l.ByName() {
		return out
	}
	for _, name := range []string{l.Subject, "group", "list"} {
		delete(out, name)
	}
	return out
}

// Usable returns an error if the changed entry would still have no effect.
func (l Contents) Usable(e Entry, today string) error {
	if why := l.Fault(e); why != "" {
		return l.Error(Unusable, []string{e.Name}, "cannot use the entry %s: %s", e.Name, why)
	}
	if !e.InForce(today) {
		return l.Error(Expired, []string{e.Name}, "cannot use the entry %s: it expired on %s", e.Name, e.Expires)
	}
	return nil
}

// Which says which entry is meant: by its Name, or by the Word, which is its name or what it is about. With a Kind, such
// as "group", the Word is what the entry has in this field.
type Which struct{ Name, Kind, Word string }

func (w Which) means(e Entry) bool {
	switch {
	case w.Name != "":
		return e.Name == w.Name
	case w.Kind != "":
		field := e.field(w.Kind)
		return field != nil && *field != "" && strings.EqualFold(*field, w.Word)
	}
	return w.Word != "" &&
		(e.Name == w.Word || strings.EqualFold(e.About(), w.Word) || strings.EqualFold(e.Subject(), w.Word))
}

// String is the entry as it was named, for people.
func (w Which) String() string {
	if w.Kind != "" {
		return w.Kind + " " + Shown(w.Word)
	}
	return Shown(w.Name + w.Word)
}

// Find returns the one entry that is meant. A word can be the name of one entry and the account, group or address of
// another. Then Find returns an error instead of guessing.
func (l Contents) Find(w Which) (Entry, error) {
	var found []Entry
	for _, e := range l.Entries {
		if w.means(e) {
			found = append(found, e)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Entry{}, l.Error(Unlisted, l.near(w), "cannot remove %s: it is not among %s", w, l.All)
	}
	return Entry{}, l.Error(Ambiguous, namesOf(found),
		"cannot remove %s: it can mean the entries %s", w, shownNames(found))
}

// near are the names of the entries that may have been meant.
func (l Contents) near(w Which) []string {
	names := map[string]string{}
	for _, e := range l.Entries {
		names[e.Name], names[e.Subject()] = e.Name, e.Name
	}
	var out []string
	for _, word := range similar.To(w.Name+w.Word, slices.Sorted(maps.Keys(names))) {
		if !slices.Contains(out, names[word]) {
			out = append(out, names[word])
		}
	}
	return out
}

func namesOf(entries []Entry) []string {
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name
	}
	return names
}

func shownNames(entries []Entry) string {
	names := namesOf(entries)
	for i, name := range names {
		names[i] = Shown(name)
	}
	return strings.Join(names, ", ")
}

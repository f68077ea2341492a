package lists

import (
	"fmt"
	"maps"
	"slices"

	"ucs-harden/findings"
	"ucs-harden/plan"
)

// EntryFault is the reason why an entry of a list was not changed.
type EntryFault int

// The faults. EntryError.Names are the entries meant here.
const (
	ListedTwice EntryFault = iota // the account or address has several entries
	NameTaken                     // another entry has the name
	Incomplete                    // a new entry lacks something that a changed one may have already
	ListedAs                      // the account or address has an entry with another name
	Unusable                      // the entry would have no effect after the change either
	Expired                       // the last day of the entry is over
	Unlisted                      // there is no such entry; the names are those of similar ones
	Ambiguous                     // the word can mean several entries
	HeldAbove                     // a stronger layer sets a variable of the entry
	NotWritten                    // ucr failed, or did not write the values
)

// EntryError says why an entry of a list was not changed.
type EntryError struct {
	Fault EntryFault
	List  *List    // whose commands a hint names
	Names []string // the names of entries
	// Finding is set for HeldAbove. It says which layer sets which variable.
	Finding *plan.Finding
	Err     error
}

func (e *EntryError) Error() string { return e.Err.Error() }
func (e *EntryError) Unwrap() error { return e.Err }

// Error is an error about a change of the list. names are those of entries.
func (l *List) Error(fault EntryFault, names []string, format string, args ...any) error {
	return &EntryError{Fault: fault, List: l, Names: names, Err: fmt.Errorf(format, args...)}
}

// Layers are what HeldEntry asks of the Univention Configuration Registry.
type Layers interface {
	// Stronger is the layer above the normal one that sets a variable, and its value.
	Stronger(key string) (layer, value string, ok bool)
}

// HeldEntry is the finding about a change of a list that would have no effect, because a stronger layer holds one of
// its variables. It is nil when no layer does.
func HeldEntry(r Layers, control string, set map[string]string, unset []string) *plan.Finding {
	for _, key := range slices.Concat(slices.Sorted(maps.Keys(set)), unset) {
		layer, held, ok := r.Stronger(key)
		if !ok {
			continue
		}
		f := findings.HeldAt(key, layer, held, set[key], control)
		if _, isSet := set[key]; !isSet {
			f.Text = fmt.Sprintf("%s is held by the layer %q with the value %q, from which it cannot be removed here",
				key, layer, held)
		}
		return &f
	}
	return nil
}

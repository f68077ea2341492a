package transaction

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Values are the variables of the registry's normal layer.
type Values map[string]string

// Others are variables that someone else has changed during a change, with their values. nil: the variable was unset.
type Others map[string]*string

// Registry is the registry as a transaction needs it.
//
// Set, Restore and Unset call ucr once and read back what it wrote. ucr cannot compare before it writes. So they get the
// values that the transaction has looked at, and return the values of someone else that the call overwrote.
type Registry interface {
	// Normal reads the normal layer afresh from disk.
	Normal() (Values, error)
	// Writable reports whether ucr can write the registry and its log.
	Writable() error
	Set(ctx context.Context, values map[string]string, seen Values) (Others, error)
	// Restore is Set for the way back: a variable that a stronger layer holds meanwhile is no error.
	Restore(ctx context.Context, values map[string]string, seen Values) (Others, error)
	Unset(ctx context.Context, keys []string, seen Values) (Others, error)
	Commit(ctx context.Context, files ...string) error
	// Render is a dry run of a multifile, as it would be after such a change.
	Render(ctx context.Context, next Next, file string) ([]byte, error)
	// Canonical removes what can differ between two renderings of the same configuration.
	Canonical(file string, content []byte) []byte
}

// Next is a change that a dry run assumes.
type Next struct {
	// Set and Unset are variables of the normal layer.
	Set   map[string]string
	Unset []string
	// Classes are the restriction classes in main.cf: nil for those on disk, empty for none.
	Classes *string
}

// value returns the value of a variable; nil when it is not set.
func (v Values) value(key string) *string {
	if value, ok := v[key]; ok {
		return &value
	}
	return nil
}

func same(a, b *string) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// without returns the other variables.
func (v Values) without(keys map[string]*string) Values {
	out := maps.Clone(v)
	for key := range keys {
		delete(out, key)
	}
	return out
}

// differing are the keys of the variables in which two registries differ.
func (v Values) differing(o Values) []string {
	var keys []string
	for key := range v {
		if !same(v.value(key), o.value(key)) {
			keys = append(keys, key)
		}
	}
	for key := range o {
		if _, ok := v[key]; !ok {
			keys = append(keys, key)
		}
	}
	return keys
}

// difference is what is missing between the registry and a target.
type difference struct {
	set   map[string]string
	unset []string // sorted
	// others are the variables that have neither the value of the target nor that of the other end of the change.
	others Others
	// seen is the registry that was compared.
	seen Values
}

func (d difference) none() bool { return len(d.set)+len(d.unset) == 0 }

// difference compares the registry with the target.
func (t *target) difference(now Values) difference {
	d := difference{set: map[string]string{}, others: Others{}, seen: now}
	for key, want := range t.variables {
		value := now.value(key)
		ours := slices.ContainsFunc(t.origins[key], func(origin *string) bool { return same(origin, value) })
		switch {
		case same(value, want):
		case !ours:
			d.others[key] = value
		case want == nil:
			d.unset = append(d.unset, key)
		default:
			d.set[key] = *want
		}
	}
	slices.Sort(d.unset)
	return d
}

// Kept is what someone else has changed meanwhile, and the way back has therefore left as it is.
type Kept struct {
	Others Others
	// Files are the paths of tables.
	Files []string
	// Needed are files that were not there before, although the configuration before names them. Nobody else has changed
	// them; they stay, because without them the server would not work.
	Needed []string
}

// None reports whether the server is as it was before the change.
func (k Kept) None() bool { return len(k.Others)+len(k.Files)+len(k.Needed) == 0 }

func (k Kept) String() string {
	what := changedByOthers(k.Others, k.Files)
	for _, path := range k.Needed {
		what = append(what, "file "+path+" (it was missing, and is needed)")
	}
	return strings.Join(what, "; ")
}

func changedByOthers(others Others, files []string) []string {
	var what []string
	for _, key := range slices.Sorted(maps.Keys(others)) {
		what = append(what, "variable "+key+" ("+valueText(others[key])+")")
	}
	for _, path := range files {
		what = append(what, "file "+path)
	}
	return what
}

// ConflictError says that someone else has changed something that the change would overwrite.
type ConflictError struct {
	Others Others
	// Files are generated files that were edited.
	Files []string
	// Beside are further variables that were changed; a rendered file is therefore not what the dry run has shown.
	Beside []string
	// untouched: ucr has not been told to change anything yet.
	untouched bool
}

// Is makes the error an ErrConflict.
func (*ConflictError) Is(target error) bool { return target == ErrConflict }

func (e *ConflictError) Error() string {
	what := changedByOthers(e.Others, e.Files)
	for _, key := range e.Beside {
		what = append(what, "variable "+key)
	}
	return fmt.Sprintf("someone else has changed meanwhile: %s", strings.Join(what, "; "))
}

// valueText is the value of a variable for a message.
func valueText(value *string) string {
	if value == nil {
		return "unset"
	}
	return "set to " + strconv.Quote(*value)
}

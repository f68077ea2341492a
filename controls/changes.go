package controls

import (
	"maps"
	"slices"

	"ucs-harden/findings"
	"ucs-harden/plan"
	"ucs-harden/wishes"
)

// claim records one wish in the ledger if it changes something.
func (d *Desired) claim(key string, w wishes.Wish) {
	if w.Released {
		delete(d.Ledger.Variables, key)
		return
	}
	if layer, held, ok := d.facts.Registry.Stronger(key); ok {
		delete(d.want, key)
		if held != w.Value {
			d.find(findings.HeldAt(key, layer, held, w.Value, w.Control))
		}
		return
	}
	effective, isSet := d.facts.Registry.Get(key)
	entry, ours := d.Ledger.Variables[key]
	if isSet && effective == w.Value && !ours && !w.Adopted {
		return // the administrator's, or a default: it stays what it is
	}
	if key == modeOfAll {
		return // the administrator's choice, not something to take back
	}
	if !ours {
		normal, ok := d.facts.Registry.Normal(key)
		entry.Adopted = ok && w.Adopted
		if ok && !w.Adopted {
			entry.Before = &normal
		}
	}
	entry.Wrote = w.Value
	d.Ledger.Variables[key] = entry
}

// Variables are the changes of the normal layer, sorted by key.
func (d *Desired) Variables() []plan.Variable {
	return d.want.Variables(d.ours, d.facts.Registry)
}

// Files are the changes of generated files, sorted by path. The ledger is not among them, because this package does not
// know its path.
func (d *Desired) Files() []plan.File {
	paths := slices.Collect(maps.Keys(d.files))
	for _, path := range d.facts.Ledger.Files {
		if !d.leave[path] && d.concerns(path) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	var out []plan.File
	for _, path := range slices.Compact(paths) {
		w, wanted := d.files[path]
		f := plan.File{Path: path, Kind: plan.Map, Action: d.mapAction(path, wanted), Control: w.control}
		if !isMap(path) {
			f = d.file(path, w, wanted)
		}
		if f.Action != plan.Keep {
			out = append(out, f)
		}
	}
	return out
}

// file is the change of a file whose content is not secret.
func (d *Desired) file(path string, w wanted, wanted bool) plan.File {
	var before, after *string
	if content, there := d.facts.Disk[path]; there {
		text := string(content)
		before = &text
	}
	if wanted {
		after = &w.content
	}
	kind, typ := w.kind, w.typ
	if !wanted {
		kind, typ = plan.Table, d.facts.TypeOf(path)
		if path == ClassesFile {
			kind, typ = plan.Include, ""
		}
	}
	f := plan.NewFile(path, kind, before, after, w.control)
	f.Type = typ
	if f.Action == plan.Keep && d.facts.Uncompiled[path] {
		f.Action = plan.Change
	}
	return f
}

func (d *Desired) mapAction(path string, wanted bool) plan.Action {
	m := d.facts.Maps[path]
	switch {
	case wanted && !m.Present:
		return plan.Create
	case wanted && !m.Current:
		return plan.Change
	case !wanted && m.Present && d.facts.Ledger.HasFile(path):
		return plan.Remove
	}
	return plan.Keep
}

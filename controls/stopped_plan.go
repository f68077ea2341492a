package controls

import (
	"slices"
	"strings"

	"ucs-harden/access"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// IsStopped reports whether a variable, a file or a restriction class is about the accounts that are stopped in every mode.
func IsStopped(name string) bool {
	return strings.Contains(name, restrictions.Ours+"-0-"+stoppedName) || strings.HasPrefix(name, table(stoppedName+"-")) ||
		strings.HasPrefix(name, restrictions.OurClass+stoppedName)
}

// DesireStopped is the desired state in which only the accounts that are stopped in every mode are brought up to date, and
// everything else stays as it is. removed is the name of an entry that was taken from the list, "" for none: it is taken
// from the tables of suspended as well. The modes in the registry do not matter, not even unusable ones.
func DesireStopped(f *Facts, removed string) *Desired {
	states, next, err := Modes(f.Registry, "", false)
	if err != nil {
		states, next = nil, plan.Off
		for _, c := range all {
			states = append(states, plan.Control{Name: c.Name, Before: plan.Off, After: plan.Off})
		}
	}
	d := newDesired(f, states, next)
	d.lookAt(IsStopped)
	for i, c := range all {
		if c.Always != nil {
			c.Always(d.work(c, states[i]))
		}
	}
	if removed != "" {
		d.unlist(removed)
	}
	Work{Desired: d}.finish()
	return d
}

// unlist takes an entry of the list from the tables of suspended.
func (d *Desired) unlist(name string) {
	for _, kind := range []string{"logins", "senders"} {
		for _, path := range []string{table(suspendedName + "-" + kind), table(suspendedName + "-" + kind + ".regexp")} {
			content := access.WithoutSection(d.facts.Disk[path], fromEntry+name)
			if content != nil && d.facts.Ledger.HasFile(path) {
				d.files[path] = wanted{
					kind: plan.Table, typ: d.facts.TypeOf(path), content: string(content), control: suspendedName,
				}
			}
		}
	}
}

// stoppedFirst puts the classes about stopped accounts before the others, so that a plan for these accounts only and a plan
// for everything write the same.
func stoppedFirst(classes restrictions.Classes) restrictions.Classes {
	others := func(c restrictions.Class) bool { return !IsStopped(c.Name) }
	ours := func(c restrictions.Class) bool { return IsStopped(c.Name) }
	return slices.Concat(slices.DeleteFunc(slices.Clone(classes), others), slices.DeleteFunc(slices.Clone(classes), ours))
}

// others are the restriction classes of today that are not looked at.
func (d *Desired) others() restrictions.Classes {
	there, err := restrictions.ParseClasses(d.facts.Disk[ClassesFile])
	if err != nil || d.facts.Disk[ClassesFile] == nil {
		there = restrictions.ClassesOf(d.facts.Main.Value)
	}
	return slices.DeleteFunc(there, func(c restrictions.Class) bool { return d.concerns(c.Name) })
}

// inOrder puts classes into the order that the file has today, the others behind them. So a plan that looks only at some
// of them does not change the order of all.
func (d *Desired) inOrder(classes restrictions.Classes) restrictions.Classes {
	today, err := restrictions.ParseClasses(d.facts.Disk[ClassesFile])
	if err != nil {
		return classes
	}
	place := func(c restrictions.Class) int {
		i := slices.IndexFunc(today, func(t restrictions.Class) bool { return t.Name == c.Name })
		if i < 0 {
			return len(today)
		}
		return i
	}
	slices.SortStableFunc(classes, func(a, b restrictions.Class) int { return place(a) - place(b) })
	return classes
}

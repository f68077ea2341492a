package controls

import (
	"maps"
	"slices"
	"strings"

	"ucs-harden/access"
	"ucs-harden/ledger"
	"ucs-harden/owners"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
	"ucs-harden/wishes"
)

// Desired is the state that the controls want, and how to get there.
type Desired struct {
	Mode     plan.Mode
	Controls []plan.Control
	// Ledger is the ledger after the change.
	Ledger   ledger.Ledger
	Findings []plan.Finding
	Expect   plan.Expectation

	facts *Facts
	only  func(name string) bool // which variables and files are looked at; nil means all
	ours  ledger.Ledger          // of these variables: what is not wanted is taken back
	want  wishes.Wishes          // variables that shall have a value
	files map[string]wanted      // generated files that shall exist, by path
	leave map[string]bool        // files that are wanted no more, but must not be removed

	classes restrictions.Classes
	checked map[string]bool // families of variables that hold a check of ours
	owners  *owners.Book    // of the directory, see book
	missing map[string]int  // how many accounts of a control no table can have
	later   []func()        // what can be said only when all controls have placed their checks
	busy    map[string]int  // how many accounts, addresses or systems a control with lists acts on
	// onDisk are the sections of tables on disk, by the name of the table, read once.
	onDisk map[string]map[string][]access.Entry
	// skippable are the IDs of the findings about entries that a sync can leave out.
	skippable map[string]bool
}

// wanted is a generated file that must exist.
type wanted struct {
	kind             plan.Kind
	typ              string // lookup table type of a plan.Table
	content, control string
}

func newDesired(f *Facts, states []plan.Control, mode plan.Mode) *Desired {
	return &Desired{
		Mode: mode, Controls: states, Ledger: f.Ledger.Clone(), facts: f, ours: f.Ledger,
		want: wishes.Wishes{}, files: map[string]wanted{}, leave: map[string]bool{},
		checked: map[string]bool{}, busy: map[string]int{}, missing: map[string]int{},
		skippable: map[string]bool{}, onDisk: map[string]map[string][]access.Entry{},
		Expect: plan.Expectation{Main: map[string]string{}, Master: map[string]map[string]string{}},
	}
}

// concerns reports whether a variable or a file is looked at.
func (d *Desired) concerns(name string) bool {
	return d.only == nil || d.only(name) || name == ClassesFile
}

// lookAt restricts what is looked at.
func (d *Desired) lookAt(only func(name string) bool) {
	d.only, d.ours = only, d.facts.Ledger.Clone()
	maps.DeleteFunc(d.ours.Variables, func(key string, _ ledger.Entry) bool { return !d.concerns(key) })
}

func (d *Desired) find(f plan.Finding) {
	if !slices.Contains(d.Findings, f) {
		d.Findings = append(d.Findings, f)
	}
}

// value is the effective value that a variable will have.
func (d *Desired) value(key string) (string, bool) {
	return d.want.Value(key, d.ours, d.facts.Registry)
}

// pairs are the variables with a prefix and the values that they will have.
func (d *Desired) pairs(prefix string) []restrictions.Variable {
	keys := map[string]bool{}
	for _, k := range d.facts.Registry.Keys(prefix) {
		keys[k] = true
	}
	for k := range d.want {
		if strings.HasPrefix(k, prefix) {
			keys[k] = true
		}
	}
	var out []restrictions.Variable
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		if v, ok := d.value(k); ok {
			out = append(out, restrictions.Variable{Key: k, Value: v})
		}
	}
	return out
}

// recipients is the main recipient restriction list that there will be.
func (d *Desired) recipients() restrictions.List { return d.mainList(d.pairs(restrictions.MainPrefix)) }

// listNow is the main recipient restriction list that there is.
func (d *Desired) listNow() restrictions.List {
	var now []restrictions.Variable
	for _, k := range d.facts.Registry.Keys(restrictions.MainPrefix) {
		v, _ := d.facts.Registry.Get(k)
		now = append(now, restrictions.Variable{Key: k, Value: v})
	}
	return d.mainList(now)
}

func (d *Desired) mainList(variables []restrictions.Variable) restrictions.List {
	r := d.facts.Registry
	return restrictions.Main(variables, restrictions.Switches{
		Listfilter:                   r.IsTrue("mail/postfix/policy/listfilter"),
		Greylisting:                  r.IsTrue("mail/postfix/greylisting"),
		UnknownClientHostname:        r.IsTrue("mail/postfix/smtpd/restrictions/sender/reject_unknown_client_hostname"),
		UnknownReverseClientHostname: r.IsTrue("mail/postfix/smtpd/restrictions/sender/reject_unknown_reverse_client_hostname"),
	})
}

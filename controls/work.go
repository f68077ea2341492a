package controls

import (
	"cmp"

	"ucs-harden/findings"
	"ucs-harden/lists"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
	"ucs-harden/wishes"
)

// Work is what one control adds to the desired state. Whatever it sets or reports bears the name of the control. Each
// control has a type of its own with Work in it.
type Work struct {
	*Desired
	naming
	name    string
	own     string // what names the tables, classes and keys, if it is not the name of the control
	lasting bool   // checks about accounts are right wherever their list is asked, now and later
	list    *lists.List
	mode    plan.Mode
	domains map[string]plan.Mode // of domains with a mode of their own
}

func (d *Desired) work(c Control, state plan.Control) Work {
	return Work{Desired: d, naming: c.naming(), name: c.Name, list: c.List, mode: state.After, domains: state.Domains}
}

// part names the tables, classes and keys.
func (w Work) part() string { return cmp.Or(w.own, w.name) }

// set gives a variable a value.
func (w Work) set(key, value string) { w.want[key] = wishes.Wish{Value: value, Control: w.name} }

// adopt does the same. A value that was set by hand after the published procedure becomes ours.
func (w Work) adopt(key, value string) {
	w.want[key] = wishes.Wish{Value: value, Control: w.name, Adopted: true}
}

// release gives a variable back: it gets a value, or is unset when value is nil.
func (w Work) release(key string, value *string) {
	given := wishes.Wish{Control: "off", Released: true, Absent: value == nil}
	if value != nil {
		given.Value = *value
	}
	w.want[key] = given
}

// table adds a generated table.
func (w Work) table(path, typ, content string) {
	w.files[path] = wanted{kind: plan.Table, typ: typ, content: content, control: w.name}
}

const registerHint = "install the package ucs-harden, or register its templates: ucr register ucs-harden"

// ldapMap adds an LDAP map, which UCR renders from a template of ours.
func (w Work) ldapMap(path string) {
	if !w.facts.Maps[path].Registered {
		w.fail(findings.MapNotRegistered.Of(),
			"UCR does not know the template of "+path,
			registerHint)
	}
	w.files[path] = wanted{kind: plan.Map, control: w.name}
}

// class adds a restriction class.
func (w Work) class(name string, texts ...string) {
	w.classes = append(w.classes, restrictions.Class{Name: name, Restrictions: texts})
}

// fail reports something that stops an apply.
func (w Work) fail(id findings.ID, text, hint string) { w.note(plan.Error, id, text, hint) }

// doubt reports something that stops an apply unless the administrator accepts it.
func (w Work) doubt(id findings.ID, text, hint string) {
	w.findAll([]plan.Finding{id.Doubt(text, hint)})
}

// findAll reports findings of others as those of this control.
func (w Work) findAll(found []plan.Finding) {
	for _, f := range found {
		f.Control = w.name
		w.find(f)
	}
}

// warn reports something that does not stop an apply.
func (w Work) warn(id findings.ID, text, hint string) { w.note(plan.Warning, id, text, hint) }

func (w Work) note(severity plan.Severity, id findings.ID, text, hint string) {
	w.findAll([]plan.Finding{id.Finding(severity, text, hint)})
}

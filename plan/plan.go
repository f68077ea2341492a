// Package plan describes what ucs-harden is about to do. It does not do it.
//
// A plan is the difference between the state of a mail server and the state that its controls want:
//
//   - variables of the Univention Configuration Registry, in the normal layer,
//   - files that ucs-harden generates itself (lookup tables, LDAP maps),
//   - what both mean for the rendered main.cf and master.cf,
//   - findings: what is wrong or risky, and what to do about it.
//
// A plan carries the State that it was made from, so that a stale plan can be refused. Its JSON form has a schema
// version. A field is renamed or given another meaning only with a new version.
package plan

// Schema is the version of the JSON form.
const Schema = 2

// Plan is one proposed change of a mail server.
type Plan struct {
	Schema   int       `json:"schema"`
	Mode     Mode      `json:"mode"`
	Controls []Control `json:"controls"`
	// State is the state that the plan was made from, see State.Stale.
	State     State      `json:"state"`
	Variables []Variable `json:"variables"`
	Files     []File     `json:"files"`
	// Rendered are main.cf and master.cf. It is nil, or has no files, when there was no dry run, as in a plan for an
	// archive.
	Rendered *Rendered `json:"rendered"`
	Findings []Finding `json:"findings"`
	// Expect is what postconf must report after the plan was applied.
	Expect Expectation `json:"expect"`
	// Restrictions are the restriction variables before the plan, as lines "key: value", for the backup that people
	// read.
	Restrictions string `json:"-"`
}

// Control is one control with its mode before and after the plan.
type Control struct {
	Name   string `json:"name"`
	Before Mode   `json:"before"`
	After  Mode   `json:"after"`
	// Domains are the modes of the mail domains after the plan, by name. When one domain has a mode of its own, all
	// hosted domains are listed; otherwise none.
	Domains map[string]Mode `json:"domains,omitempty"`
	// Listed is how many accounts, addresses or systems a control with a list acts on. Idle says that the control is on
	// but its list is empty.
	Listed int `json:"listed,omitempty"`
	// Stopped is how many accounts are stopped whatever the mode of the control is.
	Stopped int `json:"stopped,omitempty"`
	// NotStopped is how many listed or marked accounts the control cannot act on. Each has a finding.
	NotStopped int  `json:"not_stopped,omitempty"`
	Idle       bool `json:"idle,omitempty"`
}

// Active reports whether the control is on, even if only for one domain.
func (c Control) Active() bool {
	for _, m := range c.Domains {
		if m != Off {
			return true
		}
	}
	return c.After != Off
}

// Strongest is the mode of the control, or of the mail domain with the strongest mode where these have modes of their own.
func (c Control) Strongest() Mode {
	mode := c.After
	for _, m := range c.Domains {
		if m == Enforce || mode == Off {
			mode = m
		}
	}
	return mode
}

// Modes are the modes of the controls by name, and the modes of single domains by CONTROL/DOMAIN.
func Modes(controls []Control) map[string]Mode {
	modes := map[string]Mode{}
	for _, c := range controls {
		modes[c.Name] = c.After
		for domain, m := range c.Domains {
			modes[c.Name+"/"+domain] = m
		}
	}
	return modes
}

// Action is what happens to a variable or a file: "+" it is created, "~" it is changed, "-" it is removed, " " it
// stays.
type Action string

// The actions, as a plan prints them.
const (
	Create Action = "+"
	Change Action = "~"
	Remove Action = "-"
	Keep   Action = " "
)

// action compares two images. A nil image means absent.
func action(before, after *string) Action {
	switch {
	case before == nil && after == nil:
		return Keep
	case before == nil:
		return Create
	case after == nil:
		return Remove
	case *before != *after:
		return Change
	}
	return Keep
}

// Variable is the change of one registry variable in the normal layer (base.conf). A nil image means that the layer
// does not have the variable.
type Variable struct {
	Key     string  `json:"key"`
	Before  *string `json:"before"`
	After   *string `json:"after"`
	Control string  `json:"control"`
}

// Action tells what happens to the variable.
func (v Variable) Action() Action { return action(v.Before, v.After) }

// Kind says what a generated file is and how it is written.
type Kind string

const (
	// Table is a lookup table: a source file, compiled by postmap(1) if its type needs compiling.
	Table Kind = "table"
	// Include is the part that our template adds to main.cf, see restrictions.Classes.
	Include Kind = "include"
	// Map is a file that UCR renders from a template of our package. Its content holds a password and is never part of
	// a plan.
	Map Kind = "map"
	// Ledger is the record of what ucs-harden has set, see package ledger.
	Ledger Kind = "ledger"
)

// File is the change of one generated file. Its content is not part of the JSON form. The diff is, unless the content
// is secret.
type File struct {
	Path string `json:"path"`
	Kind Kind   `json:"kind"`
	// Type is the lookup table type of a Table, such as "hash".
	Type    string  `json:"type,omitempty"`
	Before  *string `json:"-"`
	After   *string `json:"-"`
	Action  Action  `json:"action"`
	Diff    string  `json:"diff,omitempty"`
	Control string  `json:"control"`
}

// NewFile makes a File and computes the action and the diff from its two images.
func NewFile(path string, kind Kind, before, after *string, control string) File {
	f := File{Path: path, Kind: kind, Before: before, After: after, Control: control, Action: action(before, after)}
	if kind == Table || kind == Include {
		f.Diff = Unified(path, text(before), text(after))
	}
	return f
}

// Expectation is what the rendered configuration must mean to Postfix.
type Expectation struct {
	// Main maps main.cf parameters to their values, with blanks folded.
	Main map[string]string `json:"main,omitempty"`
	// Holds maps main.cf parameters to a word that the value must contain.
	Holds map[string]string `json:"holds,omitempty"`
	// Master maps a service entry ("submission/inet") to its -o overrides.
	Master map[string]map[string]string `json:"master,omitempty"`
}

// Changes reports whether the plan would change anything that an administrator sees. The ledger alone does not count.
func (p *Plan) Changes() bool { c := p.Count(); return c.Create+c.Change+c.Remove > 0 }

// Counts are the numbers in the last line of the plan.
type Counts struct {
	Create, Change, Remove int
	Errors, Warnings       int
}

// Count counts variables, files and findings. A rendered file counts when it would change although no variable does:
// the change then removes a manual edit.
func (p *Plan) Count() Counts {
	var c Counts
	add := func(a Action) {
		switch a {
		case Create:
			c.Create++
		case Change:
			c.Change++
		case Remove:
			c.Remove++
		}
	}
	for _, v := range p.Variables {
		add(v.Action())
	}
	for _, f := range p.Files {
		if f.Kind != Ledger {
			add(f.Action)
		}
	}
	for _, f := range p.Findings {
		switch f.Severity {
		case Error:
			c.Errors++
		case Warning:
			c.Warnings++
		}
	}
	return c
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// WhyNone says why a plan has no changes.
func (p *Plan) WhyNone() string {
	for _, c := range p.Controls {
		if c.Active() {
			return "The server is as its controls want it."
		}
	}
	return "Every control is off; ucs-harden plan --mode warn shows what watching would change."
}

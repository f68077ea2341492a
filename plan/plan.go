// Package plan holds what ucs-harden is about to do, and nothing that does it.
//
// A plan is the difference between the state of a mail server and the state
// its controls want:
//
//   - variables of the Univention Configuration Registry, in the normal layer,
//   - files that ucs-harden generates itself (lookup tables, LDAP maps),
//   - what both mean for the rendered main.cf and master.cf,
//   - findings: what is wrong or risky, and what to do about it.
//
// A plan carries the State it was made from, so that a stale one is refused.
// Its JSON form has a schema version; a field is never renamed or given
// another meaning without a new one.
package plan

// Schema is the version of the JSON form.
const Schema = 1

// Plan is one proposed change of a mail server.
type Plan struct {
	Schema   int       `json:"schema"`
	Mode     Mode      `json:"mode"`
	Controls []Control `json:"controls"`
	// State is what the plan was made from, see State.Stale.
	State     State      `json:"state"`
	Variables []Variable `json:"variables"`
	Files     []File     `json:"files"`
	// Rendered are main.cf and master.cf. It is nil, or has no files, when there
	// was no dry run: in a plan on an archive.
	Rendered *Rendered `json:"rendered"`
	Findings []Finding `json:"findings"`
	// Expect is what postconf must say after the plan was applied.
	Expect Expectation `json:"expect"`
	// Restrictions are the restriction variables as they were, for the backup
	// that people read: "key: value" lines.
	Restrictions string `json:"-"`
}

// Control is one measure and the mode it has, before and after.
type Control struct {
	Name   string `json:"name"`
	Before Mode   `json:"before"`
	After  Mode   `json:"after"`
	// Domains are the modes of single mail domains, after, by name: all hosted
	// domains when one of them has a mode of its own, none otherwise.
	Domains map[string]Mode `json:"domains,omitempty"`
	// Listed is how many accounts, addresses or systems a control with a list
	// acts on; Idle: it is on, and there is nothing listed.
	Listed int  `json:"listed,omitempty"`
	Idle   bool `json:"idle,omitempty"`
}

// Active reports whether the control is on, be it for one domain only.
func (c Control) Active() bool {
	for _, m := range c.Domains {
		if m != Off {
			return true
		}
	}
	return c.After != Off
}

// Modes are the modes of controls by name, and of single domains by
// CONTROL/DOMAIN.
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

// Action is what happens to a variable or a file: "+" it is created, "~" it is
// changed, "-" it is removed, " " it stays.
type Action string

// The actions, as a plan prints them.
const (
	Create Action = "+"
	Change Action = "~"
	Remove Action = "-"
	Keep   Action = " "
)

// action compares two images of which nil means absent.
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

// Variable is the change of one registry variable in the normal layer
// (base.conf). A nil image means that the layer does not have the variable.
type Variable struct {
	Key     string  `json:"key"`
	Before  *string `json:"before"`
	After   *string `json:"after"`
	Control string  `json:"control"`
}

// Action tells what happens to the variable.
func (v Variable) Action() Action { return action(v.Before, v.After) }

// Kind says how a file comes into being.
type Kind string

const (
	// Table is a lookup table: a source file, compiled by postmap(1) if its type
	// is one that is.
	Table Kind = "table"
	// Include is what our template adds to main.cf: see package include.
	Include Kind = "include"
	// Map is a file that UCR renders from a template of our package.
	// Its content holds a password and is never part of a plan.
	Map Kind = "map"
	// Ledger is the tool's own note of what it set, see package baseline.
	Ledger Kind = "ledger"
)

// File is the change of one generated file. The content is not part of the
// JSON form; the diff is, where the content is no secret.
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

// NewFile is a file with the action and the diff of its two images.
func NewFile(path string, kind Kind, before, after *string, control string) File {
	f := File{Path: path, Kind: kind, Before: before, After: after, Control: control, Action: action(before, after)}
	if kind == Table || kind == Include {
		f.Diff = Unified(path, text(before), text(after))
	}
	return f
}

// Expectation is what the rendered configuration must mean to Postfix.
type Expectation struct {
	// Main maps main.cf parameters to their value, blanks folded.
	Main map[string]string `json:"main,omitempty"`
	// Holds maps main.cf parameters to a word that their value must hold.
	Holds map[string]string `json:"holds,omitempty"`
	// Master maps a service entry ("submission/inet") to its -o overrides.
	Master map[string]map[string]string `json:"master,omitempty"`
}

// Changes reports whether the plan would change anything an administrator
// sees; the ledger alone does not count.
func (p *Plan) Changes() bool { c := p.Count(); return c.Create+c.Change+c.Remove > 0 }

// Counts are the numbers of the plan's last line.
type Counts struct {
	Create, Change, Remove int
	Errors, Warnings       int
}

// Count counts variables, files and findings. A rendered file counts when it
// would change although no variable does: that is a hand-made edit, undone.
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

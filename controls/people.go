package controls

import (
	"maps"
	"slices"

	"ucs-harden/findings"
	"ucs-harden/lists"
	"ucs-harden/owners"
	"ucs-harden/plan"
)

// People are the answers of the directory to the questions of Ask.
type People = owners.People

// book is what the answers say of owners, made once.
func (d *Desired) book() *owners.Book {
	if d.owners == nil {
		d.owners = d.facts.People.Book()
	}
	return d.owners
}

// Questions are what the controls ask the directory.
type Questions struct {
	Controllers bool
	Servers     bool     // the mail servers
	Names       []string // accounts and addresses, each once
	Groups      []string // names or DNs
	Members     []string // those of the groups whose members count one by one
	Suspended   *Mark
	Known       []string // the logins that the tables have as marked, see KnownMarked
	// Aside: Suspended is asked only because the mode of all controls switches the control on; no variable of its own
	// is set.
	Aside         bool
	Lists, Owners bool
	// Sharing are the groups (names or DNs) and lists (addresses) whose members may write as further addresses. All
	// stands for all that have an address.
	Sharing struct {
		Groups, Lists []string
		All           bool
	}
}

// Mark is what marks an account as suspended: an attribute with a value, or membership in a group (a name or a DN) if
// one is given.
type Mark struct{ Attribute, Value, Group, ReasonAttribute string }

// Ask says what the controls that are on must know of the directory.
func Ask(r Registry, states []plan.Control) Questions {
	var q Questions
	names := map[string]bool{}
	on := active(states)
	for _, c := range all {
		if c.List == nil {
			continue
		}
		isOn := slices.ContainsFunc(on, func(o Control) bool { return o.Name == c.Name })
		for _, e := range c.List.Read(r) {
			switch {
			case c.List.Fault(e) != "", !isOn && !e.Always():
			case e.Group != "" && !c.List.As:
				q.Members = append(q.Members, e.Group)
			default:
				for _, name := range e.Names() {
					names[name] = true
				}
			}
		}
	}
	slices.Sort(q.Members)
	q.Members = slices.Compact(q.Members)
	q.Groups = slices.Clone(q.Members)
	q.Names = slices.Sorted(maps.Keys(names))
	for _, state := range states {
		if c, known := ByName(state.Name); known && state.Active() && c.Ask != nil {
			c.Ask(r, state.After, &q)
		}
	}
	return q
}

// The sections of the tables, which tell where an account is from: an entry of the list, by its name; a group; or the mark in
// the directory.
const (
	fromEntry = "entry "
	fromGroup = "group "
	fromMark  = "mark"
)

// enter adds what an entry of the list is about. If it is not clear who is meant, a finding says who is.
// alsoMarked are accounts that are stopped without the entry as well.
func (w Work) enter(t *owners.Listing, e lists.Entry, action string, alsoMarked owners.Set) {
	variable, m := w.list.Variable(e), w.book().Meant(e.Account)
	of := fromEntry + e.Name
	if m.Account != nil && alsoMarked.Has(*m.Account) {
		of = fromMark // it stays when the entry is removed
	}
	t.AddMeant(m, action, of)
	if remark := m.Remark(); remark != "" {
		w.warn(findings.Several.Of(variable), remark,
			"to mean another one, name it by its login: ucs-harden "+w.list.Verb+" add LOGIN")
	}
	if m.Nobody() && !w.facts.Silent {
		w.warn(findings.Nobody.Of(variable),
			"the directory has nobody with the name "+plan.Quote(e.Account)+
				": only this very name is meant, and no other address or login of the same account",
			"if the account is gone: ucs-harden "+w.list.Verb+" remove "+plan.Quote(e.Name))
	}
}

// tables are the checks of the two tables of a listing, by login and by sender. There are none when the tables are
// empty. Accounts that no table can have get a finding each.
func (w Work) tables(about string, t owners.Stopped) (logins, senders []string) {
	for _, f := range t.Faults() {
		w.warn(findings.NotStopped.Of(f.About), f.Text, f.Hint)
	}
	w.missing[w.name] += len(t.Missing)
	if len(t.Senders)+len(t.Logins) == 0 {
		return nil, nil
	}
	return w.sectioned("logins", about+" by login.", t.Logins, t.LoginsOf),
		w.sectioned("senders", about+" by sender address.", t.Senders, t.SendersOf)
}

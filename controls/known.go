package controls

import (
	"strings"

	"ucs-harden/access"
	"ucs-harden/findings"
	"ucs-harden/lists"
	"ucs-harden/mailbox"
	"ucs-harden/owners"
	"ucs-harden/rules"
)

// The tables on disk tell what the directory and the lists said at the last sync: each of their sections is of an entry of
// the list, of a group, or of the marks. While the directory does not say who they are, such a section stays. So does that
// of an entry that somebody has made unusable, by a mistyped date for instance: a typing error lets nobody go.

// enterOrKeep adds what an entry of the list is about. While the directory does not answer, the entry stays as the tables
// have it. Then it returns the name of the section. An entry that no table has yet counts by its own name, and by the
// addresses that it is likely to have.
func (w Work) enterOrKeep(t *owners.Listing, e lists.Entry, action string, alsoMarked owners.Set) (known []string) {
	if w.facts.Silent && w.there(fromEntry+e.Name) {
		return []string{fromEntry + e.Name}
	}
	w.enter(t, e, action, alsoMarked)
	if w.facts.Silent {
		w.guess(t, e, action)
	}
	return nil
}

// guess adds what a login is likely to have as addresses, as long as the directory does not answer.
func (w Work) guess(t *owners.Listing, e lists.Entry, action string) {
	if strings.Contains(e.Account, "@") {
		w.warn(findings.Silent.Of(w.list.Variable(e)),
			"the directory does not answer: "+e.Account+" is stopped by this address only; who logs in with another name"+
				" can still send",
			"stop the login as well: ucs-harden "+w.list.Verb+" add LOGIN --now")
		return
	}
	var guessed []string
	for _, domain := range hostedDomains(w.facts.Registry) {
		address := e.Account + "@" + domain
		t.AddMeant(owners.Meaning{Name: address}, action, fromEntry+e.Name)
		guessed = append(guessed, address)
	}
	w.warn(findings.Silent.Of(w.list.Variable(e)),
		"the directory does not answer: "+e.Account+" is stopped by this login; as its addresses, until it does, count "+
			strings.Join(guessed, ", "),
		"when the directory answers again: ucs-harden sync")
}

// unusableEntries are the sections of the entries that cannot be used, as far as the tables have them.
func (w Work) unusableEntries() (known []string) {
	for _, e := range w.faulty() {
		of := []string{fromEntry + e.Name}
		if e.Group != "" {
			of = append(of, fromGroup+e.Group)
		}
		for _, section := range of {
			if w.there(section) {
				known = append(known, section)
			}
		}
	}
	return known
}

// there reports whether the tables on disk have a section.
func (w Work) there(section string) bool {
	return len(w.section("logins", section))+len(w.section("senders", section)) > 0
}

// section are the entries that the tables on disk have in a section.
func (w Work) section(kind, name string) []access.Entry {
	onDisk := func(path string) []byte { return w.facts.Disk[path] }
	return sections(w.part()+"-"+kind, onDisk)[name]
}

// keepSections adds the sections of the tables on disk to those that will be written.
func (w Work) keepSections(t *owners.Stopped, names ...string) {
	keep := func(kind, name string, table, of map[string]string) (many int) {
		for _, e := range w.section(kind, name) {
			if _, there := table[e.Key]; !there {
				table[e.Key], of[e.Key] = e.Action, name
				many++
			}
		}
		return many
	}
	for _, name := range names {
		t.Accounts += max(keep("logins", name, t.Logins, t.LoginsOf), keep("senders", name, t.Senders, t.SendersOf))
	}
}

// keepProtected adds the addresses that the tables on disk protect: those of entries that cannot be used, and all as long as
// the directory does not say which addresses an account or list has.
func (c protected) keepProtected(byClients map[string]bool, bySenders map[string][]string) {
	stay := map[string]bool{}
	for _, e := range c.faulty() {
		for _, address := range append(c.book().Mailbox(e.Address).Senders, e.Address) {
			stay[mailbox.Key(address)] = true
		}
	}
	if !c.facts.Silent && len(stay) == 0 {
		return
	}
	goes := func(address string) bool { return !c.facts.Silent && !stay[mailbox.Key(address)] }
	var known rules.Listings
	onDisk := func(path string) []byte { return c.facts.Disk[path] }
	readProtected(Tables{restrictions: strings.Join(RunningOf(c.facts).Texts, "\n"), read: onDisk}, &known)
	for address := range known.Insiders {
		if _, there := bySenders[address]; !there && !goes(address) {
			byClients[mailbox.Key(address)] = true
		}
	}
	for address, class := range known.BySenders {
		if _, there := bySenders[address]; there || byClients[address] || goes(address) {
			continue
		}
		var senders []string
		for sender := range known.Senders[class] {
			senders = append(senders, sender)
		}
		bySenders[address] = sorted(senders)
	}
}

package controls

import (
	"fmt"
	"slices"

	"ucs-harden/findings"
	"ucs-harden/identity"
	"ucs-harden/internal/plural"
	"ucs-harden/mailbox"
	"ucs-harden/owners"
)

// A mark that cannot be read any more looks like a mark that nobody has set: an access rule of the directory hides it, the
// schema has lost it, the group is gone. So the accounts that were marked at the last apply or sync are known from the
// tables, and stay suspended until the directory says that they are not marked.
//
// With the lookup live, Postfix asks the directory about every mail. Beside its maps it asks tables of the accounts that
// were marked at the last apply or sync. An account of these tables may send only if the directory says that it is not
// marked: the filter "(!(MARK))" does not match while the mark is hidden or undefined (RFC 4511, 4.5.1.7).

// knownName names the tables of the accounts that were marked at the last apply or sync, for the lookup live.
const knownName = suspendedName + "-known"

// freeMap finds the logins that the directory says are not marked.
const freeMap = mapPrefix + suspendedName + "-free"

// KnownMarked are the logins that the tables have as marked. read gives the tables, nil for one that does not exist.
func KnownMarked(read func(path string) []byte) (logins []string) {
	for key := range knownMarked(read) {
		logins = append(logins, key)
	}
	slices.Sort(logins)
	return logins
}

// knownMarked are the entries of the tables that are from marks, by login and by address.
func knownMarked(read func(path string) []byte) map[string]string {
	out := map[string]string{}
	for _, name := range []string{knownName, suspendedName} {
		for _, e := range sections(name+"-logins", read)[fromMark] {
			out[e.Key] = e.Action
		}
	}
	return out
}

// IsKnownMarked are those of some accounts that are among logins, which KnownMarked has returned.
func IsKnownMarked(logins []string, accounts []identity.Account) []identity.Account {
	return slices.DeleteFunc(slices.Clone(accounts), func(a identity.Account) bool {
		return a.UID == "" || !slices.Contains(logins, mailbox.Key(a.UID))
	})
}

// kept adds the accounts whose mark cannot be read any more, with the refusal that they have on disk.
func (c suspended) kept(t *owners.Listing, text string) {
	onDisk := knownMarked(func(path string) []byte { return c.facts.Disk[path] })
	for _, a := range c.facts.People.Kept {
		action, known := onDisk[mailbox.Key(a.UID)]
		if !known {
			action = c.refusal(text, a.Reason)
		}
		t.Add(a, action, fromMark)
	}
}

// unread reports that marks cannot be read.
func (c suspended) unread() {
	people, mark := c.facts.People, suspendedMark(c.facts.Registry)
	if people.Unread == "" {
		return
	}
	stay := "nobody was marked before"
	if n := len(people.Kept); n > 0 {
		stay = fmt.Sprintf("%s suspended, for instance %s",
			plural.Count(n, "account that was marked before stays", "accounts that were marked before stay"), people.Kept[0])
	}
	text := fmt.Sprintf("the directory does not tell who is marked as suspended (%s): %s; a new mark may not count",
		people.Unread, stay)
	id, hint := findings.MarksUnread.Of(suspendedName), "let the machine account read "+mark.Attribute+
		", which the join script of ucs-harden sets up: univention-run-join-scripts; then ucs-harden sync"
	if mark.Group != "" && people.Groups[mark.Group] == "" {
		hint = "correct " + suspendedGroup + ", or unset it; then ucs-harden sync"
	}
	c.warn(id, text, hint)
}

// knownTables are the tables that Postfix asks beside the LDAP maps.
type knownTables struct{ logins, senders []string }

// known makes the tables of the accounts that are marked now, or were and cannot be read any more. There may be none: then
// the tables are empty, so that a new mark changes no restriction. keep: the marks are not known, and what the tables have
// stays.
func (c suspended) known(text string, keep bool) *knownTables {
	marked := slices.Concat(c.facts.People.Suspended, c.facts.People.Kept)
	t := owners.NewListing(c.book(), marked...)
	for _, a := range c.facts.People.Suspended {
		t.Add(a, c.refusal(text, a.Reason), fromMark)
	}
	c.kept(t, text)
	tables := t.Tables()
	if keep {
		onDisk := Work{Desired: c.Desired, own: knownName, name: c.name}
		onDisk.keepSections(&tables, fromMark)
	}
	c.ldapMap(freeMap)
	const about = "Accounts that were marked as suspended, "
	return &knownTables{
		logins:  c.sectioned("known-logins", about+"by login.", tables.Logins, tables.LoginsOf),
		senders: c.sectioned("known-senders", about+"by sender address.", tables.Senders, tables.SendersOf),
	}
}

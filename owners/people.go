package owners

import (
	"maps"
	"slices"

	"ucs-harden/identity"
)

// People are the answers of the directory to the questions of the controls.
type People struct {
	// Accounts are the accounts that have one of the names of the lists.
	Accounts []identity.Account
	// Groups are the DNs of the groups of the lists, by the names that the lists have for them. A group that does not
	// exist is absent. Members are the members of the groups of local-only, by DN.
	Groups  map[string]string
	Members map[string][]identity.Account
	// Suspended are the accounts that are marked as suspended. Kept are further accounts that were marked when the tables
	// were written, and of which the directory does not tell any more whether they are.
	Suspended, Kept []identity.Account
	// Unread says why marks cannot be read, such as "ucsHardenSuspended: Insufficient Access Rights"; "" when they can.
	Unread string
	// MarksUnknown: the directory cannot be asked for marks in the way that the registry says. Suspended is not known.
	MarksUnknown bool
	// Holders are all that have one of Addresses: accounts, groups, lists and shared folders.
	Holders []identity.Account
	// Lists are the addresses of mailing lists and groups.
	Lists []string
	// Sharing are the groups and lists whose members may write as further addresses.
	Sharing []identity.Group
	// Owners are all accounts that have an address and a name to log in with.
	Owners []identity.Account
}

// affected are the accounts that the lists, marks and groups name.
func (p *People) affected() []identity.Account {
	all := slices.Concat(p.Accounts, p.Suspended, p.Kept)
	for _, dn := range slices.Sorted(maps.Keys(p.Members)) {
		all = append(all, p.Members[dn]...)
	}
	return all
}

// Addresses are the addresses of the accounts that the lists, marks and groups name. Somebody else may hold them too.
func (p *People) Addresses() []string {
	var out []string
	for _, a := range p.affected() {
		out = append(out, a.Addresses()...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Book is what the answers say of owners.
func (p *People) Book() *Book { return New(slices.Concat(p.affected(), p.Holders)...) }

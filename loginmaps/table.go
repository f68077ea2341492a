package loginmaps

import (
	"maps"
	"slices"
	"strings"

	"ucs-harden/identity"
	"ucs-harden/mailbox"
)

// Table are the entries of a login map: the login and the primary address of each account that has the address. A
// user may log in with either. Names that cannot stand in such a table are left out.
func Table(accounts []identity.Account) map[string]string {
	owners := map[string]map[string]bool{}
	for _, a := range accounts {
		for _, address := range a.Addresses() {
			for _, login := range []string{a.UID, a.Primary} {
				if !key(address) || !mailbox.Plain(login) && !mailbox.Is(login) {
					continue
				}
				address = strings.ToLower(address)
				if owners[address] == nil {
					owners[address] = map[string]bool{}
				}
				owners[address][login] = true
			}
		}
	}
	entries := map[string]string{}
	for address, logins := range owners {
		entries[address] = strings.Join(slices.Sorted(maps.Keys(logins)), ", ")
	}
	return entries
}

// key reports whether an address can stand in a table as a key. A line that begins with "#" is a comment.
func key(address string) bool { return mailbox.Is(address) && !strings.HasPrefix(address, "#") }

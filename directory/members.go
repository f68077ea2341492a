package directory

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"ucs-harden/identity"
)

// Wanted says which groups and mailing lists Members is asked for.
type Wanted struct {
	Groups []string // names or DNs of groups
	Lists  []string // addresses of mailing lists, or of groups that have one
	All    bool     // also all groups and lists that have an address
}

// Members returns groups and mailing lists with the accounts that are their members, sorted by DN. What the directory
// does not have is absent. A member of a group is a DN (uniqueMember), a member of a list an address
// (univentionMailMember). A group or list that is a member stands for its own members. Addresses that no account has
// are left out: nobody can log in with one.
//
// A user entry has its uid in its DN, as UCS writes it. The servers are asked as DomainControllers does it, with the
// same errors.
func Members(ctx context.Context, c Config, w Wanted) ([]identity.Group, error) {
	found, err := membership{
		groups: func(q question[groupEntry]) ([]groupEntry, error) { return firstAnswer(ctx, c, q) },
		accounts: func(names []string) ([]identity.Account, error) {
			return firstAnswer(ctx, c, holders(names))
		},
	}.of(w)
	if err != nil {
		return nil, fmt.Errorf("cannot read the members of groups and lists from LDAP: %w", err)
	}
	return found, nil
}

// MembersInLDIF reads from LDIF what Members reads over LDAP; see UsersFromLDIF.
//
//	univention-ldapsearch '(|(uid=*)(objectClass=univentionGroup)(objectClass=univentionMailList))' objectClass cn uid \
//	  mailPrimaryAddress mailAlternativeAddress uniqueMember univentionMailMember
func MembersInLDIF(r io.Reader, w Wanted) ([]identity.Group, error) {
	content, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("cannot read LDIF: %w", err)
	}
	return membership{
		groups: func(q question[groupEntry]) ([]groupEntry, error) { return fromLDIF(bytes.NewReader(content), q) },
		accounts: func(names []string) ([]identity.Account, error) {
			return fromLDIF(bytes.NewReader(content), holders(names))
		},
	}.of(w)
}

// groupEntry is a group or list as its entry has it.
type groupEntry struct {
	identity.Group
	members []string // DNs of a group, addresses of a list
}

// membership asks for groups and accounts.
type membership struct {
	groups   func(question[groupEntry]) ([]groupEntry, error)
	accounts func(names []string) ([]identity.Account, error)
}

// of follows groups and lists that are members until no new one is found, and then asks for the accounts.
func (m membership) of(w Wanted) ([]identity.Group, error) {
	first := newGroupQuestion(w)
	if len(first.also) == 0 {
		return nil, nil
	}
	wanted, err := m.groups(first.question())
	if err != nil {
		return nil, err
	}
	known := map[string]groupEntry{} // by canonical DN
	asked := map[string]bool{}
	for more := wanted; len(more) > 0; {
		next := Wanted{}
		for _, g := range more {
			known[canonicalDN(g.DN)] = g
			for _, member := range g.members {
				key := fold(member)
				switch {
				case asked[key]:
				case g.List:
					next.Lists = append(next.Lists, member)
				case uidOf(member) == "":
					next.Groups = append(next.Groups, member)
				}
				asked[key] = true
			}
		}
		q := newGroupQuestion(next)
		if more = nil; len(q.also) > 0 {
			if more, err = m.groups(q.question()); err != nil {
				return nil, err
			}
		}
		more = slices.DeleteFunc(more, func(g groupEntry) bool { _, there := known[canonicalDN(g.DN)]; return there })
	}
	holders, err := m.holders(known)
	if err != nil {
		return nil, err
	}
	out := make([]identity.Group, len(wanted))
	for i, g := range wanted {
		out[i] = g.Group
		out[i].Asked = wordsFor(g, w)
		out[i].Members = some(closure(g, known, holders), 0)
	}
	return out, nil
}

// holders are the accounts that the members mean, by uid ("uid=" before it) and by address, all in lower case.
func (m membership) holders(known map[string]groupEntry) (map[string][]identity.Account, error) {
	names := map[string]bool{}
	for _, g := range known {
		for _, member := range g.members {
			if uid := uidOf(member); g.List {
				names[member] = true
			} else if uid != "" {
				names[uid] = true
			}
		}
	}
	accounts, err := m.accounts(slices.Sorted(maps.Keys(names)))
	if err != nil {
		return nil, err
	}
	out := map[string][]identity.Account{}
	for _, a := range accounts {
		if a.UID == "" {
			continue
		}
		out["uid="+fold(a.UID)] = append(out["uid="+fold(a.UID)], a)
		for _, address := range a.Addresses() {
			out[fold(address)] = append(out[fold(address)], a)
		}
	}
	return out, nil
}

// closure are the accounts that are members of a group or list, each once.
func closure(start groupEntry, known map[string]groupEntry, holders map[string][]identity.Account) []identity.Account {
	byAddress := map[string][]groupEntry{}
	for _, g := range known {
		if g.Address != "" {
			byAddress[fold(g.Address)] = append(byAddress[fold(g.Address)], g)
		}
	}
	seen, found := map[string]bool{canonicalDN(start.DN): true}, map[string]identity.Account{}
	for todo := []groupEntry{start}; len(todo) > 0; todo = todo[1:] {
		for _, member := range todo[0].members {
			key, inside := fold(member), byAddress[fold(member)]
			if !todo[0].List {
				inside = nil
				if g, there := known[canonicalDN(member)]; there {
					inside = []groupEntry{g}
				}
				key = "uid=" + fold(uidOf(member))
			}
			for _, a := range holders[key] {
				found[fold(a.UID)] = a
			}
			for _, g := range inside {
				if dn := canonicalDN(g.DN); !seen[dn] {
					seen[dn] = true
					todo = append(todo, g)
				}
			}
		}
	}
	out := make([]identity.Account, 0, len(found))
	for _, a := range found {
		out = append(out, a)
	}
	return out
}

// uidOf is the uid in the DN of a user, "" for any other DN.
func uidOf(dn string) string {
	parsed, err := ldap.ParseDN(dn)
	if err != nil || len(parsed.RDNs) == 0 || !strings.EqualFold(parsed.RDNs[0].Attributes[0].Type, "uid") {
		return ""
	}
	return parsed.RDNs[0].Attributes[0].Value
}

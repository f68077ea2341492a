package directory

import (
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"ucs-harden/identity"
)

// groupQuestion asks for groups and lists by name, DN or address. Filters and is say the same: a server is asked with
// the filters, the entries of a file are looked at with is.
type groupQuestion struct {
	names, dns, addresses map[string]bool // in one form of capitals; see fold and canonicalDN
	all                   bool
	also                  []string
}

func newGroupQuestion(w Wanted) groupQuestion {
	q := groupQuestion{
		names: map[string]bool{}, dns: map[string]bool{}, addresses: map[string]bool{}, all: w.All,
	}
	var filters []string
	for _, name := range w.Groups {
		if isDN(name) {
			q.dns[canonicalDN(name)] = true
			filters = append(filters, "(entryDN="+ldap.EscapeFilter(name)+")")
		} else if name != "" {
			q.names[fold(name)] = true
			filters = append(filters, "(cn="+ldap.EscapeFilter(name)+")")
		}
	}
	for _, address := range w.Lists {
		if address != "" {
			q.addresses[fold(address)] = true
			filters = append(filters, "(mailPrimaryAddress="+ldap.EscapeFilter(address)+")")
		}
	}
	if w.All {
		filters = append(filters, "(mailPrimaryAddress=*)")
	}
	for batch := range slices.Chunk(filters, namesAtOnce) {
		q.also = append(q.also, "(&(|(objectClass="+listClass+")(objectClass="+groupClass+"))(|"+strings.Join(batch, "")+"))")
	}
	return q
}

// is reports whether an entry is one that is asked for.
func (q groupQuestion) is(g groupEntry, names []string) bool {
	if q.all && g.Address != "" || q.addresses[fold(g.Address)] {
		return true
	}
	byName := slices.ContainsFunc(names, func(cn string) bool { return q.names[fold(cn)] })
	return !g.List && (byName || q.dns[canonicalDN(g.DN)])
}

// wordsFor are the words of a question that mean a group or list.
func wordsFor(g groupEntry, w Wanted) []string {
	var out []string
	for _, name := range w.Groups {
		if one := newGroupQuestion(Wanted{Groups: []string{name}}); one.is(g, []string{g.Name}) {
			out = append(out, name)
		}
	}
	for _, address := range w.Lists {
		if g.Address != "" && fold(address) == fold(g.Address) {
			out = append(out, address)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (q groupQuestion) question() question[groupEntry] {
	return question[groupEntry]{
		also:       q.also,
		attributes: []string{"objectClass", "cn", "mailPrimaryAddress", "uniqueMember", "univentionMailMember"},
		read: func(dn string, values func(string) []string) (groupEntry, bool) {
			has := func(class string) bool {
				return slices.ContainsFunc(values("objectClass"), func(c string) bool { return strings.EqualFold(c, class) })
			}
			g := groupEntry{Group: identity.Group{
				DN: dn, Name: first(values("cn")), Address: first(values("mailPrimaryAddress")), List: has(listClass),
			}}
			g.members = values("uniqueMember")
			if g.List {
				g.members = values("univentionMailMember")
			}
			return g, (g.List || has(groupClass)) && q.is(g, values("cn"))
		},
		whole: func(all []groupEntry) ([]groupEntry, error) {
			slices.SortFunc(all, func(a, b groupEntry) int { return strings.Compare(a.DN, b.DN) })
			return all, nil
		},
	}
}

package directory

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"ucs-harden/mailbox"
)

const (
	groupClass = "univentionGroup"
	listClass  = "univentionMailList"
)

// Group returns the DN of a group as the server writes it. name is the group's name (cn) or DN. ErrNoGroup says that
// there is no such group. UCS does not allow two groups of the same name, but other tools do; then a name is an error,
// and the DN is needed.
//
// The servers are asked as DomainControllers does it, with the same errors.
func Group(ctx context.Context, c Config, name string) (dn string, err error) {
	found, err := firstAnswer(ctx, c, groups(name))
	if err != nil {
		return "", fmt.Errorf("cannot look up the group %q in LDAP: %w", name, err)
	}
	return found[0], nil
}

// GroupInLDIF reads from LDIF what Group reads over LDAP; see UsersFromLDIF.
//
//	univention-ldapsearch '(objectClass=univentionGroup)' objectClass cn
func GroupInLDIF(r io.Reader, name string) (dn string, err error) {
	found, err := fromLDIF(r, groups(name))
	if err != nil {
		return "", fmt.Errorf("cannot look up the group %q: %w", name, err)
	}
	return found[0], nil
}

// groups is a question that has exactly one answer, or an error.
func groups(name string) question[string] {
	also := "(cn=" + ldap.EscapeFilter(name) + ")"
	is := func(_ string, names []string) bool {
		return slices.ContainsFunc(names, func(cn string) bool { return sameValue(cn, name) })
	}
	if isDN(name) {
		also = "(entryDN=" + ldap.EscapeFilter(name) + ")"
		is = func(dn string, _ []string) bool { return sameDN(dn, name) }
	}
	return question[string]{
		class:      groupClass,
		also:       []string{also},
		attributes: []string{"cn"},
		read: func(dn string, values func(string) []string) (string, bool) {
			return dn, is(dn, values("cn"))
		},
		whole: func(all []string) ([]string, error) {
			switch len(all) {
			case 0:
				return nil, ErrNoGroup
			case 1:
				return all, nil
			}
			slices.Sort(all)
			return nil, fmt.Errorf("several groups have this name: %s", strings.Join(all, "; "))
		},
	}
}

// isDN tells a DN from a name: it has at least one "attribute=value".
func isDN(text string) bool {
	dn, err := ldap.ParseDN(text)
	return err == nil && len(dn.RDNs) > 0
}

// sameDN compares two DNs and ignores blanks and capitals.
func sameDN(a, b string) bool { return canonicalDN(a) == canonicalDN(b) }

// canonicalDN writes a DN in a form in which equal DNs are the same text.
func canonicalDN(dn string) string {
	parsed, err := ldap.ParseDN(dn)
	if err != nil {
		return dn
	}
	return fold(parsed.String())
}

// List is an address that stands for several people: a mailing list, or a group with an address.
type List struct {
	Name    string // cn
	Address string // mailPrimaryAddress
}

// Lists returns the mailing lists and groups that have a mail address, sorted by address. The answer may be empty.
//
// The servers are asked as DomainControllers does it, with the same errors. Addresses that no RCPT command can name are
// left out: those without "@", with control characters or anything but ASCII, or with an invalid domain. A local part
// that must be quoted in RCPT ("a b"@company.my) and in the source of a lookup table is allowed.
func Lists(ctx context.Context, c Config) ([]List, error) {
	found, err := firstAnswer(ctx, c, lists)
	if err != nil {
		return nil, fmt.Errorf("cannot read the mailing lists from LDAP: %w", err)
	}
	return found, nil
}

// ListsInLDIF reads from LDIF what Lists reads over LDAP; see UsersFromLDIF.
//
//	univention-ldapsearch '(mailPrimaryAddress=*)' objectClass cn mailPrimaryAddress
func ListsInLDIF(r io.Reader) ([]List, error) { return fromLDIF(r, lists) }

var lists = question[List]{
	also:       []string{"(&(|(objectClass=" + listClass + ")(objectClass=" + groupClass + "))(mailPrimaryAddress=*))"},
	attributes: []string{"objectClass", "cn", "mailPrimaryAddress"},
	read: func(_ string, values func(string) []string) (List, bool) {
		l := List{Name: first(values("cn")), Address: first(values("mailPrimaryAddress"))}
		ours := slices.ContainsFunc(values("objectClass"), func(class string) bool {
			return strings.EqualFold(class, listClass) || strings.EqualFold(class, groupClass)
		})
		return l, ours && isRecipient(l.Address)
	},
	whole: func(all []List) ([]List, error) {
		slices.SortFunc(all, func(a, b List) int {
			return cmp.Or(strings.Compare(fold(a.Address), fold(b.Address)), strings.Compare(a.Name, b.Name))
		})
		return all, nil
	},
}

// isRecipient says whether an RCPT command can name an address, with its local part quoted if necessary.
func isRecipient(address string) bool {
	at := strings.LastIndex(address, "@")
	return at > 0 && mailbox.Plain(address[at+1:]) &&
		!strings.ContainsFunc(address[:at], func(r rune) bool { return r < ' ' || r > '~' })
}

package directory

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"ucs-harden/identity"
	"ucs-harden/internal/lazyregexp"
)

// Mark says how accounts are marked in the directory: by the value of an attribute, by membership in a group, or by
// either of the two.
type Mark struct {
	Attribute, Value string // compared as LDAP does: capitals and repeated blanks do not matter
	Group            string // DN; direct members, as memberOf lists them
	ReasonAttribute  string // the attribute of an account that holds the reason; "" for none
}

// Marked returns the accounts (entries with a uid) that m marks, sorted as MailUsers sorts. The answer may be empty.
//
// The servers are asked as DomainControllers does it, with the same errors. Names are as the directory has them, in any
// form.
//
// A server that does not know the attribute, or keeps no memberOf (UCS does), answers that no account is marked.
func Marked(ctx context.Context, c Config, m Mark) ([]identity.Account, error) {
	q, err := m.question()
	if err != nil {
		return nil, fmt.Errorf("cannot read the marked accounts from LDAP: %w: %w", ErrNoMark, err)
	}
	found, err := firstAnswer(ctx, c, q)
	if err != nil {
		return nil, fmt.Errorf("cannot read the marked accounts from LDAP: %w", err)
	}
	return found, nil
}

// MarkedInLDIF reads from LDIF what Marked reads over LDAP; see UsersFromLDIF. Membership in the group is read from the
// attribute memberOf of the accounts, which ldapsearch writes only when it is named, or from the group's own entry,
// when the file has it.
//
//	univention-ldapsearch '(uid=*)' objectClass uid mailPrimaryAddress mailAlternativeAddress memberOf ATTRIBUTE REASON
func MarkedInLDIF(r io.Reader, m Mark) ([]identity.Account, error) {
	q, err := m.question()
	if err != nil {
		return nil, fmt.Errorf("cannot read LDIF: %w: %w", ErrNoMark, err)
	}
	type entry struct {
		identity.Account
		dn     string
		marked bool
	}
	members := map[string]bool{}
	entries, err := fromLDIF(r, question[entry]{
		read: func(dn string, values func(string) []string) (entry, bool) {
			if m.Group != "" && sameDN(dn, m.Group) {
				for _, member := range slices.Concat(values("uniqueMember"), values("member")) {
					members[canonicalDN(member)] = true
				}
			}
			user, ok := q.read(dn, values)
			return entry{user, dn, m.fits(values)}, ok && len(values("uid")) > 0
		},
		whole: func(all []entry) ([]entry, error) { return all, nil },
	})
	if err != nil {
		return nil, err
	}
	var found []identity.Account
	for _, e := range entries {
		if e.marked || members[canonicalDN(e.dn)] {
			found = append(found, e.Account)
		}
	}
	return q.whole(found)
}

// attributeName matches the attribute names that a Mark accepts: no option, no number, nothing that could be more than
// a name in a filter.
var attributeName = lazyregexp.New(`^[A-Za-z][A-Za-z0-9-]*$`)

func (m Mark) question() (question[identity.Account], error) {
	var none question[identity.Account]
	for _, name := range []string{m.Attribute, m.ReasonAttribute} {
		if name != "" && !attributeName.MatchString(name) {
			return none, fmt.Errorf("%q is not the name of an attribute", name)
		}
	}
	var or strings.Builder
	switch {
	case m.Attribute != "" && m.Value == "":
		return none, fmt.Errorf("no value given of the attribute %s", m.Attribute)
	case strings.Contains(m.Value, "\x00"):
		// slapd takes the text before the NUL byte for the whole value.
		return none, fmt.Errorf("%q is not a value", m.Value)
	case m.Attribute != "":
		or.WriteString("(" + m.Attribute + "=" + ldap.EscapeFilter(m.Value) + ")")
	case m.Group == "":
		return none, errors.New("neither an attribute nor a group marks them")
	}
	if m.Group != "" {
		if !isDN(m.Group) {
			return none, fmt.Errorf("%q is not the DN of a group", m.Group)
		}
		or.WriteString("(memberOf=" + ldap.EscapeFilter(m.Group) + ")")
	}
	attributes := slices.Clone(nameAttributes)
	if m.ReasonAttribute != "" {
		attributes = append(attributes, m.ReasonAttribute)
	}
	return question[identity.Account]{
		also:       []string{"(&(uid=*)(|" + or.String() + "))"},
		attributes: attributes,
		read: func(_ string, values func(string) []string) (identity.Account, bool) {
			u := everything(values)
			if m.ReasonAttribute != "" {
				u.Reason = first(values(m.ReasonAttribute))
			}
			return u, u.UID != "" || u.Primary != "" || len(u.Alternatives) > 0
		},
		whole: func(all []identity.Account) ([]identity.Account, error) {
			slices.SortFunc(all, func(a, b identity.Account) int { return byName(a, b) })
			return all, nil
		},
	}, nil
}

// fits decides for an entry of a file as the filter does for an entry on a server.
func (m Mark) fits(values func(string) []string) bool {
	return m.Attribute != "" &&
		slices.ContainsFunc(values(m.Attribute), func(value string) bool { return sameValue(value, m.Value) }) ||
		m.Group != "" &&
			slices.ContainsFunc(values("memberOf"), func(group string) bool { return sameDN(group, m.Group) })
}

// sameValue compares as caseIgnoreMatch does (RFC 4517, 4.2.11).
func sameValue(a, b string) bool {
	return fold(strings.Join(strings.Fields(a), " ")) == fold(strings.Join(strings.Fields(b), " "))
}

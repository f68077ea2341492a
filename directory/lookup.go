package directory

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// Lookup returns who has one of the names as uid, mailPrimaryAddress or
// mailAlternativeAddress, whatever its capitals: who logs in with it, and whose
// address it is. Mailing lists, groups and shared folders have addresses, too;
// their UID is "". The answer is sorted as MailUsers sorts, and empty when
// nobody has any of the names. Empty names are nobody's.
//
// The servers are asked as DomainControllers does it, with the same errors.
func Lookup(ctx context.Context, c Config, names ...string) ([]User, error) {
	q := holders(names)
	if q.also == "" {
		return nil, nil
	}
	found, err := firstAnswer(ctx, c, q)
	if err != nil {
		return nil, fmt.Errorf("cannot look up whose addresses these are in LDAP: %w", err)
	}
	return found, nil
}

// LookupInLDIF reads from LDIF what Lookup reads over LDAP; see UsersFromLDIF.
func LookupInLDIF(r io.Reader, names ...string) ([]User, error) { return fromLDIF(r, holders(names)) }

var nameAttributes = []string{"uid", "mailPrimaryAddress", "mailAlternativeAddress"}

// holders are the entries that have one of the names.
func holders(names []string) question[User] {
	var or strings.Builder
	for _, name := range names {
		for _, attribute := range nameAttributes {
			if name != "" {
				or.WriteString("(" + attribute + "=" + ldap.EscapeFilter(name) + ")")
			}
		}
	}
	q := question[User]{
		attributes: nameAttributes,
		read: func(_ string, values func(string) []string) (User, bool) {
			u := User{UID: first(values("uid")), Primary: first(values("mailPrimaryAddress")), Alternatives: slices.Sorted(slices.Values(values("mailAlternativeAddress")))}
			return u, slices.ContainsFunc(names, u.has)
		},
		whole: func(all []User) ([]User, error) { return some(all, 0), nil },
	}
	if or.Len() > 0 {
		q.also = "(|" + or.String() + ")"
	}
	return q
}

// has reports whether a name is the user's.
func (u User) has(name string) bool {
	return name != "" && slices.ContainsFunc(append([]string{u.UID, u.Primary}, u.Alternatives...), func(own string) bool {
		return strings.EqualFold(own, name)
	})
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

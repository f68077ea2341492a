package directory

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"ucs-harden/identity"
)

// namesAtOnce is how many names one search asks for. slapd handles a filter of some hundred parts easily, and 10,000
// names then need no more than 50 searches.
const namesAtOnce = 200

// Lookup returns the accounts that have one of the names as uid, mailPrimaryAddress or mailAlternativeAddress, whatever
// its capitals: the account that logs in with the name, and the owner of the address. Mailing lists, groups and shared
// folders have addresses too; their UID is "". The answer is sorted as MailUsers sorts, and it is empty when no account
// has any of the names. An empty name matches no account. names may be thousands.
//
// The servers are asked as DomainControllers does it, with the same errors.
func Lookup(ctx context.Context, c Config, names ...string) ([]identity.Account, error) {
	q := holders(names)
	if len(q.also) == 0 {
		return nil, nil
	}
	found, err := firstAnswer(ctx, c, q)
	if err != nil {
		return nil, fmt.Errorf("cannot look up whose addresses these are in LDAP: %w", err)
	}
	return found, nil
}

// LookupInLDIF reads from LDIF what Lookup reads over LDAP; see UsersFromLDIF. The LDIF must have every entry with a mail
// address, groups, lists and shared folders too.
func LookupInLDIF(r io.Reader, names ...string) ([]identity.Account, error) {
	return fromLDIF(r, holders(names))
}

var nameAttributes = []string{"uid", "mailPrimaryAddress", "mailAlternativeAddress"}

// holders asks for the entries that have one of the names.
func holders(names []string) question[identity.Account] {
	wanted := map[string]bool{}
	var filters []string
	for _, name := range names {
		key := fold(name)
		if name == "" || wanted[key] {
			continue
		}
		wanted[key] = true
		var filter strings.Builder
		for _, attribute := range nameAttributes {
			filter.WriteString("(" + attribute + "=" + ldap.EscapeFilter(name) + ")")
		}
		filters = append(filters, filter.String())
	}
	q := question[identity.Account]{
		attributes: nameAttributes,
		read: func(dn string, values func(string) []string) (identity.Account, bool) {
			u := everything(values)
			u.DN = dn
			return u, slices.ContainsFunc(append([]string{u.UID, u.Primary}, u.Alternatives...),
				func(own string) bool { return wanted[fold(own)] })
		},
		whole: func(all []identity.Account) ([]identity.Account, error) { return some(all, 0), nil },
	}
	for batch := range slices.Chunk(filters, namesAtOnce) {
		q.also = append(q.also, "(|"+strings.Join(batch, "")+")")
	}
	return q
}

// fold makes texts equal that differ only in their capitals (strings.EqualFold).
func fold(text string) string { return strings.ToLower(strings.ToUpper(text)) }

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

package directory

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"ucs-harden/identity"
	"ucs-harden/mailbox"
)

// users asks for the entries that can log in and have an address.
func users(limit int) question[identity.Account] {
	return question[identity.Account]{
		class:      "univentionMail",
		also:       []string{"(&(uid=*)(mailPrimaryAddress=*))"},
		attributes: []string{"uid", "mailPrimaryAddress", "mailAlternativeAddress"},
		read:       newUser,
		whole:      func(all []identity.Account) ([]identity.Account, error) { return some(all, limit), nil },
	}
}

// MailUsers returns a few of the users with a mail address. Users with an alternative address come first; both groups
// are sorted by uid, so that every server gives the same few. A limit below 1 means all users. The answer may be empty.
//
// The servers are asked as DomainControllers does it, with the same errors. Users whose uid or primary address an SMTP
// command cannot carry unchanged are left out. Such names contain blanks, control characters, angle brackets, quotes or
// anything but ASCII, or they are addresses without exactly one "@". Such alternative addresses are dropped.
func MailUsers(ctx context.Context, c Config, limit int) ([]identity.Account, error) {
	found, err := firstAnswer(ctx, c, users(limit))
	if err != nil {
		return nil, fmt.Errorf("cannot read the mail users from LDAP: %w", err)
	}
	return found, nil
}

// UsersFromLDIF reads from LDIF what MailUsers reads over LDAP; see ControllersFromLDIF. This command writes the LDIF:
//
//	univention-ldapsearch '(objectClass=univentionMail)' objectClass uid mailPrimaryAddress mailAlternativeAddress
func UsersFromLDIF(r io.Reader, limit int) ([]identity.Account, error) {
	return fromLDIF(r, users(limit))
}

// owners asks for the entries that the login map knows: see owners in ldap_map.py.
var owners = question[identity.Account]{
	class:      "univentionMail",
	attributes: nameAttributes,
	read: func(_ string, values func(attribute string) []string) (identity.Account, bool) {
		a := carried(values)
		return a, len(a.Addresses()) > 0
	},
	whole: func(all []identity.Account) ([]identity.Account, error) { return some(all, 0), nil },
}

// Owners returns all accounts that have an address. The servers are asked as DomainControllers does it, with the same
// errors. Names are left out as in MailUsers.
func Owners(ctx context.Context, c Config) ([]identity.Account, error) {
	found, err := firstAnswer(ctx, c, owners)
	if err != nil {
		return nil, fmt.Errorf("cannot read the owners of addresses from LDAP: %w", err)
	}
	return found, nil
}

// OwnersFromLDIF reads from LDIF what Owners reads over LDAP; the LDIF is that of UsersFromLDIF.
func OwnersFromLDIF(r io.Reader) ([]identity.Account, error) { return fromLDIF(r, owners) }

func newUser(_ string, values func(attribute string) []string) (identity.Account, bool) {
	u := carried(values)
	return u, u.UID != "" && u.Primary != ""
}

// everything is an entry with all its names, as the directory has them.
func everything(values func(attribute string) []string) identity.Account {
	return identity.Account{
		UID:          first(values("uid")),
		Primary:      first(values("mailPrimaryAddress")),
		Alternatives: slices.Sorted(slices.Values(values("mailAlternativeAddress"))),
	}
}

// carried keeps the names of an entry that an SMTP command can carry.
func carried(values func(attribute string) []string) identity.Account {
	var u identity.Account
	if uid := first(values("uid")); mailbox.Plain(uid) {
		u.UID = uid
	}
	if primary := first(values("mailPrimaryAddress")); mailbox.Is(primary) {
		u.Primary = primary
	}
	for _, a := range values("mailAlternativeAddress") {
		if mailbox.Is(a) {
			u.Alternatives = append(u.Alternatives, a)
		}
	}
	slices.Sort(u.Alternatives)
	u.Alternatives = slices.Compact(u.Alternatives)
	return u
}

func some(all []identity.Account, limit int) []identity.Account {
	slices.SortFunc(all, byName)
	if limit > 0 && len(all) > limit {
		all = slices.Clone(all[:limit])
	}
	return all
}

// byName puts accounts with an alternative address first.
func byName(a, b identity.Account) int {
	if (len(a.Alternatives) > 0) != (len(b.Alternatives) > 0) {
		return len(b.Alternatives) - len(a.Alternatives)
	}
	return cmp.Or(strings.Compare(a.UID, b.UID), strings.Compare(a.Primary, b.Primary))
}

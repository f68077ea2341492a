package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"ucs-harden/identity"
)

// Unread is an account of which Marked has said nothing, although it may be marked.
type Unread struct {
	identity.Account
	// Why says why the mark cannot be read, such as "ucsHardenSuspended: Insufficient Access Rights". It is "" when the
	// account is marked after all: since the search, or the server lets this client compare and not search.
	Why string
}

// UnreadMarks returns those of the accounts with one of the names whose mark the server does not tell. A search cannot
// tell a mark that nobody has set from one that it may not read: it finds nobody either way. The operation Compare can
// (RFC 4511, 4.10): noSuchAttribute says that the account has no mark, insufficientAccessRights that an access rule
// hides it, undefinedAttributeType that the schema does not have the attribute.
//
// An account that is gone is not returned. The servers are asked as DomainControllers does it, with the same errors.
func UnreadMarks(ctx context.Context, c Config, m Mark, names ...string) ([]Unread, error) {
	asked := holders(names)
	if len(asked.also) == 0 {
		return nil, nil
	}
	return m.unread(ctx, c, question[Unread]{
		also: asked.also, attributes: asked.attributes,
		read: func(dn string, values func(string) []string) (Unread, bool) {
			a, ok := asked.read(dn, values)
			return Unread{Account: a}, ok && a.UID != ""
		},
	})
}

// MarksReadable asks whether the mark of some mail user can be read. why is as in Unread; it is "" when the mark can be
// read, or when there are no mail users.
func MarksReadable(ctx context.Context, c Config, m Mark) (why string, err error) {
	found, err := m.unread(ctx, c, question[Unread]{
		class: "univentionMail", also: []string{"(uid=*)"}, attributes: nameAttributes, one: true,
		read: func(dn string, values func(string) []string) (Unread, bool) {
			return Unread{Account: everything(values)}, true
		},
	})
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0].Why, nil
}

// unread keeps of an answer the accounts whose mark cannot be read.
func (m Mark) unread(ctx context.Context, c Config, q question[Unread]) ([]Unread, error) {
	if _, err := m.question(); err != nil {
		return nil, fmt.Errorf("cannot ask LDAP whether marks can be read: %w", err)
	}
	q.further = func(conn *ldap.Conn, dn string, u *Unread) (keep bool, err error) {
		for _, mark := range m.assertions() {
			marked, why, err := compare(conn, dn, mark.Attribute, mark.Value)
			switch {
			case err != nil:
				return false, err
			case marked:
				u.Why = ""
				return true, nil
			case why != "":
				u.Why, keep = mark.Attribute+": "+why, true
			}
		}
		return keep, nil
	}
	q.whole = func(all []Unread) ([]Unread, error) {
		slices.SortFunc(all, func(a, b Unread) int { return strings.Compare(a.UID, b.UID) })
		return all, nil
	}
	found, err := firstAnswer(ctx, c, q)
	if err != nil {
		return nil, fmt.Errorf("cannot ask LDAP whether marks can be read: %w", err)
	}
	return found, nil
}

// assertions are what an entry can have that marks it.
func (m Mark) assertions() (out []Mark) {
	if m.Attribute != "" {
		out = append(out, Mark{Attribute: m.Attribute, Value: m.Value})
	}
	if m.Group != "" {
		out = append(out, Mark{Attribute: "memberOf", Value: m.Group})
	}
	return out
}

// compare asks whether an entry has a value. why says why the server does not tell.
func compare(conn *ldap.Conn, dn, attribute, value string) (has bool, why string, err error) {
	has, err = conn.Compare(dn, attribute, value)
	switch {
	case err == nil:
		return has, "", nil
	case ldap.IsErrorAnyOf(err, ldap.LDAPResultNoSuchAttribute, ldap.LDAPResultNoSuchObject):
		return false, "", nil
	case ldap.IsErrorAnyOf(err, ldap.LDAPResultBusy, ldap.LDAPResultUnavailable):
		return false, "", fmt.Errorf("%w: %s of %s: %s", ErrIncomplete, attribute, dn, said(err))
	case !byServer(err):
		return false, "", fmt.Errorf("%w: %s", ErrUnreachable, said(err))
	}
	var result *ldap.Error
	if errors.As(err, &result) && ldap.LDAPResultCodeMap[result.ResultCode] != "" {
		return false, ldap.LDAPResultCodeMap[result.ResultCode], nil
	}
	return false, said(err), nil
}

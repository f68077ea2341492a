package smtpd

import (
	"slices"
	"strings"

	"ucs-harden/access"
	"ucs-harden/mastercf"
	"ucs-harden/restrictions"
)

// LoginMaps is the value of smtpd_sender_login_maps of one service.
type LoginMaps struct {
	Value string
	// Checks are the restrictions that ask it.
	Checks []LoginCheck
	// Steady: no lookup can fail, since each table is a file that is there. A table behind the network may fail, and a
	// table in a table cannot be judged.
	Steady bool
	// addresses: each key of the tables is a whole mail address, and Postfix asks for whole addresses only.
	addresses bool
}

// LoginMaps reads the login maps of the service and the restrictions that ask them.
func (s Settings) LoginMaps(tables Tables) LoginMaps {
	m := LoginMaps{Value: s.Value(loginMaps), Checks: s.LoginChecks(tables), Steady: true}
	m.addresses = s.Value("recipient_delimiter") == ""
	for _, table := range restrictions.Words(m.Value) {
		named := Named(table)
		m.Steady = m.Steady && len(named) == 1 && named[0] == table && tables(table) != nil
		m.addresses = m.addresses && m.Steady && onlyAddresses(table, tables)
	}
	return m
}

// onlyAddresses reports whether each key of a table is a whole mail address.
func onlyAddresses(table string, tables Tables) bool {
	switch typ, _, _ := strings.Cut(table, ":"); typ {
	case "cidr", "regexp", "pcre":
		return false
	}
	return !slices.ContainsFunc(access.All(tables(table)), func(e access.Entry) bool {
		local, domain, _ := strings.Cut(e.Key, "@")
		return local == "" || domain == ""
	})
}

// Join is the value with another map behind the maps, for a -o override. It is empty, and why says the reason, when a
// verdict of the restrictions that ask the maps would change for an address that has an owner, or would change from a
// refusal.
//
// Postfix asks all maps for the whole address first, and only then for @domain and for the address without its
// extension. So a map behind maps with nothing but whole addresses does not change their answers. If no restriction of
// the administrator asks them, all owners of an address count, those in his maps and those in ours (DATABASE_README,
// unionmap).
func (m LoginMaps) Join(other string) (joined, why string) {
	joined = strings.Join(append(restrictions.Words(m.Value), other), ",")
	if len(m.Checks) == 0 {
		joined = "unionmap:{" + joined + "}"
	}
	refuses := slices.IndexFunc(m.Checks, LoginCheck.WantsOwner)
	switch err := (mastercf.Option{Name: loginMaps, Value: joined}).Validate(); {
	case refuses >= 0:
		return "", m.Checks[refuses].String() + " would let the owners in the directory pass, whom it refuses today"
	case !m.addresses:
		return "", "not all its keys are known to be whole addresses; the addresses in the directory would be found before" +
			" an owner of their domain"
	case err != nil:
		return "", err.Error()
	}
	return joined, ""
}

// Places says where the restrictions that ask the maps stand.
func (m LoginMaps) Places() string {
	places := make([]string, len(m.Checks))
	for i, check := range m.Checks {
		places[i] = check.String()
	}
	return strings.Join(places, ", ")
}

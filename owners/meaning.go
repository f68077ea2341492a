package owners

import (
	"fmt"
	"slices"
	"strings"

	"ucs-harden/identity"
)

// Meaning is what a name in a list means.
type Meaning struct {
	Name string
	// Account is the account that is meant, nil when only the name itself counts.
	Account *identity.Account
	// Others hold the name as an address as well. They are not meant.
	Others []identity.Account
}

// Meant says what a login or an address in a list means: the account with this login; else the account with this
// primary address; else the only holder of the address. An address with several holders means none of them, only the
// address.
func (b *Book) Meant(name string) Meaning {
	holders := b.Of(name)
	found := b.LogsIn(name)
	if len(found) == 0 {
		found = holders
	}
	if len(found) != 1 {
		return Meaning{Name: name, Others: holders}
	}
	others := slices.DeleteFunc(slices.Clone(holders), func(a identity.Account) bool { return Same(a, found[0]) })
	return Meaning{name, &found[0], others}
}

// Nobody reports whether the directory has nobody with the name.
func (m Meaning) Nobody() bool { return m.Account == nil && len(m.Others) == 0 }

// Remark says who is meant when several have the name, "" when it is clear.
func (m Meaning) Remark() string {
	switch {
	case len(m.Others) == 0:
		return ""
	case m.Account != nil:
		return fmt.Sprintf("%s means the account %s; %s the address as well, and is not meant",
			m.Name, m.Account, holding(m.Others))
	}
	return fmt.Sprintf("%s the address %s: none of them is meant, only mail without a login and with this sender",
		holding(m.Others), m.Name)
}

// holding says who holds an address: "boss and employee have".
func holding(all []identity.Account) string {
	var names []string
	for _, a := range all {
		names = append(names, a.String())
	}
	if len(names) == 1 {
		return names[0] + " has"
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " have"
}

// AddMeant adds what a name means, with an action. A name that the directory does not have stands for itself. of tells
// where the name is from.
func (l *Listing) AddMeant(m Meaning, action, of string) {
	switch {
	case m.Account != nil:
		l.Add(*m.Account, action, of)
	case len(m.Others) > 0:
		l.AddAddress(m.Name, action, of)
	case strings.Contains(m.Name, "@"):
		l.Add(identity.Account{Primary: m.Name}, action, of)
	default:
		l.Add(identity.Account{UID: m.Name}, action, of)
	}
}

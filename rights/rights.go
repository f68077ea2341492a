// Package rights composes the lookup tables of smtpd_sender_login_maps (postconf(5)), which say which logins own a
// sender address.
//
//	owners = login *( 1*( "," / blank ) login )
//
// smtpd(8) splits owners at commas and blanks, so a login with one of these can own nothing. It compares logins without
// regard to capitals. It asks the tables for the whole address, then for shorter keys, "@domain" the last, and stops at
// the first key with an answer. So "@domain" never adds an owner to an address that has one, and neither does a second
// table behind the first. Union therefore asks all tables with the same key (unionmap in DATABASE_README), and Domains
// gives the owners of a domain to each whole address.
package rights

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ucs-harden/internal/lexical"
	"ucs-harden/mailbox"
)

// Rights are the logins that may write as further addresses and as every address of further domains. The keys have the
// form of mailbox.Key. A domain does not include its sub-domains.
type Rights struct{ Addresses, Domains map[string][]string }

// Grant lets logins write as an address, or as every address of a domain.
func (r *Rights) Grant(logins []string, as string) {
	rights := &r.Domains
	if strings.Contains(as, "@") {
		rights = &r.Addresses
	}
	if *rights == nil {
		*rights = map[string][]string{}
	}
	as = mailbox.Key(as)
	all := append(slices.Clone((*rights)[as]), logins...)
	slices.Sort(all)
	if all = slices.Compact(all); len(all) > 0 {
		(*rights)[as] = all
	}
}

// Holders are the logins that may write as an address.
func (r Rights) Holders(address string) []string {
	address = mailbox.Key(address)
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return r.Addresses[address] // smtpd(8) adds this server's own domain
	}
	return slices.Concat(r.Addresses[address], r.Domains[address[at+1:]])
}

// Entries are rights as the keys and results of a table.
func Entries(rights map[string][]string) map[string]string {
	out := map[string]string{}
	for as, logins := range rights {
		out[as] = strings.Join(logins, ",")
	}
	return out
}

// Parse reads what Entries wrote.
func Parse(entries map[string]string) map[string][]string {
	out := map[string][]string{}
	for as, logins := range entries {
		out[as] = lexical.Words(logins)
	}
	return out
}

// CanOwn reports whether a login can be one of several owners in a table.
func CanOwn(login string) bool {
	whole := slices.Equal(lexical.Words(login), []string{login})
	return whole && utf8.ValidString(login) && !strings.ContainsFunc(login, unicode.IsControl)
}

// Union is a table whose result has the owners of all tables. It contains no blank, so that it may stand in an -o
// option of master(5).
func Union(tables ...string) string {
	if len(tables) == 1 {
		return tables[0]
	}
	return "unionmap:{" + strings.Join(tables, ",") + "}"
}

// Domains is a table for whole addresses, made of one that gives the domain of an address and one that has the owners
// of domains.
func Domains(domainOf, owners string) string { return fmt.Sprintf("pipemap:{%s,%s}", domainOf, owners) }

// DomainOf is a regexp_table(5) line that gives the domain of a mail address. With a recipient_delimiter, an address
// with an extension has no result. Then smtpd(8) goes on to ask for the address without its extension, and the owners
// of that address keep their right. Every character of the delimiter counts by itself (postconf(5)).
func DomainOf(delimiter string) string {
	if delimiter == "" {
		return "/^.*@([^@]+)$/ $1"
	}
	// In a bracket expression "]" comes first and "-" last, and "^" does not come first (regex(7)).
	set, last := "", ""
	for _, c := range slices.Sorted(maps.Keys(runes(delimiter))) {
		switch c {
		case ']':
			set = "]" + set
		case '-', '^':
			last = string(c) + last
		case '/':
			set += `\/`
		default:
			set += string(c)
		}
	}
	return "/^[^" + set + last + "]*@([^@]+)$/ $1"
}

func runes(text string) map[rune]bool {
	out := map[rune]bool{}
	for _, c := range text {
		out[c] = true
	}
	return out
}

// Package samples finds what the lookup tables of an administrator treat in their own way: clients, senders, recipients
// and logins in the access tables of the restriction lists, and the senders in login maps. A rehearsal asks about a few
// of each.
//
// # Which tables
//
// Tables are those in the lists and restriction classes that smtpd(8) evaluates (SMTPD_ACCESS_README), and in
// smtpd_sender_login_maps:
//
//	check_client_access type:name       clients
//	check_sasl_access type:name         logins
//	check_sender_access type:name       senders
//	check_recipient_access type:name    recipients; also type:name alone
//	smtpd_sender_login_maps = type:name senders, and the logins that own them
//
// Entries of a table are read when its content is text: sources of indexed tables, texthash, cidr, inline. "proxy:" in
// front makes no difference. Others, such as LDAP and regular expressions, do not tell whom they know.
package samples

import (
	"slices"
	"strings"

	"ucs-harden/access"
	"ucs-harden/internal/lexical"
	"ucs-harden/maincf"
	"ucs-harden/restrictions"
)

// Most is how many entries of all tables together are worth asking about.
const Most = 24

// Kind is what the keys of a table are.
type Kind string

// The kinds of keys.
const (
	Client    Kind = "client"
	Login     Kind = "login"
	Sender    Kind = "sender"
	Recipient Kind = "recipient"
	Owned     Kind = "owned sender" // the value is the logins
)

// Table is a lookup table in use.
type Table struct {
	Kind Kind
	Type string // without "proxy:"
	Name string
}

// Entry is one entry of a table.
type Entry struct {
	Table Table
	// Key is as in the source, in lower case: an address, a domain, a network.
	Key string
	// Value is an action of access(5), or the owners of a login map.
	Value string
}

var kinds = map[string]Kind{
	"check_client_access": Client, "check_sasl_access": Login, "check_sender_access": Sender,
	"check_recipient_access": Recipient,
}

// Tables are the tables that parameters name, each once. The parameters are those of main.cf with the overrides of a
// service.
func Tables(parameters maincf.File) []Table {
	var found []Table
	add := func(kind Kind, text string) {
		text = strings.TrimPrefix(text, "proxy:")
		if typ, name, ok := strings.Cut(text, ":"); ok {
			if t := (Table{kind, typ, name}); !slices.Contains(found, t) {
				found = append(found, t)
			}
		}
	}
	classes := restrictions.Parse(parameters.Expand(parameters.Value("smtpd_restriction_classes"))).Texts()
	for _, parameter := range slices.Concat(restrictions.Parameters, classes) {
		for _, text := range restrictions.Parse(parameters.Expand(parameters.Value(parameter))).Texts() {
			words := strings.SplitN(strings.TrimPrefix(text, "warn_if_reject "), " ", 2)
			switch kind, known := kinds[strings.ToLower(words[0])]; {
			case known && len(words) == 2:
				add(kind, words[1])
			case len(words) == 1:
				add(Recipient, words[0]) // short for check_recipient_access
			}
		}
	}
	for _, text := range restrictions.Parse(parameters.Expand(parameters.Value("smtpd_sender_login_maps"))).Texts() {
		for _, part := range parts(text) {
			add(Owned, part)
		}
	}
	return found
}

// parts are the tables of a unionmap or pipemap, otherwise the table itself. In a pipemap only the first has keys of
// senders.
func parts(table string) []string {
	for _, joined := range []string{"unionmap:{", "pipemap:{"} {
		inner, ok := strings.CutPrefix(table, joined)
		if !ok {
			continue
		}
		all := restrictions.Parse(strings.TrimSuffix(inner, "}")).Texts()
		if joined == "pipemap:{" {
			all = all[:min(1, len(all))]
		}
		var of []string
		for _, one := range all {
			of = append(of, parts(one)...)
		}
		return of
	}
	return []string{table}
}

// indexed are the types with a source that postmap(1) compiles.
var indexed = []string{"hash", "btree", "lmdb", "cdb", "dbm", "sdbm"}

// Path is the file with the entries of a table, "" when it has none that can be read.
func (t Table) Path() string {
	if slices.Contains(indexed, t.Type) || t.Type == "texthash" || t.Type == "cidr" {
		return t.Name
	}
	return ""
}

// Entries are the first n entries of a table with this content; an inline table holds its own. Entries of one value
// alone would ask one thing only, so those with other values come first.
func (t Table) Entries(content []byte, n int) []Entry {
	var all []access.Entry
	switch {
	case t.Type == "inline":
		all = inline(t.Name)
	case t.Path() != "":
		all = access.Parse(content)
	}
	seen := map[string]bool{}
	var first, rest []Entry
	for _, e := range all {
		entry := Entry{t, e.Key, e.Action}
		if seen[e.Action] {
			rest = append(rest, entry)
			continue
		}
		seen[e.Action] = true
		first = append(first, entry)
	}
	entries := append(first, rest...)
	return entries[:min(n, len(entries))]
}

// inline reads "{ key = value, { key = value with blanks }, … }" (DATABASE_README).
func inline(name string) []access.Entry {
	var all []access.Entry
	inner := strings.TrimSuffix(strings.TrimPrefix(name, "{"), "}")
	// A pair stands in braces, or is one word.
	for _, pair := range restrictions.Parse(inner).Texts() {
		key, value, ok := strings.Cut(strings.Trim(pair, "{} "), "=")
		if ok {
			all = append(all, access.Entry{Key: strings.ToLower(strings.TrimSpace(key)), Action: strings.TrimSpace(value)})
		}
	}
	return all
}

// Owners are the logins in the value of a login map; commas and blanks separate them (postconf(5)).
func (e Entry) Owners() []string {
	return lexical.Words(e.Value)
}

// Names are the addresses and logins in entries that a directory may know, each once.
func Names(entries []Entry) []string {
	var names []string
	for _, e := range entries {
		switch e.Table.Kind {
		case Owned:
			names = append(names, e.Owners()...)
		case Login:
			names = append(names, e.Key)
		}
		if strings.Contains(e.Key, "@") {
			names = append(names, e.Key)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

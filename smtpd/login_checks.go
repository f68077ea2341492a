package smtpd

import (
	"slices"
	"strings"

	"ucs-harden/access"
	"ucs-harden/internal/lazyregexp"
	"ucs-harden/internal/lexical"
	"ucs-harden/restrictions"
)

// LoginCheck is a restriction that asks smtpd_sender_login_maps and may refuse a message.
type LoginCheck struct {
	// Restriction is its name. List is the parameter of the restriction list that leads to it. Through are the class
	// and the tables between the two, as they are written; "" when it stands in the list itself.
	Restriction, List, Through string
}

// String says where the restriction stands.
func (c LoginCheck) String() string {
	if c.Through == "" {
		return c.Restriction + " in " + c.List
	}
	return c.Restriction + " in " + c.List + " (through " + c.Through + ")"
}

// WantsOwner reports whether the restriction refuses every login whose sender address has no owner.
func (c LoginCheck) WantsOwner() bool {
	return c.Restriction == "reject_sender_login_mismatch" || c.Restriction == "reject_authenticated_sender_login_mismatch"
}

// loginChecks are the restrictions that ask the login maps (postconf(5)).
var loginChecks = []string{
	"reject_sender_login_mismatch", "reject_authenticated_sender_login_mismatch",
	"reject_known_sender_login_mismatch", "reject_unauthenticated_sender_login_mismatch",
}

// Tables returns the source of a lookup table, which is written as type:path; nil when Postfix cannot use the table.
type Tables func(table string) []byte

// LoginChecks finds the restrictions that ask the login maps, in all lists, in their order.
func (s Settings) LoginChecks(tables Tables) []LoginCheck {
	w := walk{settings: s, tables: tables, classes: map[string]bool{}}
	for _, class := range restrictions.Parse(s.Value(classes)).Texts() {
		w.classes[strings.ToLower(class)] = true
	}
	for _, list := range restrictions.Parameters {
		w.list, w.seen = list, map[string]bool{}
		w.text(s.Value(list), "")
	}
	return w.found
}

// walk goes from the lists to the classes and tables to which they lead.
type walk struct {
	settings Settings
	tables   Tables
	classes  map[string]bool
	list     string
	seen     map[string]bool // the classes and tables on the way from this list
	found    []LoginCheck
}

// text walks through a text with restrictions.
func (w *walk) text(text, through string) {
	for _, item := range restrictions.Parse(text) {
		name, argument, warned := item.Restriction()
		next := through
		if next == "" {
			next = item.Text
		}
		switch {
		case warned:
		case slices.Contains(loginChecks, name):
			if check := (LoginCheck{name, w.list, through}); !slices.Contains(w.found, check) {
				w.found = append(w.found, check)
			}
		case w.classes[name]:
			w.once(name, func() { w.text(w.settings.Value(name), next) })
		case strings.Contains(name, ":"):
			w.argument(name, next) // a table alone is check_recipient_access
		case strings.Contains(argument, ":"):
			w.argument(argument, next)
		}
	}
}

// argument walks through the results of the tables that the argument of a restriction names. Results that stand in the
// argument itself (static:, inline:) are a text like any other, apart from its marks.
func (w *walk) argument(argument, through string) {
	for _, table := range Named(argument) {
		w.once(table, func() {
			for _, result := range results(table, w.tables(table)) {
				w.text(result, through)
			}
		})
	}
	if strings.Contains(argument, "static:") || strings.Contains(argument, "inline:") {
		w.text(strings.NewReplacer("{", " ", "}", " ", "=", " ", ":", " ").Replace(argument), through)
	}
}

func (w *walk) once(what string, do func()) {
	if !w.seen[what] {
		w.seen[what] = true
		do()
	}
}

// tableName matches a table whose source is a text file.
var tableName = lazyregexp.New(`\b(hash|btree|lmdb|cdb|dbm|sdbm|texthash|cidr|regexp|pcre):(/[^\s,{}]+)`)

// Named returns the tables in a text whose source is a text file, each as type:path.
func Named(text string) (tables []string) {
	for _, match := range tableName.FindAllStringSubmatch(text, -1) {
		tables = append(tables, match[0])
	}
	return tables
}

// results are the right-hand sides of a table. A pattern may contain blanks, so for a table of patterns the whole line
// counts.
func results(table string, source []byte) (out []string) {
	typ, _, _ := strings.Cut(table, ":")
	if typ == "regexp" || typ == "pcre" {
		for _, line := range lexical.Logical(source) {
			out = append(out, line.Text)
		}
		return out
	}
	for _, e := range access.All(source) {
		out = append(out, e.Action)
	}
	return out
}

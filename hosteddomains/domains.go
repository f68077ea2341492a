// Package hosteddomains reads the mail domains that a UCS server hosts, turns them into a sender access table, and
// recognizes such tables.
//
// The domains are the value of the UCR variable mail/hosteddomains. A listener of UCS writes the mail domains of LDAP
// into this variable:
//
//	value  = [sep] [name *(sep name)] [sep]
//	sep    = 1*(blank / tab)
//	name   = label *("." label)              at most 253 bytes (RFC 1035, 3.1)
//	label  = let-dig [*(let-dig / "-") let-dig]  at most 63 bytes (RFC 1123, 2.1)
//	let-dig = "a".."z" / "0".."9"            capitals are folded
//
// One label is enough ("local"). The last label is not all digits; otherwise the name would look like an IP address. A
// label that begins with "xn--" is a valid A-label (RFC 5890, 2.3.2.1); a U-label is refused, and the error shows the
// A-label to write. Everything else, also a line break, is an error that names the word: its domain is not protected, and
// that must be said.
//
// Tables are in the format of access(5), as postmap(1) reads it; see access.Parse.
package hosteddomains

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"ucs-harden/internal/lexical"
)

// ErrEmpty says that the value holds no domain: nobody has created a mail domain, or the listener that writes the
// variable has not run.
var ErrEmpty = errors.New("no mail domain is hosted")

// InvalidError says that a word of the value is not a domain name.
type InvalidError struct {
	Name string // the word as it stands in the value
	Why  string // what is wrong with it
}

const maxShown = 100 // characters of a name in a message

// Error gives one line. The name is quoted, so that blanks and control characters in it are visible and harmless.
func (e *InvalidError) Error() string {
	more := ""
	if len([]rune(e.Name)) > maxShown {
		more = "…"
	}
	return fmt.Sprintf("not a domain name: %.*q%s: %s", maxShown, e.Name, more, e.Why)
}

// Parse reads a value of mail/hosteddomains and returns its domain names in lower case, each once, sorted by bytes. The
// error is ErrEmpty, or an *InvalidError about the first word that is not a domain name.
func Parse(value string) ([]string, error) {
	names, unusable := Usable(value)
	if len(unusable) > 0 {
		return nil, unusable[0]
	}
	if len(names) == 0 {
		return nil, ErrEmpty
	}
	return names, nil
}

// Usable reads a value of mail/hosteddomains and returns the names as Parse does, and an error for each word that is not a
// domain name, in their order.
func Usable(value string) (names []string, unusable []*InvalidError) {
	for _, word := range strings.FieldsFunc(value, func(r rune) bool { return r == ' ' || r == '\t' }) {
		name := lexical.Lower(word)
		if why := fault(name); why != "" {
			unusable = append(unusable, &InvalidError{Name: word, Why: why})
			continue
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names), unusable
}

// PublicSuffixes returns the names under which others register their domains ("com.my", "de"; the ICANN part of
// publicsuffix.org). Such a name is valid, but a table made from it would apply to the mail of all these domains. Most
// likely somebody typed a blank into a name ("company my").
func PublicSuffixes(names []string) []string {
	var broad []string
	for _, name := range names {
		if suffix, icann := publicsuffix.PublicSuffix(name); icann && suffix == name {
			broad = append(broad, name)
		}
	}
	return broad
}

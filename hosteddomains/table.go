package hosteddomains

import (
	"bytes"
	"slices"
	"strings"
)

// mark is the first line of a table of ours. It never changes, because adopting, overwriting and removing tables depend
// on it.
const mark = "# Written by ucs-harden from the UCR variable mail/hosteddomains."

const header = mark + `
# Edits to this file are overwritten. To change its domains, change the mail
# domains in UMC; "ucs-harden sync" then writes and compiles it afresh.
# access(5): "domain" is the sender domain, and its sub-domains too while the
# parameter parent_domain_matches_subdomains contains smtpd_access_maps;
# when it does not, ".domain" is the sub-domains.
`

// Table returns the source of an access(5) table that gives an action to each of the given domains, as returned by
// Parse, and to its sub-domains. After a header it has the lines "domain<TAB>action" and ".domain<TAB>action" for each
// domain, sorted by domain, by bytes. A domain with A-labels is followed by its other forms, with the U-labels. The same
// domains and actions give the same bytes.
//
// The action of a domain is one line: runs of white space and control characters in it become one blank, since a line
// break would begin a new entry. An empty action becomes "DUNNO", because postmap(1) skips an entry without an action.
// DUNNO also prevents that a hosted sub-domain gets the action of its parent domain.
func Table(domains []string, actionOf func(domain string) string) []byte {
	domains = slices.Compact(slices.Sorted(slices.Values(domains)))
	table := make([]byte, 0, len(header)+256*len(domains)) // roughly the size that a short name and text need
	table = append(table, header...)
	for _, domain := range domains {
		action := oneLine(actionOf(domain))
		if action == "" {
			action = "DUNNO"
		}
		for _, form := range forms(domain) {
			table = appendEntry(table, "", form, action)
			table = appendEntry(table, ".", form, action)
		}
	}
	return table
}

func appendEntry(table []byte, dot, domain, action string) []byte {
	table = append(table, dot...)
	table = append(table, domain...)
	table = append(table, '\t')
	table = append(table, action...)
	return append(table, '\n')
}

func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
}

// Ours says whether the source of a table was written by Table.
func Ours(content []byte) bool {
	return bytes.HasPrefix(content, []byte(mark+"\n"))
}

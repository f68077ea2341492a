package hosteddomains

import (
	"bytes"
	"slices"
	"strings"
)

// mark is the first line of a table of ours; adopting, overwriting and removing
// tables depends on it, so it never changes.
const mark = "# Written by ucs-harden from the UCR variable mail/hosteddomains."

const header = mark + `
# Edits to this file are overwritten. To change its domains, change the mail
# domains in UMC; "ucs-harden sync" then writes and compiles it afresh.
# access(5): "domain" is the sender domain, and its sub-domains too while the
# parameter parent_domain_matches_subdomains contains smtpd_access_maps;
# when it does not, ".domain" is the sub-domains.
`

// Table returns the source of an access(5) table which gives the action to the
// given domains, as returned by Parse, and to their sub-domains: after a header
// the lines "domain<TAB>action" and ".domain<TAB>action" for each domain, sorted
// bytewise by domain. The same domains and action give the same bytes.
//
// The action is one line: runs of white space and control characters in it become
// one blank, since a line break would begin a new entry. An empty action is
// "DUNNO", as postmap(1) skips an entry that has none.
func Table(domains []string, action string) []byte {
	action = oneLine(action)
	if action == "" {
		action = "DUNNO"
	}
	domains = slices.Compact(slices.Sorted(slices.Values(domains)))
	size := len(header)
	for _, domain := range domains {
		size += 2*(len(domain)+len(action)) + len(".\t\n\t\n")
	}
	table := make([]byte, 0, size)
	table = append(table, header...)
	for _, domain := range domains {
		table = appendEntry(table, "", domain, action)
		table = appendEntry(table, ".", domain, action)
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

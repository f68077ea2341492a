// Package marks finds what ucs-harden has left on a server whose ledger is lost. Without the ledger, only a mark tells
// that something is ours:
//
//	variable of a recipient list = its value names a file or a class of ours; or its key contains "-ucs-harden",
//	                               and there are files of ours, so that we were here
//	file                         = it is in our folder, or it is the sender table with our first line
//
// Options of master.cf and entries of mynetworks carry no mark. They are named, and left alone.
package marks

import (
	"maps"
	"slices"
	"strings"

	"ucs-harden/findings"
	"ucs-harden/hosteddomains"
	"ucs-harden/ledger"
	"ucs-harden/mastercf"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// Registry is the registry as this package reads it.
type Registry interface {
	// Keys are the sorted keys with a prefix. Normal is the value in base.conf.
	Keys(prefix string) []string
	Normal(key string) (string, bool)
}

// Names are the names of what is ours.
type Names struct {
	// Folder holds our files, SenderTable is elsewhere. MapPrefix begins the paths of the LDAP maps.
	Folder, SenderTable, MapPrefix string
}

// Ledger makes a ledger of what carries a mark. disk are the generated files by path. Nobody knows what was before.
func (n Names) Ledger(r Registry, disk map[string][]byte) ledger.Ledger {
	l, _ := ledger.Parse(nil) // an empty one cannot fail
	for path, content := range disk {
		if strings.HasPrefix(path, n.Folder+"/") || path == n.SenderTable && hosteddomains.Ours(content) {
			l.Files = append(l.Files, path)
		}
	}
	slices.Sort(l.Files)
	for _, prefix := range []string{restrictions.MainPrefix, restrictions.SubmissionPrefix} {
		for _, key := range r.Keys(prefix) {
			value, set := r.Normal(key)
			named := slices.ContainsFunc(l.Files, func(path string) bool { return strings.Contains(value, ":"+path) })
			byKey := len(l.Files) > 0 && strings.Contains(key, restrictions.Ours)
			if set && (named || n.ours(value) || byKey) {
				l.Variables[key] = ledger.Entry{Wrote: value}
			}
		}
	}
	return l
}

// ours reports whether a value names a file in our folder, a map or a class of ours.
func (n Names) ours(value string) bool {
	return strings.Contains(value, ":"+n.Folder+"/") || strings.Contains(value, ":"+n.MapPrefix) ||
		strings.Contains(value, restrictions.OurClass)
}

// Findings name what was found and what carries no mark. There are none where nothing was found.
func (n Names) Findings(r Registry, found ledger.Ledger) []plan.Finding {
	if len(found.Variables)+len(found.Files) == 0 {
		return nil
	}
	what := append(slices.Sorted(maps.Keys(found.Variables)), found.Files...)
	out := []plan.Finding{findings.LedgerLost.Of().Finding(plan.Warning,
		"the ledger of ucs-harden is lost; by their marks, these are from it: "+strings.Join(what, ", "),
		"what was there before is not known: compare with a backup of /etc/univention/base.conf")}
	var unmarked []string
	for _, key := range append(r.Keys(mastercf.OptionsPrefix), r.Keys(restrictions.SubmissionPrefix)...) {
		value, set := r.Normal(key)
		_, marked := found.Variables[key]
		option := n.ours(value) || value == "$submission_recipient_restrictions"
		if set && !marked && (option || strings.HasPrefix(key, restrictions.SubmissionPrefix)) {
			unmarked = append(unmarked, key)
		}
	}
	if value, set := r.Normal("mail/postfix/mynetworks"); set {
		unmarked = append(unmarked, "mail/postfix/mynetworks ("+value+")")
	}
	if len(unmarked) > 0 {
		out = append(out, findings.Unmarked.Of().Finding(plan.Warning,
			"these carry no mark, may be from ucs-harden as well, and are left alone: "+strings.Join(unmarked, ", "),
			"look at each; what is not wanted: ucr unset VARIABLE"))
	}
	return out
}

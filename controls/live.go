package controls

import (
	"fmt"
	"slices"
	"strings"

	"ucs-harden/findings"
	"ucs-harden/plan"
)

// live reports whether Postfix asks the directory about every mail. Otherwise the answers of the last sync count. In
// mode warn Postfix never asks the directory: when an LDAP map fails, Postfix answers 451, even behind warn_if_reject.
func (w Work) live(variable string) (bool, error) {
	switch value, _ := w.facts.Registry.Get(variable); value {
	case "", "synced":
		return false, nil
	case "live":
		if w.mode == plan.Warn {
			w.note(plan.Note, findings.LiveInWarn.Of(w.name),
				"in warn "+w.name+" uses what the directory said at the last sync:"+
					" a directory that does not answer must not stop mail",
				"enforce asks the directory about every mail, as "+variable+" says")
			return false, nil
		}
		return true, nil
	default:
		return false, fmt.Errorf(`cannot use the registry variable %s: %q is neither "live" nor "synced"`, variable, value)
	}
}

// liveAnswers are the LDAP maps of a control. The answers go through a table if one is given. known are tables that say
// what the directory has said before.
type liveAnswers struct {
	maps, through string
	known         *knownTables
}

// liveMaps wants the LDAP maps of the control: by sender, by login, and who else holds a sender address.
func (w Work) liveMaps(through string) *liveAnswers {
	for _, kind := range mapKinds {
		w.ldapMap(mapPrefix + w.name + kind)
	}
	return &liveAnswers{maps: mapPrefix + w.name, through: through}
}

var mapKinds = []string{"", "-logins", "-others"}

// ask is one of the maps as Postfix names it.
func (l liveAnswers) ask(kind string) string {
	if l.through == "" {
		return "ldap:" + l.maps + kind
	}
	return fmt.Sprintf("pipemap:{ldap:%s,%s}", l.maps+kind, l.through)
}

// groupExists returns the DN of a group. It reports a group that the directory does not have, or that the LDAP map
// would look for elsewhere.
//
// left: its members are not known, and who was a member at the last sync counts.
func (w Work) groupExists(variable, group string, live bool) (dn string, ok, left bool) {
	dn, ok = w.facts.People.Groups[group]
	base, _ := w.facts.Registry.Get("ldap/base")
	byName, usual := !strings.Contains(group, "="), "cn="+group+",cn=groups,"+base
	if ok && live && byName && !strings.EqualFold(dn, usual) {
		left = w.skips(findings.GroupElsewhere.Of(variable).Finding(plan.Error,
			fmt.Sprintf("%s names the group %q, which is not in the container of groups but %s:"+
				" the live lookup would not find its members", variable, group, dn),
			"name it by its DN: ucr set "+plan.Quote(variable+"="+dn)))
	}
	if !ok && !w.facts.Silent {
		left = w.skips(findings.NoGroup.Of(variable).Doubt(
			fmt.Sprintf("%s names the group %q, which the directory does not have", variable, group),
			"correct the name, or give the DN of the group"))
	}
	return dn, ok, left || w.facts.Silent
}

// mapsIfLive are the LDAP maps of a control, which it wants while its variable has the value "live". more are further
// kinds.
func mapsIfLive(control, variable string, more ...string) func(Registry) []string {
	return func(r Registry) []string {
		if lookup, _ := r.Get(variable); lookup != "live" {
			return nil
		}
		var out []string
		for _, kind := range slices.Concat(mapKinds, more) {
			out = append(out, mapPrefix+control+kind)
		}
		return out
	}
}

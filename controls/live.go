package controls

import (
	"fmt"
	"strings"

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
			w.note(plan.Note, "live-in-warn:"+w.name,
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

// liveChecks ask the two LDAP maps of the control, through a table if one is given.
func (w Work) liveChecks(through string) []string {
	senders, logins := mapPrefix+w.name, mapPrefix+w.name+"-logins"
	w.ldapMap(senders)
	w.ldapMap(logins)
	ask := func(check, path string) string {
		if through == "" {
			return fmt.Sprintf("%s ldap:%s", check, path)
		}
		return fmt.Sprintf("%s pipemap:{ldap:%s,%s}", check, path, through)
	}
	return []string{ask("check_sasl_access", logins), ask("check_sender_access", senders)}
}

// groupExists returns the DN of a group. It reports a group that the directory does not have, or that the LDAP map
// would look for elsewhere.
func (w Work) groupExists(variable, group string, live bool) (dn string, ok bool) {
	dn, ok = w.facts.People.Groups[group]
	base, _ := w.facts.Registry.Get("ldap/base")
	byName, usual := !strings.Contains(group, "="), "cn="+group+",cn=groups,"+base
	if ok && live && byName && !strings.EqualFold(dn, usual) {
		w.fail("group-elsewhere:"+variable,
			fmt.Sprintf("%s names the group %q, which is not in the container of groups but %s:"+
				" the live lookup would not find its members", variable, group, dn),
			"name it by its DN: ucr set "+plan.Quote(variable+"="+dn))
	}
	if !ok {
		w.doubt("no-group:"+variable,
			fmt.Sprintf("%s names the group %q, which the directory does not have", variable, group),
			"correct the name, or give the DN of the group")
	}
	return dn, ok
}

// liveMaps are the LDAP maps of a control, which it wants while its variable has the value "live".
func liveMaps(control, variable string) func(Registry) []string {
	return func(r Registry) []string {
		if lookup, _ := r.Get(variable); lookup != "live" {
			return nil
		}
		return []string{mapPrefix + control, mapPrefix + control + "-logins"}
	}
}

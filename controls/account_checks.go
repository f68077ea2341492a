package controls

import (
	"fmt"
	"strings"

	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// place puts the checks of tables and LDAP maps about accounts before the first permit, as early does. It reports
// whether there are any. many is how many accounts they are about.
func (w Work) place(order, many int, logins, senders []string, live *liveAnswers) bool {
	if live != nil {
		logins = append(logins, live.ask("-logins"))
	}
	if len(logins) == 0 {
		return false
	}
	w.busy[w.part()] = many
	for _, prefix := range w.listsInForce() {
		suffix := map[string]string{restrictions.SubmissionPrefix: "_submission"}[prefix]
		some, all := w.logins(prefix)
		if w.lasting {
			some, all = true, false
		}
		_, mayLogIn := restrictions.FromKeyToLogin(w.listWithoutOurs(prefix), "")
		at := &restrictions.Writers{
			Name:  restrictions.OurClass + strings.ReplaceAll(w.part(), "-", "_") + suffix,
			Login: mayLogIn && some, Mixed: some && !all, Warn: w.mode == plan.Warn,
		}
		var texts []string
		if some {
			texts = append(texts, at.ByLogin(append(logins[:len(logins):len(logins)], w.knownLogins(at, live, suffix)...)...))
		}
		for i, table := range senders {
			texts = append(texts, at.BySender(fmt.Sprintf("_sender_%d", i+1), table))
		}
		if live != nil {
			ldap := "ldap:" + mapPrefix + w.name
			texts = append(texts, at.BySenderLive("", ldap, ldap+"-others", live.ask(""), w.alone("alone"+suffix)))
			texts = append(texts, w.knownSenders(at, live, suffix)...)
		}
		key := w.claimEarly(prefix, restrictions.EarlyKey, fmt.Sprintf("%d-%s", order, w.part()), strings.Join(texts, ", "))
		if key != "" {
			w.classes = append(w.classes, at.Classes...)
			w.later = append(w.later, func() { w.classes = append(w.classes, at.GoOn(w.listOf(prefix), key)...) })
		}
	}
	return true
}

// alone makes a table that leads into a class when the map before it has found nobody else.
func (w Work) alone(name string) func(class string) string {
	return func(class string) string {
		return w.patterns(name, "Goes on only when nobody else holds the address.",
			"/^"+notListed+"$/ "+class, "/./ DUNNO")
	}
}

// knownLogins ask the tables of what the directory has said before, by login.
func (w Work) knownLogins(at *restrictions.Writers, live *liveAnswers, suffix string) (tables []string) {
	if live == nil || live.known == nil {
		return nil
	}
	for i, table := range live.known.logins {
		part := fmt.Sprintf("known-login-%d", i+1)
		tables = append(tables, at.LoginUnless(className(part), table, "ldap:"+freeMap, w.alone(part+suffix)))
	}
	return tables
}

// knownSenders ask the tables of what the directory has said before, by sender. The map of the others finds the account
// itself when the directory says that it is not marked.
func (w Work) knownSenders(at *restrictions.Writers, live *liveAnswers, suffix string) (checks []string) {
	if live.known == nil {
		return nil
	}
	others := "ldap:" + live.maps + "-others"
	for i, table := range live.known.senders {
		part := fmt.Sprintf("known-sender-%d", i+1)
		checks = append(checks, at.BySenderLive(className(part), table, others, table, w.alone(part+suffix)))
	}
	return checks
}

// className is the end of the name of a class.
func className(part string) string { return "_" + strings.ReplaceAll(part, "-", "_") }

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
			texts = append(texts, at.ByLogin(logins...))
		}
		for i, table := range senders {
			texts = append(texts, at.BySender(fmt.Sprintf("_sender_%d", i+1), table))
		}
		if live != nil {
			ldap := "ldap:" + mapPrefix + w.name
			texts = append(texts, at.BySenderLive(ldap, ldap+"-others", live.ask(""), func(class string) string {
				return w.patterns("alone"+suffix, "Goes on only when nobody else holds the address.",
					"/^"+notListed+"$/ "+class, "/./ DUNNO")
			}))
		}
		key := w.claimEarly(prefix, restrictions.EarlyKey, fmt.Sprintf("%d-%s", order, w.part()), strings.Join(texts, ", "))
		if key != "" {
			w.classes = append(w.classes, at.Classes...)
			w.later = append(w.later, func() { w.classes = append(w.classes, at.GoOn(w.listOf(prefix), key)...) })
		}
	}
	return true
}

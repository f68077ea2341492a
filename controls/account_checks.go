package controls

import (
	"fmt"
	"strings"

	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// accountChecks are the tables and LDAP maps of a control about accounts.
type accountChecks struct {
	order           int
	logins, senders []string
	live            *liveAnswers
}

// place puts the checks before the first permit, as early does. It reports whether there are any. many is how many
// accounts they are about.
func (w Work) place(c accountChecks, many int) bool {
	if c.live != nil {
		c.logins = append(c.logins, c.live.ask("-logins"))
	}
	if len(c.logins) == 0 {
		return false
	}
	w.busy[w.name] = many
	for _, prefix := range w.listsInForce() {
		suffix := ""
		if prefix == restrictions.SubmissionPrefix {
			suffix = "_submission"
		}
		_, login := restrictions.FromKeyToLogin(w.listWithoutOurs(prefix), "")
		at := &restrictions.Writers{
			Name:  "ucs_harden_" + strings.ReplaceAll(w.name, "-", "_") + suffix,
			Login: login && w.withLogin(prefix), Warn: w.mode == plan.Warn,
		}
		var texts []string
		if w.withLogin(prefix) {
			texts = append(texts, restrictions.Asking("check_sasl_access", at.Warn, c.logins...))
		}
		for i, table := range c.senders {
			texts = append(texts, at.BySender(fmt.Sprintf("_sender_%d", i+1), table))
		}
		if c.live != nil {
			ldap := "ldap:" + mapPrefix + w.name
			texts = append(texts, at.BySenderLive(ldap, ldap+"-others", c.live.ask(""), func(class string) string {
				return w.patterns("alone"+suffix, "Goes on only when nobody else holds the address.",
					"/^"+notListed+"$/ "+class, "/./ DUNNO")
			}))
		}
		key := w.claimEarly(prefix, restrictions.EarlyKey, fmt.Sprintf("%d-%s", c.order, w.name), strings.Join(texts, ", "))
		if key != "" {
			w.classes = append(w.classes, at.Classes...)
			w.later = append(w.later, func() { w.classes = append(w.classes, at.GoOn(w.listOf(prefix), key)...) })
		}
	}
	return true
}

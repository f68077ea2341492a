package controls

import (
	"fmt"
	"strings"

	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// accountChecks ask who writes: the tables and LDAP maps of a control about accounts. Where a client has logged in, the
// login says who writes, and nobody asks for the sender. Without a login the sender is all there is.
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
		at := &accountsAt{Work: w, prefix: prefix, class: "ucs_harden_" + strings.ReplaceAll(w.name, "-", "_")}
		if prefix == restrictions.SubmissionPrefix {
			at.class += "_submission"
		}
		_, at.login = restrictions.FromKeyToLogin(w.listWithoutOurs(prefix), "")
		at.login = at.login && w.withLogin(prefix)
		var texts []string
		if w.withLogin(prefix) {
			texts = append(texts, w.asking("check_sasl_access", c.logins))
		}
		for i, table := range c.senders {
			texts = append(texts, at.bySender(fmt.Sprintf("%s_sender_%d", at.class, i+1), table))
		}
		if c.live != nil {
			texts = append(texts, at.bySenderLive(*c.live))
		}
		at.key = w.claimEarly(prefix, restrictions.EarlyKey, fmt.Sprintf("%d-%s", c.order, w.name), strings.Join(texts, ", "))
		if at.key != "" {
			w.classes = append(w.classes, at.classes...)
			w.later = append(w.later, at.asBefore)
		}
	}
	return true
}

// asking are the same check of several tables. In mode warn each has warn_if_reject before it.
func (w Work) asking(check string, tables []string) string {
	if w.mode == plan.Warn {
		check = "warn_if_reject " + check
	}
	return asking(check, tables)
}

func asking(check string, tables []string) string {
	return check + " " + strings.Join(tables, ", "+check+" ")
}

// accountsAt are the checks in one list. Its classes are called class and a name.
type accountsAt struct {
	Work
	prefix, class, key string
	login              bool // a client may log in here, and the list lets it pass
	classes            restrictions.Classes
}

func (a *accountsAt) add(class string, texts ...string) {
	a.classes = append(a.classes, restrictions.Class{Name: class, Restrictions: texts})
}

// bySender asks a table for the sender of a client without a login.
func (a *accountsAt) bySender(class, table string) string {
	if !a.login {
		return a.asking("check_sender_access", []string{table})
	}
	a.add(class, "check_sasl_access static:"+a.class+"_logged_in", a.asking("check_sender_access", []string{table}))
	return fmt.Sprintf("check_sender_access pipemap:{%s,static:%s}", table, class)
}

// bySenderLive asks the directory. A sender that the control finds goes on to the question who else holds the address,
// and only an address without other holders to the answer.
func (a *accountsAt) bySenderLive(live liveAnswers) string {
	marked, alone := a.class+"_marked", a.class+"_alone"
	found := a.patterns("alone"+strings.TrimPrefix(a.class, "ucs_harden_"+strings.ReplaceAll(a.name, "-", "_")),
		"Goes on only when nobody else holds the address.", "/^"+notListed+"$/ "+alone, "/./ DUNNO")
	a.add(marked, fmt.Sprintf("check_sender_access pipemap:{unionmap:{ldap:%s,static:%s},%s}",
		mapPrefix+a.name+"-others", notListed, found))
	answer := "check_sender_access " + live.ask("")
	if a.login {
		a.add(alone, "check_sasl_access static:"+a.class+"_logged_in", answer)
	} else {
		a.add(alone, answer)
	}
	return fmt.Sprintf("check_sender_access pipemap:{ldap:%s,static:%s}", mapPrefix+a.name, marked)
}

// asBefore is the class of a client with a login: it goes on as if its sender had not been asked for. It meets what
// stands in the list from here up to permit_sasl_authenticated.
func (a *accountsAt) asBefore() {
	if !a.login {
		return
	}
	if texts, ok := restrictions.FromKeyToLogin(a.listOf(a.prefix), a.key); ok {
		a.Work.class(a.class+"_logged_in", texts...)
	}
}

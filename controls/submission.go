package controls

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/loginmaps"
	"ucs-harden/mastercf"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// submissionControl gives ports 465 and 587 a recipient list of their own, in which the login must own the sender. It
// also gives them login maps that know the uid and the mail addresses.
//
// In mode warn the list holds every new check behind warn_if_reject, and then the main recipient list. The services had
// that before, since they inherit the main list while they have no list of their own. In mode enforce the list holds
// the checks themselves, and what the main list asks of authenticated clients: the restrictions before
// permit_sasl_authenticated, and the quota check.
var submissionControl = Control{
	Name: submissionName, ModeVariable: submissionMode,
	Rules: []string{
		"sender-not-owned", "sender-not-logged-in", "recipient-nowhere", "login-only", "own-sender", "null-sender",
	},
	Ask:            func(_ Registry, mode plan.Mode, q *Questions) { q.Owners = mode == plan.Warn },
	Maps:           func(Registry) []string { return []string{loginMap} },
	Desire:         func(w Work) error { return submission{w}.desire() },
	InPostfixWords: true,
}

type submission struct{ Work }

const (
	submissionName = "submission"
	submissionMode = modePrefix + submissionName + "/mode"
)

// submissionServices are the service entries. The list goes through a main.cf parameter because UCR does not quote the
// values of -o options.
var submissionServices = []string{"smtps", "submission"}

const ownList = mastercf.SubmissionRestrictions

func (c submission) desire() error {
	services := c.present()
	if len(services) == 0 {
		return nil
	}
	adopted := c.byHand()
	byHand := adopted || c.facts.Ledger.Variables[restrictions.SubmissionPrefix+"30"].Adopted
	own := c.ownList(services, adopted)
	if own && adopted && c.mode == plan.Warn {
		c.doubt("loosens:submission",
			"465 and 587 already refuse what the published procedure refuses; warn would let it pass again",
			"use --mode enforce, which keeps it refused")
	}
	main, asks := c.recipients(), true
	c.checked[restrictions.MainPrefix] = true // the list is a copy of what main.cf has
	var theirs []loginmaps.Theirs
	for _, service := range services {
		t := c.theirLoginMaps(service, c.theirRecipients(main, own, adopted))
		theirs, asks = append(theirs, t), asks && t.Askable()
	}
	c.place(c.lists(main, own, byHand, asks), adopted)
	for i, service := range services {
		c.options(service, adopted)
		c.loginMaps(theirs[i], adopted)
	}
	list := restrictions.Submission(c.pairs(restrictions.SubmissionPrefix))
	if c.mode == plan.Enforce {
		c.reach(list, restrictions.SubmissionPrefix, "reject_sender_login_mismatch", submissionKinds)
		c.reach(list, restrictions.SubmissionPrefix, "reject", submissionKinds)
		c.withoutLogin(list)
	} else {
		c.reach(list, restrictions.SubmissionPrefix, "", submissionKinds)
	}
	c.Expect.Main["submission_recipient_restrictions"] = list.String()
	return nil
}

// present are the services that master.cf has.
func (c submission) present() []string {
	var out []string
	for _, s := range submissionServices {
		if _, ok := c.facts.Services[s]; ok {
			out = append(out, s)
			continue
		}
		c.warn("no-service:"+s,
			"master.cf has no inet service "+s+": nothing to harden there",
			"if mail programs are meant to send through it, look at /etc/postfix/master.cf.local")
	}
	return out
}

// ownList reports whether a service already had a recipient list of its own that is not ours, or was not ours before we
// adopted it. In that case the services did not have the main list before.
func (c submission) ownList(services []string, adopted bool) bool {
	var with, without []string
	theirs := adopted || len(c.foreign(false)) > 0
	for _, s := range services {
		variable := mastercf.Variable(s, "smtpd_recipient_restrictions")
		entry, ours := c.facts.Ledger.Variables[variable]
		theirs = theirs || entry.Adopted
		if v, _ := c.facts.Registry.Get(variable); v == ownList && (!ours || entry.Adopted) {
			with = append(with, s)
		} else if !ours {
			without = append(without, s)
		}
	}
	if len(with) == 0 || !theirs {
		return false
	}
	if len(without) > 0 {
		c.doubt("one-list:"+without[0],
			fmt.Sprintf("%s has a recipient list of its own and %s has none: both would use the same", with[0], without[0]),
			"ucr set "+plan.Quote(mastercf.Variable(without[0], "smtpd_recipient_restrictions")+"="+ownList)+
				", look whether all mail still passes, then plan again")
	}
	return true
}

// lists are the texts of the list's variables, by key. A list of the administrator (own) stays, without the main list.
// Mode enforce completes one made by hand after the published procedure (byHand).
//
// Mode warn asks the login map only if no lookup in it can fail (asks). It does not ask the DNS for recipients: with a
// DNS that does not answer, that takes half a minute for each, and clients give up.
func (c submission) lists(main restrictions.List, own, byHand, asks bool) map[string]string {
	if c.mode == plan.Enforce {
		var before, after []string
		if !own || byHand {
			before, after = restrictions.AroundLogin(main, isSpoofingCheck)
			c.between(main)
		}
		return map[string]string{
			"10": "reject_sender_login_mismatch",
			"20": "reject_unknown_recipient_domain",
			"30": strings.Join(append(before, "permit_sasl_authenticated"), ", "),
			"99": strings.Join(append(after, "reject"), ", "),
		}
	}
	texts := map[string]string{}
	if !own {
		shown := false
		if texts, shown = restrictions.Watched(main); shown {
			c.between(main)
		} else {
			c.warn("no-permit-sasl-authenticated",
				"smtpd_recipient_restrictions has no permit_sasl_authenticated:"+
					" warn cannot show who writes on 465 and 587 without login",
				"ucr set "+restrictions.MainPrefix+"30=permit_sasl_authenticated")
		}
	}
	if asks || byHand { // the list made by hand asks it already
		texts["10"] = "warn_if_reject reject_sender_login_mismatch"
	}
	if own && byHand {
		texts["20"] = "warn_if_reject reject_unknown_recipient_domain"
		texts["30"], texts["99"] = publishedList["30"], publishedList["99"]
	}
	return texts
}

// between reports restrictions between permit_mynetworks and permit_sasl_authenticated. Clients in mynetworks never met
// them, and on 465 and 587 enforce makes them meet these. Mode warn cannot log that, because a restriction that permits
// does so behind warn_if_reject, too.
func (c submission) between(main restrictions.List) {
	networks, login := main.IndexOf("permit_mynetworks"), main.IndexOf("permit_sasl_authenticated")
	if networks < 0 || login < networks {
		return
	}
	var texts []string
	for _, item := range main[networks+1 : login] {
		texts = append(texts, item.Text)
	}
	if len(texts) > 0 {
		c.warn("silent-for-mynetworks",
			"clients in mynetworks never met "+strings.Join(texts, ", ")+
				"; on 465 and 587 enforce lets them, and warn cannot log what that would refuse",
			"move these restrictions before permit_mynetworks or behind permit_sasl_authenticated,"+
				" if they are not meant for own clients")
	}
}

// place sets the texts at their keys. If the administrator uses a key for something else, it keeps its value, and our
// text gets the key directly behind it.
func (c submission) place(texts map[string]string, adopted bool) {
	settled := map[string]bool{} // what stands there already
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		variable := restrictions.SubmissionPrefix + key
		_, ours := c.facts.Ledger.Variables[variable]
		now, taken := c.facts.Registry.Get(variable)
		switch {
		case adopted || ours || !taken:
			c.adopt(variable, texts[key])
		case now == texts[key]:
			settled[variable] = true
		default:
			c.adopt(variable+"-ucs-harden", texts[key])
		}
	}
	if c.inEffect() {
		return
	}
	for _, variable := range c.foreign(adopted) {
		if settled[variable] {
			continue
		}
		value, _ := c.facts.Registry.Get(variable)
		c.doubt("dormant:"+variable,
			fmt.Sprintf("%s (%q) has no effect today, since no service refers to the list; it would take effect",
				variable, value),
			"unset it, or accept it with --accept "+plan.Quote("dormant:"+variable))
	}
}

// foreign are the variables of the list that are not ours and that we do not adopt.
func (c submission) foreign(adopted bool) []string {
	return slices.DeleteFunc(c.facts.Registry.Keys(restrictions.SubmissionPrefix), func(variable string) bool {
		_, ours := c.facts.Ledger.Variables[variable]
		_, published := publishedList[strings.TrimPrefix(variable, restrictions.SubmissionPrefix)]
		return ours || adopted && published
	})
}

// inEffect reports whether a service refers to the list already.
func (c submission) inEffect() bool {
	return slices.ContainsFunc(submissionServices, func(s string) bool {
		v, _ := c.facts.Registry.Get(mastercf.Variable(s, "smtpd_recipient_restrictions"))
		return v == ownList
	})
}

// publishedList is the list that the published procedure writes, by key.
var publishedList = map[string]string{
	"10": "reject_sender_login_mismatch", "20": "reject_unknown_recipient_domain",
	"30": "permit_sasl_authenticated", "99": "reject",
}

// byHand recognises the published procedure: every key of its list has the value of the procedure, and we did not write
// it.
func (c submission) byHand() bool {
	for key, text := range publishedList {
		variable := restrictions.SubmissionPrefix + key
		if _, ours := c.facts.Ledger.Variables[variable]; ours {
			return false
		}
		if v, _ := c.facts.Registry.Get(variable); v != text {
			return false
		}
	}
	return true
}

// withoutLogin reports what lets clients write on 465 and 587 without a login although the list ends in reject.
func (c submission) withoutLogin(list restrictions.List) {
	networks, login := list.IndexOf("permit_mynetworks"), list.IndexOf("reject_sender_login_mismatch")
	if networks < 0 {
		return
	}
	text := "clients in mynetworks may write on 465 and 587 without login"
	if networks < login {
		text += ", and with any sender"
	}
	c.warn("permit-mynetworks:"+list[networks].Key,
		fmt.Sprintf("%s%s (permit_mynetworks): %s", restrictions.SubmissionPrefix, list[networks].Key, text),
		"unset it, unless that is meant")
}

package controls

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/mastercf"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// submissionControl gives ports 465 and 587 a recipient list of their own, in which the login must own the sender, and
// login maps that know uid and mail address.
//
// In warn the list is every new check as its warn_if_reject twin, followed by what held before: the main recipient
// list, which the services inherit as long as they have none of their own. In enforce it is the checks themselves, with
// what the main list asks of authenticated clients, too: what stands there before permit_sasl_authenticated, and the
// quota check.
var submissionControl = Control{
	Name: submissionName, ModeVariable: submissionMode,
	Rules:          []string{"sender-not-owned", "sender-not-logged-in", "recipient-nowhere", "login-only", "own-sender", "null-sender"},
	Maps:           func(Registry) []string { return []string{loginMap} },
	Desire:         func(w Work) error { return submission{w}.desire() },
	InPostfixWords: true,
}

// submission is the control at work.
type submission struct{ Work }

const (
	submissionName = "submission"
	submissionMode = modePrefix + submissionName + "/mode"
)

// The services, and the parameter that holds their list. A list goes through a main.cf parameter because UCR renders -o
// values unquoted.
var submissionServices = []string{"smtps", "submission"}

const ownList = mastercf.SubmissionRestrictions

func (c submission) desire() error {
	services := c.present()
	if len(services) == 0 {
		return nil
	}
	c.ldapMap(loginMap)

	adopted := c.byHand()
	byHand := adopted || c.facts.Ledger.Variables[restrictions.SubmissionPrefix+"30"].Adopted
	own := c.ownList(services, adopted)
	if own && adopted && c.mode == plan.Warn {
		c.doubt("loosens:submission",
			"465 and 587 already refuse what the published procedure refuses; warn would let it pass again",
			"use --mode enforce, which keeps it refused")
	}
	c.place(c.lists(c.recipients(), own, byHand), adopted)
	for _, service := range services {
		c.options(service, adopted)
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
			"if mail programs shall send through it, look at /etc/postfix/master.cf.local")
	}
	return out
}

// ownList reports whether a service has a recipient list of its own already that is not ours, or was not before we
// adopted it. What held before is that list, then, and not the main one.
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
			"ucr set "+plan.Quote(mastercf.Variable(without[0], "smtpd_recipient_restrictions")+"="+ownList)+", look whether all mail still passes, then plan again")
	}
	return true
}

// lists are the texts of the list's variables, by key. A list of the administrator's own (own) stays what held before,
// so nothing of the main one is repeated in it; one made by hand after the published procedure (byHand) is ours to
// complete in enforce.
func (c submission) lists(main restrictions.List, own, byHand bool) map[string]string {
	if c.mode == plan.Enforce {
		var before, after []string
		if !own || byHand {
			before, after = aroundLogin(main)
			c.between(main)
		}
		return map[string]string{
			"10": "reject_sender_login_mismatch",
			"20": "reject_unknown_recipient_domain",
			"30": strings.Join(append(before, "permit_sasl_authenticated"), ", "),
			"99": strings.Join(append(after, "reject"), ", "),
		}
	}
	texts := map[string]string{
		"10": "warn_if_reject reject_sender_login_mismatch",
		"20": "warn_if_reject reject_unknown_recipient_domain",
	}
	if own {
		if byHand {
			texts["30"], texts["99"] = publishedList["30"], publishedList["99"]
		}
		return texts
	}
	c.awakened(main)
	held, ok := restrictions.WarnInsertion(main)
	cut := slices.Index(held, "warn_if_reject reject")
	if !ok || cut < 0 {
		held, cut = main.Texts(), 0
		c.warn("no-permit-sasl-authenticated",
			"smtpd_recipient_restrictions has no permit_sasl_authenticated: warn cannot show who writes on 465 and 587 without login",
			"ucr set "+restrictions.MainPrefix+"30=permit_sasl_authenticated")
	} else {
		c.between(main)
	}
	if cut > 0 {
		texts["30"] = strings.Join(held[:cut], ", ")
	}
	if cut < len(held) {
		texts["99"] = strings.Join(held[cut:], ", ")
	}
	return texts
}

// mainChecks are restrictions that look into the login map. In the main list they did nothing as long as there was
// none.
var mainChecks = []string{"reject_sender_login_mismatch", "reject_authenticated_sender_login_mismatch", "reject_known_sender_login_mismatch", "reject_unauthenticated_sender_login_mismatch"}

// awakened reports checks of the main list that our login map would wake up on 465 and 587 although the mode is warn.
func (c submission) awakened(main restrictions.List) {
	for _, check := range mainChecks {
		if i := main.IndexOf(check); i >= 0 {
			c.doubt("awakened:"+main[i].Key,
				fmt.Sprintf("%s%s (%s) looks into the login map: with ours it may refuse on 465 and 587 what it lets pass today", restrictions.MainPrefix, main[i].Key, check),
				"ucr unset "+plan.Quote(restrictions.MainPrefix+main[i].Key)+"; the control does the same where it belongs")
		}
	}
}

// between reports restrictions between permit_mynetworks and permit_sasl_authenticated: clients in mynetworks never met
// them, and on 465 and 587 enforce lets them meet these; warn has no way to log it, since a restriction that permits
// permits behind warn_if_reject, too.
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
			fmt.Sprintf("clients in mynetworks never met %s; on 465 and 587 enforce lets them, and warn cannot log what that would refuse", strings.Join(texts, ", ")),
			"move these restrictions before permit_mynetworks or behind permit_sasl_authenticated, if they are not meant for own clients")
	}
}

// aroundLogin takes from the main list what authenticated clients met there: before, the restrictions in front of
// permit_sasl_authenticated, less the permits and the check of sender-spoofing; after, the quota check, which keeps its
// place behind the permit.
func aroundLogin(main restrictions.List) (before, after []string) {
	login := main.IndexOf("permit_sasl_authenticated")
	for i, item := range main {
		text := item.Text
		_, ours := senderTableType(text)
		switch name := strings.ToLower(text); {
		case ours || name == "permit_mynetworks" || name == "permit_sasl_authenticated" || name == "reject_unauth_destination":
		case i < login:
			before = append(before, text)
		case text == restrictions.QuotaCheck || text == restrictions.ListfilterCheck:
			after = append(after, text)
		}
	}
	return before, after
}

// place puts the texts under their keys. A key that the administrator uses for something else keeps its value, and ours
// goes right behind it.
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
			fmt.Sprintf("%s (%q) has no effect today, since no service refers to the list; it would take effect", variable, value),
			"unset it, or accept it with --accept "+plan.Quote("dormant:"+variable))
	}
}

// foreign are the list's variables that are neither ours nor become so.
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

// byHand recognises the published procedure: every key of its list holds what the procedure writes, and was not written
// by us.
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

// withoutLogin reports what lets clients without login write on 465 and 587 although the list ends in reject.
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

package controls

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/doors"
	"ucs-harden/handmade"
	"ucs-harden/loginmaps"
	"ucs-harden/mastercf"
	"ucs-harden/plan"
	"ucs-harden/reach"
	"ucs-harden/restrictions"
	"ucs-harden/sendas"
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
	Variables: []string{sendas.GroupSenders}, List: sendas.List, Listings: readSendAs,
	Ask: func(r Registry, mode plan.Mode, q *Questions) {
		q.Owners = mode == plan.Warn
		askSendAs(r, q)
	},
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
	set := handmade.Read(c.facts.Registry, c.facts.Ledger, services)
	_, held := c.facts.Ledger.Variables[restrictions.SubmissionPrefix+"10"]
	if set.Mixed() {
		services = c.mixed(set)
	}
	own := len(set.With) > 0
	if own && set.Whole && !held && !set.Mixed() && c.mode == plan.Warn {
		c.doubt("loosens:submission",
			"465 and 587 already refuse what the published procedure refuses; warn would let it pass again",
			"use --mode enforce, which keeps it refused; or let it pass: --accept loosens:submission")
	}
	main, asks := c.recipients(), true
	c.checked[restrictions.MainPrefix] = true // the list is a copy of what main.cf has
	var theirs []loginmaps.Theirs
	for _, service := range services {
		t := c.theirLoginMaps(service, c.theirRecipients(main, own, set))
		theirs, asks = append(theirs, t), asks && t.Askable()
	}
	c.place(c.lists(main, own, asks, set), set)
	for i, service := range services {
		adopted := set.Whole && (!set.Mixed() || slices.Contains(set.With, service))
		c.options(service, adopted)
		c.loginMaps(theirs[i], adopted)
	}
	list := restrictions.Submission(c.pairs(restrictions.SubmissionPrefix))
	if c.mode == plan.Enforce {
		c.findAll(reach.Submission.Findings(list, restrictions.SubmissionPrefix, "reject_sender_login_mismatch", c.facts.Relay))
		c.findAll(reach.Submission.Findings(list, restrictions.SubmissionPrefix, "reject", c.facts.Relay))
		c.withoutLogin(list)
	} else {
		c.findAll(reach.Submission.Findings(list, restrictions.SubmissionPrefix, "", c.facts.Relay))
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

// mixed returns the services that get the list although only one of them had it. In mode warn that is this one: the
// other would begin to refuse what the list refuses.
func (c submission) mixed(set handmade.SetUp) []string {
	with, without := set.With[0], set.Without[0]
	if c.mode == plan.Warn {
		c.warn("unwatched:"+without,
			fmt.Sprintf("%s has a recipient list of its own and %s has none: warn leaves %s as it is and logs nothing there",
				with, without, without),
			"to have both logged, let neither have one: ucr unset "+plan.Quote(mastercf.Variable(with, doors.Recipients))+
				", then plan again; enforce gives both the list")
		return set.With
	}
	if !set.Published && len(set.Ours) == 0 {
		c.doubt("one-list:"+without,
			fmt.Sprintf("%s has a recipient list of its own and %s has none: both would use the same", with, without),
			"if all mail may pass through it: --accept one-list:"+without)
	}
	return slices.Concat(set.With, set.Without)
}

// lists are the texts of the list's variables, by key. A list of the administrator (own) stays, without the main list.
// Mode enforce completes one made by hand after the published procedure (set).
//
// Mode warn asks the login map only if no lookup in it can fail (asks). It does not ask the DNS for recipients: with a
// DNS that does not answer, that takes half a minute for each, and clients give up.
func (c submission) lists(main restrictions.List, own, asks bool, set handmade.SetUp) map[string]string {
	if c.mode == plan.Enforce {
		var before, after []string
		if !own || set.Published || set.Whole {
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
	if set.Mixed() && (set.Whole || set.Published) { // one service keeps the list as the administrator made it
		return set.Kept()
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
	if asks || set.Whole { // the list made by hand asks it already
		texts["10"] = "warn_if_reject reject_sender_login_mismatch"
	}
	switch {
	case own && set.Whole:
		texts["20"] = "warn_if_reject reject_unknown_recipient_domain"
		texts["30"], texts["99"] = handmade.Published["30"], handmade.Published["99"]
	case own && set.Published && !set.Ends:
		texts["99"] = "permit_sasl_authenticated, warn_if_reject reject, permit_mynetworks, reject_unauth_destination"
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
// text gets the key directly behind it. A part of the published procedure is replaced, and mode off restores it, unless
// a service asks it and the mode is warn.
func (c submission) place(texts map[string]string, set handmade.SetUp) {
	replaced := set.Published && (c.mode == plan.Enforce || len(set.With) == 0)
	settled := map[string]bool{} // what stands there already
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		variable := restrictions.SubmissionPrefix + key
		_, ours := c.facts.Ledger.Variables[variable]
		now, taken := c.facts.Registry.Get(variable)
		switch {
		case set.Whole || ours || !taken:
			c.adopt(variable, texts[key])
		case replaced:
			c.set(variable, texts[key])
		case now == texts[key]:
			settled[variable] = true
		default:
			c.adopt(variable+"-ucs-harden", texts[key])
		}
	}
	if len(set.With)+len(set.Ours) > 0 || set.Published {
		return
	}
	for _, variable := range set.Variables {
		if settled[variable] {
			continue
		}
		value, _ := c.facts.Registry.Get(variable)
		c.doubt("dormant:"+variable,
			fmt.Sprintf("%s (%q) has no effect today, since no service refers to the list; it would take effect",
				variable, value),
			"ucr unset "+plan.Quote(variable)+"; or, for mode enforce, --accept "+plan.Quote("dormant:"+variable))
	}
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

package controls

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/findings"
	"ucs-harden/handmade"
	"ucs-harden/plan"
	"ucs-harden/reach"
	"ucs-harden/restrictions"
)

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
			c.findAll(reach.Between(main))
		}
		return map[string]string{
			"10": "reject_sender_login_mismatch",
			"20": "reject_unknown_recipient_domain",
			"30": strings.Join(append(before, "permit_sasl_authenticated"), ", "),
			"99": strings.Join(append(after, "reject"), ", "),
		}
	}
	if c.keeps(set) {
		return set.Kept()
	}
	texts := map[string]string{}
	if !own {
		shown := false
		if texts, shown = restrictions.Watched(main); shown {
			c.findAll(reach.Between(main))
		} else {
			c.warn(findings.NoPermitSaslAuthenticated.Of(),
				"smtpd_recipient_restrictions has no permit_sasl_authenticated:"+
					" warn cannot show who writes on 465 and 587 without login",
				"ucr set "+restrictions.MainPrefix+"30=permit_sasl_authenticated")
		}
	}
	if asks || set.Whole { // the list made by hand asks it already
		texts["10"] = "warn_if_reject reject_sender_login_mismatch"
	}
	if !own && (set.Whole || set.Published) { // nothing asked the list, and its checks must not begin to refuse
		for key := range handmade.Published {
			if texts[key] == "" && c.facts.Ledger.Stood(c.facts.Registry, restrictions.SubmissionPrefix+key) {
				texts[key] = restrictions.Nothing
			}
		}
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

// theirs is the recipient list of 465 and 587 without us, as far as a service asks it now and after the apply.
func (c submission) theirs(main restrictions.List, own bool, set handmade.SetUp) string {
	var texts []string
	if !own {
		texts = main.Texts()
	}
	if !c.replaces(set) {
		for _, variable := range set.Variables {
			value, _ := c.value(variable)
			texts = append(texts, value)
		}
	}
	if c.keeps(set) {
		kept := set.Kept()
		for _, key := range slices.Sorted(maps.Keys(kept)) {
			texts = append(texts, kept[key])
		}
	}
	return strings.Join(texts, ", ")
}

// keeps reports whether one service keeps the list as the administrator made it by hand.
func (c submission) keeps(set handmade.SetUp) bool {
	return c.mode == plan.Warn && set.Mixed() && (set.Whole || set.Published)
}

// replaces reports whether a list of the published procedure is replaced by ours. Mode off restores it.
func (c submission) replaces(set handmade.SetUp) bool {
	return set.Published && (c.mode == plan.Enforce || len(set.With) == 0)
}

// place sets the texts at their keys. If the administrator uses a key for something else, it keeps its value, and our
// text gets the key directly behind it.
func (c submission) place(texts map[string]string, set handmade.SetUp) {
	replaced := c.replaces(set)
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
		c.doubt(findings.Dormant.Of(variable),
			fmt.Sprintf("%s (%q) has no effect today, since no service refers to the list; it would take effect",
				variable, value),
			"ucr unset "+plan.Quote(variable)+"; or, for mode enforce, --accept "+plan.Quote("dormant:"+variable))
	}
}

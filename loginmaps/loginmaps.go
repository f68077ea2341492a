// Package loginmaps decides about smtpd_sender_login_maps (postconf(5)): the lookup tables that tell which logins own a
// sender address.
//
// Each smtpd(8) has one value, and all its restrictions ask it, those of the administrator included. So a login map of
// ours may change the verdicts of his restrictions. What Decide promises:
//
//	mode      he has   his restrictions ask it     the service gets
//	warn      no map   nowhere                     our map
//	warn      no map   somewhere                   no map, since their verdicts would change
//	warn      a map    or not                      his map
//	enforce   no map   or not                      our map: then they decide as the control does, which the
//	                                               administrator must accept where they refuse everybody without it
//	enforce   a map    or not                      both, if no verdict changes (see Join of package smtpd); else his map,
//	                                               and the administrator must accept that
//
// Without a map no sender has an owner. Then reject_sender_login_mismatch and reject_authenticated_sender_login_mismatch
// refuse everybody who logs in; the two other restrictions refuse nobody.
//
// The map of the published procedure, which knows mail addresses only, counts as none where nothing else asks it.
package loginmaps

import (
	"fmt"

	"ucs-harden/findings"
	"ucs-harden/mastercf"
	"ucs-harden/plan"
	"ucs-harden/smtpd"
)

// Parameter is the main.cf parameter.
const Parameter = "smtpd_sender_login_maps"

// Theirs are the login maps that a service has without us.
type Theirs struct {
	smtpd.LoginMaps
	Service string // the name of its service entry
	From    string // what sets the value: a registry variable, main.cf or master.cf
	// Fixed: our registry variable cannot change the value.
	Fixed bool
}

// replaceable reports whether ours takes the place of the maps.
func (t Theirs) replaceable() bool {
	return t.Value == "" || t.Value == mastercf.StockLoginMaps && len(t.Checks) == 0
}

// Askable reports whether mode warn may ask the login map of the service: no lookup fails in the maps that it will have.
func (t Theirs) Askable() bool { return t.Steady || t.replaceable() }

// Decision is what the service gets.
type Decision struct {
	// Value is the value to set, "" to leave what is there. Joined: it contains the administrator's.
	Value  string
	Joined bool
	// Finding is what the administrator must know; nil for nothing.
	Finding *plan.Finding
}

// Decide says what a service gets in a mode. ours is our value.
func (t Theirs) Decide(mode plan.Mode, ours string) Decision {
	says := fmt.Sprintf("%s says on %s who owns a sender (%s, from %s)", Parameter, t.Service, t.Value, t.From)
	switch {
	case t.Value == "" && len(t.Checks) > 0 && mode == plan.Warn:
		return Decision{Finding: t.warning(findings.NoLoginMap,
			fmt.Sprintf("%s has no login map%s. With ours the verdicts of %s would change there. So warn sets none, and"+
				" cannot show who writes there with the sender of somebody else", t.Service, t.nobody(), t.Places()),
			"take that restriction out; the control does the same")}
	case t.replaceable() && len(t.Checks) > 0:
		return Decision{Value: ours, Finding: t.awakened()}
	case t.replaceable() || t.Value == ours:
		return Decision{Value: ours}
	case mode == plan.Warn && t.Steady:
		return Decision{Finding: t.warning(findings.OwnLoginMap,
			says+"; it stays, and warn logs what it does not allow", complete)}
	case mode == plan.Warn:
		return Decision{Finding: t.warning(findings.OwnLoginMap,
			says+"; it stays. A lookup there may fail and put mail off, so warn asks nothing there, and cannot show who writes with the sender of somebody else", complete)}
	}
	joined, why := t.Join(ours)
	if t.Fixed {
		joined, why = "", "the registry variable "+mastercf.Variable(t.Service, Parameter)+" would have no effect"
	}
	if joined != "" {
		return Decision{Value: joined, Joined: true}
	}
	kept := t.warning(findings.KeptLoginMap,
		says+"; enforce refuses every login that it does not name, and ours cannot join it: "+why, "")
	kept.Severity, kept.Acceptable = plan.Error, true
	kept.Hint = complete + ", then --accept " + kept.ID + "; or take it out of " + t.From
	return Decision{Finding: kept}
}

// awakened says that our map gives restrictions something to decide. Where they refuse everybody today, this lets pass
// what was refused, and the administrator must accept that.
func (t Theirs) awakened() *plan.Finding {
	f := t.warning(findings.Awakened, fmt.Sprintf("%s has no login map%s. With ours, %s decides there as the control does",
		t.Service, t.nobody(), t.Places()), "take that restriction out, if that is not meant")
	if t.nobody() != "" {
		f.Severity, f.Acceptable = plan.Error, true
		f.Hint = "if the owners of an address may write there: --accept " + f.ID + "; or take that restriction out"
	}
	return f
}

// nobody says what the restrictions that want an owner do without a map.
func (t Theirs) nobody() string {
	for _, check := range t.Checks {
		if check.WantsOwner() {
			return ", so " + check.String() + " refuses everybody who logs in"
		}
	}
	return ""
}

const complete = "make sure that it yields uid and mail address of each owner"

func (t Theirs) warning(kind *findings.Kind, text, hint string) *plan.Finding {
	f := kind.Of(t.Service).Finding(plan.Warning, text, hint)
	return &f
}

// Package reach says what is wrong with a restriction list: what keeps a check from its clients, and what lets pass too
// much. Only what makes a control useless or harmful stops an apply. A problem that was there before and does not grow
// is a warning.
package reach

import (
	"fmt"

	"ucs-harden/findings"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// Kinds are the problems that count in a list, and how much. Others are left out.
type Kinds map[restrictions.Kind]plan.Severity

// Findings are the problems of a list whose variables have the prefix. check is the check that has to be reached. relay
// are the relay restrictions of the services that have the list.
func (k Kinds) Findings(list restrictions.List, prefix, check string, relay restrictions.List) []plan.Finding {
	var out []plan.Finding
	for _, p := range restrictions.Reach(list, check, relay) {
		severity, known := k[p.Kind]
		if !known {
			continue
		}
		where := p.Text
		switch {
		case p.Key != "":
			where = fmt.Sprintf("%s%s (%s)", prefix, p.Key, p.Text)
		case where == "":
			where = "the list as a whole"
		}
		f := findings.InList(p.Kind).Of(p.Key).Finding(severity, fmt.Sprintf("%s: %s", where, p.Detail), p.Kind.Hint())
		f.Acceptable = severity == plan.Error && !fatal[p.Kind]
		out = append(out, f)
	}
	return out
}

// fatal are the problems that nobody can accept.
var fatal = map[restrictions.Kind]bool{
	restrictions.MissingUnauthDestination: true, restrictions.CheckMissing: true, restrictions.CheckOnlyWarns: true,
}

// Main are the problems of the main list that concern a check behind reject_unauth_destination.
var Main = Kinds{
	restrictions.OpenRelay:               plan.Warning,
	restrictions.MaySkip:                 plan.Warning,
	restrictions.Hidden:                  plan.Error,
	restrictions.HitsInsiders:            plan.Error,
	restrictions.BeforeUnauthDestination: plan.Note,
	restrictions.NotDirectlyAfter:        plan.Note,
	restrictions.UnknownRestriction:      plan.Warning,
	restrictions.Broken:                  plan.Warning,
	restrictions.SpansVariables:          plan.Error,
	restrictions.CheckMissing:            plan.Error,
	restrictions.CheckOnlyWarns:          plan.Error,
}

// Submission are the problems of the list of 465 and 587, where the check comes first.
var Submission = Kinds{
	restrictions.MissingUnauthDestination: plan.Error,
	restrictions.Hidden:                   plan.Error,
	restrictions.MaySkip:                  plan.Warning,
	restrictions.SpansVariables:           plan.Error,
	restrictions.Broken:                   plan.Warning,
	restrictions.CheckMissing:             plan.Error,
	restrictions.CheckOnlyWarns:           plan.Error,
}

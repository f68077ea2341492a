package controls

import (
	"fmt"

	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// reach reports what is wrong with a restriction list. Only what makes a control useless or harmful stops an apply. A
// problem that was there before and does not grow is a warning.
func (w Work) reach(list restrictions.List, prefix, check string, kinds map[restrictions.Kind]plan.Severity) {
	for _, p := range restrictions.Reach(list, check, w.facts.Relay) {
		severity, known := kinds[p.Kind]
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
		w.find(plan.Finding{
			ID: string(p.Kind) + ":" + p.Key, Severity: severity, Control: w.name,
			Acceptable: severity == plan.Error && !fatal[p.Kind],
			Text:       fmt.Sprintf("%s: %s", where, p.Detail),
			Hint:       p.Kind.Hint(),
		})
	}
}

// fatal are the problems that nobody can accept.
var fatal = map[restrictions.Kind]bool{
	restrictions.MissingUnauthDestination: true, restrictions.CheckMissing: true, restrictions.CheckOnlyWarns: true,
}

// mainKinds are the problems of the main list that concern sender-spoofing.
var mainKinds = map[restrictions.Kind]plan.Severity{
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

// submissionKinds are the problems of the list of 465 and 587, where the check comes first.
var submissionKinds = map[restrictions.Kind]plan.Severity{
	restrictions.MissingUnauthDestination: plan.Error,
	restrictions.Hidden:                   plan.Error,
	restrictions.MaySkip:                  plan.Warning,
	restrictions.SpansVariables:           plan.Error,
	restrictions.Broken:                   plan.Warning,
	restrictions.CheckMissing:             plan.Error,
	restrictions.CheckOnlyWarns:           plan.Error,
}

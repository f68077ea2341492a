package rehearsal

import (
	"ucs-harden/identity"
	"ucs-harden/rules"
)

// accepts foretells whether a configuration accepts a letter. Where no rule speaks of it, the recipient decides: Postfix
// takes mail for the addresses that it knows, and relays for those whom it trusts.
func accepts(r rules.Ruling, l rules.Letter) bool {
	switch r.Effect {
	case rules.Refuse:
		return false
	case rules.Accept:
		return l.RecipientIs != rules.Unknown
	case rules.Unchanged:
	}
	switch l.RecipientIs {
	case rules.Unknown:
		return false
	case rules.Elsewhere, rules.Nowhere:
		const trusted = rules.Listed | rules.Controller | rules.Named
		return l.Login != "" || l.Client&trusted != 0
	case rules.Known, rules.Postmaster:
	}
	return true
}

// Foresee is the matrix of a server without answers: the consequences follow from the rules alone, and from what Postfix
// is known to do without the controls. A rehearsal shows whether they are true.
//
// Without mail users, as on an archive without its directory, somebody at the first domain stands for them.
func Foresee(f Facts) (*Matrix, error) {
	if len(f.Users) == 0 && len(f.Domains) > 0 {
		f.Users = []identity.Account{{UID: "somebody", Primary: "somebody@" + f.Domains[0]}}
	}
	cells, notes, err := Cells(f)
	if err != nil {
		return nil, err
	}
	return &Matrix{Today: f.Today.Modes, Plan: f.Plan.Modes, Cells: cells, Notes: notes, Foreseen: true}, nil
}

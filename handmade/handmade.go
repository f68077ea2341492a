// Package handmade recognises what an administrator has set up on 465 and 587 by hand, whole or by half, before
// ucs-harden came.
//
// The published procedure writes four variables of a recipient list, and in master.cf lets both services ask this list.
// Many servers have a part of that: one service asks the list and the other does not, the list exists and nothing asks
// it, or some of its variables are missing.
package handmade

import (
	"slices"
	"strings"

	"ucs-harden/ledger"
	"ucs-harden/mastercf"
	"ucs-harden/restrictions"
)

// Published is the list that the published procedure writes, by key.
var Published = map[string]string{
	"10": "reject_sender_login_mismatch", "20": "reject_unknown_recipient_domain",
	"30": "permit_sasl_authenticated", "99": "reject",
}

// Registry is what this package reads of the Univention Configuration Registry.
type Registry interface {
	ledger.Registry
	Get(key string) (string, bool)
	Keys(prefix string) []string
}

// SetUp is what stood there without ucs-harden. What ucs-harden has set is in the ledger, with what was there before.
type SetUp struct {
	// With are the services that ask the list, none when it is empty. Without are those that do not, Ours those among
	// them that do because of ucs-harden.
	With, Without, Ours []string
	// Published: the list contains nothing but variables of the published procedure, with its values. Whole: it contains
	// all of them, and perhaps others. Ends: it refuses who does not log in.
	Published, Whole, Ends bool
	// Variables are those of the list that ucs-harden has not set, sorted. Those of a whole procedure are not among them.
	Variables []string
}

// Mixed reports whether one service asks the list and another does not.
func (s SetUp) Mixed() bool { return len(s.With) > 0 && len(s.Without) > 0 }

// Read reads the set-up of the given services.
func Read(r Registry, l ledger.Ledger, services []string) SetUp {
	var s SetUp
	for _, service := range services {
		variable := mastercf.Variable(service, "smtpd_recipient_restrictions")
		now, _ := r.Get(variable)
		switch value, _ := original(r, l, variable, mastercf.SubmissionRestrictions); {
		case value == mastercf.SubmissionRestrictions:
			s.With = append(s.With, service)
		case now == mastercf.SubmissionRestrictions:
			s.Ours = append(s.Ours, service)
			fallthrough
		default:
			s.Without = append(s.Without, service)
		}
	}
	var published, others []string
	for _, variable := range r.Keys(restrictions.SubmissionPrefix) {
		key := strings.TrimPrefix(variable, restrictions.SubmissionPrefix)
		value, there := original(r, l, variable, Published[key])
		if !there {
			continue
		}
		if text, known := Published[key]; known && value == text {
			s.Ends = s.Ends || key == "99"
			published = append(published, variable)
		} else {
			others = append(others, variable)
		}
	}
	if len(published)+len(others) == 0 {
		s.With, s.Without = nil, services
	}
	s.Published, s.Whole = len(published) > 0 && len(others) == 0, len(published) == len(Published)
	s.Variables = others
	if !s.Whole {
		s.Variables = slices.Concat(published, others)
	}
	s.Variables = slices.DeleteFunc(s.Variables, func(variable string) bool { return has(l, variable) })
	slices.Sort(s.Variables)
	return s
}

// Kept is the list of a whole procedure, by key, which becomes ours as it is. A part of it is left alone.
func (s SetUp) Kept() map[string]string {
	if s.Whole {
		return Published
	}
	return nil
}

func has(l ledger.Ledger, variable string) bool {
	_, ours := l.Variables[variable]
	return ours
}

// original is the value that a variable has without ucs-harden. One that was adopted had the value of the procedure.
func original(r Registry, l ledger.Ledger, variable, published string) (string, bool) {
	entry, ours := l.Variables[variable]
	switch {
	case !ours || !l.Untouched(r, variable):
		return r.Get(variable)
	case entry.Adopted:
		return published, true
	case entry.Before == nil:
		return "", false
	}
	return *entry.Before, true
}

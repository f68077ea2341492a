package restrictions

import (
	"fmt"
	"strings"
)

// CheckKey is the key for our check directly after the variable with the given key. Two kinds of the administrator's
// keys can still sort between the two: keys that continue the given key with a character that sorts before "-", and
// keys that continue it with "-" and a word before "ucs-harden". Reach reports these as NotDirectlyAfter.
func CheckKey(unauthKey string) string { return unauthKey + Ours }

// guard returns the place of the first restriction that satisfies smtpd(8) when it starts, or -1. name restricts the
// search to one restriction; "" accepts each of them.
func (l List) guard(name string) int {
	for i, item := range l {
		r := item.read()
		switch {
		case r.warned:
		case r.name == "permit":
			return -1
		case lookup(r.name).guard && (name == "" || r.name == name):
			return i
		}
	}
	return -1
}

// Reach judges a list: whether Postfix starts with it, whether it prevents relaying, and whether mail from outside to
// inside reaches our check. check is the text of our check as it stands in the list; "" judges only the list itself.
// relay are the relay restrictions of the same service: if they refuse relaying, the list need not. The problems come in
// the order of the list, after those of the whole list.
func Reach(list List, check string, relay List) []Problem {
	j := judgement{list: list, guard: list.guard(unauthDestination), check: -1, relayRefused: relay.Guards()}
	j.guards()
	if check != "" {
		j.place(check)
	}
	j.before()
	return j.problems
}

// judgement collects the problems of one list.
type judgement struct {
	list     List
	guard    int // place of reject_unauth_destination, or -1
	check    int // place of our check, or -1
	problems []Problem
	// relayRefused: the relay restrictions refuse relaying.
	relayRefused bool
}

func (j *judgement) add(kind Kind, item Item, format string, args ...any) {
	j.problems = append(j.problems, Problem{
		Kind: kind, Key: item.Key, Text: item.Text, Detail: fmt.Sprintf(format, args...),
	})
}

// guards checks whether Postfix starts and refuses to relay.
func (j *judgement) guards() {
	if j.guard >= 0 || j.relayRefused {
		return
	}
	detail := "reject_unauth_destination is not in the list"
	for _, item := range j.list {
		switch r := item.read(); {
		case r.name == unauthDestination && r.warned:
			detail = "reject_unauth_destination stands only behind warn_if_reject"
			j.add(UnauthDestinationNotStandalone, item, "warn_if_reject takes its effect away")
		case strings.EqualFold(r.args, unauthDestination):
			detail = "reject_unauth_destination is only an argument"
			j.add(UnauthDestinationNotStandalone, item, "%s takes it as its argument", r.name)
		case r.name == unauthDestination:
			detail = "reject_unauth_destination stands behind permit"
		}
	}
	switch other := j.list.guard(""); {
	case other >= 0:
		j.add(UnauthDestinationReplaced, j.list[other], "%s; Postfix starts because of %s", detail, j.list[other].Text)
	case j.list.starts():
		j.add(MissingUnauthDestination, Item{}, "%s; smtpd starts and relays for everybody", detail)
	default:
		j.add(MissingUnauthDestination, Item{}, "%s; every new smtpd dies", detail)
	}
}

// starts reports whether smtpd(8) starts with the list. smtpd looks for certain words, as restrictions or as arguments.
// It ignores the word after each warn_if_reject, and reads no further than permit.
func (l List) starts() bool {
	tokens := split(l.Texts())
	for i := 0; i < len(tokens); i++ {
		switch name := strings.ToLower(tokens[i].text); {
		case name == warnPrefix:
			i++
		case name == "permit":
			return false
		case words()[name].guard:
			return true
		}
	}
	return false
}

// place finds our check and judges the restrictions around it.
func (j *judgement) place(check string) {
	j.check = j.list.IndexOf(check)
	if j.check < 0 {
		for _, item := range j.list {
			if r := item.read(); r.warned && strings.EqualFold(strings.TrimSpace(r.name+" "+r.args), check) {
				j.add(CheckOnlyWarns, item, "our check stands behind warn_if_reject")
				return
			}
		}
		j.add(CheckMissing, Item{}, "%s is not in the list", check)
		return
	}
	ours := j.list[j.check]
	for _, permit := range []string{"permit_mynetworks", "permit_sasl_authenticated"} {
		switch at := j.list.permits(permit); {
		case at < 0:
			j.add(HitsInsiders, ours, "%s is not in the list", permit)
		case at > j.check:
			j.add(HitsInsiders, ours, "it stands before %s", permit)
		}
	}
	if j.guard < 0 {
		return
	}
	if j.check < j.guard {
		j.add(BeforeUnauthDestination, ours, "it stands before reject_unauth_destination")
		return
	}
	var between []string
	for _, item := range j.list[j.guard+1 : j.check] {
		if !item.FromTemplate() && !known(item) {
			between = append(between, item.Text)
		}
	}
	if len(between) > 0 {
		j.add(NotDirectlyAfter, ours, "between reject_unauth_destination and it: %s", strings.Join(between, ", "))
	}
}

// before judges every restriction that stands before our check or before reject_unauth_destination, and reports broken
// restrictions in the whole list.
func (j *judgement) before() {
	end := max(j.check, j.guard)
	if j.guard < 0 && !j.relayRefused {
		end = len(j.list) // the restriction that keeps reject_unauth_destination from working may be anywhere
	}
	for i, item := range j.list {
		r := item.read()
		if r.fault != "" {
			j.add(Broken, item, "it %s", r.fault)
			continue
		}
		if i >= end || i == j.check || known(item) {
			continue
		}
		if item.spans {
			j.add(SpansVariables, item, "its words stand in more than one variable")
		}
		beforeGuard, beforeCheck := i < j.guard && !j.relayRefused, i < j.check
		switch lookup(r.name).effect {
		case endsPermit:
			if beforeGuard {
				j.add(OpenRelay, item, "it permits everybody before reject_unauth_destination")
			}
			if beforeCheck {
				j.add(Hidden, item, "it permits everybody before our check")
			}
		case endsReject:
			if beforeCheck && !r.warned {
				j.add(Hidden, item, "it refuses everybody before our check")
			}
		case permitsInside:
			if beforeCheck {
				j.add(Hidden, item, "it permits all mail to our own recipients before our check")
			}
		case mayRelay:
			switch {
			case beforeGuard:
				j.add(OpenRelay, item, "what it permits is relayed")
			case beforeCheck:
				j.add(MaySkip, item, "what it permits skips our check")
			}
		case maySkip:
			if beforeCheck {
				j.add(MaySkip, item, "what it permits skips our check")
			}
		case unknown:
			j.add(UnknownRestriction, item, "a restriction class, a parameter or a mistake: it cannot be judged")
		}
	}
}

// known reports whether a restriction is a policy service that UCS itself puts into the list, or a check of ours. They
// refuse or answer DUNNO, so they can neither open the relay nor skip a check. A class of ours may permit a client that
// is logged in, but only after the class itself has evaluated everything that stands before the next
// permit_sasl_authenticated.
func known(item Item) bool {
	if strings.Contains(item.Key, Ours) {
		return true
	}
	switch item.Text {
	case ListfilterCheck, GreylistingCheck, QuotaCheck:
		return true
	}
	return false
}

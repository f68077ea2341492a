package restrictions

import (
	"slices"
	"strings"
)

// warnUnauthenticated logs reject_warning for a client and refuses nothing.
const warnUnauthenticated = warnPrefix + " reject"

// WarnInsertion returns the restrictions of the main list with "warn_if_reject reject" directly after
// permit_sasl_authenticated. The restrictions of the main list are those that applied on 465 and 587 before these ports
// had a list of their own. Authenticated clients do not get past permit_sasl_authenticated, so the warning is about the
// clients that enforce would refuse.
//
// When permits for insiders, such as permit_mynetworks, stand directly before permit_sasl_authenticated, it moves
// before them, so that their clients are warned about as well. All of these permit, so the verdict is the same in
// either order. Without permit_sasl_authenticated there is no such place, and ok is false.
func WarnInsertion(main List) (restrictions []string, ok bool) {
	at := slices.IndexFunc(main, func(i Item) bool { return i.read().name == "permit_sasl_authenticated" })
	if at < 0 {
		return nil, false
	}
	to := at
	for to > 0 && lookup(main[to-1].read().name).effect == permitsInsiders {
		to--
	}
	texts := slices.Delete(main.Texts(), at, at+1)
	return slices.Insert(texts, to, main[at].Text, warnUnauthenticated), true
}

// Nothing is a restriction that decides nothing (access(5), DUNNO).
const Nothing = "check_client_access static:DUNNO"

// Watched is the list of 465 and 587 in mode warn, by key: the main list, with WarnInsertion if the list has a place
// for it (shown). The keys are those of the published procedure.
func Watched(main List) (texts map[string]string, shown bool) {
	held, ok := WarnInsertion(main)
	cut := slices.Index(held, warnUnauthenticated)
	if !ok || cut < 0 {
		held, cut = main.Texts(), 0
	}
	texts = map[string]string{}
	for key, part := range map[string][]string{"30": held[:cut], "99": held[cut:]} {
		if len(part) > 0 {
			texts[key] = strings.Join(part, ", ")
		}
	}
	return texts, ok
}

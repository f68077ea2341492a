package restrictions

import "slices"

// warnUnauthenticated logs reject_warning for a client and refuses nothing.
const warnUnauthenticated = warnPrefix + " reject"

// WarnInsertion returns the restrictions of the main list, which are what held
// on 465 and 587 before they had a list of their own, with
// "warn_if_reject reject" directly after permit_sasl_authenticated: there an
// authenticated client is gone, and everyone else is one that enforce would
// refuse. When only permits for insiders stand directly before it,
// permit_mynetworks for one, permit_sasl_authenticated moves before them, so
// that their clients are warned about as well: all of these permit, so the
// verdict is the same in either order. Without permit_sasl_authenticated there
// is no such place, and ok is false.
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

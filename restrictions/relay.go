package restrictions

import "slices"

// Guards reports whether a list refuses to relay: it has a working reject_unauth_destination, or another restriction
// that satisfies smtpd(8) when it starts. A table in front of it may let somebody relay.
func (l List) Guards() bool { return l.guard("") >= 0 }

// CheckPlace returns the restriction behind which our check of mail from outside stands. Clients that may relay have
// been permitted there.
//
// It is the first working reject_unauth_destination, or defer_unauth_destination. A list without them is served if
// relaying is refused elsewhere: by the relay restrictions, or by a reject at its end. There the place is behind the
// permits for insiders. ok is false if neither is so.
func (l List) CheckPlace(relay List) (at int, ok bool) {
	for _, name := range []string{unauthDestination, "defer_unauth_destination"} {
		if i := l.guard(name); i >= 0 {
			return i, true
		}
	}
	end := l.guard("")
	if end < 0 {
		end = len(l)
	}
	at = slices.Max([]int{-1, l[:end].permits("permit_mynetworks"), l[:end].permits("permit_sasl_authenticated")})
	return at, at >= 0 && (l.Guards() || relay.Guards())
}

// NoPlace says why a main list has no place for a check of mail from outside, see CheckPlace: the problem, a sentence
// about it, and what the administrator can do.
func NoPlace(list, relay List) (kind Kind, text, hint string) {
	if list.Guards() || relay.Guards() {
		return NoPermits,
			"smtpd_recipient_restrictions has neither reject_unauth_destination nor a permit for own clients:" +
				" a check of mail from outside would refuse own clients, too",
			"ucr set " + MainPrefix + "10=permit_mynetworks " + MainPrefix + "30=permit_sasl_authenticated"
	}
	return NoUnauthDestination,
		"smtpd_recipient_restrictions has no working reject_unauth_destination:" +
			" Postfix does not serve port 25 without it, or relays for everyone",
		"ucr set " + MainPrefix + "50=reject_unauth_destination"
}

// permits returns the place of a permit, or -1. warn_if_reject does not change the effect of a permit.
func (l List) permits(name string) int {
	return slices.IndexFunc(l, func(item Item) bool { return item.read().name == name })
}

// NoNetworks says why relay restrictions do not let the systems in mynetworks relay; text is "" if they do.
func NoNetworks(relay List) (text, hint string) {
	if !relay.Guards() || relay.IndexOf("permit_mynetworks") >= 0 {
		return "", ""
	}
	return "smtpd_relay_restrictions has no permit_mynetworks: the systems in mynetworks may not relay",
		"write permit_mynetworks in front there, or switch the control relay off"
}

// MayPermit reports whether a restriction may permit somebody. warn_if_reject does not change that.
func MayPermit(restriction string) bool {
	r, _ := next(split([]string{restriction}))
	switch lookup(r.name).effect {
	case unknown, permitsInsiders, permitsInside, maySkip, mayRelay, endsPermit:
		return true
	}
	return false
}

package evidence

import (
	"fmt"
	"slices"

	"ucs-harden/internal/plural"
)

// withoutLogin is the verdict about a client that did not log in on 465 or 587.
func (s *signs) withoutLogin() (Verdict, string) {
	if v, reason, ok := s.inside(); ok {
		return v, reason + "; it uses 465 or 587 without a login"
	}
	return Forged, fmt.Sprintf("%s used 465 or 587 without a login, and is not of your network", s.who())
}

// account is the verdict about an account that a list of the administrator restricts.
func (s *signs) account() (Verdict, string) {
	does := "wrote to elsewhere although it may only write to its destinations"
	if s.cell.Control == suspended {
		does = "wrote although it is suspended"
	}
	if login := s.cell.login(); login != "" {
		return Unclear, fmt.Sprintf("%s logged in and %s: %s, last to %s",
			shown(login), does, letters(s.letters), shown(s.newest().Recipient))
	}
	if v, reason, ok := s.inside(); ok {
		return v, fmt.Sprintf("%s; as %s it %s", reason, some(s.senders, "sender"), does)
	}
	return Forged, fmt.Sprintf("%s is not of your network, and did not log in", s.who())
}

// intoProtected is the verdict about mail to a protected address.
func (s *signs) intoProtected() (Verdict, string) {
	to := shown(s.cell.Domain)
	if login := s.cell.login(); login != "" {
		return Unclear, fmt.Sprintf("%s logged in and wrote to %s, which does not take its mail: %s",
			shown(login), to, letters(s.letters))
	}
	if v, reason, ok := s.inside(); ok {
		return v, reason
	}
	own := func(sender string) bool { return Organisation(domainOf(sender)) == s.organisation }
	switch {
	case s.comesBack():
		return Returning, fmt.Sprintf("%d of %s to %s have a message ID that left this server before",
			s.returned, letters(s.letters), to)
	case s.listed > 0 && s.regular():
		return Unclear, fmt.Sprintf("%s writes to %s on %s, with senders whose SPF lists it: an outsider, and a genuine one",
			s.who(), to, plural.Count(s.days, "day", "days"))
	case s.regular() && !slices.ContainsFunc(s.senders, func(a string) bool { return !own(a) }):
		return Unclear, fmt.Sprintf("%s writes to %s on %s with senders of its own domain: an outsider, and perhaps a wanted one",
			s.who(), to, plural.Count(s.days, "day", "days"))
	}
	return Forged, fmt.Sprintf("%s is not of your network, and %s takes mail from inside", s.who(), to)
}

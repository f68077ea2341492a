package evidence

import (
	"slices"
)

// withoutLogin is the verdict about a client that did not log in on 465 or 587.
func (s *signs) withoutLogin() (Verdict, Phrase) {
	if v, reason, ok := s.inside(); ok {
		return v, Phrasef("%s; it uses 465 or 587 without a login", reason)
	}
	return Forged, Phrasef("%s used 465 or 587 without a login, and is not of your network", s.who())
}

// account is the verdict about an account that a list of the administrator restricts.
func (s *signs) account() (Verdict, Phrase) {
	does := Phrasef("wrote to elsewhere although it may only write to its destinations")
	if s.cell.Control == suspended {
		does = Phrasef("wrote although it is suspended")
	}
	if login := s.cell.login(); login != "" {
		return Unclear, Phrasef("%s logged in and %s: %s, last to %s",
			shown(login), does, letters(s.letters), shown(s.newest().Recipient))
	}
	if v, reason, ok := s.inside(); ok {
		return v, Phrasef("%s; as %s it %s", reason, some(s.senders, ofSenders), does)
	}
	return Forged, Phrasef("%s is not of your network, and did not log in", s.who())
}

// intoProtected is the verdict about mail to a protected address.
func (s *signs) intoProtected() (Verdict, Phrase) {
	to := shown(s.cell.Domain)
	if login := s.cell.login(); login != "" {
		return Unclear, Phrasef("%s logged in and wrote to %s, which does not take its mail: %s",
			shown(login), to, letters(s.letters))
	}
	if v, reason, ok := s.inside(); ok {
		return v, reason
	}
	own := func(sender string) bool { return Organisation(domainOf(sender)) == s.organisation }
	switch {
	case s.comesBack():
		return Returning, Phrasef("%d of %s to %s have a message ID that left this server before",
			s.returned, letters(s.letters), to)
	case s.listed > 0 && s.regular():
		return Unclear, Phrasef("%s writes to %s %s, with senders whose SPF lists it: an outsider, and a genuine one",
			s.who(), to, s.onDays())
	case s.regular() && !slices.ContainsFunc(s.senders, func(a string) bool { return !own(a) }):
		return Unclear, Phrasef("%s writes to %s %s with senders of its own domain: an outsider, and perhaps a wanted one",
			s.who(), to, s.onDays())
	}
	return Forged, Phrasef("%s is not of your network, and %s takes mail from inside", s.who(), to)
}

package evidence

import "slices"

// withoutLogin are the opinions about clients that did not log in on 465 or 587.
func (s *signs) withoutLogin() []opinion {
	all := s.inside()
	for i := range all {
		all[i].reason = Phrasef("%s; it uses 465 or 587 without a login", all[i].reason)
	}
	if len(all) > 0 {
		return all
	}
	return []opinion{s.are(Forged, Phrasef("%s used 465 or 587 without a login, and is not of your network", s.who()))}
}

// account are the opinions about an account that a list of the administrator restricts.
func (s *signs) account() []opinion {
	does := Phrasef("wrote to elsewhere although it may only write to its destinations")
	if s.cell.Control == suspended {
		does = Phrasef("wrote although it is suspended")
	}
	if login := s.cell.login(); login != "" {
		return []opinion{s.are(Unclear, Phrasef("%s logged in and %s: %s, last to %s",
			shown(login), does, letters(s.letters), shown(s.newest().Recipient)))}
	}
	all := s.inside()
	for i, o := range all {
		all[i].reason = Phrasef("%s; as %s it %s", o.reason, some(o.senders, ofSenders), does)
	}
	if len(all) > 0 {
		return all
	}
	return []opinion{s.are(Forged, Phrasef("%s is not of your network, and did not log in", s.who()))}
}

// intoProtected are the opinions about mail to a protected address.
func (s *signs) intoProtected() []opinion {
	to := shown(s.cell.Domain)
	if login := s.cell.login(); login != "" {
		return []opinion{s.are(Unclear, Phrasef("%s logged in and wrote to %s, which does not take its mail: %s",
			shown(login), to, letters(s.letters)))}
	}
	all := s.inside()
	if most, _ := s.bringsBack(); most != nil {
		all = append(all, most.are(Returning, Phrasef("%d of %s to %s have a message ID that left this server before",
			most.returned, letters(most.letters), to)))
	}
	if part := s.habit(alone); part != nil {
		all = append(all, part.outsider(to)...)
	}
	if len(all) > 0 {
		return all
	}
	return []opinion{s.are(Forged, Phrasef("%s is not of your network, and %s takes mail from inside", s.who(), to))}
}

// outsider are the opinions about clients that have written to a protected address for long.
func (s *signs) outsider(to string) (all []opinion) {
	if genuine := s.spfLists(); genuine != nil {
		all = append(all, genuine.are(Unclear,
			Phrasef("%s writes to %s %s, with senders whose SPF lists it: an outsider, and a genuine one",
				genuine.who(), to, genuine.onDays())))
	}
	own := func(sender string) bool { return Organisation(domainOf(sender)) == s.organisation }
	part := s.only(func(k *Distinct) bool { return own(k.Sender) })
	if part != nil && !slices.ContainsFunc(all, func(o opinion) bool { return len(o.kinds) == len(s.kinds) }) {
		all = append(all, part.are(Unclear,
			Phrasef("%s writes to %s %s with senders of its own domain: an outsider, and perhaps a wanted one",
				part.who(), to, part.onDays())))
	}
	return all
}

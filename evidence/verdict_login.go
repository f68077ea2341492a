package evidence

import (
	"slices"

	"ucs-harden/hosteddomains"
	"ucs-harden/identity"
	"ucs-harden/mailbox"
)

// holding is whose a sender is that a login does not own.
type holding int

const (
	unheld   holding = iota // nobody's, in a domain of ours: an alias is missing
	ofGroup                 // of a group
	ofList                  // of a mailing list
	shared                  // of several accounts, or of a shared folder
	ofPerson                // of one other account
	foreign                 // in a domain that is not ours
	owned                   // of the login itself
)

// stolen is how many foreign domains one login writes as before it looks like a stolen password.
const stolen = 5

// many is how many addresses of others a login writes as before it looks like an application that sends for others.
const many = 3

// held says whose a sender is, with its group or list and its other holders.
func (f *Facts) held(login, sender string) (holding, *identity.Group, []identity.Account) {
	holders := f.Book.Of(sender)
	for i := range f.Groups {
		if mailbox.Key(f.Groups[i].Address) != mailbox.Key(sender) {
			continue
		}
		if f.Groups[i].List {
			return ofList, &f.Groups[i], holders
		}
		return ofGroup, &f.Groups[i], holders
	}
	accounts := func(a identity.Account) bool { return a.UID != "" }
	switch {
	case f.Book.Owns(login, sender):
		return owned, nil, holders
	case len(holders) == 0 && hosteddomains.Find(domainOf(sender), f.Ours.own()) == hosteddomains.Foreign:
		return foreign, nil, nil
	case len(holders) == 0:
		return unheld, nil, nil
	case len(holders) > 1 || !slices.ContainsFunc(holders, accounts):
		return shared, nil, holders
	}
	return ofPerson, nil, holders
}

// own are the hosted domains and the other names of this server.
func (o Ours) own() []string { return slices.Concat(o.Domains, o.Names) }

// loggedIn is the opinion about a login that wrote as an address that is not its own.
func (s *signs) loggedIn() opinion {
	f, login := s.facts, s.cell.login()
	if f.NoDirectory != "" || f.Book == nil {
		return s.are(NotOwned, Phrasef("%s wrote as %s; whose that is, the directory did not say",
			shown(login), some(s.senders, ofAddresses)))
	}
	var others, outside []string
	for _, sender := range s.senders {
		switch h, _, _ := f.held(login, sender); h {
		case owned:
		case foreign:
			if d := domainOf(sender); !slices.Contains(outside, d) {
				outside = append(outside, d)
			}
			others = append(others, sender)
		default:
			others = append(others, sender)
		}
	}
	switch {
	case len(others) == 0:
		return s.are(Unclear, Phrasef("%s owns %s: it was refused for another reason, or did not own it then",
			shown(login), some(s.senders, ofAddresses)))
	case len(outside) >= stolen:
		return s.are(NotOwned, Phrasef("%s wrote with senders in %d foreign domains, such as %s: a stolen password looks like this",
			shown(login), len(outside), shown(outside[0])))
	case len(others) >= many:
		return s.are(NotOwned, Phrasef("%s wrote as %s: an application that sends for others looks like this",
			shown(login), some(others, ofAddresses)))
	}
	as := f.saysOf(login, others[0])
	for _, sender := range others[1:] {
		as = Phrasef("%s, and as %s", as, f.saysOf(login, sender))
	}
	return s.are(NotOwned, Phrasef("%s wrote as %s", shown(login), as))
}

// saysOf says whose a sender is.
func (f *Facts) saysOf(login, sender string) Phrase {
	h, group, holders := f.held(login, sender)
	named := make([]string, len(holders))
	for i, a := range holders {
		named[i] = a.String()
	}
	switch h {
	case unheld:
		return Phrasef("%s, which nobody holds: an alias is missing", shown(sender))
	case ofGroup:
		return Phrasef("%s, the address of the group %s", shown(sender), shown(group.Name))
	case ofList:
		return Phrasef("%s, the address of a mailing list", shown(sender))
	case shared:
		if len(holders) == 1 {
			return Phrasef("%s, a shared mailbox", shown(sender))
		}
		return Phrasef("%s, which %s share", shown(sender), some(named, ofHolders))
	case ofPerson:
		return Phrasef("%s, the address of %s", shown(sender), named[0])
	case foreign:
		return Phrasef("%s, which is not in one of your domains", shown(sender))
	}
	return Verbatim(shown(sender))
}

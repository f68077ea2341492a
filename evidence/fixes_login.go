package evidence

import (
	"slices"
	"strings"

	"ucs-harden/identity"
	"ucs-harden/mailbox"
)

// mostAddresses is how many addresses one right names before it names their domain.
const mostAddresses = 10

// ofLogin are the fixes for a login that writes as addresses of others.
func (b *builder) ofLogin(s *signs) []proposal {
	f, login := &b.Facts, s.cell.login()
	if f.NoDirectory != "" || f.Book == nil {
		return words(Phrasef("the directory did not answer: ask again when it does"))
	}
	var others, outside []string
	for _, sender := range s.senders {
		switch h, _, _ := f.held(login, sender); h {
		case owned:
		case foreign:
			outside = append(outside, domainOf(sender))
			others = append(others, sender)
		default:
			others = append(others, sender)
		}
	}
	slices.Sort(outside)
	who := f.Book.LogsIn(login)
	switch {
	case len(slices.Compact(outside)) >= stolen:
		return words(Phrasef("ask %s, and change the password; to stop the account at once: ucs-harden suspend", shown(login)))
	case !asArgument(login) || len(who) == 0:
		return words(Phrasef("%s is not a login of the directory that a list can name: look at who logs in so", shown(login)))
	case len(others) >= many:
		return []proposal{right(login, who[0], others, Phrasef("let the application write as these addresses"),
			login+" sends for others")}
	}
	var out []proposal
	for _, sender := range others {
		if nameable(sender) {
			out = append(out, b.forSender(login, who[0], sender)...)
		}
	}
	return out
}

// forSender are the fixes for a login and one sender.
func (b *builder) forSender(login string, who identity.Account, sender string) []proposal {
	h, group, holders := b.held(login, sender)
	users := !slices.ContainsFunc(holders, func(a identity.Account) bool { return a.UID == "" })
	give := func(text Phrase, reason string) proposal { return right(login, who, []string{sender}, text, reason) }
	switch h {
	case unheld, shared:
		reason := login + " writes as " + sender
		if !users || who.Primary == "" || who.DN == "" { // a shared folder, or an account without a mailbox
			return []proposal{give(Phrasef("let %s write as the address", login), reason)}
		}
		only := give(Phrasef("let %s only write as it, without its mail", login), reason)
		return []proposal{alias(login, who, sender, len(holders) > 0), only}
	case ofGroup, ofList:
		if p, ok := ofMembers(group, who); ok {
			return []proposal{p, give(Phrasef("let only %s write as the address", login), login+" is a member")}
		}
		return []proposal{give(Phrasef("let %s, who is not a member, write as the address", login), login+" writes for "+sender)}
	case ofPerson:
		return []proposal{give(Phrasef("if %s agrees: let %s write as the address", holders[0], login),
			login+" writes for "+holders[0].String())}
	case foreign:
		return []proposal{give(Phrasef("if the address is %s's own: let %s write as it", login, login), "a foreign address of "+login)}
	}
	return nil
}

// alias gives an account a further address, which brings it the mail of the address as well.
func alias(login string, who identity.Account, sender string, shared bool) proposal {
	text := Phrasef("give %s the alias, and with it the mail of the address", login)
	if shared {
		text = Phrasef("make %s one more holder of the shared address, who gets its mail too", login)
	}
	return proposal{
		Fix: Fix{Text: text, Commands: [][]string{
			{"udm", "users/user", "modify", "--dn", who.DN, "--append", "mailAlternativeAddress=" + sender}, sync,
		}},
		change: Change{Addresses: map[string][]string{sender: {login}}},
	}
}

// right lets a login write as addresses, or as their domain when there are many in one.
func right(login string, who identity.Account, as []string, text Phrase, reason string) proposal {
	p := proposal{Fix: Fix{Text: text}, change: Change{Addresses: map[string][]string{}, Domains: map[string][]string{}}}
	words := slices.DeleteFunc(slices.Clone(as), func(a string) bool { return !nameable(a) })
	if len(words) > mostAddresses {
		var domains []string
		for _, a := range words {
			domains = append(domains, domainOf(a))
		}
		slices.Sort(domains)
		if words = slices.Compact(domains); len(words) <= fewSenders {
			p.Admits = Phrasef("every address of %s for %s", strings.Join(words, ", "), login)
		} else {
			return p
		}
	}
	if len(words) == 0 {
		return p
	}
	for _, word := range words {
		if strings.Contains(word, "@") {
			p.change.Addresses[word] = []string{login}
		} else {
			p.change.Domains[word] = []string{login}
		}
	}
	name := login
	if who.UID != "" && asArgument(who.UID) {
		name = who.UID
	}
	p.Commands = [][]string{
		{"ucs-harden", "send-as", "add", name, "--as", strings.Join(words, " "), "--reason", reason, "--now"},
	}
	return p
}

// ofMembers lets the members of a group or list write as its address. ok is false for an account that is none.
func ofMembers(g *identity.Group, who identity.Account) (p proposal, ok bool) {
	var logins []string
	for _, m := range g.Members {
		ok = ok || mailbox.Key(m.UID) == mailbox.Key(who.UID)
		logins = append(logins, m.UID)
		if m.Primary != "" {
			logins = append(logins, m.Primary)
		}
	}
	text, name, flag := Phrasef("let the members of the group write as its address"), g.Name, "--group"
	if g.List {
		text, name, flag = Phrasef("let the members of the list write as its address"), g.Address, "--list"
	}
	if !ok || strings.HasPrefix(name, "-") {
		return p, false
	}
	return proposal{
		Fix: Fix{
			Text: text,
			Commands: [][]string{
				{"ucs-harden", "send-as", "add", flag, name, "--reason", "members write as " + g.Address, "--now"},
			},
			Admits: Phrasef("%s as %s", Counted(len(g.Members), "%d member", "%d members"), g.Address),
		},
		change: Change{Addresses: map[string][]string{g.Address: logins}},
	}, true
}

// asArgument reports whether a login can be an argument of a command that names an account.
func asArgument(login string) bool {
	return mailbox.Speakable(login) && !strings.HasPrefix(login, "-") && !strings.ContainsAny(login, " ,")
}

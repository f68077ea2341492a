// Package sendas makes rights of the list of who may write as which further addresses. The account of an entry is found
// by its login or primary address, since these are the names by which it logs in. The members of a group or mailing
// list are those of the last look into the directory.
//
// Whatever an entry names that the directory does not have, or that no login map can hold, gives a finding. The finding
// says that the right has no effect, and all other rights stay in force.
package sendas

import (
	"fmt"
	"slices"
	"strings"

	"ucs-harden/findings"
	"ucs-harden/identity"
	"ucs-harden/lists"
	"ucs-harden/mailbox"
	"ucs-harden/owners"
	"ucs-harden/plan"
	"ucs-harden/rights"
)

// Source is what the rights are made of.
type Source struct {
	Entries []lists.Entry // those that count today
	// Book has the accounts of the entries and the holders of the addresses.
	Book *owners.Book
	// Groups are the groups and lists of the entries, and all others with an address if All is set. All lets their
	// members write as their address.
	Groups []identity.Group
	All    bool
	// Delimiter is the parameter recipient_delimiter (postconf(5)).
	Delimiter string
	// Hosted are the hosted domains.
	Hosted []string
}

// Result are the rights, and how many entries and groups they come from.
type Result struct {
	rights.Rights
	Many     int
	Findings []plan.Finding
}

// Compile makes the rights.
func Compile(s Source) Result {
	c := compiler{Source: s}
	for _, e := range s.Entries {
		holders, as := c.holders(e)
		logins := c.logins(e, holders)
		if len(logins) == 0 {
			continue
		}
		c.out.Many++
		for _, word := range as {
			if c.useful(e, word) {
				c.grant(logins, word)
			}
		}
	}
	for _, g := range s.Groups {
		if !s.All || g.Address == "" {
			continue
		}
		e := lists.Entry{Group: g.Name}
		if g.List {
			e = lists.Entry{List: g.Address}
		}
		if !lists.IsAddress(g.Address) {
			c.find(plan.Warning, findings.OddAddress.Of(g.Address), fmt.Sprintf(
				"the %s has the address %q, which no table can hold: its members may not write as it", e.About(), g.Address),
				"give it an address without blanks, quotes and letters that no mail address has")
		} else if logins := c.logins(e, g.Members); len(logins) > 0 {
			c.out.Many++
			c.out.Grant(logins, g.Address)
		}
	}
	return c.out
}

type compiler struct {
	Source
	out Result
}

func (c *compiler) find(severity plan.Severity, id findings.ID, text, hint string) {
	f := id.Finding(severity, text, hint)
	if !slices.Contains(c.out.Findings, f) {
		c.out.Findings = append(c.out.Findings, f)
	}
}

// useless reports that an entry has no effect.
func (c *compiler) useless(e lists.Entry, kind *findings.Kind, why, hint string) {
	if hint == "" {
		hint = "correct it, or remove it: ucs-harden " + List.Verb + " remove --name " + plan.Quote(e.Name)
	}
	c.find(plan.Warning, kind.Of(List.Variable(e)), why+": the right has no effect", hint)
}

// holders are the accounts that an entry gives a right, and what they may write as.
func (c *compiler) holders(e lists.Entry) (holders []identity.Account, as []string) {
	as = lists.Words(e.As)
	if e.Account == "" {
		return c.members(e, as)
	}
	if holders = c.Book.LogsIn(e.Account); len(holders) == 0 {
		c.useless(e, findings.Nobody, "the directory has no account that logs in as "+plan.Quote(e.Account), "")
	}
	return holders, as
}

func (c *compiler) members(e lists.Entry, as []string) ([]identity.Account, []string) {
	var found []identity.Group
	for _, g := range c.Groups {
		if slices.Contains(g.Asked, e.Group+e.List) && (e.List != "" || !g.List) {
			found = append(found, g)
		}
	}
	switch {
	case len(found) == 0:
		c.useless(e, findings.NoGroup, "the directory has no "+e.About(), "")
	case len(found) > 1:
		c.useless(e, findings.SeveralGroups, fmt.Sprintf("the directory has %d groups with the name %q", len(found), e.Group),
			"name the group by its DN: ucr set "+plan.Quote(List.Variable(e)+"/group="+found[0].DN))
	case len(as) == 0 && !lists.IsAddress(found[0].Address):
		c.useless(e, findings.NoAddress, fmt.Sprintf(
			"the %s has no address that a table can hold (%q), and the entry names none",
			e.About(), found[0].Address), "give it an address in UMC, or say what its members may write as, with --as")
	case len(found[0].Members) == 0:
		c.useless(e, findings.NoMembers, "the "+e.About()+" has no member that can log in", "")
	case len(as) == 0:
		return found[0].Members, []string{found[0].Address}
	default:
		return found[0].Members, as
	}
	return nil, nil
}

// logins are the names by which accounts log in: the uid and the primary address. The same two are in the login map of
// the directory.
func (c *compiler) logins(e lists.Entry, accounts []identity.Account) []string {
	var out []string
	for _, a := range accounts {
		for _, name := range []string{a.UID, a.Primary} {
			switch {
			case name == "":
			case rights.CanOwn(name):
				out = append(out, name)
			default:
				c.find(plan.Warning, findings.CannotOwn.Of(name), fmt.Sprintf(
					"Postfix splits the owners of an address at blanks and"+
						" commas: who logs in as %q has no right to write as a further address", name),
					"give the account a login without blanks and commas")
			}
		}
	}
	return out
}

// useful reports whether an address or domain can be in the table of rights.
func (c *compiler) useful(e lists.Entry, word string) bool {
	local, domain, address := strings.Cut(strings.ToLower(word), "@")
	if !address || local == "" {
		return true
	}
	if i := strings.IndexAny(local, c.Delimiter); i > 0 {
		c.useless(e, findings.Extension, fmt.Sprintf("with recipient_delimiter = %s the owners of %s@%s may write as %s,"+
			" and an entry for it would take that away", c.Delimiter, local[:i], domain, word),
			"name "+local[:i]+"@"+domain+" instead, which includes its extensions")
		return false
	}
	if len(c.Book.Of(word)) == 0 && slices.Contains(c.Hosted, domain) && !c.groupHas(word) {
		c.find(plan.Note, findings.UnknownSender.Of(List.Variable(e)+"/"+strings.ToLower(word)),
			fmt.Sprintf("nobody has the address %s: replies to it cannot be delivered", word),
			"if it is mistyped: ucs-harden "+List.Verb+" add shows how to correct it; else give it to somebody in UMC")
	}
	return true
}

func (c *compiler) groupHas(address string) bool {
	key := mailbox.Key(address)
	return slices.ContainsFunc(c.Groups, func(g identity.Group) bool { return mailbox.Key(g.Address) == key })
}

func (c *compiler) grant(logins []string, word string) {
	if domain, ok := lists.AsDomain(word); ok {
		word = domain
	}
	c.out.Grant(logins, word)
}

package evidence

import (
	"slices"
	"strings"
	"time"
)

// AcceptPrefix begins the ID with which a group is accepted.
const AcceptPrefix = "evidence:"

// mostClients is how many clients an acceptance keeps. The clients of a larger group are not compared.
const mostClients = 256

// Accepting is the acceptance of a group as it is now.
func Accepting(g Group, by string, at time.Time) Acceptance {
	return Acceptance{ID: AcceptPrefix + g.ID, By: by, At: at, Count: g.Count, Clients: clientsOf(g.Cell)}
}

// With is the acceptance of a group that two reports know: it has the greater count and the clients of both.
func (a Acceptance) With(b Acceptance) Acceptance {
	a.Count = max(a.Count, b.Count)
	a.Clients = slices.Concat(a.Clients, b.Clients)
	slices.Sort(a.Clients)
	a.Clients = slices.Compact(a.Clients)
	a.Clients = a.Clients[:min(len(a.Clients), mostClients)]
	return a
}

// clientsOf are the clients of a cell: networks of strangers, single addresses where they are private, and the login of
// who has logged in, from wherever that was.
func clientsOf(c Cell) []string {
	clients := []string{}
	for _, k := range c.Kinds {
		client := ""
		switch {
		case k.Login != "":
			client = k.Login
		case !k.Client.IsValid():
		case isInside(k.Client):
			client = k.Client.Unmap().String()
		default:
			client = Network(k.Client).String()
		}
		if client != "" && !slices.Contains(clients, client) {
			clients = append(clients, client)
		}
	}
	slices.Sort(clients)
	return clients[:min(len(clients), mostClients)]
}

// Reopened says why an acceptance of a group holds no longer, zero if it does: the group has a client that it had not, or
// twice as many letters.
func (a Acceptance) Reopened(g Group) Phrase {
	if len(a.Clients) < mostClients {
		for _, client := range clientsOf(g.Cell) {
			if !slices.Contains(a.Clients, client) {
				return Phrasef("%s is new since it was accepted on %s", client, dateOf(a.At))
			}
		}
	}
	if g.Count >= 2*max(1, a.Count) {
		return Phrasef("it had %d letters when it was accepted on %s, and has %d", a.Count, dateOf(a.At), g.Count)
	}
	return Phrase{}
}

// Settle looks at the groups of a report in the light of what was accepted. It fills in Accepted, Reopened and Open, and
// sorts the groups: open ones first, then by count.
func (r *Report) Settle(accepted []Acceptance) {
	for i := range r.Groups {
		g := &r.Groups[i]
		g.Accepted, g.Reopened = nil, Phrase{}
		for _, a := range accepted {
			if a.ID != AcceptPrefix+g.ID {
				continue
			}
			if g.Reopened = a.Reopened(*g); g.Reopened.IsZero() {
				g.Accepted = &a
			}
		}
		g.Open = g.Verdict.Positive() && !g.Fixed && !g.Cleared && g.Accepted == nil
	}
	Sort(r.Groups)
}

// Accept returns the acceptances of the groups that somebody names, each with AcceptPrefix or not. unknown is the first
// name that no group has.
func (r *Report) Accept(names []string, by string, at time.Time) (accepted []Acceptance, unknown string) {
	for _, name := range names {
		id := strings.TrimPrefix(name, AcceptPrefix)
		i := slices.IndexFunc(r.Groups, func(g Group) bool { return g.ID == id })
		if i < 0 {
			return nil, name
		}
		accepted = append(accepted, Accepting(r.Groups[i], by, at))
	}
	return accepted, ""
}

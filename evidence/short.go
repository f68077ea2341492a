package evidence

import (
	"net/netip"

	"ucs-harden/maillog"
)

// Short is a report with what the gate asks for, and no letter: its counts, and the groups that are not forged, each with its
// clients as an acceptance compares them, and with what to do.
func (r *Report) Short() *Report {
	short := *r
	short.Coverage.Files = []maillog.File{}
	short.Groups, short.PerDay, short.Exceptions = []Group{}, map[string]map[string]int64{}, nil
	for _, g := range r.Groups {
		if g.Verdict.Positive() {
			g.Kinds, g.Samples = clientKinds(g.Kinds), []Sample{}
			short.Groups = append(short.Groups, g)
		}
	}
	return &short
}

// clientKinds are kinds of letters of which only the client or the login is known, as clientsOf has them.
func clientKinds(kinds []Distinct) []Distinct {
	type who struct {
		client netip.Addr
		login  string
	}
	seen, out := map[who]bool{}, []Distinct{}
	for _, k := range kinds {
		w := who{login: k.Login}
		if k.Login == "" && k.Client.IsValid() {
			if w.client = k.Client.Unmap(); !isInside(w.client) {
				w.client = Network(w.client).Addr()
			}
		}
		if !seen[w] {
			seen[w] = true
			out = append(out, Distinct{Client: w.client, Login: w.login, NetworkOnly: w.client.IsValid() && !isInside(w.client)})
		}
	}
	return out
}

// isInside reports whether an address is one of those that are compared one by one.
func isInside(a netip.Addr) bool {
	return a.Unmap().IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast()
}

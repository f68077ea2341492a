package evidence

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// longest is how much of a name that a stranger can choose a sentence has.
const longest = 80

// shown is a name for a sentence: quoted when it has characters that would hide or mislead, and cut when it is long.
func shown(name string) string {
	if name == "" {
		return "<>"
	}
	if runes := []rune(name); len(runes) > longest {
		name = string(runes[:longest]) + "…"
	}
	hides := func(r rune) bool { return !unicode.IsPrint(r) || r == ' ' || r == unicode.ReplacementChar }
	if strings.ContainsFunc(name, hides) {
		return strconv.QuoteToASCII(name)
	}
	return name
}

// noun is a word for things that have names: for none of them, and for many.
type noun struct{ none, many string }

var (
	ofSenders   = noun{"no sender", "%d senders"}
	ofAddresses = noun{"no address", "%d addresses"}
	ofClients   = noun{"no client", "%d clients"}
	ofDomains   = noun{"no domain", "%d domains"}
	ofReceivers = noun{"no receiver", "%d receivers"}
	ofHolders   = noun{"no holder", "%d holders"}
)

// some names one or two of a list, and the number of more: "a", "a and b", "5 senders, such as a and b".
func some(names []string, of noun) Phrase {
	switch len(names) {
	case 0:
		return Phrasef(of.none)
	case 1:
		return Verbatim(shown(names[0]))
	case 2:
		return Phrasef("%s and %s", shown(names[0]), shown(names[1]))
	}
	return Phrasef("%s, such as %s and %s", Phrasef(of.many, len(names)), shown(names[0]), shown(names[1]))
}

func letters(n int64) Phrase { return Counted(n, "%d letter", "%d letters") }

// who names the clients: the organisation with one of its addresses, else the address or the network.
func (s *signs) who() Phrase {
	switch {
	case len(s.clients) == 0:
		return Phrasef("the client")
	case s.organisation != "" && len(s.clients) == 1:
		return Phrasef("%s (%s)", s.organisation, s.client(s.clients[0]))
	case s.organisation != "":
		return Phrasef("%s (%d addresses)", s.organisation, len(s.clients))
	case len(s.clients) == 1:
		return Verbatim(s.client(s.clients[0]))
	}
	return Phrasef("%s (%d addresses)", Infrastructure(s.clients[0], ""), len(s.clients))
}

// client is an address of a client, or its network if it stands for this.
func (s *signs) client(a netip.Addr) string { return ClientText(a, slices.Contains(s.networks, a)) }

// serverWords begin the names of mail servers.
var serverWords = []string{
	"mail", "mx", "smtp", "mta", "relay", "exchange", "postfix", "mailgate", "groupware", "webmail", "lists",
}

// serverName is a name that a client in our network has or gives itself, if it is one of a mail server.
func (s *signs) serverName() string {
	for _, name := range s.names() {
		label, _, qualified := strings.Cut(strings.ToLower(name), ".")
		label = strings.TrimRight(label, "0123456789-")
		for _, word := range serverWords {
			if qualified && label == word {
				return name
			}
		}
	}
	return ""
}

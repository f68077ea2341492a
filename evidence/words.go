package evidence

import (
	"fmt"
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

// some names one or two of a list, and the number of more: "a", "a and b", "5 senders, such as a and b".
func some(names []string, one string) string {
	switch len(names) {
	case 0:
		return "no " + one
	case 1:
		return shown(names[0])
	case 2:
		return shown(names[0]) + " and " + shown(names[1])
	}
	if strings.HasSuffix(one, "s") {
		one += "e"
	}
	return fmt.Sprintf("%d %ss, such as %s and %s", len(names), one, shown(names[0]), shown(names[1]))
}

func letters(n int64) string {
	if n == 1 {
		return "1 letter"
	}
	return strconv.FormatInt(n, 10) + " letters"
}

// who names the clients: the organisation with one of its addresses, else the address or the network.
func (s *signs) who() string {
	switch {
	case len(s.clients) == 0:
		return "the client"
	case s.organisation != "" && len(s.clients) == 1:
		return fmt.Sprintf("%s (%s)", s.organisation, s.clients[0])
	case s.organisation != "":
		return fmt.Sprintf("%s (%d addresses)", s.organisation, len(s.clients))
	case len(s.clients) == 1:
		return s.clients[0].String()
	}
	return fmt.Sprintf("%s (%d addresses)", Infrastructure(s.clients[0], ""), len(s.clients))
}

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

package controls

import (
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/access"
	"ucs-harden/lists"
	"ucs-harden/plan"
	"ucs-harden/rules"
)

// readExceptions reads the exceptions of the tables that a configuration names, in the order in which Postfix tries
// them. One that Postfix asks for at several places is there for each.
func readExceptions(t Tables) []rules.Exception {
	var out []rules.Exception
	add := func(e rules.Exception) {
		e.Sender = rules.SenderKey(e.Sender)
		if !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	for _, e := range t.clients(t.exceptionTable(clientsKind)) {
		if sum, ok := strings.CutPrefix(e.Name, exceptionClass); ok && e.Client.IsValid() {
			if e.Name = informing(t.exception(sum + ".regexp")); e.Name != "" {
				add(e)
			}
		}
	}
	for _, s := range access.ParsePatterns(t.exception(t.exceptionTable(sendersKind))) {
		if name := informing([]byte(s.Action)); name != "" {
			add(rules.Exception{Name: name, Sender: s.Key})
		}
		sum, ok := strings.CutPrefix(s.Action, exceptionClass)
		if !ok {
			continue
		}
		for _, e := range t.clients(someKind + sum + ".cidr") {
			if e.Name = informing([]byte(e.Name)); e.Name != "" {
				add(rules.Exception{Name: e.Name, Client: e.Client, Sender: s.Key})
			}
		}
	}
	return out
}

// exception is the content of a table of exceptions, nil for none.
func (t Tables) exception(name string) []byte {
	return t.read(table(senderSpoofingName + "-" + exceptionPart + name))
}

// exceptionTable is the name of the table of a kind that a class asks, "" for none.
func (t Tables) exceptionTable(kind string) string {
	_, rest, found := strings.Cut(t.restrictions, ":"+table(senderSpoofingName+"-"+exceptionPart+kind))
	if !found {
		return ""
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) })
	switch kind {
	case clientsKind:
		return kind + rest[:max(end, 0)] + ".cidr"
	default:
		return kind + rest[:max(end, 0)] + ".regexp"
	}
}

// clients are the lines of a table of clients: the name of each is its action. The client of all others is none.
func (t Tables) clients(name string) []rules.Exception {
	var out []rules.Exception
	for _, line := range access.Parse(t.exception(name)) {
		client, err := netip.ParsePrefix(line.Key)
		if err != nil {
			continue
		}
		if client.Bits() == 0 {
			client = netip.Prefix{}
		}
		out = append(out, rules.Exception{Name: line.Action, Client: client})
	}
	return out
}

// informing is the name of the exception whose use a text logs, "" for none.
func informing(text []byte) string {
	_, rest, _ := strings.Cut(string(text), informed(""))
	name, _, _ := strings.Cut(rest, "\n")
	return name
}

// proposeException is the command that lets a refused letter in, for the case that nothing better is possible. An
// exception cannot name every sender that the control refuses, such as one with an address literal.
func proposeException(r Refused) []string {
	if !lists.IsAddress(r.Letter.Sender) {
		return nil
	}
	return advise("if nothing else is possible: ucs-harden allow NAME --client %s --sender %s --reason WHY"+thenSync,
		r.Client, plan.Quote(r.Letter.Sender))
}

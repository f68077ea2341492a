package page

import (
	"slices"
	"strings"
)

// matrix is who may send what to whom. Its columns are the recipients, and the ports for each.
type matrix struct {
	Recipients []string
	Ports      []string
	Clients    []client
}

// client is the rows of one kind of client.
type client struct {
	Who  string
	Rows []sender
}

// sender is what a kind of client may do with a kind of sender, for each recipient and port.
type sender struct {
	Sender  string
	Answers []answer
}

// answer is a field of the grid.
type answer struct {
	Today, Plan verdict
	// Changes: Plan is another one than Today. None: no test message was there. Most: of most of several messages.
	Changes, None, Most bool
}

// verdict is how a message is answered: ok, log, or the reply code; Kind is a word for the style sheet.
type verdict struct{ Text, Kind string }

func (v View) matrix() (m matrix) {
	if v.Grid == nil {
		return m
	}
	m.Ports = v.Grid.Ports
	for _, to := range []string{"inside", "outside", "protected"} {
		for _, r := range v.Grid.Rows {
			if r.To == to && !slices.Contains(m.Recipients, to) {
				m.Recipients = append(m.Recipients, to)
			}
		}
	}
	width := len(m.Recipients) * len(m.Ports)
	for _, r := range v.Grid.Rows {
		to := slices.Index(m.Recipients, r.To)
		if to < 0 {
			continue
		}
		at := slices.IndexFunc(m.Clients, func(c client) bool { return c.Who == r.Who })
		if at < 0 {
			at = len(m.Clients)
			m.Clients = append(m.Clients, client{Who: r.Who})
		}
		rows := &m.Clients[at].Rows
		n := slices.IndexFunc(*rows, func(s sender) bool { return s.Sender == r.Sender })
		if n < 0 {
			n = len(*rows)
			*rows = append(*rows, sender{r.Sender, slices.Repeat([]answer{{None: true}}, width)})
		}
		for i, field := range r.Fields {
			(*rows)[n].Answers[to*len(m.Ports)+i] = answerOf(field)
		}
	}
	return m
}

// answerOf reads a field of the grid: "ok", "ok → 554", "ok → 554*".
func answerOf(field string) answer {
	if field == "" {
		return answer{None: true}
	}
	field, most := strings.CutSuffix(field, "*")
	today, after, changes := strings.Cut(field, " → ")
	if !changes {
		after = today
	}
	return answer{Today: verdictOf(today), Plan: verdictOf(after), Changes: changes, Most: most}
}

func verdictOf(word string) verdict {
	switch {
	case word == "ok" || word == "log":
		return verdict{word, word}
	case strings.HasPrefix(word, "4"):
		return verdict{word, "later"}
	}
	return verdict{word, "no"}
}

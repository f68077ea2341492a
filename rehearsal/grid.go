package rehearsal

import (
	"slices"
	"strconv"

	"ucs-harden/rules"
)

// Grid is a rehearsal as a small table: a row for each kind of client, sender and recipient, a column for each kind of
// port. Test messages that belong together are one field.
type Grid struct {
	Ports []string
	Rows  []GridRow
}

// GridRow is what a kind of client may do. Fields are the answers at Ports; "" is where no test message was.
type GridRow struct {
	Who, Sender, To string
	Fields          []string
}

// Grid is the matrix in short. It leaves out mail to postmaster, to unknown recipients and to domains that do not exist,
// and what the administrator's own tables are about.
func (m *Matrix) Grid() Grid {
	ports := []int{25, 465, 587}
	g := Grid{Ports: []string{"25", "465", "587"}}
	answers := map[[3]string]map[int][]string{}
	for i := range m.Cells {
		c := &m.Cells[i]
		row := [3]string{who(c), senderKind(c), to(c)}
		if c.OfTable || row[2] == "" {
			continue
		}
		if answers[row] == nil {
			answers[row] = map[int][]string{}
			g.Rows = append(g.Rows, GridRow{Who: row[0], Sender: row[1], To: row[2]})
		}
		answers[row][c.Dialogue.Port] = append(answers[row][c.Dialogue.Port], m.field(c))
	}
	for i, row := range g.Rows {
		for _, port := range ports {
			g.Rows[i].Fields = append(g.Rows[i].Fields, mostOften(answers[[3]string{row.Who, row.Sender, row.To}][port]))
		}
	}
	g.sort()
	return g.merged()
}

// field is the answer of today and of the plan: "ok → 554", or "ok" when both are the same. In a matrix without answers it
// is what the rules foretell, and a refusal that no rule is about has no code.
func (m *Matrix) field(c *Cell) string {
	before := answered(c.Before.Accepted(), c.Ruled.Warned, c.Before.Code)
	after := answered(c.After.Accepted(), c.Ruling.Warned && !c.Unlogged, c.After.Code)
	if m.Foreseen {
		before = answered(accepts(c.Ruled, c.Today), c.Ruled.Warned, c.Ruled.Code)
		after = answered(accepts(c.Ruling, c.Letter), c.Ruling.Warned && !c.Unlogged, c.Ruling.Code)
	}
	if before == after {
		return before
	}
	return before + " → " + after
}

func answered(accepted, logged bool, code int) string {
	switch {
	case accepted && logged:
		return "log"
	case accepted:
		return "ok"
	case code == 0:
		return "no"
	}
	return strconv.Itoa(code)
}

// mostOften is the answer that most of the messages of a field have; "*" behind it says that others have another one.
func mostOften(answers []string) string {
	count, best := map[string]int{}, ""
	for _, a := range answers {
		if count[a]++; best == "" || count[a] > count[best] {
			best = a
		}
	}
	if len(count) > 1 {
		best += "*"
	}
	return best
}

var clientNames = map[rules.Client]string{
	rules.Stranger: "stranger", rules.Unlisted: "not in mynetworks", rules.Controller: "domain controller",
	rules.Named: "named system", rules.Listed: "in mynetworks", rules.MailServer: "mail server", rules.ThisHost: "this server",
}

// whoOrder is the order of the rows.
var whoOrder = []string{
	"stranger", "logged in", "not in mynetworks", "in mynetworks", "domain controller", "named system", "mail server",
	"this server", "stopped account", "suspended account", "local-only account",
}

func who(c *Cell) string {
	switch l := c.Letter; {
	case l.Stopped:
		return "stopped account"
	case l.Suspended:
		return "suspended account"
	case l.Bound != 0:
		return "local-only account"
	case c.Dialogue.Login != "":
		return "logged in"
	default:
		return clientNames[l.Client]
	}
}

func senderKind(c *Cell) string {
	switch l := c.Letter; {
	case l.SenderIs == rules.NullSender:
		return "<>"
	case l.SenderIs == rules.Foreign:
		return "foreign"
	case c.Dialogue.Login == "":
		return "yours"
	case l.Owner == rules.TheLogin:
		return "its own"
	default:
		return "somebody else's"
	}
}

func to(c *Cell) string {
	switch l := c.Letter; {
	case l.Guard != 0:
		return "protected"
	case l.RecipientIs == rules.Known:
		return "inside"
	case l.RecipientIs == rules.Elsewhere:
		return "outside"
	}
	return ""
}

func (g *Grid) sort() {
	slices.SortStableFunc(g.Rows, func(a, b GridRow) int {
		return slices.Index(whoOrder, a.Who) - slices.Index(whoOrder, b.Who)
	})
}

// merged makes one column of 465 and 587 when they answer alike.
func (g Grid) merged() Grid {
	for _, row := range g.Rows {
		if at465, at587 := row.Fields[1], row.Fields[2]; at465 != at587 && at465 != "" && at587 != "" {
			return g
		}
	}
	g.Ports = []string{"25", "465, 587"}
	for i, row := range g.Rows {
		either := row.Fields[1]
		if either == "" {
			either = row.Fields[2]
		}
		g.Rows[i].Fields = []string{row.Fields[0], either}
	}
	return g
}

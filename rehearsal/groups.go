package rehearsal

import (
	"fmt"
	"slices"
	"strconv"

	"ucs-harden/internal/plural"
)

// Topic selects cells for a report. A cell can belong to several topics.
type Topic int

const (
	// NowRefused: accepted today, refused by the plan, as it should be.
	NowRefused Topic = iota
	// NowAccepted: refused today, accepted by the plan, as it should be.
	NowAccepted
	// OtherCode: refused today and by the plan, with another code, as it should be.
	OtherCode
	// Explained: see Outcome.Explained.
	Explained
	// NotLogged: see Outcome.Unlogged; without those that are explained.
	NotLogged
	// Wrong: see Matrix.Wrong.
	Wrong
)

// Group are cells with the same rule and the same answer, all at ports for mail servers or all at those for mail programs.
type Group struct {
	Cells []Cell
	// Ports are the ports of the cells, by role.
	Ports []string
}

// Example is the first cell.
func (g Group) Example() Cell { return g.Cells[0] }

// Groups are the cells of a topic, in the order of the matrix; for Wrong, the worst first.
func (m *Matrix) Groups(t Topic) []Group {
	cells := m.about(t)
	var groups []Group
	at := map[sameness]int{}
	for _, c := range cells {
		key := c.sameness(t)
		n, known := at[key]
		if !known {
			n, at[key] = len(groups), len(groups)
			groups = append(groups, Group{})
		}
		groups[n].Cells = append(groups[n].Cells, c)
	}
	for i, g := range groups {
		groups[i].Ports = portsOf(g.Cells)
	}
	return groups
}

func (m *Matrix) about(t Topic) []Cell {
	if t == Wrong {
		return m.Wrong()
	}
	asRuled := func(c Cell) bool { return c.Differs() && !c.Wrong && !c.Explained }
	return m.where(map[Topic]func(Cell) bool{
		NowRefused:  func(c Cell) bool { return asRuled(c) && c.Before.Accepted() },
		NowAccepted: func(c Cell) bool { return asRuled(c) && !c.Before.Accepted() && c.After.Accepted() },
		OtherCode:   func(c Cell) bool { return asRuled(c) && !c.Before.Accepted() && !c.After.Accepted() },
		Explained:   func(c Cell) bool { return c.Explained },
		NotLogged:   func(c Cell) bool { return c.Unlogged && !c.Explained },
	}[t])
}

// sameness is what the cells of a group have in common.
type sameness struct {
	mx            bool // a port for mail servers, not one for mail programs
	rule, control string
	before, after answer
}

type answer struct {
	code     int
	enhanced string
}

// sameness leaves out today's answer for the topics that do not depend on it.
func (c Cell) sameness(t Topic) sameness {
	s := sameness{
		mx: c.Dialogue.Port == 25, rule: c.Ruling.Name, control: c.Ruled.Control,
		after: answer{c.After.Code, c.After.Enhanced},
	}
	if c.Differs() && t != Explained && t != NotLogged {
		s.before = answer{c.Before.Code, c.Before.Enhanced}
	}
	return s
}

// WayIn are the cells of one client on one port, with or without a login.
type WayIn struct {
	Client, Access string
	Cells          []Cell
}

// WaysIn are all cells, in the order in which the ways in first occur.
func (m *Matrix) WaysIn() []WayIn {
	var ways []WayIn
	for _, c := range m.Cells {
		n := slices.IndexFunc(ways, func(w WayIn) bool { return w.Client == c.Words.Client && w.Access == c.Words.Access })
		if n < 0 {
			n = len(ways)
			ways = append(ways, WayIn{Client: c.Words.Client, Access: c.Words.Access})
		}
		ways[n].Cells = append(ways[n].Cells, c)
	}
	return ways
}

// String is a rehearsal in one line, for people and for the history.
func (n Counts) String() string {
	wrong := "none"
	if n.Wrong > 0 {
		wrong = strconv.Itoa(n.Wrong)
	}
	messages := plural.Count(n.Cells, "test message", "test messages")
	text := fmt.Sprintf("%s: %d answered differently, %s unexpectedly", messages, n.Differences, wrong)
	if n.Explained > 0 {
		text += fmt.Sprintf(", %d explained", n.Explained)
	}
	if n.Unlogged > 0 {
		text += fmt.Sprintf(", %d that warn cannot log", n.Unlogged)
	}
	return text + "."
}

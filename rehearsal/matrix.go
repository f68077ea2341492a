package rehearsal

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/rules"
)

// MatrixSchema is the version of the JSON form. It changes when a field gets another name or another meaning.
const MatrixSchema = 2

// Play plays dialogues and returns one reply to each, in the same order.
type Play func(context.Context, []privatepostfix.Dialogue) ([]privatepostfix.Reply, error)

// Matrix is a rehearsal: the questions that a plan was asked, and its answers.
type Matrix struct {
	// Today and Plan are the modes of the controls in the two configurations.
	Today, Plan map[string]plan.Mode
	Cells       []Cell
	// Notes tell what could not be asked.
	Notes []string
	// Foreseen: no Postfix was asked, see Foresee. The cells have no answers.
	Foreseen bool
}

// Counts are the numbers of a matrix's last line.
type Counts struct {
	Cells       int `json:"cells"`
	Differences int `json:"differences"` // other replies than today
	Wrong       int `json:"wrong"`
	Explained   int `json:"explained"` // not as the rules say, but explained: see Outcome.Explained
	Unlogged    int `json:"unlogged"`  // mode warn should have logged it and did not
}

// Rehearse makes the cells of a server and plays them against today's configuration and against that of the plan, at
// the same time. The matrix tells whether the plan is right. An error means that the rehearsal was not possible.
func Rehearse(ctx context.Context, f Facts, today, planned Play) (*Matrix, error) {
	cells, notes, err := Cells(f)
	if err != nil {
		return nil, err
	}
	dialogues := make([]privatepostfix.Dialogue, len(cells))
	for i, c := range cells {
		dialogues[i] = c.Dialogue
	}
	before, after, err := playBoth(ctx, dialogues, today, planned)
	if err != nil {
		return nil, err
	}
	for i := range cells {
		cells[i].Before, cells[i].After = before[i], after[i]
	}
	if !proves(cells) {
		return nil, fmt.Errorf("cannot rehearse: today's configuration accepts nothing to compare with; %s: %s",
			cells[0], cells[0].Before)
	}
	about := look(cells)
	about.noForeign, about.service = f.NoForeign, f.Plan.service
	for i := range cells {
		cells[i].Outcome = cells[i].judge(about)
	}
	return &Matrix{Today: f.Today.Modes, Plan: f.Plan.Modes, Cells: cells, Notes: notes}, nil
}

// proves reports whether the replies prove something: today's configuration accepts something, or it does not work and
// the plan mends it. Mail to postmaster bypasses every restriction list, so it proves nothing.
func proves(cells []Cell) bool {
	var today, planned, fails bool
	for _, c := range cells {
		if c.Letter.RecipientIs != rules.Postmaster {
			today, planned = today || c.Before.Accepted(), planned || c.After.Accepted()
			fails = fails || broken(c.Before) || dead(c.Before)
		}
	}
	return today || fails && planned
}

// Differs reports whether the answer of the plan differs from that of today's configuration.
func (c Cell) Differs() bool {
	return c.Before.Code != c.After.Code || c.Before.Enhanced != c.After.Enhanced
}

// Wrong are the cells that stop an apply, the worst first.
func (m *Matrix) Wrong() []Cell {
	wrong := m.where(func(c Cell) bool { return c.Wrong })
	slices.SortStableFunc(wrong, func(a, b Cell) int { return cmp.Compare(a.gravity(), b.gravity()) })
	return wrong
}

// gravity orders what is wrong: 0 is a stranger who can relay, 1 is mail that is lost, 2 is mail that should be
// refused and is not, 3 is mail that is refused with another code.
func (c Cell) gravity() int {
	switch {
	case c.After.Accepted() && c.Ruling.Effect == rules.Refuse && c.Ruling.Control == "":
		return 0
	case !c.After.Accepted() && c.Ruling.Effect != rules.Refuse:
		return 1
	case c.After.Accepted():
		return 2
	}
	return 3
}

func (m *Matrix) where(is func(Cell) bool) []Cell {
	var out []Cell
	for _, c := range m.Cells {
		if is(c) {
			out = append(out, c)
		}
	}
	return out
}

// Count counts the cells.
func (m *Matrix) Count() Counts {
	n := Counts{Cells: len(m.Cells)}
	for _, c := range m.Cells {
		for number, counts := range map[*int]bool{
			&n.Differences: c.Differs(), &n.Wrong: c.Wrong, &n.Explained: c.Explained, &n.Unlogged: c.Unlogged,
		} {
			if counts {
				*number++
			}
		}
	}
	return n
}

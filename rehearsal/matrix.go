package rehearsal

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/rules"
)

// MatrixSchema is the version of the JSON form; a field is never renamed or
// given another meaning without a new one.
const MatrixSchema = 1

// Play answers dialogues, each with one reply, in their order; an *Instance
// does.
type Play func(context.Context, []privatepostfix.Dialogue) ([]privatepostfix.Reply, error)

// Matrix is a rehearsal: what a plan was asked, and what it answered.
type Matrix struct {
	// Today and Plan are the modes of the controls in the two configurations.
	Today, Plan map[string]plan.Mode
	Cells       []Cell
	// Notes say what could not be asked.
	Notes []string
}

// Counts are the numbers of a matrix's last line.
type Counts struct {
	Cells       int `json:"cells"`
	Differences int `json:"differences"` // other replies than today
	Wrong       int `json:"wrong"`
	Explained   int `json:"explained"` // not as the table of rules has it, for a reason that is not the plan's
	Unlogged    int `json:"unlogged"`  // mode warn should have logged it and did not
}

// Rehearse makes the cells of a server and plays them against today's
// configuration and that of the plan, both at the same time. Whether the plan
// is right is then in the matrix; the error says that nothing could be learnt.
func Rehearse(ctx context.Context, f Facts, today, planned Play) (*Matrix, error) {
	cells, notes, err := Cells(f)
	if err != nil {
		return nil, err
	}
	dialogues := make([]privatepostfix.Dialogue, len(cells))
	for i, c := range cells {
		dialogues[i] = c.Dialogue
	}
	var before, after []privatepostfix.Reply
	var failedBefore, failedAfter error
	var both sync.WaitGroup
	both.Go(func() { before, failedBefore = today(ctx, dialogues) })
	both.Go(func() { after, failedAfter = planned(ctx, dialogues) })
	both.Wait()
	switch {
	case failedBefore != nil:
		return nil, fmt.Errorf("cannot rehearse today's configuration: %w", failedBefore)
	case failedAfter != nil:
		return nil, fmt.Errorf("cannot rehearse the configuration of the plan: %w", failedAfter)
	case len(before) != len(cells) || len(after) != len(cells):
		return nil, fmt.Errorf("cannot rehearse: %d and %d replies to %d dialogues", len(before), len(after), len(cells))
	}
	for i := range cells {
		cells[i].Before, cells[i].After = before[i], after[i]
	}
	// Mail to postmaster passes by every restriction list: it shows nothing.
	serves := func(c Cell) bool { return c.Before.Accepted() && c.Letter.RecipientIs != rules.Postmaster }
	if !slices.ContainsFunc(cells, serves) {
		return nil, fmt.Errorf("cannot rehearse: today's configuration accepts nothing to compare with; %s: %s", cells[0], cells[0].Before)
	}
	about := look(cells)
	about.noForeign = f.NoForeign
	for i := range cells {
		cells[i].Outcome = cells[i].judge(about)
	}
	return &Matrix{Today: f.Today.Modes, Plan: f.Plan.Modes, Cells: cells, Notes: notes}, nil
}

// Differs reports whether the plan answers otherwise than today's configuration.
func (c Cell) Differs() bool {
	return c.Before.Code != c.After.Code || c.Before.Enhanced != c.After.Enhanced
}

// Wrong are the cells that stop an apply, what is worst first.
func (m *Matrix) Wrong() []Cell {
	wrong := m.where(func(c Cell) bool { return c.Wrong })
	slices.SortStableFunc(wrong, func(a, b Cell) int { return cmp.Compare(a.gravity(), b.gravity()) })
	return wrong
}

// gravity of what is wrong: 0 is a stranger who relays, then mail that is lost,
// then what should be refused and is not, then what is refused in other words.
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
		for count, is := range map[*int]bool{&n.Differences: c.Differs(), &n.Wrong: c.Wrong, &n.Explained: c.Explained, &n.Unlogged: c.Unlogged} {
			if is {
				*count++
			}
		}
	}
	return n
}

// MarshalJSON gives the matrix with its schema and counts, and without the
// transcripts of cells that are right.
func (m *Matrix) MarshalJSON() ([]byte, error) {
	cells := make([]Cell, len(m.Cells))
	for i, c := range m.Cells {
		if !c.Wrong {
			c.Before.Transcript, c.After.Transcript = nil, nil
		}
		cells[i] = c
	}
	notes := m.Notes
	if notes == nil {
		notes = []string{}
	}
	return json.Marshal(struct {
		Schema int                  `json:"schema"`
		Today  map[string]plan.Mode `json:"today"`
		Plan   map[string]plan.Mode `json:"plan"`
		Counts Counts               `json:"counts"`
		Notes  []string             `json:"notes"`
		Cells  []Cell               `json:"cells"`
	}{MatrixSchema, m.Today, m.Plan, m.Count(), notes, cells})
}

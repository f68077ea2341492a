package rehearsal

import (
	"encoding/json"

	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/rules"
)

// MatrixView is the JSON form of a Matrix. The names are those of a Comparison.
type MatrixView struct {
	Schema int       `json:"schema"`
	Modes  ModesView `json:"modes"`
	Counts Counts    `json:"counts"`
	// Consequences are what people will notice.
	Consequences []Consequence `json:"consequences"`
	Notes        []string      `json:"notes"`
	Cells        []CellView    `json:"cells"`
}

// ModesView has the modes of the controls in the two configurations, by name.
type ModesView struct {
	Today map[string]plan.Mode `json:"today"`
	Plan  map[string]plan.Mode `json:"plan"`
}

// CellView is the JSON form of a Cell.
type CellView struct {
	Words    Words                   `json:"words"`
	Dialogue privatepostfix.Dialogue `json:"dialogue"`
	OfTable  bool                    `json:"of_table,omitempty"`
	Today    SideView                `json:"today"`
	Plan     SideView                `json:"plan"`
	Outcome  Outcome                 `json:"outcome"`
}

// SideView is what one configuration answers to the dialogue of a cell, and what the controls say there.
type SideView struct {
	Reply  privatepostfix.Reply `json:"reply"`
	Letter rules.Letter         `json:"letter"`
	Ruling rules.Ruling         `json:"ruling"`
}

// View adds the schema and the counts, and leaves out the transcripts of cells that are not wrong.
func (m *Matrix) View() MatrixView {
	cells := make([]CellView, len(m.Cells))
	for i, c := range m.Cells {
		if !c.Wrong {
			c.Before.Transcript, c.After.Transcript = nil, nil
		}
		cells[i] = CellView{
			Words: c.Words, Dialogue: c.Dialogue, OfTable: c.OfTable, Outcome: c.Outcome,
			Today: SideView{c.Before, c.Today, c.Ruled}, Plan: SideView{c.After, c.Letter, c.Ruling},
		}
	}
	return MatrixView{
		Schema: MatrixSchema, Modes: ModesView{m.Today, m.Plan}, Counts: m.Count(), Consequences: m.Consequences(),
		Notes: append([]string{}, m.Notes...),
		Cells: cells,
	}
}

// MarshalJSON writes the view.
func (m *Matrix) MarshalJSON() ([]byte, error) { return json.Marshal(m.View()) }

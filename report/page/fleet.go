package page

import (
	"html/template"
	"io"
	"slices"

	"ucs-harden/fleet"
	"ucs-harden/plan"
)

// FleetView is what the page of a fleet is made from.
type FleetView struct {
	Fleet *fleet.Fleet
	// Language is one of Languages.
	Language string
}

// mostServers is how many servers the page shows, and mostTroubles how many troubles of each.
const (
	mostServers  = 500
	mostTroubles = 20
)

// fleetModel is what the template shows.
type fleetModel struct {
	FleetView
	Policy template.HTMLAttr
	Style  template.CSS
	Script template.JS

	Answer  string // the words after the question
	Figures []figure
	// Shown are the controls that are on somewhere, Off the others.
	Shown, Off []string
	Servers    []serverRow
	More       int
}

// serverRow is a server with a cell for each control of the fleet.
type serverRow struct {
	fleet.Server
	Anchor string
	Cells  []modeCell
	Shown  []fleet.Trouble
	More   int
}

// modeCell is a control of a server; Missing if the server does not name it.
type modeCell struct {
	fleet.Control
	Missing bool
}

// WriteFleet writes the page of a fleet. It has the look of the other page, and what that one promises.
func WriteFleet(w io.Writer, v FleetView) error {
	if !slices.Contains(Languages, v.Language) {
		v.Language = Languages[0]
	}
	return write(w, "fleet.html", View{Language: v.Language}, v.model())
}

func (v FleetView) model() fleetModel {
	f := v.Fleet
	m := fleetModel{
		FleetView: v,
		Policy:    template.HTMLAttr(`content="` + policy() + `"`),
		Style:     template.CSS(asset("style.css")), Script: template.JS(asset("sort.js")),
		Answer: "No.", More: max(0, len(f.Servers)-mostServers),
	}
	m.Shown, m.Off = f.Shown()
	say := View{Language: v.Language}
	errors, warnings := f.Count(plan.Error), f.Count(plan.Warning)
	if m.Figures = []figure{
		{say.number(int64(len(f.Servers))), "servers"}, {say.number(int64(errors)), "with an error"},
		{say.number(int64(warnings)), "with a warning"},
		{say.number(int64(len(f.Servers) - errors - warnings)), "as planned"},
	}; f.AsPlanned() && len(f.Unreadable) == 0 {
		m.Answer = "Yes."
	}
	for i, s := range f.Servers[:len(f.Servers)-m.More] {
		row := serverRow{Server: s, Shown: s.Troubles[:min(len(s.Troubles), mostTroubles)]}
		row.More = len(s.Troubles) - len(row.Shown)
		if len(s.Troubles) > 0 {
			row.Anchor = "server-" + say.number(int64(i+1))
		}
		for _, name := range m.Shown {
			cell := modeCell{Missing: true}
			if c := s.Control(name); c != nil {
				cell = modeCell{Control: *c}
			}
			row.Cells = append(row.Cells, cell)
		}
		m.Servers = append(m.Servers, row)
	}
	return m
}

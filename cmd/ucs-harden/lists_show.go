package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ucs-harden/controls"
	"ucs-harden/plan"
	"ucs-harden/report"
	"ucs-harden/ucr"
)

// list shows the list, sorted by what the entries are about.
func (k keeper) list(full bool) error {
	loaded, err := ucr.Load(k.g.root)
	if err != nil {
		return err
	}
	reg := registry{loaded}
	mode, err := k.mode(reg)
	if err != nil {
		return err
	}
	control, _ := controls.ByName(k.control)
	view := report.List{Schema: plan.Schema, Control: k.control, Mode: mode, Settings: control.Settings(reg), Entries: []report.ListLine{}}
	day := today()
	for _, l := range k.Read(reg) {
		view.Entries = append(view.Entries, report.ListLine{Entry: l, Expired: l.Expired(day), Fault: k.Fault(l)})
	}
	slices.SortStableFunc(view.Entries, func(a, b report.ListLine) int {
		return strings.Compare(strings.ToLower(a.About()), strings.ToLower(b.About()))
	})
	if k.g.json {
		return report.JSON(k.g.out, view)
	}
	return report.ListText(k.g.out, view, k.g.style(full))
}

// names are those of the entries, with what each is about, for completion.
func (k keeper) names() []cobra.Completion {
	reg, err := ucr.Load(k.g.root)
	if err != nil {
		return nil // the command itself will say why
	}
	var out []cobra.Completion
	for _, l := range k.Read(registry{reg}) {
		out = append(out, cobra.CompletionWithDesc(l.Name, shown(l.About())))
	}
	return out
}

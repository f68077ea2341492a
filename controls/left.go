package controls

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/findings"
	"ucs-harden/plan"
)

// Left is what a sync leaves out because it cannot be used, so that the rest takes effect.
//
// A sync decides by who is to blame for a finding that stops an apply:
//
//	one entry of a list, one word of a setting, one mail domain → the entry is left out (skips). What the tables hold of
//	                                 a restriction that cannot be computed any more stays; a permission goes.
//	one control: a variable is held by a stronger layer, its place is taken, a mode or setting cannot be read, the
//	directory does not answer      → the control stays as it runs (kept.go), the others are planned. If the mode of all
//	                                 cannot be read, these are all controls without a mode of their own.
//	the server: a template or folder of the package is missing, main.cf was edited by hand
//	                               → the sync fails
//
// An apply stops at all of them: whoever typed it is there to mend it.
type Left struct {
	// Entries are the IDs of the findings about entries that are left out.
	Entries map[string]bool
	// Controls are the findings for which a control stays as it runs, by the name of the control. The part of suspended
	// that stops accounts in every mode is a control of its own here, stoppedName.
	Controls map[string][]plan.Finding
}

// DesireSync asks every control that is on what it wants, and leaves out what cannot be planned. accepted gives the IDs of
// those of some findings that somebody has accepted.
func DesireSync(f *Facts, accepted func([]plan.Finding) []string) *Desired {
	if f.Left.Controls == nil {
		f.Left = Left{Entries: map[string]bool{}, Controls: map[string][]plan.Finding{}}
		f.leaveSilent()
	}
	for {
		d := desire(f)
		if !d.Leave(accepted(d.Findings), d.Findings...) && !d.leaveNeeded() {
			return d
		}
	}
}

// Leave adds to what is left out whatever is to blame for findings that stop an apply. It reports whether there is more
// now, so that a new desired state is needed.
func (d *Desired) Leave(accepted []string, found ...plan.Finding) (more bool) {
	spared := d.Spared()
	for _, f := range (&plan.Plan{Findings: found}).Blocking(accepted) {
		if spared[f.ID] {
			continue
		}
		if d.skippable[f.ID] {
			d.facts.Left.Entries[f.ID], more = true, true
			continue
		}
		name := cmp.Or(f.Control, d.facts.owner(f.About()))
		if name == suspendedName && d.facts.Left.has(name) || d.facts.owner(f.About()) == stoppedName {
			name = stoppedName
		}
		if name != "" && name != "off" && !d.facts.Left.has(name) {
			d.facts.Left.Controls[name], more = append(d.facts.Left.Controls[name], f), true
		}
	}
	return more
}

func (l Left) has(name string) bool { return len(l.Controls[name]) > 0 }

// Spared are the IDs of the findings that do not stop a sync.
func (d *Desired) Spared() map[string]bool {
	spared := map[string]bool{}
	maps.Copy(spared, d.facts.Left.Entries)
	for _, causes := range d.facts.Left.Controls {
		for _, f := range causes {
			spared[f.ID] = true
		}
	}
	return spared
}

// skips reports a finding about one entry that stops an apply, and whether the entry is to be left out.
func (w Work) skips(f plan.Finding) bool {
	w.findAll([]plan.Finding{f})
	w.skippable[f.ID] = true
	return w.facts.Left.Entries[f.ID]
}

// leaveSilent leaves controls as they run that can do nothing without the directory, if it does not answer. No other
// control gets a stronger mode meanwhile, because nobody could rehearse that. The lists do without the directory: an entry
// that the tables have stays as they have it, and a new one counts by its own name.
func (f *Facts) leaveSilent() {
	if !f.Silent {
		return
	}
	states, _, _ := modes(f.Registry, "", false)
	Hold(f.Registry, states, f.Held)
	running := RunningOf(f).Modes()
	for _, state := range states {
		c, _ := ByName(state.Name)
		wanted := rank(state.Strongest())
		if wanted > max(rank(running[c.Name]), rank(f.Applied[c.Name])) ||
			c.NeedsDirectory != nil && c.NeedsDirectory(f, state.Strongest()) {
			found := findings.NoAnswer.Of(c.Name).Finding(plan.Warning,
				"the directory does not answer: "+c.Name+" stays as it was at the last sync", noAnswerHint)
			found.Control = c.Name
			f.Left.Controls[c.Name] = []plan.Finding{found}
		}
	}
}

// rank orders the modes by their strength.
func rank(mode plan.Mode) int {
	return slices.Index([]plan.Mode{plan.Off, plan.Warn, plan.Enforce}, mode)
}

const noAnswerHint = "univention-ldapsearch -LLL -s base dn must work on this server; then ucs-harden sync"

// reportLeft adds the findings about what is left as it runs.
func (d *Desired) reportLeft() {
	if d.facts.Sync && d.facts.Silent {
		d.find(findings.NoAnswer.Of().Finding(plan.Warning,
			"the directory does not answer, so what it said at the last sync stays in effect: "+d.facts.Silence, noAnswerHint))
	}
	for _, name := range slices.Sorted(maps.Keys(d.facts.Left.Controls)) {
		causes := d.facts.Left.Controls[name]
		for _, f := range causes {
			d.find(f)
		}
		if findings.NoAnswer.Is(causes[0]) || findings.Stays.Is(causes[0]) {
			continue // it says so itself
		}
		control := name
		if name == stoppedName {
			control = suspendedName
		}
		why, _, _ := strings.Cut(causes[0].Text, "\n")
		f := findings.Stays.Of(name).Finding(plan.Warning, fmt.Sprintf("%s stays as it runs (%s)%s%s",
			name, d.modeOf(control), UntilMended, strings.TrimSuffix(why, ":")), causes[0].Hint)
		f.Control = control
		d.find(f)
	}
}

// UntilMended stands between a control that stays as it runs and the cause.
const UntilMended = " until this is mended: "

func (d *Desired) modeOf(control string) plan.Mode {
	for _, c := range d.Controls {
		if c.Name == control {
			return c.After
		}
	}
	return plan.Off
}

// Left are the findings for which controls are left as they run, by control.
func (d *Desired) Left() map[string][]plan.Finding { return d.facts.Left.Controls }

package controls

import (
	"cmp"
	"fmt"
	"strings"

	"ucs-harden/findings"
	"ucs-harden/plan"
)

// modeOfAll is the registry variable with the mode of all controls. The variables of the controls begin with
// modePrefix.
const (
	modeOfAll  = "mail/harden/mode"
	modePrefix = "mail/harden/"
)

// Modes reads the mode of every control. Before is the mode that the registry has. After is the mode with the given one
// in place of mail/harden/mode, unless it is empty. A control whose own variable is set keeps its mode, unless all are
// switched off.
func Modes(r Registry, mode plan.Mode, allOff bool) ([]plan.Control, plan.Mode, error) {
	if _, err := modeIn(r, modeOfAll); err != nil {
		return nil, plan.Off, err
	}
	states, next, faults := modes(r, mode, allOff)
	if len(faults) > 0 {
		return nil, plan.Off, faults[0].err
	}
	return states, next, nil
}

// modeFault is why the mode of a control cannot be read.
type modeFault struct {
	control Control
	err     error
}

// ModesAnyhow reads the modes that the registry has, and the mode of all. A mode that cannot be read is off here, and its
// control is among unread.
func ModesAnyhow(r Registry) (states []plan.Control, ofAll plan.Mode, unread []string) {
	states, ofAll, faults := modes(r, "", false)
	for _, fault := range faults {
		unread = append(unread, fault.control.Name)
	}
	return states, ofAll, unread
}

func modes(r Registry, mode plan.Mode, allOff bool) (out []plan.Control, next plan.Mode, faults []modeFault) {
	before, ofAll := modeIn(r, modeOfAll)
	next = before
	if mode != "" {
		next = mode
	}
	for _, c := range all {
		state, err := plan.Control{Name: c.Name, Before: before, After: next}, ofAll
		if c.OwnSwitch {
			state.Before, state.After, err = plan.Off, plan.Off, nil
		}
		if _, variable, ok := c.naming().setting(r, c.ModeVariable); ok {
			var own plan.Mode
			own, err = modeIn(r, variable)
			state.Before, state.After = own, own
		}
		if allOff {
			state.After = plan.Off
		}
		if c.DomainModes != "" && !allOff {
			var ofDomain error
			state.Domains, ofDomain = domainModes(r, c.DomainModes, state.After)
			err = cmp.Or(err, ofDomain)
		}
		if err != nil {
			faults = append(faults, modeFault{c, err})
			state.Before, state.After, state.Domains = plan.Off, plan.Off, nil
		}
		out = append(out, state)
	}
	return out, next, faults
}

// switchOff unsets the modes of controls, of mail domains and of entries of lists.
func (d *Desired) switchOff() {
	for _, c := range all {
		w := d.work(c, plan.Control{Name: c.Name})
		keys := c.naming().names(c.ModeVariable)
		if c.DomainModes != "" {
			for _, key := range d.facts.Registry.Keys(c.DomainModes) {
				if strings.HasSuffix(key, "/mode") {
					keys = append(keys, key)
				}
			}
		}
		if c.List != nil && c.List.OwnMode {
			for _, e := range c.List.Read(d.facts.Registry) {
				if e.Mode != "" {
					keys = append(keys, c.List.Variable(e)+"/mode")
				}
			}
		}
		for _, key := range keys {
			if layer, value, held := d.facts.Registry.Stronger(key); held && value != string(plan.Off) {
				d.find(findings.HeldAt(key, layer, value, string(plan.Off), c.Name))
			} else if _, set := d.facts.Registry.Normal(key); set {
				w.release(key, nil)
			}
		}
	}
}

// stayOn reports the controls that mode off does not switch off.
func (d *Desired) stayOn() {
	for _, state := range d.Controls {
		c, _ := ByName(state.Name)
		_, own, _ := c.naming().setting(d.facts.Registry, c.ModeVariable)
		for domain, mode := range state.Domains {
			if mode != plan.Off && state.After == plan.Off {
				own = c.DomainModes + domain + "/mode"
			}
		}
		if state.Active() {
			d.work(c, state).warn(findings.StaysOn.Of(state.Name),
				fmt.Sprintf("mode off does not switch %s off, which has a mode of its own (%s)", state.Name, own),
				"to switch it off as well: ucs-harden apply --mode off --all")
		}
	}
	for _, e := range StoppedEntries(d.facts.Registry, d.facts.Today) {
		d.work(suspendedControl, plan.Control{Name: suspendedName}).warn(findings.StaysOn.Of(suspendedList.Variable(e)),
			e.About()+" stays stopped, in every mode",
			"to let it send again: ucs-harden suspend remove "+plan.Quote(e.Name)+" --now; or, for all: apply --mode off --all")
	}
}

// ModeText is a mode, the controls that differ from it, and how many accounts are stopped whatever the mode is: "off,
// suspended enforce, 1 stopped". A control with a switch of its own differs only when it is on.
func ModeText(mode plan.Mode, controls []plan.Control) string {
	words := []string{string(mode)}
	for _, state := range controls {
		c, _ := ByName(state.Name)
		if state.After != mode && !state.Idle && (!c.OwnSwitch || state.After != plan.Off) {
			words = append(words, state.Name+" "+string(state.After))
		}
	}
	for _, state := range controls {
		if state.Stopped > 0 {
			words = append(words, fmt.Sprintf("%d stopped", state.Stopped))
		}
	}
	return strings.Join(words, ", ")
}

// active are the controls that are on.
func active(states []plan.Control) []Control {
	var out []Control
	for _, state := range states {
		if c, known := ByName(state.Name); known && state.Active() {
			out = append(out, c)
		}
	}
	return out
}

// domainModes are the modes of all hosted domains, nil when no domain has a mode of its own. A finding reports modes of
// domains that are not hosted.
func domainModes(r Registry, prefix string, rest plan.Mode) (map[string]plan.Mode, error) {
	modes, own := map[string]plan.Mode{}, false
	for _, domain := range hostedDomains(r) {
		modes[domain] = rest
		if _, ok := r.Get(prefix + domain + "/mode"); ok {
			mode, err := modeIn(r, prefix+domain+"/mode")
			if err != nil {
				return nil, err
			}
			modes[domain], own = mode, true
		}
	}
	if !own {
		return nil, nil
	}
	return modes, nil
}

func modeIn(r Registry, key string) (plan.Mode, error) {
	value, _ := r.Get(key)
	mode, err := plan.ParseMode(value)
	if err != nil {
		return plan.Off, fmt.Errorf("cannot read the registry variable %s: %w", key, err)
	}
	return mode, nil
}

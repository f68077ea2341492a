// Package baseline knows the controls: what each wants of a mail server in
// each mode, as registry variables and generated files, and what it finds
// wrong or risky on the way. It reads facts and returns a desired state; it
// touches nothing.
//
// A control is one measure with a mode (off, warn, enforce). The registry
// variable mail/harden/mode is the mode of all, mail/harden/CONTROL/mode the
// mode of one. What a control adds to the machine it notes in the Ledger, with
// what was there before, so that switching it off brings that back and nothing
// of the administrator's is ever taken for its own.
package controls

import (
	"fmt"
	"strings"

	"ucs-harden/hosteddomains"
	"ucs-harden/identity"
	"ucs-harden/plan"
)

// The registry variables that say which mode the controls have.
const (
	ModeVariable = "mail/harden/mode"
	modePrefix   = "mail/harden/"
)

// Registry is what the controls read of the Univention Configuration Registry.
type Registry interface {
	// Get is the effective value of a variable.
	Get(key string) (string, bool)
	// Normal is the value of the normal layer (base.conf), the one we write.
	Normal(key string) (string, bool)
	// Stronger names a layer above the normal one that holds the variable.
	Stronger(key string) (layer, value string, ok bool)
	// Keys are the variables with a prefix, sorted as strings.
	Keys(prefix string) []string
	// IsTrue reads a variable as UCR's is_true does: absent is false.
	IsTrue(key string) bool
}

// Facts are all that the controls look at.
type Facts struct {
	Registry Registry
	// Controllers are the domain controllers that the directory knows.
	Controllers []identity.Host
	// Disk are the generated files as they are, by path; one that does not
	// exist is absent. LDAP maps are not among them: they hold a password.
	Disk map[string][]byte
	// Maps are the LDAP maps, by path.
	Maps map[string]MapFact
	// Services are the -o overrides of each inet service entry in master.cf,
	// by service name; a service that master.cf does not have is absent.
	Services map[string]map[string]string
	Ledger   Ledger
	// MXAuth: port 25 offers AUTH.
	MXAuth bool
	// People are what the directory says, see Ask.
	People People
	// Today is the date, YYYY-MM-DD.
	Today string
	// NoFolder: our folder for tables does not exist.
	NoFolder bool
}

// MapFact is what is known of an LDAP map that UCR renders from a template of
// ours.
type MapFact struct {
	// Registered: UCR knows its template. Present: it exists. Current: it is
	// what UCR would render.
	Registered, Present, Current bool
}

// table is the sender table as it is on disk, nil when there is none.
func (f *Facts) table() []byte { return f.Disk[SenderTable] }

// control is one measure.
type control interface {
	name() string
	// desire adds what the control wants in its modes (After, Domains) to d. In
	// Off it is only asked so that it can take back what is not a whole
	// variable; the rest the ledger brings back.
	desire(f *Facts, state plan.Control, d *Desired) error
}

// controls in the order in which they build on each other: submission repeats
// what the recipient list holds, the check of sender-spoofing included; the
// others put their checks into both lists as they will be.
var controls = []control{senderSpoofing{}, relay{}, submission{}, suspended{}, localOnly{}, foreignSender{}, protected{}}

// Names are the names of all controls.
func Names() []string {
	names := make([]string, len(controls))
	for i, c := range controls {
		names[i] = c.name()
	}
	return names
}

// ModeOf is the registry variable with the mode of one control.
func ModeOf(control string) string {
	if control == (foreignSender{}).name() {
		return foreignMode
	}
	return modePrefix + control + "/mode"
}

// Modes reads the mode of every control, before and after: before as the
// registry says; after with mode, when it is not empty, in place of
// mail/harden/mode. A control with a variable of its own keeps that.
func Modes(r Registry, mode plan.Mode) ([]plan.Control, plan.Mode, error) {
	all, err := modeOf(r, ModeVariable)
	if err != nil {
		return nil, plan.Off, err
	}
	next := all
	if mode != "" {
		next = mode
	}
	var out []plan.Control
	for _, c := range controls {
		state := plan.Control{Name: c.name(), Before: all, After: next}
		key := ModeOf(c.name())
		if c.name() == (foreignSender{}).name() {
			state.Before, state.After = plan.Off, plan.Off // a part of relay with a switch of its own
		}
		if _, ok := r.Get(key); ok {
			own, err := modeOf(r, key)
			if err != nil {
				return nil, plan.Off, err
			}
			state.Before, state.After = own, own
		}
		if c.name() == (senderSpoofing{}).name() {
			if state.Domains, err = domainModes(r, state.After); err != nil {
				return nil, plan.Off, err
			}
		}
		out = append(out, state)
	}
	return out, next, nil
}

// ModeText is a mode with what differs from it: "off, suspended enforce". The
// part of relay with a switch of its own differs only when it is on.
func ModeText(mode plan.Mode, controls []plan.Control) string {
	words := []string{string(mode)}
	for _, c := range controls {
		if c.After != mode && !c.Idle && (c.Name != foreignSender{}.name() || c.After != plan.Off) {
			words = append(words, c.Name+" "+string(c.After))
		}
	}
	return strings.Join(words, ", ")
}

// hostedDomains are the hosted mail domains; none when the variable cannot be
// used, of which sender-spoofing and the rehearsal say what is wrong.
func hostedDomains(r Registry) []string {
	value, _ := r.Get(DomainsVariable)
	domains, _ := hosteddomains.Parse(value)
	return domains
}

// domainPrefix is where single mail domains have a mode of their own:
// mail/harden/sender-spoofing/domain/DOMAIN/mode.
const domainPrefix = modePrefix + "sender-spoofing/domain/"

// domainModes are the modes of all hosted domains, or nil when none has one of
// its own. What is not hosted is left to a finding.
func domainModes(r Registry, rest plan.Mode) (map[string]plan.Mode, error) {
	value, _ := r.Get(DomainsVariable)
	domains, err := hosteddomains.Parse(value)
	if err != nil {
		return nil, nil // the control says so, if it is on
	}
	modes, own := map[string]plan.Mode{}, false
	for _, domain := range domains {
		modes[domain] = rest
		if _, ok := r.Get(domainPrefix + domain + "/mode"); ok {
			own = true
			if modes[domain], err = modeOf(r, domainPrefix+domain+"/mode"); err != nil {
				return nil, err
			}
		}
	}
	if !own {
		return nil, nil
	}
	return modes, nil
}

func modeOf(r Registry, key string) (plan.Mode, error) {
	value, _ := r.Get(key)
	mode, err := plan.ParseMode(value)
	if err != nil {
		return plan.Off, fmt.Errorf("cannot read the registry variable %s: %w", key, err)
	}
	return mode, nil
}

// Desire asks every control that is switched on for what it wants. The mode
// itself is part of the desired state, when it is given on the command line.
func Desire(f *Facts, mode plan.Mode) (*Desired, error) {
	states, next, err := Modes(f.Registry, mode)
	if err != nil {
		return nil, err
	}
	d := newDesired(f, states, next)
	if current, set := f.Registry.Get(ModeVariable); mode != "" && (set || mode != plan.Off) && current != string(mode) {
		d.set(ModeVariable, string(mode), "")
	}
	for i, c := range controls {
		if err := c.desire(f, states[i], d); err != nil {
			return nil, err
		}
	}
	d.finish()
	return d, nil
}

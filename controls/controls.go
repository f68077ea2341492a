// Package controls knows the controls. It says what each control wants of a mail server in each mode: registry
// variables and generated files. It also reports what is wrong or risky about that. The package reads facts and returns
// a desired state; it changes nothing on the machine.
//
// A control is one measure with a mode (off, warn, enforce). The registry variable mail/harden/mode is the mode of all
// controls, mail/harden/CONTROL/mode the mode of one. Each control has a descriptor, a Control, in a file of its own.
//
// The ledger records what a control adds to the machine and what was there before. Switching a control off restores
// that. A setting of the administrator is never taken for one of ours.
package controls

import (
	"ucs-harden/doors"
	"ucs-harden/findings"
	"ucs-harden/hosteddomains"
	"ucs-harden/identity"
	"ucs-harden/inside"
	"ucs-harden/ledger"
	"ucs-harden/maincf"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// Registry is what the controls read of the Univention Configuration Registry.
type Registry interface {
	// Get is the effective value of a variable.
	Get(key string) (string, bool)
	// Normal is the value in the normal layer (base.conf), the layer that we write.
	Normal(key string) (string, bool)
	// Stronger names a layer above the normal one that holds the variable.
	Stronger(key string) (layer, value string, ok bool)
	// Keys are the variables with a prefix, sorted as strings.
	Keys(prefix string) []string
	// IsTrue reads a variable as is_true of UCR does. A variable that is not set is false.
	IsTrue(key string) bool
}

// Facts are everything that the controls look at.
type Facts struct {
	Registry Registry
	// AllOff: the mode is off, and the modes of single controls and mail domains are unset.
	AllOff bool
	// Everywhere is the mode of all controls and domains that are on, see Everywhere; "" is none.
	Everywhere plan.Mode
	// Controllers are the domain controllers that the directory knows.
	Controllers []identity.Host
	// Disk are the generated files on disk, by path. A file that does not exist is absent. LDAP maps are not among
	// them, because they hold a password.
	Disk map[string][]byte
	// Uncompiled are the tables on disk without the file that postmap(1) makes of them.
	Uncompiled map[string]bool
	// Maps are the LDAP maps, by path.
	Maps map[string]MapFact
	// Services are the -o overrides of each inet service entry in master.cf, by service name. A service that master.cf
	// does not have is absent.
	Services map[string]map[string]string
	// Main is main.cf. Tables are the lookup tables of the administrator in the restriction lists and login maps of these
	// services, as far as they are text files, by type:path.
	Main   maincf.File
	Tables map[string][]byte
	Ledger ledger.Ledger
	// Relay are the smtpd_relay_restrictions of the services with the main recipient list; nil if one refuses nothing.
	Relay restrictions.List
	// Doors are the smtpd(8) that clients can reach.
	Doors []doors.Door
	// Delimiter is the parameter recipient_delimiter.
	Delimiter string
	// Inside is what is known of this host and of its neighbours.
	Inside inside.Facts
	// People are the answers of the directory to the questions of Ask.
	People People
	// Silent: the directory does not answer. People are unknown then. Silence is why, for a sync, and Applied are the modes
	// of the last change that is in effect.
	Silent  bool
	Silence string
	Applied map[string]plan.Mode
	// Sync: the facts are those of a sync, which leaves out what cannot be planned, see DesireSync. Left is what is left
	// out.
	Sync bool
	Left Left
	// Held are the controls, and domains of one as CONTROL/DOMAIN, that stay in warn though the registry has enforce.
	Held map[string]bool
	// Today is the date, YYYY-MM-DD.
	Today string
	// NoFolder: our folder for tables does not exist.
	NoFolder bool
	// NoTemplate: UCR does not know the template that adds the restriction classes to main.cf.
	NoTemplate bool
}

// MapFact is what is known of an LDAP map that UCR renders from a template of ours.
type MapFact struct {
	// Registered: UCR knows its template. Present: it exists. Current: it is what UCR would render.
	Registered, Present, Current bool
}

// table is the sender table on disk, nil when there is none.
func (f *Facts) table() []byte { return f.Disk[SenderTable] }

// hostedDomains are the hosted mail domains, without the words that are no domain names; sender-spoofing reports these.
func hostedDomains(r Registry) []string {
	value, _ := r.Get(DomainsVariable)
	domains, _ := hosteddomains.Usable(value)
	return domains
}

// HostedDomains are the hosted mail domains that sender-spoofing can protect.
func HostedDomains(r Registry) []string { return hostedDomains(r) }

// Desire asks every control that is on what it wants. A mode that is given on the command line is part of the desired
// state.
func Desire(f *Facts, mode plan.Mode) (*Desired, error) {
	states, next, err := Modes(f.Registry, mode, f.AllOff)
	if err != nil {
		return nil, err
	}
	if f.Everywhere != "" {
		Everywhere(states, f.Everywhere)
	}
	Hold(f.Registry, states, f.Held)
	d := newDesired(f, states, next)
	return d, d.ask(mode)
}

// desire is Desire for the modes of the registry. What cannot be read becomes a finding of its control.
func desire(f *Facts) *Desired {
	states, next, faults := modes(f.Registry, "", false)
	Hold(f.Registry, states, f.Held)
	d := newDesired(f, states, next)
	d.keep()
	for _, fault := range faults {
		d.work(fault.control, plan.Control{}).unusable(fault.err)
	}
	_ = d.ask("") // each error is a finding
	if len(f.Left.Controls) > 0 {
		d.countKept()
	}
	d.reportLeft()
	return d
}

// unusable reports a setting that cannot be read.
func (w Work) unusable(err error) {
	if !w.facts.Left.has(w.name) {
		w.fail(findings.Unusable.Of(w.name), err.Error(), "correct the value of that variable with ucr set, or unset it")
	}
}

// ask asks every control that is on what it wants.
func (d *Desired) ask(mode plan.Mode) error {
	f, states := d.facts, d.Controls
	if current, set := f.Registry.Get(modeOfAll); mode != "" && (set || mode != plan.Off) && current != string(mode) {
		Work{Desired: d}.set(modeOfAll, string(mode))
	}
	switch {
	case f.AllOff:
		d.switchOff()
	case mode == plan.Off:
		d.stayOn()
	}
	d.checkLanguage()
	for i, c := range all {
		if !f.AllOff {
			d.contradictions(c)
		}
		if c.Always != nil && !f.AllOff && !f.Left.has(stoppedName) {
			c.Always(d.work(c, states[i]))
		}
		switch w := d.work(c, states[i]); {
		case f.Left.has(c.Name):
		case states[i].Active():
			switch err := c.Desire(w); {
			case err != nil && !f.Sync:
				return err
			case err != nil:
				w.unusable(err)
			}
		case c.Withdraw != nil:
			c.Withdraw(w)
		}
	}
	Work{Desired: d}.finish()
	return nil
}

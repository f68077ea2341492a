// Package controls knows the controls: what each wants of a mail server in each mode, as registry variables and
// generated files, and what is wrong or risky about that. It reads facts and returns a desired state; it changes
// nothing on the machine.
//
// A control is one measure with a mode (off, warn, enforce). The registry variable mail/harden/mode is the mode of all,
// mail/harden/CONTROL/mode the mode of one. Control describes a control; each stands in a file of its own.
//
// The ledger notes what a control adds to the machine, with what was there before. So switching the control off brings
// that back, and nothing of the administrator's is ever taken for the control's own.
package controls

import (
	"ucs-harden/hosteddomains"
	"ucs-harden/identity"
	"ucs-harden/ledger"
	"ucs-harden/plan"
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
	// Disk are the generated files as they are, by path; one that does not exist is absent. LDAP maps are not among
	// them: they hold a password.
	Disk map[string][]byte
	// Maps are the LDAP maps, by path.
	Maps map[string]MapFact
	// Services are the -o overrides of each inet service entry in master.cf, by service name; a service that master.cf
	// does not have is absent.
	Services map[string]map[string]string
	Ledger   ledger.Ledger
	// MXAuth: port 25 offers AUTH.
	MXAuth bool
	// People are what the directory says, see Ask.
	People People
	// Today is the date, YYYY-MM-DD.
	Today string
	// NoFolder: our folder for tables does not exist.
	NoFolder bool
}

// MapFact is what is known of an LDAP map that UCR renders from a template of ours.
type MapFact struct {
	// Registered: UCR knows its template. Present: it exists. Current: it is what UCR would render.
	Registered, Present, Current bool
}

// table is the sender table as it is on disk, nil when there is none.
func (f *Facts) table() []byte { return f.Disk[SenderTable] }

// hostedDomains are the hosted mail domains; none when the variable cannot be used, of which sender-spoofing and the
// rehearsal say what is wrong.
func hostedDomains(r Registry) []string {
	value, _ := r.Get(DomainsVariable)
	domains, _ := hosteddomains.Parse(value)
	return domains
}

// Desire asks every control that is switched on for what it wants. The mode itself is part of the desired state, when
// it is given on the command line.
func Desire(f *Facts, mode plan.Mode) (*Desired, error) {
	states, next, err := Modes(f.Registry, mode)
	if err != nil {
		return nil, err
	}
	d := newDesired(f, states, next)
	if current, set := f.Registry.Get(modeOfAll); mode != "" && (set || mode != plan.Off) && current != string(mode) {
		Work{Desired: d}.set(modeOfAll, string(mode))
	}
	for i, c := range all {
		switch w := d.work(c, states[i]); {
		case states[i].Active():
			if err := c.Desire(w); err != nil {
				return nil, err
			}
		case c.Withdraw != nil:
			c.Withdraw(w)
		}
	}
	Work{Desired: d}.finish()
	return d, nil
}

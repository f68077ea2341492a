package controls

import (
	"net/netip"
	"slices"

	"ucs-harden/lists"
	"ucs-harden/plan"
	"ucs-harden/rules"
)

// Control describes one control: all that the program knows of it stands here, in one file for each control. Nothing
// else asks for the name of a control. tests/complete says what a new control needs besides.
type Control struct {
	Name string
	// ModeVariable is the registry variable with its mode. Without it the control has the mode of all
	// (mail/harden/mode); OwnSwitch: it is off then.
	ModeVariable string
	OwnSwitch    bool
	// DomainModes: each hosted domain may have a mode of its own, in the registry variable DomainModes + DOMAIN +
	// "/mode".
	DomainModes string
	// Variables are the other registry variables of the control, without those of its list.
	Variables []string
	// Rules are the names of its rows in package rules.
	Rules []string
	// List is its list, nil for none.
	List *lists.List
	// Selective: it acts on the accounts, addresses or systems that somebody named, and is idle while there are none.
	Selective bool

	// Ask adds what it must know of the directory, besides the names and groups of its list; nil for nothing.
	Ask func(Registry, *Questions)
	// Maps are the paths of the LDAP maps that it may want; nil for none.
	Maps func(Registry) []string
	// Desire adds what the control wants in its mode to the desired state. Withdraw takes back, in mode off, what is
	// not a whole variable; nil for nothing. The ledger brings back the rest.
	Desire   func(Work) error
	Withdraw func(Work)

	// Listings reads what its tables hold; nil for a control that is not Selective.
	Listings func(Tables, *rules.Listings)
	// InPostfixWords: its checks are restrictions of Postfix, which refuse in words of their own. The refusals of any
	// other control end with its tag, and need Refuses and Advice.
	InPostfixWords bool
	// Refuses reports whether a check may have made a refusal with the tag of the control.
	Refuses func(Check) bool
	// Advice says what lets a letter pass that the control refuses, or may let pass.
	Advice func(Refused) []string
}

// all are the controls in the order in which they build on each other: submission repeats what the recipient list
// holds, the check of sender-spoofing included; the others put their checks into both lists as they will be.
var all = []Control{
	senderSpoofingControl, relayControl, submissionControl, suspendedControl, localOnlyControl, foreignSenderControl, protectedControl,
}

// All returns the controls, in the order in which they build on each other.
func All() []Control { return slices.Clone(all) }

// ByName is the control with a name.
func ByName(name string) (Control, bool) {
	if i := slices.IndexFunc(all, func(c Control) bool { return c.Name == name }); i >= 0 {
		return all[i], true
	}
	return Control{}, false
}

// Names are the names of all controls.
func Names() []string {
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = c.Name
	}
	return names
}

// ModeOf is the registry variable with the mode of a control.
func ModeOf(name string) string {
	c, _ := ByName(name)
	return c.ModeVariable
}

// Settings are the variables of the control that are set, with their values.
func (c Control) Settings(r Registry) map[string]string {
	out := map[string]string{}
	for _, key := range c.Variables {
		if value, set := r.Get(key); set {
			out[key] = value
		}
	}
	return out
}

// Patterns are all registry variables of the control, its mode included. ".*" stands for a domain or the name of an
// entry, as in the descriptions that UCR reads.
func (c Control) Patterns() []string {
	out := append([]string{c.ModeVariable}, c.Variables...)
	if c.DomainModes != "" {
		out = append(out, c.DomainModes+".*/mode")
	}
	if c.List != nil {
		for _, field := range c.List.Fields() {
			out = append(out, c.List.Prefix+".*/"+field)
		}
	}
	return out
}

// Check is a restriction that may have refused a letter, with what smtpd(8) said of the letter.
type Check struct {
	// Restriction is its name in lower case, Argument what follows the name.
	Restriction, Argument string
	// Variable is the registry variable that holds it.
	Variable string
	// AboutSubject: the restriction looks up what smtpd(8) says it rejects, or smtpd(8) does not say.
	AboutSubject bool
	// SenderRejected: smtpd(8) says that it rejects the sender address. Text is what it says besides.
	SenderRejected bool
	Text           string
}

// Refused is a letter that a control refuses, or warns of.
type Refused struct {
	// Letter is what the configuration knows of the letter, in the modes of its controls.
	Letter rules.Letter
	Modes  map[string]plan.Mode

	Client            netip.Addr
	Sender, Recipient string
	// AsOwner tells to log in as the owner of the sender.
	AsOwner func() []string
}

package controls

import (
	"net/netip"
	"slices"

	"ucs-harden/lists"
	"ucs-harden/plan"
	"ucs-harden/rules"
)

// Control describes one control. All that the program knows of a control stands in its descriptor, and each descriptor
// stands in a file of its own. No other code asks for the name of a control. The test tests/controls_complete_test.go
// names what a control lacks.
type Control struct {
	Name string
	// Purpose says in a few words why one switches it on.
	Purpose string
	// ModeVariable is the registry variable with the mode of the control. While the variable is not set, the control
	// has the mode of mail/harden/mode; a control with OwnSwitch is off.
	ModeVariable string
	OwnSwitch    bool
	// DomainModes: each hosted domain may have a mode of its own, in the variable DomainModes + DOMAIN + "/mode".
	DomainModes string
	// Variables are the other registry variables of the control, without those of its list.
	Variables []string
	// OtherPrefix: the variables of the control also count by a second name, which begins so in place of
	// mail/harden/NAME/. The first name wins.
	OtherPrefix string
	// NeedsEvidence: before the control comes to enforce, the mail log must show that it refuses no mail that should come in.
	NeedsEvidence bool
	// Rules are the names of its rows in package rules.
	Rules []string
	// List is its list, nil for none.
	List *lists.List
	// Selective: the control acts on accounts, addresses or systems that somebody named. It is idle while there are
	// none.
	Selective bool

	// Ask adds what the control must know of the directory in a mode, besides the names and groups of its list. It may be
	// nil.
	Ask func(Registry, plan.Mode, *Questions)
	// NeedsDirectory reports whether the control, in a mode, can do nothing without the directory. Then a sync leaves it as
	// it runs. Any other control keeps by itself what the directory said at the last sync. nil stands for the latter.
	NeedsDirectory func(*Facts, plan.Mode) bool
	// Maps are the paths of the LDAP maps that the control may want in mode enforce. In warn nothing asks the directory.
	// It may be nil.
	Maps func(Registry) []string
	// Desire adds to the desired state what the control wants in its mode, warn or enforce. In mode off the ledger
	// restores the variables; Withdraw takes back what is only a part of a variable. Withdraw may be nil.
	Desire   func(Work) error
	Withdraw func(Work)

	// Runs is the mode that the control has in Postfix.
	Runs func(Running) plan.Mode
	// Always adds what the control wants in every mode, for entries of its list that have a mode of their own. It may be nil.
	Always func(Work)

	// Listings reads what the tables of the control hold. A Selective control needs it.
	Listings func(Tables, *rules.Listings)
	// InPostfixWords: the checks of the control are restrictions of Postfix, and Postfix has words of its own for their
	// refusals. Every other refusal ends with the tag of its control; such a control needs Texts, Refuses and Advice.
	InPostfixWords bool
	// Texts are what its refusals say.
	Texts []Texts
	// Refuses reports whether a restriction may have made a refusal with the tag of the control.
	Refuses func(Check) bool
	// Advice says what would let a letter pass that the control refuses. For a control that refuses nothing it says how
	// a letter comes to be one that the control lets pass.
	Advice func(Refused) []string
}

// all are the controls in the order in which they build on each other: submission repeats what the recipient list
// holds, the check of sender-spoofing included. Those behind it put their checks into both lists.
var all = []Control{
	senderSpoofingControl, relayControl, submissionControl,
	suspendedControl, localOnlyControl, foreignSenderControl, protectedControl,
}

// All returns the controls, in the order in which they build on each other.
func All() []Control { return slices.Clone(all) }

// ByName returns the control with a name.
func ByName(name string) (Control, bool) {
	if i := slices.IndexFunc(all, func(c Control) bool { return c.Name == name }); i >= 0 {
		return all[i], true
	}
	return Control{}, false
}

// Names are the names of all controls.
func Names() (names []string) {
	for _, c := range all {
		names = append(names, c.Name)
	}
	return names
}

// ModeOf is the registry variable with the mode of a control.
func ModeOf(name string) string {
	c, _ := ByName(name)
	return c.ModeVariable
}

// General are the registry variables that belong to no control.
func General() []string { return []string{modeOfAll, languageVariable} }

// Settings are the variables of the control that are set, with their values.
func (c Control) Settings(r Registry) map[string]string {
	out := map[string]string{}
	for _, key := range c.Variables {
		if value, name, set := c.naming().setting(r, key); set {
			out[name] = value
		}
	}
	return out
}

// Patterns are all registry variables of the control, the variable of its mode included. ".*" stands for a domain or
// for the name of an entry, as in the descriptions that UCR reads.
func (c Control) Patterns() []string {
	var out []string
	for _, key := range append([]string{c.ModeVariable}, c.Variables...) {
		out = append(out, c.naming().names(key)...)
	}
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

// Check is a restriction that may have refused a letter, with what smtpd(8) said about the letter.
type Check struct {
	// Restriction is the name of the restriction in lower case, Argument is what follows the name.
	Restriction, Argument string
	// Variable is the registry variable that holds the restriction.
	Variable string
	// AboutSubject: smtpd(8) names what it rejects, and the restriction looks that up; or smtpd(8) does not name it.
	AboutSubject bool
	// Sender is the envelope sender of the letter.
	Sender string
	// SenderRejected: smtpd(8) says that it rejects the sender address. Text is the rest of what it says.
	SenderRejected bool
	Text           string
}

// Refused is a letter that a control refuses or warns of.
type Refused struct {
	// Letter is what the configuration knows of the letter. Modes are the modes of the controls in that configuration.
	Letter rules.Letter
	Modes  map[string]plan.Mode

	Client    netip.Addr
	Recipient string
	// AsOwner advises to log in as the owner of the sender.
	AsOwner func() []string
}

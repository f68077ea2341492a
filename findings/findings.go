// Package findings is the catalogue of findings: every kind that a plan can have, what it means and what to do about it. A
// finding can be made only from a kind of this catalogue, see ID. The page docs/findings.md and the manual page
// ucs-harden-findings(7) are made from it.
//
// The ID of a finding is the name of its kind and, behind colons, what the finding is about:
//
//	ID   = kind [":" what]*
//	kind = "held", "expired", "no-mx", …
//	what = a registry variable, a file, a service entry, an address, …
//
// IDs are part of the interface: --accept takes them, and scripts read them in JSON.
package findings

import (
	"slices"
	"strings"

	"ucs-harden/plan"
)

// Kind is a kind of finding.
type Kind struct {
	// Name is the first word of the ID. About names the other words in capitals, such as "VARIABLE"; "" for none.
	Name, About string
	// Weights are those that findings of this kind can have.
	Weights []Weight
	// Means says what is the case and why it matters. Do says what the administrator can do about it.
	Means, Do string
	// Topic is the heading under which the pages have the kind.
	Topic string
}

// Weight is what a finding means for an apply.
type Weight string

const (
	// Stops: an apply is refused until the cause is gone.
	Stops Weight = "error"
	// Doubt: an apply is refused until the cause is gone, or until the administrator accepts the finding by its ID.
	Doubt Weight = "error that can be accepted"
	// Warns: a risk, or something that is already wrong.
	Warns Weight = "warning"
	// Notes: an effect of the plan that may surprise.
	Notes Weight = "note"
)

// WeightOf is the weight of a finding.
func WeightOf(f plan.Finding) Weight {
	switch {
	case f.Severity == plan.Note:
		return Notes
	case f.Severity == plan.Warning:
		return Warns
	case f.Acceptable:
		return Doubt
	}
	return Stops
}

// ID is the ID of a finding. Only a Kind makes one.
type ID struct{ text string }

// Of is the ID of a finding of this kind. Empty words are left out.
func (k *Kind) Of(about ...string) ID {
	words := append([]string{k.Name}, about...)
	return ID{strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), ":")}
}

func (i ID) String() string { return i.text }

// Finding makes a finding with this ID.
func (i ID) Finding(severity plan.Severity, text, hint string) plan.Finding {
	return plan.Finding{ID: i.text, Severity: severity, Text: text, Hint: hint}
}

// Doubt makes an error that the administrator can accept.
func (i ID) Doubt(text, hint string) plan.Finding {
	f := i.Finding(plan.Error, text, hint)
	f.Acceptable = true
	return f
}

// Is reports whether a finding is of this kind.
func (k *Kind) Is(f plan.Finding) bool { return f.Kind() == k.Name }

// ByName is the kind with a name; nil if there is none.
func ByName(name string) *Kind {
	i := slices.IndexFunc(catalogue, func(k *Kind) bool { return k.Name == name })
	if i < 0 {
		return nil
	}
	return catalogue[i]
}

// All are the kinds: the topics in the order of a page, and the kinds of a topic by name.
func All() []*Kind {
	all := slices.Clone(catalogue)
	slices.SortStableFunc(all, func(a, b *Kind) int {
		if a.Topic != b.Topic {
			return slices.Index(topics, topic(a.Topic)) - slices.Index(topics, topic(b.Topic))
		}
		return strings.Compare(a.Name, b.Name)
	})
	return all
}

// catalogue grows while the variables of this package are made.
var catalogue []*Kind

// topic is a heading of the page.
type topic string

// The topics, in the order of the page.
const (
	ofRegistry   topic = "The registry and the files of Postfix"
	ofPackage    topic = "The package and its templates"
	ofModes      topic = "Modes, and what was set before"
	ofEvidence   topic = "What the mail log shows"
	ofPlaces     topic = "The place of a check in a restriction list"
	ofSpoofing   topic = "Sender-spoofing"
	ofInsiders   topic = "Who is not inside"
	ofRelay      topic = "Who may relay"
	ofSubmission topic = "Ports 465 and 587"
	ofDoors      topic = "Further ports"
	ofLists      topic = "The lists of accounts and addresses"
	ofRights     topic = "Who may write as which further addresses"
)

var topics = []topic{
	ofRegistry, ofPackage, ofModes, ofEvidence, ofPlaces, ofSpoofing, ofInsiders, ofRelay, ofSubmission, ofDoors, ofLists, ofRights,
}

// kind adds a kind to the catalogue.
func (t topic) kind(name, about, means, do string, weights ...Weight) *Kind {
	k := &Kind{Name: name, About: about, Weights: weights, Means: means, Do: do, Topic: string(t)}
	catalogue = append(catalogue, k)
	return k
}

package rules

import (
	"slices"
	"strconv"
	"strings"

	"ucs-harden/plan"
)

// Effect is what a control makes of the answer that a server gives to a letter without it.
type Effect string

const (
	// Unchanged: what was accepted is accepted, what was refused is refused.
	Unchanged Effect = "unchanged"
	// Refuse: the letter is refused.
	Refuse Effect = "refuse"
	// Accept: the letter is accepted, unless something refuses it that is not the rule's concern.
	Accept Effect = "accept"
)

// Rule is one row of the table of rules, in words.
type Rule struct {
	// Name is stable, such as "sender-not-owned".
	Name string `json:"name"`
	// Control is the control whose mode switches the rule on; "" is a rule that holds in every mode, because mail or
	// the server is meant that way.
	Control string `json:"control,omitempty"`
	Effect  Effect `json:"effect"`
	// Code is the reply code of a refusal; 0 is any of 4xx and 5xx.
	Code int `json:"code,omitempty"`
	// Reason says why, of a letter. In the table it holds the placeholders {client}, {port}, {login}, {sender},
	// {domain} and {recipient}.
	Reason string `json:"reason"`
	// Lifts are parts of refusals that an Accept takes away; any other refusal that is there today may stay.
	Lifts []string `json:"-"`
}

// Ruling is the rule that decides about a letter, with the reason of this letter.
type Ruling struct {
	Rule
	// Warned: a control in mode warn logs the letter, since it would refuse it in mode enforce. Warning is the reason
	// of the first that does.
	Warned  bool   `json:"warned,omitempty"`
	Warning string `json:"warning,omitempty"`
}

// Judge applies the table to a letter: row by row as Postfix goes through a restriction list, the first row that
// decides counts. A row whose control is off is not there. One that refuses and whose control only warns leaves a line
// in the log and does not decide (warn_if_reject and WARN in postconf(5) and access(5)). A control that modes (see
// plan.Modes) does not name is off.
func Judge(modes map[string]plan.Mode, l Letter) Ruling {
	var warning string
	for _, r := range rules {
		if !r.matches(&l) {
			continue
		}
		if r.Control != "" {
			switch modeFor(modes, r.Control, &l) {
			case plan.Enforce:
			case plan.Warn:
				if r.Effect == Refuse {
					if warning == "" {
						warning = l.fill(r.Reason)
					}
					continue
				}
			default:
				continue
			}
		}
		ruling := Ruling{Rule: r.Rule, Warned: warning != "", Warning: warning}
		ruling.Reason = l.fill(r.Reason)
		return ruling
	}
	panic("the table of rules has no last row") // it has: see its test
}

// modeFor is the mode of a control for a letter: that of the hosted domain which the sender is in, or nearest below,
// when domains have modes of their own.
func modeFor(modes map[string]plan.Mode, control string, l *Letter) plan.Mode {
	_, domain, _ := strings.Cut(strings.ToLower(l.Sender), "@")
	for ; domain != ""; _, domain, _ = strings.Cut(domain, ".") {
		if m, ok := modes[control+"/"+domain]; ok {
			return m
		}
	}
	return modes[control]
}

// Rules are the rows of the table, in their order.
func Rules() []Rule {
	all := make([]Rule, len(rules))
	for i, r := range rules {
		all[i] = r.Rule
		all[i].Lifts = slices.Clone(r.Lifts)
	}
	return all
}

// row is a rule and what letters it is about: one set for each thing that is known of a letter; the empty set is any.
type row struct {
	Rule
	port      role
	login     login
	client    Client
	sender    Sender
	owner     Owner
	recipient Recipient

	bound Bound
	guard Guard
	// What has to be so.
	suspended, unfitting bool
}

func (r *row) matches(l *Letter) bool {
	return has(r.port, l.role()) && has(r.login, l.loggedIn()) && has(r.client, l.Client) &&
		has(r.sender, l.SenderIs) && has(r.owner, l.Owner) && has(r.recipient, l.RecipientIs) &&
		has(r.bound, l.Bound) && has(r.guard, l.Guard) && (l.Suspended || !r.suspended) && (l.Unfitting || !r.unfitting)
}

func has[T ~uint8](set, one T) bool { return set == 0 || set&one != 0 }

// fill puts the letter into a reason.
func (l *Letter) fill(reason string) string {
	sender := l.Sender
	if sender == "" {
		sender = "<>"
	}
	_, domain, _ := strings.Cut(sender, "@")
	return strings.NewReplacer(
		"{client}", l.Client.String(), "{port}", strconv.Itoa(l.Port), "{login}", l.Login,
		"{sender}", sender, "{domain}", strings.ToLower(domain), "{recipient}", l.Recipient,
	).Replace(reason)
}

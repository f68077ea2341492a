// Package rules says what the controls do to mail, as a table that knows nothing of Postfix: which letters a control
// refuses, accepts or leaves alone, with which reply code, and why. Judge applies the table to a letter, in the modes
// of the controls. The rehearsal compares what Postfix answers with what the table says. Listings are what the lists of
// the controls say of accounts, addresses and systems.
package rules

import (
	"slices"
	"strconv"
	"strings"

	"ucs-harden/hosteddomains"
	"ucs-harden/plan"
)

// Effect is what a control does to the answer that the server gives to a letter without the control.
type Effect string

const (
	// Unchanged: the server accepts and refuses as it does without the control.
	Unchanged Effect = "unchanged"
	// Refuse: the letter is refused.
	Refuse Effect = "refuse"
	// Accept: the letter is accepted, unless it is refused for a reason that the rule is not about.
	Accept Effect = "accept"
)

// Rule is one row of the table of rules, in words.
type Rule struct {
	// Name is stable, such as "sender-not-owned".
	Name string `json:"name"`
	// Control is the control whose mode switches the rule on. A rule without one holds in every mode, because mail or
	// the server is meant that way.
	Control string `json:"control,omitempty"`
	Effect  Effect `json:"effect"`
	// Code is the reply code of a refusal; 0 is any of 4xx and 5xx.
	Code int `json:"code,omitempty"`
	// Mail says in words which letters the rule is about, such as "mail from suspended accounts". It is "" for a rule
	// that changes nothing.
	Mail string `json:"mail,omitempty"`
	// Reason says why, of a letter. In the table it holds the placeholders {client}, {port}, {login}, {sender},
	// {domain}, {recipient} and {exception}.
	Reason string `json:"reason"`
	// Unlogged: mode warn does not log the letter, because it could not ask without holding up mail.
	Unlogged bool `json:"unlogged,omitempty"`
	// Lifts are parts of the refusals that an Accept takes away. Any other refusal of today may stay.
	Lifts []string `json:"-"`
	// LiftsInEnforce: mode warn takes no refusal away.
	LiftsInEnforce bool `json:"-"`
}

// Ruling is the rule that decides about a letter, with the reason for this letter.
type Ruling struct {
	Rule
	// Warned: a control in mode warn logs the letter, because mode enforce would refuse it. Warning is the reason of
	// the first control that does, and WarnedBy is its rule.
	Warned   bool   `json:"warned,omitempty"`
	Warning  string `json:"warning,omitempty"`
	WarnedBy string `json:"warned_by,omitempty"`
}

// Judge applies the table to a letter, row by row as Postfix goes through a restriction list. The first row that
// decides counts. A row whose control is off does not count. A row that refuses and whose control only warns leaves a
// line in the log, if it is not Unlogged, and does not decide (warn_if_reject and WARN in postconf(5) and access(5)). A
// control that is missing in modes (see plan.Modes) is off.
func Judge(modes map[string]plan.Mode, l Letter) Ruling {
	var warning, warnedBy string
	for _, r := range rules {
		if !r.matches(&l) {
			continue
		}
		mode := modeFor(modes, r.Control, &l)
		if r.Control != "" {
			switch mode {
			case plan.Enforce:
			case plan.Warn:
				if r.Effect == Refuse {
					if warning == "" && !r.Unlogged {
						warning, warnedBy = l.fill(r.Reason), r.Name
					}
					continue
				}
			default:
				continue
			}
		}
		ruling := Ruling{Rule: r.Rule, Warned: warning != "", Warning: warning, WarnedBy: warnedBy}
		ruling.Reason = l.fill(r.Reason)
		if r.LiftsInEnforce && mode == plan.Warn {
			ruling.Lifts = nil
		}
		return ruling
	}
	panic("the table of rules has no last row") // it has: see its test
}

// modeFor is the mode of a control for a letter. If domains have modes of their own, it is the mode of the hosted
// domain of the sender, in whatever form the sender has it, or of the nearest parent domain.
func modeFor(modes map[string]plan.Mode, control string, l *Letter) plan.Mode {
	_, domain, _ := strings.Cut(l.Sender, "@")
	if hosteddomains.Find(domain, nil) == hosteddomains.Disguised {
		return modes[control]
	}
	domain = hosteddomains.ASCII(domain)
	for ; domain != ""; _, domain, _ = strings.Cut(domain, ".") {
		if m, ok := modes[control+"/"+domain]; ok {
			return m
		}
	}
	return modes[control]
}

// ModeDomain is the domain that has a mode of its own which counts for senders at a domain, in any control: the domain
// itself, or one above it. It is "" when the modes of all domains count.
func ModeDomain(modes map[string]plan.Mode, domain string) string {
	if hosteddomains.Find(domain, nil) == hosteddomains.Disguised {
		return ""
	}
	for domain = hosteddomains.ASCII(domain); domain != ""; _, domain, _ = strings.Cut(domain, ".") {
		for key := range modes {
			if _, of, found := strings.Cut(key, "/"); found && of == domain {
				return domain
			}
		}
	}
	return ""
}

// Because is the reason of a rule of the table, of a letter.
func (r Rule) Because(l Letter) string { return l.fill(r.Reason) }

// Rules are the rows of the table, in their order.
func Rules() []Rule {
	all := make([]Rule, len(rules))
	for i, r := range rules {
		all[i] = r.Rule
		all[i].Lifts = slices.Clone(r.Lifts)
	}
	return all
}

// ByName is the rule with a name, and the zero Rule when there is none.
func ByName(name string) Rule {
	for _, r := range rules {
		if r.Name == name {
			return r.Rule
		}
	}
	return Rule{}
}

// row is a rule and the letters it is about: one set for each property of a letter. The empty set stands for any.
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
	// These must be true of a letter if they are set.
	stopped, suspended, unfitting, relayRefused, excepted bool
	// notExcepted: no exception may admit the letter.
	notExcepted bool
}

func (r *row) matches(l *Letter) bool {
	return has(r.port, l.role()) && has(r.login, l.loggedIn()) && has(r.client, l.Client) &&
		has(r.sender, l.SenderIs) && has(r.owner, l.Owner) && has(r.recipient, l.RecipientIs) &&
		has(r.bound, l.Bound) && has(r.guard, l.Guard) && (l.Stopped || !r.stopped) && (l.Suspended || !r.suspended) &&
		(l.Unfitting || !r.unfitting) && (l.RelayRefused || !r.relayRefused) &&
		(l.Exception != "" || !r.excepted) && (l.Exception == "" || !r.notExcepted)
}

func has[T ~uint8](set, one T) bool { return set == 0 || set&one != 0 }

// fill puts the letter into a reason.
func (l *Letter) fill(reason string) string {
	if !strings.Contains(reason, "{") {
		return reason
	}
	var out strings.Builder
	for {
		text, rest, found := strings.Cut(reason, "{")
		out.WriteString(text)
		if !found {
			return out.String()
		}
		name, behind, _ := strings.Cut(rest, "}")
		out.WriteString(l.placeholder(name))
		reason = behind
	}
}

// placeholder is the value of a placeholder in a reason.
func (l *Letter) placeholder(name string) string {
	switch name {
	case "client":
		return l.Client.String()
	case "port":
		return strconv.Itoa(l.Port)
	case "login":
		return l.Login
	case "sender":
		if l.Sender == "" {
			return "<>"
		}
		return l.Sender
	case "domain":
		_, domain, _ := strings.Cut(l.Sender, "@")
		return strings.ToLower(domain)
	case "recipient":
		return l.Recipient
	case "exception":
		return l.Exception
	}
	return "{" + name + "}"
}

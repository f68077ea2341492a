package rehearsal

import (
	"fmt"
	"slices"
	"strings"

	"ucs-harden/internal/lazyregexp"
	"ucs-harden/maincf"
	"ucs-harden/privatepostfix"
	"ucs-harden/rules"
)

// Decision is one thing that smtpd(8) said about a dialogue, and which restriction said it.
type Decision struct {
	Kind Kind `json:"kind"`
	// Said is the reply, or the text of a table's WARN.
	Said string `json:"said"`
	// Step is the step of the dialogue at which it was said, such as RCPT or DATA.
	Step string `json:"step,omitempty"`
	// Places are the restrictions that may have said so, in the order in which they are asked. If there are several,
	// nothing tells which one it was.
	Places []Place `json:"places"`
	// Parameter is a main.cf parameter that decides without a restriction, or that names a table which cannot be read.
	Parameter string `json:"parameter,omitempty"`
	// Cause is the line of the log that says why smtpd(8) cannot work.
	Cause string `json:"cause,omitempty"`
}

// Place is where a restriction stands.
type Place struct {
	// Restriction is as Postfix reads it, with its arguments.
	Restriction string `json:"restriction"`
	// List is the main.cf parameter or the restriction class that holds it.
	List string `json:"list"`
	// Variable is the registry variable that holds it, or that makes the template add it; "" when none is known.
	Variable string `json:"variable,omitempty"`
	// Origin says in words where List has its value from, such as /etc/postfix/main.cf.local.
	Origin string `json:"origin,omitempty"`
	// Asked is the access restriction list in which smtpd(8) meets it, Step the step whose reply the list can refuse.
	// Both are "" for a restriction class that only a table can name.
	Asked string `json:"asked,omitempty"`
	Step  string `json:"step,omitempty"`
}

// String names the restriction, beginning with where it can be changed.
func (p Place) String() string {
	switch {
	case p.Variable != "":
		return fmt.Sprintf("%s (%s)", p.Variable, p.Restriction)
	case p.Origin != "":
		return fmt.Sprintf("%s in %s (%s)", p.Restriction, p.List, p.Origin)
	}
	return fmt.Sprintf("%s in %s", p.Restriction, p.List)
}

// name is the restriction without warn_if_reject and in lower case, args what follows it. A table alone is short for
// check_recipient_access.
func (p Place) name() (name, args string) {
	words := strings.Fields(p.Restriction)
	for len(words) > 0 && strings.EqualFold(words[0], warnIfReject) {
		words = words[1:]
	}
	if len(words) == 0 {
		return "", ""
	}
	if len(words) == 1 && strings.Contains(words[0], ":") {
		return "check_recipient_access", words[0]
	}
	return strings.ToLower(words[0]), strings.Join(words[1:], " ")
}

func (p Place) warns() bool {
	first, _, _ := strings.Cut(p.Restriction, " ")
	return strings.EqualFold(first, warnIfReject)
}

const warnIfReject = "warn_if_reject"

// Service is what one configuration asks on one port.
type Service struct {
	// Places are the restrictions of all lists, in the order in which smtpd(8) asks them.
	Places []Place
	// Parameters are the definitions of main.cf with the overrides of the service.
	Parameters maincf.File

	sender string // of the letter that the places were chosen for
}

// Decided finds the restriction that refused a letter; nil when none did.
func (s Service) Decided(r privatepostfix.Reply, l rules.Letter) *Decision {
	if r.Accepted() {
		return nil
	}
	if r.Code == 0 {
		return &Decision{Kind: NoService, Said: r.Text, Places: []Place{}}
	}
	d := s.at(stepOf(r), l).decision(r.String(), actionReject, r.Log)
	d.Step = stepOf(r)
	return &d
}

// Warned finds the restrictions that logged a letter and let it pass.
func (s Service) Warned(r privatepostfix.Reply, l rules.Letter) []Decision {
	found := []Decision{}
	for _, line := range r.Log {
		m := logged.FindStringSubmatch(line)
		if m == nil || m[1] == actionReject {
			continue
		}
		d := s.at(step(m[2]), l).decision(m[3], m[1], nil)
		d.Step = step(m[2])
		found = append(found, d)
	}
	return found
}

// What smtpd(8) logs: "NOQUEUE: reject_warning: RCPT from name[address]: text; from=<…> to=<…> proto=… helo=<…>".
var logged = lazyregexp.New(
	`^\S+: (warn|reject_warning|reject): (\S+) from \S+\[[^\]]*\]: (.*?)(?:; (?:from|proto|helo)=.*)?$`)

const (
	actionWarn    = "warn" // a table's
	actionWarning = "reject_warning"
	actionReject  = "reject"
)

// A refusal: "554 5.7.1 <address>: Sender address rejected: text". Some restrictions do not say the part in front.
var refusal = lazyregexp.New(`^(?:\d{3} )?(?:([245]\.\d+\.\d+) )?(?:<.*?>: )?(?:(` + strings.Join(subjects, "|") + `) rejected: )?(.*)$`)

func (s Service) decision(said, action string, log []string) Decision {
	m := refusal.FindStringSubmatch(said)
	enhanced, subject, text := m[1], m[2], m[3]
	if d, ok := s.tagged(said, subject, text, action); ok {
		return d
	}
	for _, t := range telltales {
		if (t.subject != "" && t.subject != subject) || (t.action != "" && t.action != action) ||
			!strings.HasPrefix(said, t.code) || !t.says(enhanced, text) {
			continue
		}
		d := Decision{Kind: t.kind, Said: said, Places: []Place{}}
		if t.kind == Broken {
			s.blame(&d, log)
			return d
		}
		d.Places = s.places(t, subject, text, action)
		if len(d.Places) == 0 && t.without != "" {
			d.Parameter = t.without
		}
		if len(d.Places) > 0 || d.Parameter != "" || !t.elsewhere {
			return d
		}
	}
	return Decision{Kind: Other, Said: said, Places: []Place{}}
}

// places are the restrictions that may say the text.
func (s Service) places(t telltale, subject, text, action string) []Place {
	return s.choose(action, func(p Place) bool {
		name, args := p.name()
		return slices.Contains(t.restrictions(subject, action), name) && t.fits(text, args) && speaks(p.Asked, name, subject)
	})
}

// choose returns the restrictions that may have said something. A restriction behind warn_if_reject only warns; without
// it only a restriction class warns. If no restriction fits so far, the others count.
func (s Service) choose(action string, may func(Place) bool) []Place {
	var of, others []Place
	for _, p := range s.Places {
		switch {
		case !may(p):
		case action == actionWarn || p.warns() == (action == actionWarning):
			of = append(of, p)
		default:
			others = append(others, p)
		}
	}
	if len(of) == 0 {
		of = others
	}
	if of == nil {
		of = []Place{}
	}
	return of
}

// blame finds what cannot be read: a restriction or a parameter that the log names.
func (s Service) blame(d *Decision, log []string) {
	for _, line := range log {
		cause, found := strings.CutPrefix(line, "warning: ")
		if !found {
			cause, found = strings.CutPrefix(line, "fatal: ")
		}
		if !found {
			continue
		}
		if d.Cause == "" {
			d.Cause = cause
		}
		for _, word := range names(cause) {
			for _, p := range s.Places {
				if strings.Contains(p.Restriction, word) {
					d.Cause, d.Places = cause, append(d.Places, p)
				}
			}
			if len(d.Places) > 0 {
				return
			}
			for _, p := range slices.Backward(s.Parameters) {
				if strings.Contains(p.Value, word) {
					d.Cause, d.Parameter = cause, p.Name
					return
				}
			}
		}
	}
}

// names are the words of a log line that may name something: tables, paths, services, and quoted words.
func names(line string) []string {
	var out []string
	for _, m := range quoted.FindAllStringSubmatch(line, -1) {
		out = append(out, m[1])
	}
	for word := range strings.FieldsSeq(line) {
		word = strings.Trim(word, `"',;:.()`)
		for _, compiled := range []string{".db", ".lmdb", ".cdb"} {
			word = strings.TrimSuffix(word, compiled)
		}
		if strings.ContainsAny(word, "/:") && len(word) > 3 {
			out = append(out, word)
		}
	}
	return out
}

var quoted = lazyregexp.New(`"([^"]{2,})"`)

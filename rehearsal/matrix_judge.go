package rehearsal

import (
	"fmt"
	"slices"
	"strings"

	"ucs-harden/internal/lazyregexp"
	"ucs-harden/privatepostfix"
	"ucs-harden/rules"
)

// Outcome is what came of a cell.
type Outcome struct {
	// Want is what was expected, in words.
	Want string `json:"want"`
	// Wrong: the plan must not be applied.
	Wrong bool `json:"wrong"`
	// Explained: the reply is not the rule's, and that is not the plan's doing.
	Explained bool `json:"explained,omitempty"`
	// Unlogged: mode warn should have logged it. What enforce would do with it is
	// not known, most likely nothing.
	Unlogged bool `json:"unlogged,omitempty"`
	// Why is the reason, in words, of what was expected; and of the outcome,
	// when it is another.
	Why string `json:"why"`
}

// surroundings are what all the replies say together.
type surroundings struct {
	logged bool            // some reply came with log lines: whoever plays knows the log
	broken map[string]bool // what today's configuration says where it does not work
	// noForeign: the domain that stands for all others does not exist here.
	noForeign bool
}

func look(cells []Cell) surroundings {
	about := surroundings{broken: map[string]bool{}}
	for _, c := range cells {
		about.logged = about.logged || len(c.Before.Log)+len(c.After.Log) > 0
		if broken(c.Before) {
			about.broken[said(c.Before)] = true
		}
	}
	return about
}

// judge compares the replies with the ruling. What is expected of the plan is
// what today's configuration answers, changed by what the controls say. What
// something else refuses today, and refuses in the plan, is explained: it is
// not the plan's doing, and there the plan proves nothing.
func (c *Cell) judge(about surroundings) Outcome {
	var o Outcome
	switch c.Ruling.Effect {
	case rules.Refuse:
		o = c.refused()
	case rules.Accept:
		o = c.accepted()
	default:
		o = c.unchanged()
	}
	switch {
	case about.noForeign && c.Letter.RecipientIs == rules.Elsewhere && c.After.Code == 450 && c.After.Enhanced == badDestination:
		return c.explained(o.Want, "this server's DNS does not know "+c.Dialogue.Recipient[strings.LastIndexByte(c.Dialogue.Recipient, '@')+1:]+", so this answer does not count for other domains")
	case c.After.Code == 0:
		return c.wrong(o.Want, "the configuration of the plan gives no answer")
	case broken(c.After) && !same(c.Before, c.After):
		if c.Ruling.Effect == rules.Refuse && about.broken[said(c.After)] {
			return c.explained(o.Want, "the check that refuses it does not work today either: "+because(c.After))
		}
		return c.wrong(o.Want, "the configuration of the plan does not work: "+because(c.After))
	case c.Ruling.Warned && c.After.Accepted() && about.logged && !slices.ContainsFunc(c.After.Log, warned.MatchString):
		o.Unlogged = true
		o.Why += "; warn should log it and does not, because something permits it first"
	}
	return o
}

// refused judges what a rule refuses.
func (c *Cell) refused() Outcome {
	want := "refused"
	if c.Ruling.Code != 0 {
		want = fmt.Sprintf("refused with %d", c.Ruling.Code)
	}
	switch {
	case c.After.Accepted():
		return c.wrong(want, "it is accepted all the same: something permits it first, or the check is not there")
	case c.Ruling.Code == 0 || c.After.Code == c.Ruling.Code:
		return c.right(want)
	case !c.Before.Accepted():
		return c.explained(want, "another check refuses it, and already does today: "+because(c.After))
	}
	return c.wrong(want, "it is refused for another reason: "+c.After.String())
}

// accepted judges what a rule lets pass.
func (c *Cell) accepted() Outcome {
	const want = "accepted"
	lifted := func(r privatepostfix.Reply) bool {
		return slices.ContainsFunc(c.Ruling.Lifts, func(part string) bool { return strings.Contains(r.Text, part) })
	}
	switch {
	case c.After.Accepted():
		return c.right(want)
	case !c.Before.Accepted() && same(c.Before, c.After) && !lifted(c.After):
		return c.explained(want, "another check refuses it, and already does today: "+because(c.After))
	}
	return c.wrong(want, "it is refused: "+c.After.String()+c.hint())
}

// unchanged judges what no rule of the plan changes.
func (c *Cell) unchanged() Outcome {
	before, after := c.Before, c.After
	if control, ok := refusedBy(before); ok && c.Ruled.Effect != rules.Refuse {
		// By a list that is not known here any more, such as a live one.
		return Outcome{Want: "accepted or refused", Why: fmt.Sprintf("control %s refuses it today and no longer covers it", control)}
	}
	if c.released() {
		// A control that decided it today no longer does. What holds without it
		// is not known: that was not played.
		return Outcome{Want: "accepted or refused", Why: fmt.Sprintf("control %s no longer decides it (%s)", c.Ruled.Control, c.Ruled.Reason)}
	}
	want := "accepted, as today"
	if !before.Accepted() {
		want = "refused, as today"
	}
	switch {
	case before.Accepted() && after.Accepted():
		return c.right(want)
	case before.Accepted():
		return c.wrong(want, "it is accepted today and would be refused: "+after.String()+c.hint())
	case after.Accepted() && c.Ruling.Warned && before.Enhanced == notAuthorized:
		return c.explained(want, "a check that refuses it today only warns in the plan: "+before.String())
	case after.Accepted() && temporary(before):
		return c.explained(want, "it is only put off today: "+before.String())
	case after.Accepted():
		return c.wrong(want, "it is refused today and would be accepted: "+before.String())
	case temporary(before) && !temporary(after) && c.Today.Client != c.Letter.Client:
		return c.explained(want, "the plan adds the client to mynetworks, so the check that puts it off today is skipped; another check refuses it: "+after.String())
	case temporary(before) && !temporary(after):
		return c.wrong(want, "it is put off today ("+before.String()+") and would be refused for good: "+after.String())
	case temporary(before):
		return c.explained(want, "it is put off today, too: "+because(before))
	case !same(before, after):
		return c.explained(want, "it is refused today as well, with another reply: "+before.String())
	}
	return c.right(want)
}

// released reports whether a control decides the cell today and has no say in
// the plan.
func (c *Cell) released() bool {
	switch {
	case c.Ruled.Control == "":
		return false
	case c.Ruled.Effect == rules.Refuse:
		return !c.Before.Accepted()
	}
	// It accepts because of who the client is, or that there is a login.
	return c.Ruled.Effect == rules.Accept && (c.Today.Client != c.Letter.Client || c.Today.Login != c.Letter.Login)
}

// refusedBy is the control that refused, as the tag of its refusal tells.
func refusedBy(r privatepostfix.Reply) (control string, ok bool) {
	control, ok = tagOf(r.Text)
	return control, ok && !r.Accepted()
}

// because is the reason of the ruling; and what mode warn says of it.
func (c *Cell) because() string {
	switch {
	case !c.Ruling.Warned:
		return c.Ruling.Reason
	case c.Ruling.Effect == rules.Unchanged:
		return "logged, not refused: " + c.Ruling.Warning
	}
	return c.Ruling.Reason + "; logged, not refused: " + c.Ruling.Warning
}

func (c *Cell) right(want string) Outcome { return Outcome{Want: want, Why: c.because()} }

func (c *Cell) wrong(want, why string) Outcome {
	return Outcome{Want: want, Wrong: true, Why: c.because() + "; " + why}
}

func (c *Cell) explained(want, why string) Outcome {
	return Outcome{Want: want, Explained: true, Why: c.because() + "; " + why}
}

// hint says where to look, when the reply to what should be accepted tells.
func (c *Cell) hint() string {
	switch {
	case c.After.Code == 553 && c.Letter.Login != "":
		return ": the login map does not give " + c.Letter.Login + " as an owner of " + c.Letter.Sender
	case c.Letter.RecipientIs == rules.Elsewhere && strings.Contains(c.After.Text, "Domain not found"):
		return ": this server's DNS does not know the domain"
	}
	return ""
}

// badDestination is the enhanced status code of reject_unknown_recipient_domain
// (RFC 3463, 3.2: bad destination system address).
const badDestination = "4.1.2"

// notAuthorized is the enhanced status code of a refusal by policy (RFC 3463, 3.8).
const notAuthorized = "5.7.1"

// warned matches the line of a WARN and that of a warn_if_reject.
var warned = lazyregexp.New(`: (warn|reject_warning): `)

// same compares replies without what may differ in their words: times and names.
func same(a, b privatepostfix.Reply) bool { return a.Code == b.Code && a.Enhanced == b.Enhanced }

// said is a reply without the address it speaks of.
func said(r privatepostfix.Reply) string {
	r.Text = r.Text[strings.LastIndexByte(r.Text, ':')+1:]
	return r.String()
}

func temporary(r privatepostfix.Reply) bool { return r.Code/100 == 4 }

// because is the reply, and what the log says of it when the server is at fault.
func because(r privatepostfix.Reply) string {
	if !broken(r) {
		return r.String()
	}
	for _, line := range r.Log {
		if _, why, ok := strings.Cut(line, "warning: "); ok && !strings.Contains(line, "NOQUEUE: ") {
			return r.String() + " (" + why + ")"
		}
	}
	return r.String()
}

// broken says that smtpd(8) cannot work: "451 4.3.5 Server configuration error",
// "451 4.3.0 Temporary lookup failure" (RFC 3463, 3.4: mail system status).
func broken(r privatepostfix.Reply) bool {
	return temporary(r) && strings.HasPrefix(r.Enhanced, "4.3.")
}

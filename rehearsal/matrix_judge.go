package rehearsal

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ucs-harden/internal/lazyregexp"
	"ucs-harden/mailbox"
	"ucs-harden/privatepostfix"
	"ucs-harden/rules"
)

// Outcome is the judgement of a cell.
type Outcome struct {
	// Want is the expected answer, in words.
	Want string `json:"want"`
	// Wrong: the plan must not be applied.
	Wrong bool `json:"wrong"`
	// Explained: the reply is not what the rule says, for a reason that does not stop an apply.
	Explained bool `json:"explained,omitempty"`
	// Unlogged: mode warn should have logged the letter and has not. Most likely enforce would not refuse it.
	Unlogged bool `json:"unlogged,omitempty"`
	// Why is the reason of the rule, in words, and the reason of the outcome where it differs.
	Why string `json:"reason"`
}

// surroundings are facts that follow from all replies together.
type surroundings struct {
	logged bool            // some reply has log lines, so the log is known
	broken map[string]bool // the replies of today's configuration that mean that it does not work
	// noForeign: this server's DNS does not know the domain that stands for all others.
	noForeign bool
	service   func(privatepostfix.Dialogue) Service // of the plan
}

// relayRefused reports whether the relay restrictions of the plan refuse a cell.
func (s surroundings) relayRefused(c *Cell) bool {
	return s.service != nil && s.service(c.Dialogue).relayRefused(c.After, c.Letter)
}

const relayRefused = "smtpd_relay_restrictions refuses it before a control is asked"

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

// judge compares the replies with the ruling. The expected answer of the plan is today's answer, changed by what the
// controls say. Where another check refuses today and in the plan, the cell is explained: the plan is not the cause,
// and the cell proves nothing about the plan.
func (c *Cell) judge(about surroundings) Outcome {
	var o Outcome
	switch {
	case about.relayRefused(c) && !c.Before.Accepted():
		// A table of the administrator could have permitted it, so the rules do not know it.
		return Outcome{Want: "refused, as today", Why: relayRefused}
	case c.Ruling.Effect == rules.Refuse:
		o = c.refused()
	case c.Ruling.Effect == rules.Accept:
		o = c.accepted()
	default:
		o = c.unchanged()
	}
	switch {
	case about.noForeign && c.Letter.RecipientIs == rules.Elsewhere && says(c.After, 450, badDestination):
		domain := mailbox.Domain(c.Dialogue.Recipient)
		return c.explained(o.Want, "this server's DNS does not know "+domain+
			", so this answer does not count for other domains")
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

// refused judges a letter that a rule refuses.
func (c *Cell) refused() Outcome {
	want := "refused"
	if c.Ruling.Code != 0 {
		want = fmt.Sprintf("refused with %d", c.Ruling.Code)
	}
	switch {
	case c.After.Accepted() && c.OfTable && c.Before.Accepted():
		return c.explained(want, "a table of the administrator permits it, as today")
	case c.After.Accepted():
		return c.wrong(want, "it is accepted all the same: something permits it first, or the check is not there")
	case c.Ruling.Code == 0 || c.After.Code == c.Ruling.Code:
		return c.right(want)
	case !c.Before.Accepted():
		return c.explained(want, "another check refuses it, and already does today: "+because(c.After))
	}
	return c.wrong(want, "it is refused for another reason: "+c.After.String())
}

// accepted judges a letter that a rule accepts.
func (c *Cell) accepted() Outcome {
	const want = "accepted"
	lifted := func(r privatepostfix.Reply) bool {
		return slices.ContainsFunc(c.Ruling.Lifts, func(part string) bool { return strings.Contains(r.Text, part) })
	}
	_, ours := refusedBy(c.Before)
	switch {
	case c.After.Accepted() && c.OfTable && c.Before.Code/100 == 5 && !lifted(c.Before) && !ours:
		return c.wrong(want, "it is refused today and would be accepted: "+c.Before.String())
	case c.After.Accepted():
		return c.right(want)
	case !c.Before.Accepted() && !lifted(c.After):
		return c.explained(want, "another check refuses it, and it is refused today as well: "+because(c.After))
	}
	return c.wrong(want, "it is refused: "+c.After.String()+c.hint())
}

// unchanged judges a letter that no rule of the plan is about.
func (c *Cell) unchanged() Outcome {
	before, after := c.Before, c.After
	if control, ok := refusedBy(before); ok && c.Ruled.Effect != rules.Refuse {
		// The control has a list that is not known here, such as a live one.
		why := fmt.Sprintf("control %s refuses it today and no longer covers it", control)
		return Outcome{Want: "accepted or refused", Why: why}
	}
	if c.released() {
		// The control decides today and not in the plan. The answer without the control is not known: it was not
		// played.
		control, _ := refusedBy(before)
		why := fmt.Sprintf("control %s no longer decides it (%s)", cmp.Or(c.Ruled.Control, control), c.Ruled.Reason)
		return Outcome{Want: "accepted or refused", Why: why}
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
	case after.Accepted() && (temporary(before) || dead(before)):
		return c.explained(want, "it is only put off today: "+before.String())
	case after.Accepted():
		return c.wrong(want, "it is refused today and would be accepted: "+before.String())
	case temporary(before) && !temporary(after) && c.Today.Client != c.Letter.Client:
		return c.explained(want, "the plan adds the client to mynetworks, so the check that puts it off today is skipped; "+
			"another check refuses it: "+after.String())
	case (broken(before) || dead(before)) && !temporary(after):
		return c.explained(want, "Postfix does not work for it today ("+before.String()+"), and the plan mends that; "+
			"another check refuses it: "+after.String())
	case temporary(before) && !temporary(after):
		return c.wrong(want, "it is put off today ("+before.String()+") and would be refused for good: "+after.String())
	case temporary(before):
		return c.explained(want, "it is put off today, too: "+because(before))
	case !same(before, after):
		return c.explained(want, "it is refused today as well, with another reply: "+before.String())
	}
	return c.right(want)
}

// released reports whether a control decides the cell today and does not in the plan.
func (c *Cell) released() bool {
	_, ours := refusedBy(c.Before)
	switch {
	case c.Ruled.Effect == rules.Refuse && (c.Ruled.Control != "" || ours):
		return !c.Before.Accepted()
	case c.Ruled.Control == "":
		return false
	}
	// The control accepts because of the client, or because of the login.
	return c.Ruled.Effect == rules.Accept && (c.Today.Client != c.Letter.Client || c.Today.Login != c.Letter.Login)
}

// refusedBy is the control that refused, by the tag of the reply.
func refusedBy(r privatepostfix.Reply) (control string, ok bool) {
	control, ok = tagOf(r.Text)
	return control, ok && !r.Accepted()
}

// because is the reason of the ruling, and what mode warn logs.
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

// hint says where to look, if the reply tells; "" if not.
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

// same compares the codes of replies. The texts can differ in times and names.
func same(a, b privatepostfix.Reply) bool { return a.Code == b.Code && a.Enhanced == b.Enhanced }

// said is a reply without the address in its text.
func said(r privatepostfix.Reply) string {
	r.Text = r.Text[strings.LastIndexByte(r.Text, ':')+1:]
	return r.String()
}

func says(r privatepostfix.Reply, code int, enhanced string) bool {
	return r.Code == code && r.Enhanced == enhanced
}

func temporary(r privatepostfix.Reply) bool { return r.Code/100 == 4 }

// because is the reply, with the cause from the log when the configuration does not work.
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

// dead reports that there is no reply: the service does not run.
func dead(r privatepostfix.Reply) bool { return r.Code == 0 }

// broken reports a reply that means that smtpd(8) cannot work: "451 4.3.5 Server configuration error",
// "451 4.3.0 Temporary lookup failure" (RFC 3463, 3.4: mail system status).
func broken(r privatepostfix.Reply) bool {
	return temporary(r) && strings.HasPrefix(r.Enhanced, "4.3.")
}

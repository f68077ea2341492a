package report

import (
	"fmt"
	"strings"

	"ucs-harden/controls"
	"ucs-harden/internal/plural"
	"ucs-harden/rehearsal"
)

// changeTitles are the headings of the consequences.
var changeTitles = map[rehearsal.Change]string{
	rehearsal.NewlyRefused:   "Newly refused",
	rehearsal.NewlyAllowed:   "Newly allowed",
	rehearsal.NewlyLogged:    "Newly logged, not refused",
	rehearsal.NoLongerLogged: "No longer logged",
}

// consequences writes what people will notice: each kind of mail with the number of test messages and an example.
func (s *sheet) consequences(all []rehearsal.Consequence) {
	var last rehearsal.Change
	for _, c := range all {
		if c.Change != last {
			s.title(changeTitles[c.Change])
			last = c.Change
		}
		s.hang("  "+s.paint(changeColors[c.Change], fmt.Sprintf("%4d", c.Messages))+"  ", PlainLines(c.Mail+answers(c)))
		s.hang("        ", PlainLines("such as "+c.Example.Short()))
	}
}

var changeColors = map[rehearsal.Change]string{
	rehearsal.NewlyRefused: red, rehearsal.NewlyAllowed: green, rehearsal.NewlyLogged: yellow, rehearsal.NoLongerLogged: yellow,
}

// answers is the refusal, with the plan or of today, where a Postfix was asked.
func answers(c rehearsal.Consequence) string {
	switch {
	case c.Before == c.After:
		return ""
	case c.Change == rehearsal.NewlyAllowed:
		return " (today " + c.Before + ")"
	}
	return " (" + c.After + ")"
}

// effect says in one line what a plan does to mail.
func effect(all []rehearsal.Consequence) string {
	count := map[rehearsal.Change]int{}
	for _, c := range all {
		count[c.Change]++
	}
	words := map[rehearsal.Change]string{
		rehearsal.NewlyRefused: "newly refused", rehearsal.NewlyAllowed: "newly allowed",
		rehearsal.NewlyLogged: "newly logged", rehearsal.NoLongerLogged: "no longer logged",
	}
	var parts []string
	for _, change := range rehearsal.Changes() {
		n := count[change]
		if n == 0 {
			continue
		}
		text := fmt.Sprintf("%d %s", n, words[change])
		if len(parts) == 0 {
			text = plural.Count(n, "kind of mail is", "kinds of mail are") + " " + words[change]
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return "no mail is treated differently"
	}
	return strings.Join(parts, ", ")
}

// Question is what stands directly above a question, and at the top of a plan: three lines that say what the plan does to
// mail, whether anything is wrong, and what was tried.
func (v PlanScreen) Question(style Style) []string {
	first := "Mode " + controls.ModeText(v.Plan.Mode, v.Plan.Controls)
	switch {
	case v.Unknown != nil:
		first += ": what people will notice is not known (" + PlainLines(v.Unknown.Error()) + ")"
	case v.Matrix != nil:
		first += ": " + effect(v.Matrix.Consequences())
	}
	lines := []string{style.paint(bold, first+"."), v.verdict(style)}
	switch {
	case v.Matrix == nil:
	case v.Matrix.Foreseen:
		lines = append(lines, "Foretold from the rules of the controls; ucs-harden rehearse asks a Postfix.")
	default:
		lines = append(lines, v.Matrix.Count().String())
	}
	return lines
}

// verdict says whether anything is wrong.
func (v PlanScreen) verdict(style Style) string {
	c := v.Plan.Count()
	text := plural.Count(c.Errors, "error", "errors") + ", " + plural.Count(c.Warnings, "warning", "warnings")
	switch blocking := len(v.Plan.Blocking(v.Accepted)); {
	case blocking > 0:
		return style.paint(red, "Nothing is applied while an error stands: "+text+".")
	case c.Errors > 0:
		return style.paint(yellow, text+", accepted.")
	case c.Warnings > 0:
		return style.paint(yellow, "Nothing is in the way; "+plural.Count(c.Warnings, "warning", "warnings")+".")
	}
	return style.paint(green, "Nothing is wrong.")
}

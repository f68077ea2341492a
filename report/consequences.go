package report

import (
	"fmt"
	"strings"

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
	var parts []string
	for _, change := range rehearsal.Changes() {
		n := count[change]
		if n == 0 {
			continue
		}
		words := strings.ReplaceAll(string(change), "-", " ")
		text := fmt.Sprintf("%d %s", n, words)
		if len(parts) == 0 {
			text = plural.Count(n, "kind of mail is", "kinds of mail are") + " " + words
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return "no mail is treated differently"
	}
	return strings.Join(parts, ", ")
}

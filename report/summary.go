package report

import (
	"io"

	"ucs-harden/controls"
	"ucs-harden/internal/plural"
)

// Summary writes what stands directly above a question, and at the top of a plan: three lines that say what the plan does
// to mail, whether anything is wrong, and what was tried.
func Summary(w io.Writer, v PlanScreen, style Style) error {
	s := &sheet{w: w, Style: style}
	s.summary(v)
	return s.err
}

func (s *sheet) summary(v PlanScreen) {
	first := "Mode " + controls.ModeText(v.Plan.Mode, v.Plan.Controls)
	switch {
	case v.Unknown != nil:
		first += ": what people will notice is not known (" + PlainLines(v.Unknown.Error()) + ")"
	case v.Matrix != nil:
		first += ": " + effect(v.Matrix.Consequences())
	}
	s.hang("", s.paint(bold, first+"."))
	s.hang("", v.verdict(s.Style))
	switch {
	case v.Matrix == nil:
	case v.Matrix.Foreseen:
		s.hang("", "Foretold from the rules of the controls; ucs-harden rehearse asks a Postfix.")
	default:
		s.hang("", v.Matrix.Count().String())
	}
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

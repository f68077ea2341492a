package report

import (
	"io"
	"time"

	"ucs-harden/plan"
)

// Status is the state of a server.
type Status struct {
	Schema   int            `json:"schema"`
	Mode     plan.Mode      `json:"mode"`
	Controls []plan.Control `json:"controls"`
	// Domains is the number of hosted mail domains, Covered how many of them are in the sender table on disk.
	Domains int `json:"domains"`
	Covered int `json:"covered"`
	// Controllers is the number of domain controllers with an address; -1: not asked.
	Controllers int `json:"controllers"`
	// Drift names what the next sync would change.
	Drift    []string       `json:"drift"`
	Findings []plan.Finding `json:"findings"`
	// Interrupted is the ID of a change that a crash left unfinished.
	Interrupted string `json:"interrupted,omitempty"`
	// Waiting is an apply that is taken back at its deadline unless confirmed.
	Waiting *Waiting `json:"waiting,omitempty"`
	// Last is the last change that is in effect.
	Last *Change `json:"last,omitempty"`
}

// Waiting names an apply and its deadline.
type Waiting struct {
	ID       string    `json:"id"`
	Deadline time.Time `json:"deadline"`
}

// Verdict is a status in one word.
type Verdict int

const (
	// AsPlanned: there is nothing to do.
	AsPlanned Verdict = iota
	// Broken: a crash left a change unfinished.
	Broken
	// ToConfirm: an apply waits to be confirmed.
	ToConfirm
	// Drifted: the next sync would change something.
	Drifted
	// Faulty: there is a finding of severity "error".
	Faulty
)

// Verdict is what needs attention first.
func (st Status) Verdict() Verdict {
	switch {
	case st.Interrupted != "":
		return Broken
	case st.Waiting != nil:
		return ToConfirm
	case len(st.Drift) > 0:
		return Drifted
	case st.Errors() > 0:
		return Faulty
	}
	return AsPlanned
}

// Errors counts the findings of severity "error".
func (st Status) Errors() int { return (&plan.Plan{Findings: st.Findings}).Count().Errors }

// StatusText writes the state for people; brief is one line.
func StatusText(w io.Writer, st Status, brief bool, style Style) error {
	s := &sheet{w: w, Style: style}
	if brief {
		s.line("mode %s, %s", st.Mode, s.state(st))
		return s.err
	}
	s.line("Mode           %s", st.Mode)
	for _, c := range st.Controls {
		s.line("  %-16s %s%s", c.Name, c.After, listed(c))
		s.domains("    ", c)
	}
	s.line("Mail domains   %d hosted, %d in the sender table", st.Domains, st.Covered)
	if st.Controllers >= 0 {
		s.line("Controllers    %d with an address", st.Controllers)
	}
	if st.Last != nil {
		s.line("Last change    %s, mode %s, %s", st.Last.ID, st.Last.Modes, st.Last.Time.Local().Format("2006-01-02 15:04"))
	}
	s.line("State          %s", s.state(st))
	for _, d := range st.Drift {
		s.line("    %s", plain(d))
	}
	s.findings(&plan.Plan{Findings: st.Findings})
	if hint := statusHints[st.Verdict()]; hint != "" {
		s.line("")
		s.line("hint: %s", hint)
	}
	return s.err
}

// state is the verdict in words.
func (s *sheet) state(st Status) string {
	switch st.Verdict() {
	case Broken:
		return s.paint(red, "interrupted change "+st.Interrupted)
	case ToConfirm:
		return s.paint(yellow, "waits to be confirmed until "+st.Waiting.Deadline.Local().Format(time.DateTime))
	case Drifted:
		return s.paint(yellow, "drift: "+count(len(st.Drift), "difference", "differences"))
	case Faulty:
		return s.paint(red, count(st.Errors(), "error", "errors")+", which ucs-harden plan shows")
	}
	return s.paint(green, "as planned")
}

var statusHints = map[Verdict]string{
	Broken:    "ucs-harden recover",
	ToConfirm: "ucs-harden confirm keeps it, ucs-harden rollback takes it back",
	Drifted:   "ucs-harden plan shows the differences; ucs-harden sync removes them",
}

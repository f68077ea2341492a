package evidence

import (
	"slices"
	"strconv"
	"time"

	"ucs-harden/plan"
)

// Target is a control, or one domain of it with a mode of its own, that may come to enforce.
type Target struct {
	Control string
	Domain  string
	Wanted  plan.Mode
	Running plan.Mode
	// Gated: the gate applies to the control. Changes: the target is not in enforce, and wanted is enforce.
	Gated, Changes bool
	// Since is since when the control watches without a break, in warn or enforce. Zero: it does not.
	Since time.Time
}

// String is CONTROL, or CONTROL/DOMAIN.
func (t Target) String() string {
	if t.Domain == "" {
		return t.Control
	}
	return t.Control + "/" + t.Domain
}

// Name is that of the target that the readiness is about, see Target.String.
func (r Readiness) Name() string { return Target{Control: r.Control, Domain: r.Domain}.String() }

// Question is what the gate is asked.
type Question struct {
	Now time.Time
	// MinDays is for how many days the log must show what enforcing does.
	MinDays float64
	// Log is how complete the log is. Watched is the report of warn and enforce.
	Log     Log
	Watched *Report
	// Replayed is the report of a replay, which is asked where warn does not stand long enough. nil: there is none, and
	// NoReplay says why.
	Replayed *Report
	NoReplay Phrase
}

// Gate says of each target whether it may come to enforce: when warn is in force, or a replay covers the log, for at least
// MinDays; when the log is complete enough; and when no group with a sign of legitimacy is open.
//
// Days count where the log has mail; days without any and gaps do not. The limits of a complete log are those of
// [Log.Lacks], those of a replay maxUntold.
func Gate(q Question, targets []Target) []Readiness {
	out := []Readiness{}
	for _, t := range targets {
		r := Readiness{
			Control: t.Control, Domain: t.Domain, Wanted: t.Wanted, Running: t.Running, Gated: t.Gated, MinDays: q.MinDays,
			Open: []string{}, Missing: []Phrase{},
		}
		if t.Gated {
			q.judge(t, &r)
		} else {
			r.Ready = true
		}
		out = append(out, r)
	}
	return out
}

// judge fills in what the log says of a target that the gate applies to. A replay speaks only of what its plan has in
// enforce.
func (q Question) judge(t Target, r *Readiness) {
	if !t.Since.IsZero() {
		r.By, r.Days = FromWarn, days(q.Log.Covered(t.Since, q.Now))
	}
	switch {
	case r.Days >= q.MinDays || q.Replayed == nil:
	case t.Wanted != plan.Enforce: // the plan that was replayed does not refuse
		r.Missing = append(r.Missing, Phrasef("the log was replayed with %s in mode %s, not in enforce", t, t.Wanted))
	default:
		replayed := LogOf(q.Replayed.Coverage)
		covered := days(replayed.Covered(replayed.From, q.Now))
		lacks := append(replayed.Lacks(q.window(replayed.From), q.Now), untold(q.Replayed.Replayed, t.Control)...)
		if covered >= q.MinDays && len(lacks) == 0 {
			r.By, r.Days = FromReplay, covered
			r.open(q.Replayed, t)
		} else if covered > r.Days {
			r.By, r.Days, r.Missing = FromReplay, covered, append(r.Missing, lacks...)
		}
	}
	if r.Days < q.MinDays {
		r.Missing = append(r.Missing, q.tooShort(t, r.Days))
		if q.Replayed == nil && !q.NoReplay.IsZero() {
			r.Missing = append(r.Missing, Phrasef("the log cannot be replayed: %s", q.NoReplay))
		}
	}
	if r.By == FromWarn {
		r.Missing = append(r.Missing, q.Log.Lacks(q.window(t.Since), q.Now)...)
	}
	r.open(q.Watched, t)
	r.Ready = len(r.Open) == 0 && len(r.Missing) == 0
}

// maxUntold is the share of the letters of a replay of which it may not know whether a control refuses them, in per mille.
// Letters that were refused when they came do not count: a stranger chooses how many they are.
const maxUntold = 10

// untold says that a replay does not know enough of the letters that a control may refuse.
func untold(r *Replayed, control string) (lacks []Phrase) {
	if r == nil || r.served() == 0 {
		return []Phrase{Phrasef("the log has no letter that this server accepted from a client, so a replay shows nothing")}
	}
	served := Counted(r.served(), "%d letter", "%d letters")
	if n := r.CannotTellOf[control]; n*1000 > r.served()*maxUntold {
		lacks = append(lacks, Phrasef("the log does not show the port of %d of %s, and it depends on the port whether %s"+
			" refuses them: only mode warn can tell", n, served, control))
	}
	if n := r.UnknownOf[control]; n*1000 > r.served()*maxUntold {
		lacks = append(lacks, Phrasef("of %d of %s the log does not show who sent them or whether somebody had logged in,"+
			" and %s may refuse them", n, served, control))
	}
	return lacks
}

// window is from when on the log must be complete. What is older than twice the days that count does not matter, so that a
// bad day does not close the gate for ever.
func (q Question) window(since time.Time) time.Time {
	return later(since, q.Now.Add(-time.Duration(2*q.MinDays*float64(24*time.Hour))))
}

// tooShort says how many days are missing, and how many of those that have passed do not count.
func (q Question) tooShort(t Target, shown float64) Phrase {
	text := Phrasef("the log shows %s of %s days", number(shown), number(q.MinDays))
	if t.Since.IsZero() {
		return text
	}
	if gap := days(q.Now.Sub(t.Since)) - days(q.Log.Covered(t.Since, q.Now)); gap >= 0.5 {
		return Phrasef("%s (%s days since %s have no mail in it)", text, number(float64(int(gap*10))/10), momentOf(t.Since))
	}
	return text
}

// open adds the open groups of a report that are about the target.
func (r *Readiness) open(report *Report, t Target) {
	if report == nil {
		return
	}
	for _, g := range report.Groups {
		about := g.Control == t.Control && (t.Domain == "" || g.Domain == t.Domain)
		if about && g.Open && !slices.Contains(r.Open, g.ID) {
			r.Open = append(r.Open, g.ID)
		}
	}
}

// days is a time in days, rounded down to a tenth, so that 6.96 days are not shown as 7.
func days(d time.Duration) float64 {
	return float64(d/(24*time.Hour/10)) / 10
}

func number(days float64) Decimal { return Decimal(strconv.FormatFloat(days, 'f', -1, 64)) }

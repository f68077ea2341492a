package fleet

import (
	"time"

	"ucs-harden/evidence"
	"ucs-harden/plan"
)

// age is whether the status can be believed today.
func (o Options) age(l *list, s *Server) {
	switch {
	case s.Time == nil:
		l.add(Undated, plan.Warning,
			evidence.Phrasef("its status does not say when it was made, nor of which server it is"),
			evidence.Phrasef("ucs-harden there is older than %s: upgrade it", firstDated))
	case s.Time.Sub(o.Now) > skew:
		l.add(Ahead, plan.Warning,
			evidence.Phrasef("its status is of the future, %s: one of the clocks is wrong", moment(*s.Time)),
			evidence.Verbatim("timedatectl"))
	case o.MaxAge > 0 && o.Now.Sub(*s.Time) > o.MaxAge:
		l.add(Old, plan.Warning, evidence.Phrasef("its status is %s old", Age(o.Now.Sub(*s.Time))),
			evidence.Phrasef("write it again: %s", StatusCommand))
	}
}

func moment(t time.Time) evidence.Moment { return evidence.Moment(t.Local().Format(time.DateTime)) }

// Age is a length of time in words, rounded down.
func Age(d time.Duration) evidence.Phrase {
	const day = 24 * time.Hour
	switch d = max(d, 0); {
	case d < 2*time.Minute:
		return evidence.Counted(int64(d/time.Second), "%d second", "%d seconds")
	case d < 2*time.Hour:
		return evidence.Counted(int64(d/time.Minute), "%d minute", "%d minutes")
	case d < 2*day:
		return evidence.Counted(int64(d/time.Hour), "%d hour", "%d hours")
	}
	return evidence.Counted(int64(d/day), "%d day", "%d days")
}

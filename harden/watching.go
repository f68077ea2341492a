package harden

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"ucs-harden/plan"
	"ucs-harden/transaction"
)

// watching tells from the history what the controls have done since when.
type watching struct {
	// since is since when a control, or CONTROL/DOMAIN, watches without a break: in warn or enforce, and with something to
	// watch.
	since map[string]time.Time
	// stands are the modes of the newest change that is in effect, by the same names.
	stands map[string]plan.Mode
	// changed is when the mode of a control or of a domain last became another one; zero if none ever did.
	changed time.Time
}

// watchingSince reads the history.
func watchingSince(records []transaction.Record) watching {
	type event struct {
		at     time.Time
		record *transaction.Record
		back   bool
	}
	var events []event
	for i := range records {
		r := &records[i]
		if r.Manifest == nil || r.Urgent || r.State == transaction.Undone || r.State == transaction.Unfinished {
			continue
		}
		events = append(events, event{at: r.Time, record: r})
		if !r.InEffect() {
			ended := r.Ended // by the clock of the disk, which may have been set
			if ended.Before(r.Time) {
				ended = r.Time
			}
			events = append(events, event{at: ended, record: r, back: true})
		}
	}
	slices.SortStableFunc(events, func(a, b event) int { return cmp.Or(a.at.Compare(b.at), strcmp(a.back, b.back)) })
	w := watching{since: map[string]time.Time{}, stands: map[string]plan.Mode{}}
	var inEffect []*transaction.Record
	for _, e := range events {
		if e.back {
			inEffect = slices.DeleteFunc(inEffect, func(r *transaction.Record) bool { return r == e.record })
		} else {
			inEffect = append(inEffect, e.record)
		}
		before := w.stands
		w.stands = map[string]plan.Mode{}
		watched := map[string]plan.Mode{}
		if n := len(inEffect); n > 0 {
			w.stands, watched = plan.Modes(inEffect[n-1].Controls), plan.Modes(watchers(inEffect[n-1].Controls))
		}
		w.become(watched, e.at)
		if !sameModes(before, w.stands) {
			w.changed = e.at
		}
	}
	return w
}

// sameModes reports whether every control and every domain has the same mode in both. A domain without a mode of its own has
// that of its control, and a control that is absent is off.
func sameModes(a, b map[string]plan.Mode) bool {
	in := func(modes map[string]plan.Mode, name string) plan.Mode {
		if mode, own := modes[name]; own {
			return mode
		}
		control, _, _ := strings.Cut(name, "/")
		return cmp.Or(modes[control], plan.Off)
	}
	for _, modes := range []map[string]plan.Mode{a, b} {
		for name := range modes {
			if in(a, name) != in(b, name) {
				return false
			}
		}
	}
	return true
}

// modesChanged is when the modes that stand were set, zero if every control is off.
func (s *Server) modesChanged() (time.Time, error) {
	records, err := s.records()
	if err != nil {
		return time.Time{}, err
	}
	w := watchingSince(records)
	if sameModes(w.stands, nil) {
		return time.Time{}, nil
	}
	return w.changed, nil
}

func strcmp(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// watchers are the controls, without those that have nothing to watch.
func watchers(all []plan.Control) []plan.Control {
	return slices.DeleteFunc(slices.Clone(all), func(c plan.Control) bool { return c.Idle })
}

// become notes the modes that hold from a time on.
func (w watching) become(modes map[string]plan.Mode, at time.Time) {
	for name := range w.since {
		if modes[name] == "" || modes[name] == plan.Off {
			delete(w.since, name)
		}
	}
	for name, mode := range modes {
		if _, begun := w.since[name]; !begun && mode != plan.Off {
			w.since[name] = at
		}
	}
}

// of is since when a control watches, or a domain of it, which may have no mode of its own.
func (w watching) of(control, domain string) time.Time {
	if at, own := w.since[control+"/"+domain]; own && domain != "" {
		// The domain may have had the mode of the control before it got one of its own.
		if whole, watched := w.since[control]; watched && whole.Before(at) && w.stands[control] != plan.Off {
			return whole
		}
		return at
	}
	if _, own := w.stands[control+"/"+domain]; own && domain != "" {
		return time.Time{} // it is off
	}
	return w.since[control]
}

// mode is the mode that stands for a control or a domain of it, "" if none does.
func (w watching) mode(control, domain string) plan.Mode {
	if mode, own := w.stands[control+"/"+domain]; own && domain != "" {
		return mode
	}
	return w.stands[control]
}

package harden

import (
	"slices"
	"strings"
	"time"

	"ucs-harden/doors"
	"ucs-harden/mastercf"
)

// entrances tell through which door a letter came, by the name of the program that took it: syslog_name "/smtpd". A name
// that is given to one door shows the port. The name of main.cf does not, as long as several doors have it.
type entrances struct {
	named map[string][]int // one each
	// unnamed are the roles of the doors that have the name of main.cf, or had it once.
	unnamed []int
	// login are the roles with AUTH.
	login []int
	// Since this time every door for mail programs has a name of its own, so that the name of main.cf is that of port 25.
	// The zero time is not known. observed: the first line with one of the names tells it, because the history does not.
	since    time.Time
	observed bool
}

// entrances are those of today's configuration and of the planned one.
func (s *Server) entrances(p *Planned) (*entrances, error) {
	e := &entrances{named: map[string][]int{
		"postfix/smtps/smtpd": {doors.Smtps}, "postfix/submissions/smtpd": {doors.Smtps},
		"postfix/submission/smtpd": {doors.Submission},
	}}
	apart := false
	for i, c := range []configuration{p.facts.now, p.expected()} {
		if c.mastercf == nil {
			continue
		}
		own := c.maincf.Value("syslog_name")
		all := true
		for _, d := range c.doors() {
			name, named := d.Smtpd.Option("syslog_name")
			switch {
			case named && name != own && !strings.Contains(name, "$"):
				e.named[name+"/smtpd"] = []int{d.Role}
			case d.Role != doors.MX && !d.Further:
				all = false
			}
			if !d.Further && !slices.Contains(e.unnamed, d.Role) {
				e.unnamed = append(e.unnamed, d.Role)
			}
			if d.Auth && !d.Further && !slices.Contains(e.login, d.Role) {
				e.login = append(e.login, d.Role)
			}
		}
		apart = apart || i == 0 && all
	}
	slices.Sort(e.unnamed)
	slices.Sort(e.login)
	slices.Reverse(e.login) // 587 before 465: where both answer alike, the letter counts for 587
	if !apart {
		return e, nil
	}
	var err error
	e.since, err = s.namedSince()
	e.observed = e.since.IsZero()
	return e, err
}

// namedSince is when the change that gave the doors for mail programs their names was complete; zero when the history
// does not have it.
func (s *Server) namedSince() (time.Time, error) {
	all, err := s.store().List()
	if err != nil {
		return time.Time{}, err
	}
	for _, r := range slices.Backward(all) {
		if r.Manifest == nil || !r.InEffect() {
			continue
		}
		for _, v := range r.Variables {
			for _, port := range []int{doors.Smtps, doors.Submission} {
				if v.Key == mastercf.Variable(mastercf.NameOf(port), "syslog_name") {
					return r.Ended.Truncate(time.Second), nil // stamps of the log may have no fraction
				}
			}
		}
	}
	return time.Time{}, nil
}

// of are the roles of the doors through which a letter may have come. With its program the letter may show that the doors
// have their names.
func (e *entrances) of(program, login string, at time.Time) []int {
	role, named := e.named[program]
	switch {
	case named:
		if e.observed && (e.since.IsZero() || at.Before(e.since)) {
			e.since = at
		}
		return role
	case login != "" && len(e.login) > 0:
		return e.login
	case login != "":
		return []int{doors.Submission}
	case !e.since.IsZero() && !at.Before(e.since):
		return onlyMX
	case len(e.unnamed) == 0:
		return onlyMX
	}
	return e.unnamed
}

var onlyMX = []int{doors.MX}

// ports are the names of programs that show 465 or 587.
func (e *entrances) ports() map[string]int {
	out := map[string]int{}
	for program, role := range e.named {
		if role[0] != doors.MX {
			out[program] = role[0]
		}
	}
	return out
}

package harden

import (
	"slices"
	"strconv"

	"ucs-harden/doors"
	"ucs-harden/mastercf"
	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/rehearsal"
	"ucs-harden/ucr"
)

// doors are the smtpd(8) of a configuration that clients can reach.
func (c configuration) doors() []doors.Door { return doors.Of(c.maincf, c.mastercf) }

// coverage finds the smtpd at which the controls have no effect. On an archive it looks at today's configuration.
func (p *Planned) coverage() {
	if !slices.ContainsFunc(p.Controls, func(c plan.Control) bool { return c.Active() }) {
		return
	}
	c := p.next
	if c.mastercf == nil {
		c = p.facts.now
	}
	f := doors.Facts{Doors: c.doors(), Main: c.maincf, Get: p.facts.Registry.Get}
	for _, options := range p.Expect.Master {
		f.LoginMaps = max(f.LoginMaps, options["smtpd_sender_login_maps"])
	}
	p.Findings = append(p.Findings, doors.Findings(f)...)
}

// side returns what a matrix must know about a configuration: mynetworks, where an smtpd listens, and which offers AUTH.
func (c configuration) side(reg *ucr.Registry) rehearsal.Side {
	side := rehearsal.Side{
		Networks: c.maincf.Value("mynetworks"), Ports: map[int]bool{}, At: map[int]string{},
		Services: map[int]rehearsal.Service{},
	}
	for _, d := range c.doors() {
		list, own := d.OwnList()
		switch {
		case !d.Further:
			side.Ports[d.Role] = d.Auth
			side.Services[d.Role] = rehearsal.ServiceOf(c.maincf, c.local, d.Smtpd, d.Role, variables{reg})
			side.Postscreen = side.Postscreen || d.Role == doors.MX && d.Postscreen()
			if d.Name != strconv.Itoa(d.Role) {
				side.At[d.Role] = d.Name
			}
		case !d.Loopback && (!own || list == mastercf.SubmissionRestrictions):
			role := d.Role
			if own && role == doors.MX {
				role = doors.Submission
			}
			side.Further = append(side.Further, rehearsal.Door{Name: d.Name, Role: role, Auth: d.Auth, Submission: own,
				Service: rehearsal.ServiceOf(c.maincf, c.local, d.Smtpd, d.Role, variables{reg})})
		}
	}
	return side
}

// addressed finds the smtpd of a dialogue whose Port is the number of a port. The MX is also found by 25 when nothing
// else listens there.
func addressed(d privatepostfix.Dialogue, configurations ...configuration) privatepostfix.Dialogue {
	number := strconv.Itoa(d.Port)
	for _, c := range configurations {
		if c.mastercf == nil {
			continue
		}
		door := doors.Numbered(c.doors(), number)
		if door == nil {
			continue
		}
		d.Port, d.Service = door.Role, ""
		if door.Further || door.Name != strconv.Itoa(door.Role) {
			d.Service = door.Name
		}
		return d
	}
	return d
}

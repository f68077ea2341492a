package harden

import (
	"ucs-harden/doors"
	"ucs-harden/mastercf"
	"ucs-harden/privatepostfix"
	"ucs-harden/rehearsal"
	"ucs-harden/restrictions"
	"ucs-harden/smtpdaccess"
	"ucs-harden/ucr"
)

// service returns the parameters and restrictions in force where a dialogue takes place.
func (c configuration) service(reg *ucr.Registry, d privatepostfix.Dialogue) rehearsal.Service {
	return rehearsal.ServiceOf(c.maincf, c.local, c.smtpd(d.Port, d.Service), d.Port, variables{reg})
}

// smtpd is the service entry of the smtpd(8) with a role or a name, nil when there is none; see doors.Find.
func (c configuration) smtpd(role int, name string) *mastercf.Service {
	if door := doors.Find(c.doors(), role, name); door != nil {
		return door.Smtpd
	}
	return nil
}

// variables gives the registry the methods that the rehearsal uses.
type variables struct{ *ucr.Registry }

func (v variables) Restrictions(prefix string) []restrictions.Variable {
	var out []restrictions.Variable
	for _, v := range v.Prefix(prefix) {
		out = append(out, restrictions.Variable{Key: v.Key, Value: v.Text})
	}
	return out
}

// relay returns the relay restrictions of the services that have the main recipient list.
func (c configuration) relay() restrictions.List {
	var services []smtpdaccess.Service
	for _, d := range c.doors() {
		if !d.Further || !d.Loopback {
			services = append(services, smtpdaccess.Of(c.maincf, d.Smtpd))
		}
	}
	return smtpdaccess.RelayOf(services)
}

package harden

import (
	"ucs-harden/mastercf"
	"ucs-harden/rehearsal"
	"ucs-harden/restrictions"
	"ucs-harden/smtpdaccess"
	"ucs-harden/ucr"
)

// service returns the parameters and restrictions in force on a port.
func (c configuration) service(reg *ucr.Registry, port int) rehearsal.Service {
	return rehearsal.ServiceOf(c.maincf, c.local, c.smtpd(port), port, variables{reg})
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
	for _, port := range mastercf.Ports {
		if smtpd := c.smtpd(port); smtpd != nil {
			services = append(services, smtpdaccess.Of(c.maincf, smtpd))
		}
	}
	return smtpdaccess.RelayOf(services)
}

// Package smtpd knows the settings of one smtpd(8) as it uses them: the value of each parameter, the restriction lists
// that it asks, and which of their restrictions ask smtpd_sender_login_maps. It knows nothing of files, programs or UCR.
//
// # Value of a parameter
//
// The last -o override of the service entry counts, else the last definition in main.cf, else the default of
// postconf(5). References are replaced, and an override may refer to another override.
//
// # Login maps
//
// Each smtpd(8) has one list of lookup tables that tell which logins own a sender address: smtpd_sender_login_maps. The
// restrictions that ask it do nothing while it is empty. They may stand in every list, in a restriction class
// (smtpd_restriction_classes), and in the result of an access(5) table. Behind warn_if_reject, also in a class behind
// it, they refuse nothing. But a lookup that fails is answered with 451, even there.
package smtpd

import (
	"ucs-harden/maincf"
)

// Settings are what one smtpd(8) is given: main.cf, and the -o overrides of its service entry.
type Settings struct {
	Main      maincf.File
	Overrides map[string]string
}

// The parameters of a service that this package asks for.
const (
	loginMaps = "smtpd_sender_login_maps"
	classes   = "smtpd_restriction_classes"
)

// Value is the value that smtpd(8) uses.
func (s Settings) Value(parameter string) string { return maincf.Expand(s.raw(parameter), s.raw) }

// raw is the value before its references are replaced.
func (s Settings) raw(parameter string) string {
	if value, overridden := s.Overrides[parameter]; overridden {
		return value
	}
	return s.Main.Raw(parameter)
}

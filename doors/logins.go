package doors

import "ucs-harden/mastercf"

// Logins reports whether some of the clients that meet a list may be logged in, and whether all may. The list is that of
// 465 and 587, or the one of main.cf. planned is the value that a registry variable will have, and whether it has one
// now: the overrides of smtps and submission come from the registry.
func Logins(all []Door, submission bool, planned func(key string) (value string, set, now bool)) (some, every bool) {
	every = true
	for _, d := range all {
		list, _ := d.OwnList()
		auth := d.Auth
		if service := mastercf.NameOf(d.Role); !d.Further && d.Role != MX {
			list, _, _ = planned(mastercf.Variable(service, Recipients))
			if value, set, now := planned(mastercf.Variable(service, Auth)); set {
				auth = value == "yes"
			} else if now {
				auth = d.MainAuth
			}
		}
		if (list == mastercf.SubmissionRestrictions) == submission {
			some, every = some || auth, every && auth
		}
	}
	return some, every
}

package harden

import (
	"slices"
	"strings"

	"ucs-harden/doors"
	"ucs-harden/maincf"
	"ucs-harden/privatepostfix"
	"ucs-harden/rehearsal"
	"ucs-harden/restrictions"
	"ucs-harden/ucr"
)

// stages are the restriction lists that smtpd(8) evaluates at RCPT, in this order (SMTPD_ACCESS_README;
// smtpd_delay_reject).
var stages = []string{
	"smtpd_client_restrictions", "smtpd_helo_restrictions", "smtpd_sender_restrictions",
	"smtpd_relay_restrictions", "smtpd_recipient_restrictions",
}

// senderPrefix begins the variables that switch on single restrictions.
const senderPrefix = "mail/postfix/smtpd/restrictions/sender/"

// switched are the restrictions that the template adds by itself, with the variables that switch them on.
var switched = map[string]string{
	restrictions.ListfilterCheck:             "mail/postfix/policy/listfilter",
	restrictions.GreylistingCheck:            "mail/postfix/greylisting",
	"reject_unknown_client_hostname":         senderPrefix + "reject_unknown_client_hostname",
	"reject_unknown_reverse_client_hostname": senderPrefix + "reject_unknown_reverse_client_hostname",
}

// service returns the parameters and restrictions in force where a dialogue takes place. The registry says which variable sets a
// restriction. A restriction that is not in the registry was written by hand. Restriction classes come last, because
// the table that calls them is not known.
func (c configuration) service(reg *ucr.Registry, d privatepostfix.Dialogue) rehearsal.Service {
	s := rehearsal.Service{Parameters: slices.Clone(c.maincf)}
	if door := doors.Find(c.doors(), d.Port, d.Service); door != nil {
		for _, o := range door.Smtpd.Options() {
			s.Parameters = append(s.Parameters, maincf.Definition{Name: o.Name, Value: o.Value})
		}
	}
	main, submission := variables(reg, restrictions.MainPrefix), variables(reg, restrictions.SubmissionPrefix)
	own := map[string]restrictions.List{
		"smtpd_recipient_restrictions":      restrictions.Main(main, restrictions.Switches{}),
		"submission_recipient_restrictions": restrictions.Submission(submission),
	}
	prefixes := map[string]string{
		"smtpd_recipient_restrictions":      restrictions.MainPrefix,
		"submission_recipient_restrictions": restrictions.SubmissionPrefix,
	}
	add := func(parameter string) {
		value, name := s.Parameters.Resolve(parameter)
		value = maincf.Expand(value, s.Parameters.Value) // a class may depend on AUTH
		known := own[name]
		for _, item := range restrictions.Parse(value) {
			place := rehearsal.Place{Restriction: item.Text, List: name}
			if i := slices.IndexFunc(known, func(k restrictions.Item) bool { return k.Text == item.Text }); i >= 0 {
				place.Variable = prefixes[name] + known[i].Key
				known = slices.Delete(slices.Clone(known), i, i+1)
			} else if name == "smtpd_recipient_restrictions" {
				place.Variable = switched[item.Text]
			}
			s.Places = append(s.Places, place)
		}
	}
	for _, parameter := range stages {
		add(parameter)
	}
	classes, _ := s.Parameters.Resolve("smtpd_restriction_classes")
	for _, class := range strings.FieldsFunc(classes, func(r rune) bool { return r == ',' || r == ' ' }) {
		lists := len(s.Places)
		add(class)
		names := func(p rehearsal.Place) bool { return strings.TrimPrefix(p.Restriction, "warn_if_reject ") == class }
		if i := slices.IndexFunc(s.Places[:lists], names); i >= 0 && strings.HasPrefix(class, restrictions.OurClass) {
			for j := range s.Places[lists:] {
				s.Places[lists+j].Variable = s.Places[i].Variable // a part of what the variable holds
			}
		}
	}
	return s
}

func variables(reg *ucr.Registry, prefix string) []restrictions.Variable {
	var out []restrictions.Variable
	for _, v := range reg.Prefix(prefix) {
		out = append(out, restrictions.Variable{Key: v.Key, Value: v.Text})
	}
	return out
}

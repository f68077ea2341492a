package main

import (
	"slices"
	"strings"

	"ucs-harden/maincf"
	"ucs-harden/mastercf"
	"ucs-harden/rehearsal"
	"ucs-harden/restrictions"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
)

// files are main.cf and master.cf of one configuration.
type files struct{ main, master []byte }

// files are today's and those that the plan would leave.
func (p *planned) files() (now, then files) {
	for _, r := range p.Rendered {
		if r.Path == transaction.MainCF {
			now.main, then.main = r.Now, r.Next
		} else {
			now.master, then.master = r.Now, r.Next
		}
	}
	return now, then
}

// parse reads both.
func (f files) parse() (maincf.File, *mastercf.File, error) {
	main, err := maincf.Parse(f.main)
	if err != nil {
		return nil, nil, err
	}
	master, err := mastercf.Parse(f.master)
	return main, master, err
}

// stages are the lists that smtpd(8) goes through at RCPT, in its order
// (SMTPD_ACCESS_README; smtpd_delay_reject).
var stages = []string{
	"smtpd_client_restrictions", "smtpd_helo_restrictions", "smtpd_sender_restrictions",
	"smtpd_relay_restrictions", "smtpd_recipient_restrictions",
}

// switched are the restrictions that the template adds, and the variables that
// make it.
var switched = map[string]string{
	restrictions.ListfilterCheck:             "mail/postfix/policy/listfilter",
	restrictions.GreylistingCheck:            "mail/postfix/greylisting",
	"reject_unknown_client_hostname":         "mail/postfix/smtpd/restrictions/sender/reject_unknown_client_hostname",
	"reject_unknown_reverse_client_hostname": "mail/postfix/smtpd/restrictions/sender/reject_unknown_reverse_client_hostname",
}

// service reads what a configuration asks on a port. The registry tells which
// variable holds a restriction; one that it does not have was written by hand.
// Restriction classes come last: which table leads into them is not known.
func (f files) service(reg *ucr.Registry, port int) (rehearsal.Service, error) {
	var s rehearsal.Service
	main, master, err := f.parse()
	if err != nil {
		return s, err
	}
	s.Parameters = main
	if smtpd := master.SMTPD(port, main.Value); smtpd != nil {
		for _, o := range smtpd.Options() {
			s.Parameters = append(s.Parameters, maincf.Definition{Name: o.Name, Value: o.Value})
		}
	}
	own := map[string]restrictions.List{
		"smtpd_recipient_restrictions":      restrictions.Main(variables(reg, restrictions.MainPrefix), restrictions.Switches{}),
		"submission_recipient_restrictions": restrictions.Submission(variables(reg, restrictions.SubmissionPrefix)),
	}
	prefixes := map[string]string{
		"smtpd_recipient_restrictions": restrictions.MainPrefix, "submission_recipient_restrictions": restrictions.SubmissionPrefix,
	}
	add := func(parameter string) {
		value, name := s.Parameters.Resolve(parameter)
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
		add(class)
	}
	return s, nil
}

func variables(reg *ucr.Registry, prefix string) []restrictions.Variable {
	var out []restrictions.Variable
	for _, v := range reg.Prefix(prefix) {
		out = append(out, restrictions.Variable{Key: v.Key, Value: v.Text})
	}
	return out
}

package main

import (
	"slices"
	"strings"

	"ucs-harden/internal/lazyregexp"
	"ucs-harden/maincf"
	"ucs-harden/mastercf"
	"ucs-harden/privatepostfix"
	"ucs-harden/rehearsal"
	"ucs-harden/restrictions"
	"ucs-harden/ucr"
)

// files are main.cf and master.cf of one configuration.
type files struct{ main, master []byte }

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
	main, err := maincf.Parse(f.main)
	if err != nil {
		return s, err
	}
	master, err := mastercf.Parse(f.master)
	if err != nil {
		return s, err
	}
	for _, d := range main {
		s.Parameters = append(s.Parameters, privatepostfix.Definition{Name: d.Name, Value: d.Value})
	}
	if smtpd := smtpdOf(master, port); smtpd != nil {
		for _, o := range smtpd.Options() {
			s.Parameters = append(s.Parameters, privatepostfix.Definition{Name: o.Name, Value: o.Value})
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
		value, name := resolve(s.Parameters, parameter)
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
	classes, _ := resolve(s.Parameters, "smtpd_restriction_classes")
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

// reference is $name, ${name} or $(name), postconf(5).
var reference = lazyregexp.New(`\$(?:(\w+)|\{(\w+)\}|\((\w+)\))`)

// deepest is how often a value may refer to another one.
const deepest = 10

// resolve is the value of a parameter without references, and the parameter
// that holds it: one that is nothing but a reference leads to the other.
func resolve(parameters []privatepostfix.Definition, name string) (value, holder string) {
	get := func(name string) string {
		for _, d := range slices.Backward(parameters) {
			if d.Name == name {
				return d.Value
			}
		}
		return ""
	}
	named := func(ref string) string {
		return strings.Join(reference.FindStringSubmatch(ref)[1:], "")
	}
	value, holder = get(name), name
	for range deepest {
		if ref := strings.TrimSpace(value); ref != "" && reference.FindString(ref) == ref {
			holder = named(ref)
		}
		next := reference.ReplaceAllStringFunc(value, func(ref string) string { return get(named(ref)) })
		if next == value {
			break
		}
		value = next
	}
	return value, holder
}

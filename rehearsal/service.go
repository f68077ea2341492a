package rehearsal

import (
	"maps"
	"slices"
	"strings"

	"ucs-harden/maincf"
	"ucs-harden/mastercf"
	"ucs-harden/restrictions"
	"ucs-harden/smtpdaccess"
)

// Registry is what a rehearsal reads of the Univention Configuration Registry.
type Registry interface {
	Get(key string) (string, bool)
	// Restrictions are the variables with a prefix.
	Restrictions(prefix string) []restrictions.Variable
}

const (
	mainCF   = "/etc/postfix/main.cf"
	masterCF = "/etc/postfix/master.cf"
)

// senderPrefix begins the variables that switch on single restrictions.
const senderPrefix = "mail/postfix/smtpd/restrictions/sender/"

// switched are the restrictions that the template adds by itself, with the variables that switch them on.
var switched = map[string]string{
	restrictions.ListfilterCheck:             "mail/postfix/policy/listfilter",
	restrictions.GreylistingCheck:            "mail/postfix/greylisting",
	"reject_unknown_client_hostname":         senderPrefix + "reject_unknown_client_hostname",
	"reject_unknown_reverse_client_hostname": senderPrefix + "reject_unknown_reverse_client_hostname",
}

// ServiceOf returns the parameters and restrictions in force on a port. local is main.cf.local, which is also a part of
// main. The registry says which variable sets a restriction; a restriction that is not in the registry was written by
// hand. A restriction class stands where a list names it. The classes that no list names come last, because the table
// that names them is not known.
func ServiceOf(main, local maincf.File, smtpd *mastercf.Service, port int, reg Registry) Service {
	b := placesOf{local: local, registry: reg, port: port, smtpd: smtpdaccess.Of(main, smtpd)}
	for _, l := range b.smtpd.Lists() {
		b.add(l, l)
	}
	for _, class := range b.smtpd.Classes() {
		if !slices.Contains(b.named, class) {
			b.add(b.smtpd.Class(class), smtpdaccess.List{})
		}
	}
	return Service{Places: b.places, Parameters: b.smtpd.Parameters}
}

// placesOf collects the restrictions of one service.
type placesOf struct {
	local    maincf.File
	registry Registry
	port     int
	smtpd    smtpdaccess.Service
	places   []Place
	named    []string // the restriction classes that a list names
}

// add adds the restrictions of a list, which is asked itself, or is a class that the asked list names.
func (b *placesOf) add(l, asked smtpdaccess.List) {
	origin, known := b.origin(l), b.inRegistry(l)
	for _, item := range l.Items {
		if slices.Contains(b.smtpd.Classes(), item.Text) && !slices.Contains(b.named, item.Text) {
			b.named = append(b.named, item.Text)
			from := len(b.places)
			b.add(b.smtpd.Class(item.Text), asked)
			ours := slices.IndexFunc(known, func(v Place) bool {
				return v.Restriction == item.Text && strings.HasPrefix(item.Text, restrictions.OurClass)
			})
			for i := range b.places[from:] {
				if ours >= 0 {
					b.places[from+i].Variable = known[ours].Variable // a part of what the variable holds
				}
			}
			continue
		}
		place := Place{
			Restriction: item.Text, List: l.Holder, Origin: origin, Asked: asked.Parameter, Step: asked.Step,
		}
		if i := slices.IndexFunc(known, func(v Place) bool { return v.Restriction == item.Text }); i >= 0 {
			place.Variable = known[i].Variable
			known = slices.Delete(known, i, i+1)
		}
		b.places = append(b.places, place)
	}
}

// inRegistry returns the restrictions that registry variables put into a list, unless a later line of main.cf replaces
// what the template makes of them.
func (b *placesOf) inRegistry(l smtpdaccess.List) (known []Place) {
	if _, replaced := b.local.Get(l.Holder); replaced || l.Origin != smtpdaccess.MainCF {
		return nil
	}
	add := func(prefix string, list restrictions.List) {
		for _, item := range list {
			known = append(known, Place{Restriction: item.Text, Variable: prefix + item.Key})
		}
	}
	switch l.Holder {
	case smtpdaccess.Recipient:
		add(restrictions.MainPrefix, restrictions.Main(b.registry.Restrictions(restrictions.MainPrefix), restrictions.Switches{}))
		for _, text := range slices.Sorted(maps.Keys(switched)) {
			known = append(known, Place{Restriction: text, Variable: switched[text]})
		}
	case strings.TrimPrefix(mastercf.SubmissionRestrictions, "$"):
		add(restrictions.SubmissionPrefix, restrictions.Submission(b.registry.Restrictions(restrictions.SubmissionPrefix)))
	}
	return known
}

// origin says in words where the value of a list stands.
func (b *placesOf) origin(l smtpdaccess.List) string {
	switch _, local := b.local.Get(l.Holder); {
	case l.Origin == smtpdaccess.Override:
		variable := mastercf.Variable(mastercf.NameOf(b.port), l.Holder)
		if _, set := b.registry.Get(variable); set {
			return variable
		}
		return "an -o override in " + masterCF
	case l.Origin == smtpdaccess.MainCF && local:
		return mainCF + ".local"
	case l.Origin == smtpdaccess.MainCF:
		return mainCF
	}
	level, _ := b.smtpd.Parameters.Resolve("compatibility_level")
	return "Postfix's default for compatibility_level = " + level
}

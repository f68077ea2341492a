package smtpdaccess

import (
	"slices"
	"strings"

	"ucs-harden/maincf"
	"ucs-harden/mastercf"
	"ucs-harden/restrictions"
)

// The lists that other packages name.
const (
	Relay     = "smtpd_relay_restrictions"
	Recipient = "smtpd_recipient_restrictions"
)

// The steps of a dialogue, as smtpd(8) names them in its log.
const (
	Connect      = "CONNECT"
	Ehlo         = "EHLO"
	Mail         = "MAIL"
	Rcpt         = "RCPT"
	Data         = "DATA"
	EndOfMessage = "END-OF-MESSAGE"
)

// Origin is where the value of a parameter comes from.
type Origin int

// The origins.
const (
	Default  Origin = iota // main.cf does not have it
	MainCF                 // main.cf
	Override               // an -o override in master.cf
)

// List is one access restriction list of a service.
type List struct {
	// Parameter is the main.cf parameter that smtpd(8) reads, such as smtpd_recipient_restrictions.
	Parameter string
	// Holder is the parameter that holds the text. It is another one when the value is a reference, such as
	// $submission_recipient_restrictions.
	Holder string
	// Origin is where the value of Holder comes from.
	Origin Origin
	// Step is the step whose reply the list can refuse.
	Step  string
	Items restrictions.List
}

// Service is what one service entry asks.
type Service struct {
	// Parameters are main.cf with the overrides of the service behind it.
	Parameters maincf.File
	overrides  []mastercf.Option
}

// Of returns what a service asks. service may be nil: then it is what main.cf says.
func Of(main maincf.File, service *mastercf.Service) Service {
	s := Service{Parameters: slices.Clone(main)}
	if service == nil {
		return s
	}
	s.overrides = service.Options()
	for _, o := range s.overrides {
		s.Parameters = append(s.Parameters, maincf.Definition{Name: o.Name, Value: o.Value})
	}
	return s
}

// Lists are the lists of the service in the order in which smtpd(8) asks them.
func (s Service) Lists() []List {
	steps := []string{Connect, Ehlo, Mail}
	if s.isYes("smtpd_delay_reject") {
		steps = []string{Rcpt, Rcpt, Rcpt}
	}
	lists := []List{
		s.list("smtpd_client_restrictions", steps[0]),
		s.list("smtpd_helo_restrictions", steps[1]),
		s.list("smtpd_sender_restrictions", steps[2]),
	}
	relay, recipient := s.list(Relay, Rcpt), s.list(Recipient, Rcpt)
	if s.isYes("smtpd_relay_before_recipient_restrictions") {
		lists = append(lists, relay, recipient)
	} else {
		lists = append(lists, recipient, relay)
	}
	return append(lists, s.list("smtpd_data_restrictions", Data), s.list("smtpd_end_of_data_restrictions", EndOfMessage))
}

func (s Service) list(parameter, step string) List {
	value, holder := s.Parameters.Resolve(parameter)
	return List{parameter, holder, s.origin(holder), step, restrictions.Parse(value)}
}

// Class returns a restriction class as a list without a step.
func (s Service) Class(name string) List { return s.list(name, "") }

// Classes are the names of the restriction classes.
func (s Service) Classes() []string {
	value, _ := s.Parameters.Resolve("smtpd_restriction_classes")
	return restrictions.Parse(value).Texts()
}

func (s Service) origin(parameter string) Origin {
	if slices.ContainsFunc(s.overrides, func(o mastercf.Option) bool { return o.Name == parameter }) {
		return Override
	}
	if _, set := s.Parameters.Get(parameter); set {
		return MainCF
	}
	return Default
}

func (s Service) isYes(parameter string) bool {
	value, _ := s.Parameters.Resolve(parameter)
	return strings.EqualFold(value, "yes")
}

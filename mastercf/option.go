package mastercf

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Option is one -o override of a main.cf parameter.
type Option struct{ Name, Value string }

// OptionsPrefix begins the UCR variables that the template makes overrides of.
const OptionsPrefix = "mail/postfix/mastercf/options/"

// Variable is the name of the UCR variable of an override. The template knows the services smtp, smtps and submission.
func Variable(service, parameter string) string {
	return OptionsPrefix + service + "/" + parameter
}

// Validate refuses an override that master(8) would read differently: the template writes " -o name=value" without
// quotes.
func (o Option) Validate() error {
	if o.Name == "" || strings.Trim(o.Name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
		return fmt.Errorf("%q is not the name of a main.cf parameter", o.Name)
	}
	if !utf8.ValidString(o.Value) {
		return fmt.Errorf("the value of %s is not UTF-8", o.Name)
	}
	open := 0 // a "}" without its "{" means nothing
	for _, c := range o.Value {
		switch {
		case unicode.IsSpace(c):
			return fmt.Errorf("the value %q of %s contains a blank; refer to a main.cf parameter instead, such as %s",
				o.Value, o.Name, SubmissionRestrictions)
		case c == '{':
			open++
		case c == '}':
			open = max(0, open-1)
		case unicode.IsControl(c):
			return fmt.Errorf("the value %q of %s contains a control character", o.Value, o.Name)
		}
	}
	if open > 0 {
		return fmt.Errorf("the value %q of %s contains a brace that is not closed", o.Value, o.Name)
	}
	return nil
}

// SubmissionRestrictions is how an override refers to the main.cf parameter that the template makes of the variables of
// the submission list.
const SubmissionRestrictions = "$submission_recipient_restrictions"

// StockLoginMaps is the login map of the published procedure. It contains mail addresses only.
const StockLoginMaps = "ldap:/etc/postfix/ldap.saslusermapping"

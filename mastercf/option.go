package mastercf

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Option is one -o override of a main.cf parameter.
type Option struct{ Name, Value string }

// OptionsPrefix begins the UCR variables of overrides: PREFIX service/parameter.
const OptionsPrefix = "mail/postfix/mastercf/options/"

// Variable names the UCR variable of an override. The template knows the
// services smtp, smtps and submission.
func Variable(service, parameter string) string {
	return OptionsPrefix + service + "/" + parameter
}

// Validate refuses an override that would not survive the template's unquoted
// " -o name=value" and come out of master(8) as it went in.
func (o Option) Validate() error {
	if o.Name == "" || strings.Trim(o.Name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
		return fmt.Errorf("%q is no name of a main.cf parameter", o.Name)
	}
	if !utf8.ValidString(o.Value) {
		return fmt.Errorf("the value of %s is not UTF-8", o.Name)
	}
	for _, c := range o.Value {
		switch {
		case unicode.IsSpace(c):
			return fmt.Errorf("the value %q of %s holds a blank; name a main.cf parameter instead, such as $submission_recipient_restrictions", o.Value, o.Name)
		case c == '{' || c == '}':
			return fmt.Errorf("the value %q of %s holds a brace, which master.cf takes for its own", o.Value, o.Name)
		case unicode.IsControl(c):
			return fmt.Errorf("the value %q of %s holds a control character", o.Value, o.Name)
		}
	}
	return nil
}

// SubmissionRestrictions is the main.cf parameter that the template makes of
// the variables of the submission list, as an override refers to it.
const SubmissionRestrictions = "$submission_recipient_restrictions"

// StockLoginMaps is the login map that the published procedure uses; it knows
// only mail addresses.
const StockLoginMaps = "ldap:/etc/postfix/ldap.saslusermapping"

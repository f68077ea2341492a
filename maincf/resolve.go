package maincf

import (
	"strings"

	"ucs-harden/internal/lazyregexp"
)

// reference is $name, ${name} or $(name), postconf(5).
var reference = lazyregexp.New(`\$(?:(\w+)|\{(\w+)\}|\((\w+)\))`)

// deepest is how many references may follow one another.
const deepest = 10

// defaults are Postfix's default values, as far as they are not empty, of the parameters that decide about a message or
// that the value of such a parameter may refer to, as "postconf -d" prints them for Postfix 3.6 and newer. Older releases mean the same: they know no compatibility level of 3.6. All other parameters
// count as empty while main.cf does not have them.
var defaults = map[string]string{
	"compatibility_level":                       "0",
	"config_directory":                          "/etc/postfix",
	"default_database_type":                     "hash",
	"smtpd_sasl_auth_enable":                    "no",
	"smtpd_delay_reject":                        "yes",
	"smtpd_relay_before_recipient_restrictions": "${{$compatibility_level} <level {3.6} ? {no} : {yes}}",
	"smtpd_relay_restrictions": "${{$compatibility_level} <level {1} ? {} : " +
		"{permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination}}",
}

// Raw returns the value that counts with its references: that of main.cf, else Postfix's default value.
func (m File) Raw(name string) string {
	if value, ok := m.Get(name); ok {
		return value
	}
	return defaults[name]
}

// Resolve returns the value of a parameter with all references replaced, and the name of the parameter that holds it. A
// value that is nothing but a plain reference is held by the other parameter. A parameter that main.cf does not have has
// Postfix's default value.
func (m File) Resolve(name string) (value, holder string) {
	holder = name
	for range deepest {
		ref := strings.TrimSpace(m.Raw(holder))
		if ref == "" || reference.FindString(ref) != ref {
			break
		}
		holder = named(ref)
	}
	return Expand(m.Raw(name), m.Raw), holder
}

// Expand replaces the references in a value to parameters that main.cf has. References to others, whose values are built
// into Postfix, remain.
func (m File) Expand(value string) string {
	for range deepest {
		next := reference.ReplaceAllStringFunc(value, func(ref string) string {
			if value, ok := m.Get(named(ref)); ok {
				return value
			}
			return ref
		})
		if next == value {
			break
		}
		value = next
	}
	return value
}

// named is the parameter that a reference names.
func named(ref string) string { return strings.Join(reference.FindStringSubmatch(ref)[1:], "") }

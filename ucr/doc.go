// Package ucr reads the Univention Config Registry (UCR) of a server, says of
// every value which layer it comes from, and changes it through the ucr program.
//
// # Layers
//
// A variable may be set in several layers at once; the strongest one holds. From
// strong to weak, all below /etc/univention:
//
//	forced    base-forced.conf               set --force
//	schedule  base-schedule.conf             set --schedule
//	ldap      base-ldap.conf                 policies from LDAP
//	normal    base.conf                      set
//	default   registry.info/variables/*.cfg  Default= of the variable's description
//
// A layer's file may be missing, except base.conf: when that is missing or empty,
// base.conf.bak stands in, from which ucr restores it.
//
// # The grammar of base.conf
//
//	file     = *( line ( LF / CR LF / CR ) ) [ line ]      ; UTF-8 without NUL
//	line     = variable / ignored
//	variable = key ": " value
//	key      = *char                 ; up to the first ": " of the line
//	value    = *char                 ; white space around it is not part of it
//	ignored  = any line with "#" before its first ":", and any without ": "
//
// There is no quoting and no escaping. Of two lines with one key the later one
// counts. ucr writes the line "# univention_ base.conf", an empty line, then the
// variables sorted by key as strings (10 before 9), with no line break at the end.
//
// # The grammar of defaults
//
// Descriptions are INI files; only the option Default of sections that name one
// variable matters here, in any case of letters. Sections that are patterns (like
// mail/alias/.*) describe many variables and give none of them a default. In
// the value, @%@key@%@ stands for what the variable key holds.
//
// # Writing
//
// The ucr program exits with 0 also when it did not do what it was asked. So
// Program.Set and Program.Unset refuse beforehand what cannot work, and read the
// files back afterwards, value and layer. Program.Render renders a configuration
// file from a changed registry without writing anything.
package ucr

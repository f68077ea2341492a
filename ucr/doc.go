// Package ucr reads the Univention Config Registry (UCR) of a server, says of
// every value which layer it comes from, and changes it through the ucr program.
//
// # Layers
//
// A variable may be set in several layers at once; the strongest one holds. From
// strong to weak, all below /etc/univention:
//
//	forced    base-forced.conf     set --force
//	schedule  base-schedule.conf   set --schedule
//	ldap      base-ldap.conf       policies from LDAP
//	normal    base.conf            set
//	default   base-defaults.conf   ucr register, unregister and update, from the variables' descriptions
//
// A layer's file may be missing, except base.conf. UCS 5.0 has no base-defaults.conf: there the defaults in the
// descriptions are not part of the values. The descriptions themselves are not read on any UCS: they may be newer than
// the layer that was written from them. When base.conf is missing or empty, base.conf.bak is read instead;
// ucr restores base.conf from that file, too.
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
// There is no quoting and no escaping. When two lines have the same key, the later line counts. ucr writes the line "#
// univention_ base.conf", an empty line, then the variables sorted by key as strings (10 before 9), with no line break
// at the end.
//
// In the layer default, @%@key@%@ in a value stands for what the variable key holds.
//
// # Writing
//
// The ucr program exits with 0 even when it did not do what it was asked. Where it exits with something else, it may
// have written a part: of several values in one ucr set, UCS 5.2 refuses those that do not fit the variable's
// description and writes the others. So Program.Set and Program.Unset refuse beforehand changes that cannot work, and
// check value and layer in the files afterwards. Program.Render renders a
// configuration file from a changed registry without writing anything.
package ucr

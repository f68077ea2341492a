// Package mastercf reads master.cf without losing a byte, and names the UCR
// variables that the UCS template makes -o overrides of. It never writes
// master.cf: the template does.
//
// # Grammar
//
// As master(5) gives it, and as master(8) and getopt(3) read it:
//
//	file     = { ignored | service }
//	ignored  = a line that is empty, all blanks, or begins with "#" after blanks
//	service  = a line that begins with a character other than blank or "#",
//	           and all lines after it that begin with a blank or are ignored
//	           and come before such a line
//	fields   = name type private unprivileged chroot wakeup maxproc command { argument }
//	type     = "inet" | "unix" | "unix-dgram" | "fifo" | "pass"
//	argument = word | "{" text "}"      blanks inside { } are kept, but for those at its ends
//	override = "-o" argument | "-oargument" | "-vo" argument …
//	           the argument being name "=" value, with blanks around "=" in the long form only
//
// Overrides end at "--" and at the first argument that is no option. Of two
// overrides of one parameter, and of two services of one name and type, the
// last one counts. The name of an inet service is [host:]port, the port a
// number or a name of services(5).
//
// # Through UCR
//
// The template turns each variable
// mail/postfix/mastercf/options/<service>/<parameter> into
// " -o <parameter>=<value>", unquoted and in no stable order. A blank or a
// brace in the value breaks the line; see [Option.Validate].
package mastercf

// Package mastercf reads master.cf without losing a byte, and knows the UCR variables from which the UCS template makes
// -o overrides. It never writes master.cf: the template does.
//
// # Grammar
//
// As master(5) gives it, and as master(8) and getopt(3) read it:
//
//	file     = { ignored | service }
//	ignored  = a line that is empty, all blanks, or begins with "#" after blanks
//	service  = a line that begins with a character other than blank or "#",
//	           and all lines after it that begin with a blank, ignored lines between them
//	fields   = name type private unprivileged chroot wakeup maxproc command { argument }
//	type     = "inet" | "unix" | "unix-dgram" | "fifo" | "pass"
//	argument = word | "{" text "}"      blanks at both ends of text are removed
//	override = "-o" argument | "-oargument" | "-vo" argument …
//	           the argument is name "=" value; only the form with { } may have blanks around "="
//
// Overrides end at "--" and at the first argument that is not an option. Of two overrides of one parameter, and of two
// services of one name and type, the last one counts. The name of an inet service is [host:]port. The port is a number
// or a name of services(5).
//
// # Through UCR
//
// The template turns each variable mail/postfix/mastercf/options/<service>/<parameter> into the override
// " -o <parameter>=<value>", without quotes and in no stable order. A blank or an open brace in the value breaks the line;
// [Option.Validate] refuses such a value.
package mastercf

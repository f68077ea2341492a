// Package maillog reads the log of Postfix: lines become events, events become letters. It reads mail.log, its rotated
// and compressed files and standard input as one series in the order of time, in one pass, with as many processors as
// there are and in memory that does not grow with the log.
//
// Hits are the lines in which a check speaks of a letter: it warned, refused, or let an exception pass. Letters are what
// the lines of one message together tell: who sent it, from where, to whom, and what became of it.
//
//	line    = stamp SP host SP program "[" pid "]:" SP text
//	stamp   = month SP day SP time                      traditional; the year is inferred
//	        | ISO 8601, with or without a fraction      RFC 3339
//	program = syslog_name "/" daemon                    such as postfix/submission/smtpd
//	text    = queue ":" SP what                         queue is a queue ID, or NOQUEUE
//	what    = ( "warn" | "info" | "reject" | "reject_warning" ) ":" SP step SP "from" SP client ":" SP reply ";" fields
//	        | "client=" client fields | "from=<" … | "to=<" … | "message-id=" … | "removed"
//	client  = name "[" address "]" [ ":" port ]
//	fields  = *( [","] SP key "=" value )               also behind helo= (Postfix 3.10 adds sasl_*)
//
// A value in angle brackets may hold anything, the words of another line included. The client, its address and the reply
// of the server stand where a client cannot reach them:
//
//   - What begins a line is read from the left: program, process, queue ID, client. A name that a client gave comes after.
//   - A text of warn and info is that of the access table, up to the first "; from=<".
//   - A reply may begin with an address in angle brackets, without the quotes that it has in the fields: RFC 5321 allows
//     <"a>: not owned by user b"@c>, and the reply says <a>: not owned by user b@c>: … So the subject of a reply is
//     compared with the fields. Where "; from=<" stands more than once in such a line, or the subject could end at several
//     places, a client chose one of them, and the line counts as ambiguous. The tag of a reply is at its end.
//   - The name behind "helo=<" goes up to the last ">" of the line. A login stands behind that, in a line of less than
//     2,000 bytes: a longer one may have been cut.
//
// Every line is looked at, and every number is exact, but no more of a line is read than is needed, in this order:
//
//   - Each worker reads a piece of the log with pread(2). A file that has to be read in order is decompressed ahead of them.
//   - The line ends of a block are found all at once (ends.go; on amd64 in 64 bytes at a time).
//   - Of each line, the hour, the host and the program are compared with those of the lines before. Lines of programs that
//     are needed are put aside (quick.go); of the others nothing more is read. A line of another hour or host, or of a
//     program that was not met before, is read from its stamp on (batch.go).
//   - What the lines that were put aside begin with tells their kind. Of sessions and messages of which all is in the piece,
//     and which no check needs, only the digests of message IDs are left (sift.go). For Letters, each line becomes what it
//     tells of its message (step.go).
//   - The one who consumes the pieces in their order only links what goes on from one piece into the next.
//
// reference_test.go has a reader that does without all this, and finds the same.
package maillog

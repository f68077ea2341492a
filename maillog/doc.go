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
//   - Each worker reads a piece of the log with pread(2). A file that has to be read in order is decompressed ahead of
//     them (feed.go, stream.go).
//   - The line ends of a block are found all at once (ends.go).
//   - Each line is compared with what the lines before had: the hour and the host, and the programs that were met.
//     Where it begins in the same way, only the place of its text, its process and the first byte of the text are
//     taken, and the line is put to the list of its kind (split.go); the lines of programs that are not needed are only
//     counted. A line of another hour or host, or of a program that was not met before, is read from its stamp on
//     (batch.go).
//   - For Hits, the lists tell where sessions and messages begin and end, and what checks said. When the piece ends, it
//     is known which sessions matter; of all other messages only the digests of message IDs are left (sift.go). For
//     Letters, each line becomes what it tells of its message (step.go).
//   - The one who consumes the pieces in their order only links what goes on from one piece into the next (hits.go,
//     letters.go).
//
// What is done for each line has no branch that depends on the line, where that is possible. On amd64, line ends are
// found and lines are split with AVX2 by a processor that has it (ends_amd64.s, split_amd64.s). Elsewhere Go code does
// the same, which for line ends has SSE2 on amd64.
//
// reference_test.go has a reader that does without all this, and finds the same.
package maillog

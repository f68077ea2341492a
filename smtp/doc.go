// Package smtp is the client side of an SMTP connection (RFC 5321): one command, one reply. Every reply of the server
// is a [Reply], and so is a refusal. An error means that the connection broke, that the server sent something else
// than a reply, or that a context ended.
//
//	conn, err := smtp.Dial(ctx, "127.0.0.1:587", nil)
//	greeting, err := conn.Reply(ctx)                // 220 mail.company.my ESMTP
//	hello, err := conn.Ask(ctx, "EHLO localhost")   // 250, and the extensions
//	ready, err := conn.StartTLS(ctx, config)           // 220, and the handshake is done
//	conn.Quit()
//
// # Grammar of a reply
//
// RFC 5321 section 4.2:
//
//	reply    = { code "-" [ text ] end } code [ " " [ text ] ] end     all codes of a reply are the same
//	code     = ( "2" | "3" | "4" | "5" ) digit digit
//	end      = [ CR ] LF
//	text     = [ enhanced " " ] words
//	enhanced = class "." subject "." detail                            RFC 3463 section 2: 2.1.5, 5.7.1
//	class    = "2" | "4" | "5"
//	subject, detail = digit [ digit [ digit ] ]
//
// The reply to EHLO names one extension in each line but the first (RFC 5321 section 4.1.1.1).
//
// # Time and size
//
// Every call that waits ends as soon as its context ends. A [Conn] has no time limit of its own: RFC 5321 section
// 4.5.3.2 recommends minutes, and the callers here have seconds. A reply of more than [MaxReply] bytes is an error.
package smtp

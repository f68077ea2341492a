// Package privatepostfix runs a second Postfix with a given main.cf and master.cf, reachable for this process only,
// and plays SMTP dialogues with it. The replies are those that the live Postfix would give with that configuration, as
// far as they do not depend on a policy service, a milter or the verification of an address.
//
// # The instance
//
// [Start] writes main.cf and master.cf into a folder of its own below /run and starts master(8) there, as a child of
// this process. smtpd(8) decides as on the live server: by the same restrictions, maps and tables, with the live LDAP
// maps, and through the live socket of the SASL server. The instance has no effect outside:
//
//   - It has its own queue and data folders, and neither a queue manager nor delivery agents. cleanup(8) discards every
//     message that smtpd(8) takes. Nobody gets a copy (always_bcc and the like).
//   - It does not listen in the network. Its smtpd(8) listen on sockets below the folder, one for each door of
//     master.cf (see package doors), except a further one on loopback. Only root and Postfix can enter the folder, so
//     only they can read the tables in it, or claim by XCLIENT to be somebody else. Behind postscreen(8), it is the smtpd(8) to which postscreen hands
//     connections.
//   - It logs into a socket of this process. The mail log of the server shows nothing.
//   - It does not ask policy services, milters and content filters, which count, learn and quarantine. It does not
//     verify addresses, since that sends mail to them. A policy service, or the verification, is passed as if it had no
//     opinion, and the checks behind it are evaluated. [Reply] and [Instance.NotAsked] tell which were passed.
//   - Limits and delays for strangers are off.
//
// The instance asks what else the live server asks: DNS, LDAP and Dovecot.
//
// # Dialogues
//
// [Instance.Play] says in XCLIENT who the client is (address, name, login), then EHLO, MAIL, RCPT, DATA and a message of
// one line, up to the reply to the final dot. There is no TLS, no password and no lookup of the client's name, so a
// reply does not depend on what the configuration says about these.
//
// # End
//
// [Instance.Close] ends every process and removes the folder. The end of the context of Start does the same. When this
// process is killed, the kernel tells the parent of master(8), which ends the processes. [Sweep], at the next start,
// removes the folder.
package privatepostfix

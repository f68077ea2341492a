// Package rehearsal asks a private Postfix what a configuration would answer,
// before the real one has it.
//
// # The private Postfix
//
// [Start] copies main.cf and master.cf into a folder of its own below /run and
// starts master(8) there, as a child of this process. What smtpd(8) decides by
// is as on the live server: its restrictions, maps and tables, its LDAP maps
// where they lie, the live SASL and policy sockets. What would be felt outside is not:
//
//   - It has its own queue and data folder, and neither queue manager nor
//     delivery agents. A message is refused before its first line.
//   - It listens on loopback only, on free ports, one for each of 25, 465 and 587
//     that master.cf has. Behind postscreen(8) it is the smtpd that comes after.
//   - It logs into a socket of ours: the mail log of the server sees nothing.
//   - Milters and content filters are not asked: they count, learn and quarantine.
//   - Limits and delays that are meant for strangers are off, and address
//     verification, which needs delivery, permits.
//
// What it does ask is what the live server asks: DNS, LDAP, Dovecot, and policy
// services, which may count what they are asked (a greylist remembers it).
//
// # Dialogues
//
// [Instance.Play] says in XCLIENT who the client is (address, name, login), then
// EHLO, MAIL and RCPT. TLS, passwords and the lookup of the client's name do not
// happen, so what a configuration says of these is not in the verdict.
//
// # End
//
// [Instance.Close] ends every process and removes the folder; so does the end of
// the context of Start. When this process is killed, the kernel tells master's
// keeper, which ends the processes; [Sweep], at the next start, removes the folder.
package privatepostfix

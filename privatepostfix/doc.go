// Package privatepostfix runs a second Postfix with a given main.cf and master.cf, on loopback only, and plays SMTP
// dialogues with it. The replies are those that the live Postfix would give with that configuration.
//
// # The instance
//
// [Start] writes main.cf and master.cf into a folder of its own below /run and starts master(8) there, as a child of
// this process. smtpd(8) decides as on the live server: by the same restrictions, maps and tables, with the live LDAP
// maps, and through the live sockets of the SASL server and of policy services. The instance has no effect outside:
//
//   - It has its own queue and data folders, and neither a queue manager nor delivery agents. It refuses every message
//     before its first line.
//   - It listens on loopback only, on free ports: one for each door of master.cf (see package doors), except a
//     further one on loopback. Behind postscreen(8) that is the smtpd(8) to which postscreen hands connections.
//   - It logs into a socket of this process. The mail log of the server shows nothing.
//   - It does not ask milters and content filters, which count, learn and quarantine.
//   - Limits and delays for strangers are off. Address verification needs delivery, so it permits every address.
//
// The instance asks what the live server asks: DNS, LDAP, Dovecot and policy services. A policy service may remember
// what it was asked, as a greylist does.
//
// # Dialogues
//
// [Instance.Play] says in XCLIENT who the client is (address, name, login), then EHLO, MAIL and RCPT. There is no TLS,
// no password and no lookup of the client's name, so a reply does not depend on what the configuration says about
// these.
//
// # End
//
// [Instance.Close] ends every process and removes the folder. The end of the context of Start does the same. When this
// process is killed, the kernel tells the parent of master(8), which ends the processes. [Sweep], at the next start,
// removes the folder.
package privatepostfix

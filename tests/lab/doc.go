// Package lab brings up a small company on one machine: real programs on hosts that are Linux namespaces, joined by two
// networks. It needs root and the packages of packages.txt, and leaves nothing behind.
//
//	                 lan 10.99.1.0/24 fd99:1::/64                wan 203.0.113.0/24
//	dc2     ── 10.99.1.10 fd99:1::10 ──┐                      ┌── 203.0.113.66 ── outside (out66.foreign.example)
//	inside  ── 10.99.1.50 fd99:1::50 ──┤                      ├── 203.0.113.25 ── mx      (mx.foreign.example)
//	                        10.99.1.1 fd99:1::1 ── mail ── 203.0.113.1
//
// # Hosts
//
//   - mail: mail.company.my, the mail server, a UCS 5.2 or 5.0 ([Options]): Postfix (25, 465, 587), slapd (StartTLS on
//     7389), Dovecot (SASL for Postfix, LMTP, quota-status on 127.0.0.1:12340), rsyslog, the company's DNS, and the
//     stand-ins for UCS from ucs/root.
//     [Listener], the stand-in for the Univention Directory Listener, is started only by tests that need it. There is no
//     systemd; [Lab.WatchPaths] plays it for one path unit of the package.
//   - dc2: dc2.company.my, a second domain controller. Its slapd ([SlapdDC2]) is started only by tests that need it.
//   - inside: inside.company.my, a client in the company's network that no directory entry allows to relay.
//   - outside: out66.foreign.example, a stranger.
//   - mx: mx.foreign.example, the mail exchanger of foreign.example: accepts everything on port 25.
//
// # Machines
//
// Hosts play further machines: addresses of their card with names of their own, from which [Lab.SMTP] sends. They cost
// no namespace. The network 198.51.100.0/24 is reached from the wan without a router; the mail server has no address in
// it.
//
//	name      address        played by  name in the DNS
//	printer   10.99.1.60     inside     printer.company.my
//	files     10.99.1.40     inside     files.company.my, a member server of the directory without the service SMTP
//	mail2     10.99.1.25     inside     mail2.company.my, a mail server that the directory does not have
//	provider  198.51.100.80  outside    mta1.newsletter.example, which SPF of company.my includes
//	forger    198.51.100.66  outside    none; says mail.company.my in EHLO
//	lists     198.51.100.90  mx         lists.example, its own mail exchanger
//
// # Names
//
// company.my and company.local are hosted here and have the MX mail.company.my. foreign.example has the MX
// mx.foreign.example. iana.org, which a rehearsal asks about, has the same MX. The address and the name of every host
// and machine resolve to each other. company.my has SPF (RFC 7208): its own public address, and those of
// newsletter.example. Every other name is NXDOMAIN.
//
// # Accounts
//
// Each account can log in with its uid or its mail address. The SASL name is the text that the client sent, in lower
// case. [Users] has the accounts for tests:
//
//	uid       password      mailPrimaryAddress    mailAlternativeAddress
//	employee  lab-employee  employee@company.my   e.mployee@company.my, employee@company.local
//	boss      lab-boss      boss@company.my       chief@company.my
//	clerk     lab-clerk     clerk@company.local
//	full      lab-full      full@company.my       (mailbox above its quota of 1 MiB: quota-status says 552)
//	intern    lab-intern    intern@company.my     in.tern@company.my
//	leaver    lab-leaver    leaver@company.my     l.eaver@company.my (ucsHardenSuspended: "contract ended")
//
// staff@company.my is a mailing list and office@company.my a group, both with employee and boss. The groups restricted
// (clerk, intern) and suspended (full) have no address. memberOf follows every change of a group, see
// [Lab.ChangeDirectory]. The machine account cn=mail,cn=dc,cn=computers,dc=company,dc=my can read everything with the
// password in /etc/machine.secret, over TLS only. Anonymous clients can read nothing. udm changes the directory as
// cn=admin, with the password in /etc/ldap.secret.
//
// # Domain controllers in the directory
//
//	mail    10.99.1.1               fd99:1::1
//	dc2     10.99.1.10              fd99:1::10
//	branch  10.99.1.20, 10.99.1.21
//	six                             fd99:1::30
//	bare
//
// files/directory.ldif has all entries in a form that --ldif reads. ucs/root-5.2/etc/univention/base.conf is the registry
// of the freshly installed mail server.
//
// # How it is made
//
// Each host is a process that waits on a pipe from the process that called [Up], as process 1 of its own PID namespace.
// When the caller ends, in whatever way, the kernel ends every process of the lab; mounts and networks end with the
// last of them. A host's root is an overlay: the machine's own root below, a tmpfs above. So what is written on a host
// never reaches the machine. Networks have no name on the machine, so several labs can run side by side.
//
// Tests read and write a host's files by [Host.Path], run programs by [Host.Run] and open connections from a host by
// [Host.Dial].
package lab

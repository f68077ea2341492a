package rules

// Parts of the refusals that the controls can take away: that of smtpd(8) about relaying, and those of our own checks,
// also in the words of the published procedure.
const (
	relayDenied    = "Relay access denied"
	senderRefused  = "Delivery not authorized, message refused"
	spoofingTag    = "#ucs-harden:sender-spoofing" // whatever the language of the text before it is
	accessDenied   = "Access denied"
	senderNotOwned = "Sender address rejected: not owned by user"
)

// rules is the table. Its order is that of the restriction lists which the controls write. The last rows say why
// nothing changes for all other letters.
var rules = []row{
	{
		Rule: Rule{
			Name: "postmaster", Effect: Unchanged,
			Reason: "mail to postmaster is never asked about (RFC 5321, 4.5.1)",
		},
		recipient: Postmaster,
	},

	// The relay restrictions stand before the recipient restrictions, in which all checks of the controls stand.
	{
		Rule: Rule{
			Name: "relay-refused", Effect: Refuse,
			Reason: "smtpd_relay_restrictions refuses it before a control is asked",
		},
		relayRefused: true,
	},

	// What every client meets, before anything can permit it.
	{
		Rule: Rule{
			Name: "stopped", Effect: Refuse, Code: 554,
			Mail:   "mail from accounts that were stopped at once",
			Reason: "the account was stopped at once, whatever the mode of suspended is",
		},
		stopped: true,
	},
	{
		Rule: Rule{
			Name: "suspended", Control: "suspended", Effect: Refuse, Code: 554,
			Mail:   "mail from suspended accounts",
			Reason: "the account may not send mail",
		},
		suspended: true,
	},
	{
		Rule: Rule{
			Name: "local-only", Control: "local-only", Effect: Refuse, Code: 554,
			Mail:   "mail to elsewhere from accounts that may only write inside",
			Reason: "the account may only write to its destinations, and {recipient} is none",
		},
		bound: Beyond,
	},
	{
		Rule: Rule{
			Name: "foreign-sender", Control: "foreign-sender", Effect: Refuse, Code: 554,
			Mail:   "mail with a foreign sender from a system that may relay",
			Reason: "{client} may only send with a sender of ours, and {sender} is none",
		},
		unfitting: true,
	},

	// Ports 465 and 587: a client there logs in and uses its own sender.
	{
		Rule: Rule{
			Name: "sender-not-owned", Control: "submission", Effect: Refuse, Code: 553,
			Mail:   "logged-in mail with a sender that the login does not own",
			Reason: "the login {login} does not own {sender}",
		},
		port: submissionPorts, login: loggedIn, sender: Hosted | SubDomain | Foreign, owner: Somebody | Nobody,
	},
	{
		Rule: Rule{
			Name: "sender-not-logged-in", Control: "submission", Effect: Refuse, Code: 553,
			Mail:   "mail on 465 and 587 without a login, with a sender of yours",
			Reason: "465 and 587 are for those who log in, as the owner of {sender}",
		},
		port: submissionPorts, login: anonymous, owner: Somebody | TheLogin,
	},
	{
		Rule: Rule{
			Name: "recipient-nowhere", Control: "submission", Effect: Refuse, Code: 450, Unlogged: true,
			Mail:   "mail from 465 and 587 to a domain that does not exist",
			Reason: "the domain of {recipient} does not exist",
		},
		port: submissionPorts, recipient: Nowhere,
	},
	{
		Rule: Rule{
			Name: "protected-senders", Control: "protected", Effect: Refuse, Code: 554,
			Mail:   "mail to a protected address from a sender not on its list",
			Reason: "{recipient} takes mail from its list of senders only, and {sender} is not in it",
		},
		guard: NotAdmitted,
	},
	{
		Rule: Rule{
			Name: "protected-login", Control: "protected", Effect: Refuse, Code: 554,
			Mail:   "mail to a protected address as one of yours, without a login",
			Reason: "who writes to {recipient} as one of ours has to log in",
		},
		login: anonymous, guard: AdmittedAsOurs,
	},
	{
		Rule: Rule{
			Name: "login-only", Control: "submission", Effect: Refuse, Code: 554,
			Mail:   "other mail on 465 and 587 without a login",
			Reason: "465 and 587 are for those who log in",
		},
		port: submissionPorts, login: anonymous,
	},
	{
		Rule: Rule{
			Name: "own-sender", Control: "submission", Effect: Accept,
			Mail:   "logged-in mail with a sender that the login owns",
			Reason: "{login} may write as {sender}",
			Lifts:  []string{relayDenied, senderRefused, spoofingTag, accessDenied, senderNotOwned}, LiftsInEnforce: true,
		},
		port: submissionPorts, login: loggedIn, sender: Hosted | SubDomain | Foreign, owner: TheLogin,
		recipient: Known | Elsewhere | Nowhere,
	},
	{
		Rule: Rule{
			Name: "null-sender", Control: "submission", Effect: Accept,
			Mail:   "receipts and replies without a sender, logged in",
			Reason: "who logs in may send receipts and replies without a sender",
			Lifts:  []string{relayDenied, accessDenied, senderNotOwned}, LiftsInEnforce: true,
		},
		port: submissionPorts, login: loggedIn, sender: NullSender, recipient: Known | Elsewhere | Nowhere,
	},

	// Port 25; also 465 and 587 while they have no list of their own.
	{
		Rule: Rule{
			Name: "sender-spoofing", Control: "sender-spoofing", Effect: Refuse, Code: 554,
			Mail:   "mail from outside with a sender in one of your domains",
			Reason: "{client} may not write as {domain}",
		},
		login: anonymous, client: Stranger | Unlisted, sender: Hosted | SubDomain, recipient: Known | Unknown,
		notExcepted: true,
	},
	{
		Rule: Rule{
			Name: "protected-clients", Control: "protected", Effect: Refuse, Code: 554,
			Mail:   "mail from outside to a protected address",
			Reason: "{recipient} takes mail from inside only",
		},
		login: anonymous, client: Stranger | Unlisted | MailServer | ThisHost, guard: Insiders, recipient: Known | Unknown,
	},
	{
		Rule: Rule{
			Name: "relay", Control: "relay", Effect: Accept,
			Mail:   "mail to anywhere (relaying) from controllers and named systems",
			Reason: "{client} may relay",
			Lifts:  []string{relayDenied, senderRefused, spoofingTag},
		},
		login: anonymous, client: Controller | Named, recipient: Known | Elsewhere | Nowhere,
	},

	// What holds with every control off, too.
	{
		Rule: Rule{
			Name: "stranger-relays", Effect: Refuse,
			Reason: "a stranger may never send through this server to elsewhere",
		},
		login: anonymous, client: Stranger, recipient: Elsewhere | Nowhere,
	},
	{
		Rule: Rule{
			Name: "own-servers", Effect: Unchanged,
			Reason: "{client} may write as {domain}, and may relay no more than before",
		},
		login: anonymous, client: MailServer | ThisHost, sender: Hosted | SubDomain,
	},
	{
		Rule: Rule{
			Name: "exception", Effect: Unchanged,
			Reason: "{client} may write as {sender}, by the exception {exception}, and may relay no more than before",
		},
		login: anonymous, client: Stranger | Unlisted, sender: Hosted | SubDomain, excepted: true,
	},
	{
		Rule: Rule{
			Name: "unknown-recipient", Effect: Unchanged,
			Reason: "no control asks who {recipient} is",
		},
		recipient: Unknown,
	},
	{
		Rule: Rule{
			Name: "logged-in", Effect: Unchanged,
			Reason: "who logs in is trusted as before",
		},
		login: loggedIn,
	},
	{
		Rule: Rule{
			Name: "listed", Effect: Unchanged,
			Reason: "{client} is trusted as before",
		},
		client: Listed | Controller | Named,
	},
	{
		Rule: Rule{
			Name: "incoming", Effect: Unchanged,
			Reason: "mail from elsewhere and bounces come in as before",
		},
		sender: Foreign | NullSender, recipient: Known,
	},
	{
		Rule: Rule{
			Name: "rest", Effect: Unchanged,
			Reason: "no control that is on speaks of it",
		},
	},
}

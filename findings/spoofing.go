package findings

// Findings of the control sender-spoofing, and about those who look as if they were inside.
var (
	HostedDomain = ofSpoofing.kind("hosted-domain", "DOMAIN",
		"mail/hosteddomains contains a name that is no domain. Nobody is kept from writing as this domain.",
		"Correct the mail domain in UMC (Mail). The variable follows it.",
		Warns)
	BroadDomain = ofSpoofing.kind("broad-domain", "DOMAIN",
		"mail/hosteddomains names a public suffix, such as com.my, below which others register their domains. Their"+
			" mail would be refused, too.",
		"Most likely a blank got into a domain name. Look at the mail domains in UMC.",
		Doubt)
	ForeignTable = ofSpoofing.kind("foreign-table", "FILE",
		"The table that sender-spoofing writes exists already, and holds more than the published procedure writes. It"+
			" would be overwritten.",
		"Move its entries to a table of their own, or remove the file. Then plan again.",
		Stops)
	NobodyExempt = ofSpoofing.kind("nobody-exempt", "KEY",
		"One variable holds the check together with other restrictions. So nobody can be exempt from it: it is also"+
			" about this server's own addresses and other mail servers.",
		"Move the other restrictions to a key of their own, then plan again.",
		Warns)
	ExceptionForeign = ofSpoofing.kind("exception-foreign", "VARIABLE",
		"The exception names a sender that is none of yours. Sender-spoofing is not about such mail, so the exception has"+
			" no effect.",
		"Name one of your own senders, or remove the exception.",
		Warns)
	ExceptionWide = ofSpoofing.kind("exception-wide", "VARIABLE",
		"The network of the exception is larger than the networks of one provider. Many strangers may write as you.",
		"Name a smaller network. If it is meant, accept the finding.",
		Doubt)
	ExceptionForAll = ofSpoofing.kind("exception-for-all", "VARIABLE",
		"The exception names a whole mail domain and no client. Everybody may write as this domain, also who forges it.",
		"Name the client as well, with --client. If it is meant, accept the finding.",
		Doubt)
	ExceptionForAnybody = ofSpoofing.kind("exception-for-anybody", "VARIABLE",
		"The exception names a sender and no client. Everybody may write as this sender, also who forges it.",
		"Name the client as well, with --client, if it is known.",
		Notes)
	ExceptionInside = ofSpoofing.kind("exception-inside", "VARIABLE",
		"Clients of the exception are in mynetworks, or are exempt as a server of yours. Sender-spoofing does not ask"+
			" about these, so the exception has no effect for them.",
		"If the text says that all of them are, remove the exception.",
		Notes)
	ExceptionsNotAsked = ofSpoofing.kind("exceptions-not-asked", "KEY",
		"One variable holds the check together with other restrictions, and stays as it is. So no exception has an effect.",
		"Move the other restrictions to a key of their own, then plan again.",
		Warns)
	ManyExceptions = ofSpoofing.kind("many-exceptions", "",
		"There are too many exceptions. Each may be a restriction class of Postfix.",
		"Let one exception name a domain or a network in place of many, or remove those that nobody uses.",
		Stops)
	StrayDomain = ofSpoofing.kind("stray-domain", "VARIABLE",
		"A mode is set for a mail domain that is not hosted here. It has no effect.",
		"Look at mail/hosteddomains. If the mode is not wanted, unset the variable.",
		Warns)
	SecondCheck = ofSpoofing.kind("second-check", "KEY",
		"A second variable of the list checks the same table.",
		"One check is enough: unset the variable that the hint names.",
		Warns)
	NotProtected = ofSpoofing.kind("not-protected", "PARAMETER",
		"Postfix also takes mail for domains that are not in mail/hosteddomains. Senders in these domains are not"+
			" protected.",
		"If such a domain is yours, make it a mail domain in UMC. If it belongs to others, nothing has to be done.",
		Notes)
	AuthOn25 = ofSpoofing.kind("auth-on-25", "",
		"Port 25 offers AUTH, and a client that logs in there may write with any sender.",
		"Let mail programs use port 587, and switch AUTH off on port 25.",
		Warns)

	Bridge = ofInsiders.kind("bridge", "NAME:NETWORK",
		"The network of a bridge of this host (Docker, libvirt) looks as if it were inside, and is not. Enforce will"+
			" refuse mail from there with one of your own senders.",
		"If your own programs write from there, let them log in on 587. Or add the network to"+
			" mail/harden/relay/systems.",
		Notes)
	RelayHost = ofInsiders.kind("relay-host", "NAME:ADDRESS",
		"The relay host takes your outgoing mail. Should it also bring mail in, enforce will refuse from there what has"+
			" one of your own senders.",
		"If it brings mail in and is yours, add its address to mail/harden/relay/systems: it may relay then.",
		Notes)
	Proxy = ofInsiders.kind("proxy", "ADDRESS",
		"The address of proxy_interfaces is the public address of a router. Enforce will refuse mail with one of your"+
			" own senders from there, should the router show it as the client.",
		"If your own programs write from there, let them log in on 587. Add the address to mail/harden/relay/systems only"+
			" if the router never shows a stranger with it: who has it may relay.",
		Notes)
	MailServersUnknown = ofInsiders.kind("mail-servers-unknown", "",
		"The plan was made without a directory. So it does not know other mail servers, and exempts none.",
		"Give an export of the directory: --ldif FILE",
		Notes)
	MailServerAddress = ofInsiders.kind("mail-server-address", "NAME:ADDRESS",
		"The directory gives a mail server an address from which it cannot write. So this address is not exempt.",
		"Correct the address of the computer object in UMC.",
		Warns)
)

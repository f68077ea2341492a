package findings

// Findings of the control submission, and about further ports on which clients write.
var (
	NoService = ofSubmission.kind("no-service", "SERVICE",
		"master.cf has no such service. There is nothing to harden.",
		"If mail programs are meant to send through it, look at /etc/postfix/master.cf.local.",
		Warns)
	Unwatched = ofSubmission.kind("unwatched", "SERVICE",
		"One of 465 and 587 has a recipient list of its own and the other has none. Warn leaves this one as it is, and"+
			" logs nothing there.",
		"To have both logged, let neither have a list of its own. In enforce both get the list of ucs-harden.",
		Warns)
	OneList = ofSubmission.kind("one-list", "SERVICE",
		"One of 465 and 587 has a recipient list of its own and the other has none. Both would use the same list.",
		"If all mail may pass through that list, accept the finding. Or let neither have a list of its own.",
		Doubt)
	Dormant = ofSubmission.kind("dormant", "VARIABLE",
		"This variable belongs to the list of 465 and 587, to which no service refers today. It has no effect now, and"+
			" would take effect.",
		"Unset it. Or, for mode enforce, accept the finding.",
		Doubt)
	KeptOption = ofSubmission.kind("kept-option", "VARIABLE",
		"Somebody else has set this option of 465 or 587. It is left alone, so the control cannot work there.",
		"Unset the variable and plan again. Or leave these ports out: ucr set mail/harden/submission/mode=off",
		Stops)
	NoAuth = ofSubmission.kind("no-auth", "SERVICE",
		"AUTH is off on this service. Enforce will switch it on, and refuse whoever does not log in.",
		"Warn changes nothing there. Look at who uses that port before you enforce. Once AUTH is on, the finding is"+
			" gone.",
		Warns)
	NoPermitSaslAuthenticated = ofSubmission.kind("no-permit-sasl-authenticated", "",
		"smtpd_recipient_restrictions has no permit_sasl_authenticated. So warn cannot show who writes on 465 and 587"+
			" without login.",
		"ucr set mail/postfix/smtpd/restrictions/recipient/30=permit_sasl_authenticated",
		Warns)
	SilentForMynetworks = ofSubmission.kind("silent-for-mynetworks", "",
		"Restrictions stand between permit_mynetworks and permit_sasl_authenticated. Clients in mynetworks never met"+
			" them. On 465 and 587 enforce makes them meet these, and warn cannot log what that would refuse.",
		"Move these restrictions before permit_mynetworks or behind permit_sasl_authenticated, if they are not meant"+
			" for own clients.",
		Warns)
	PermitMynetworks = ofSubmission.kind("permit-mynetworks", "KEY",
		"permit_mynetworks in the list of 465 and 587 lets clients in mynetworks write without login.",
		"Unset the variable, unless that is meant.",
		Warns)
	OwnLoginMap = ofSubmission.kind("own-login-map", "SERVICE",
		"The service has a login map of yours. It stays alone in mode warn, which logs what the map does not allow. If"+
			" a lookup there may fail, warn asks nothing there.",
		"Make sure that the map yields uid and mail address of each owner.",
		Warns)
	KeptLoginMap = ofSubmission.kind("kept-login-map", "SERVICE",
		"The service has a login map of yours, and that of ucs-harden cannot join it. Enforce refuses every login that"+
			" your map does not name.",
		"Make sure that your map yields uid and mail address of each owner, then accept the finding. Or take the map"+
			" out.",
		Doubt)
	NoLoginMap = ofSubmission.kind("no-login-map", "SERVICE or PORT",
		"Your own restrictions ask for a login map that the service does not have. Warn sets none, because their"+
			" verdicts would change. Of a further port: it uses the list of 465 and 587 without a login map, so enforce"+
			" refuses everything that is sent there after a login.",
		"Take that restriction out; the control does the same. On a further port, add the login map that the hint names"+
			" in /etc/postfix/master.cf.local.",
		Warns)
	Awakened = ofSubmission.kind("awakened", "SERVICE",
		"Your own restrictions ask for a login map that the service does not have. With the login map of ucs-harden"+
			" they decide as the control does. It is an error where they refuse everybody who logs in today, because"+
			" this lets pass what was refused.",
		"Take that restriction out, if that is not meant. If the owners of an address may write there, accept the"+
			" finding.",
		Doubt, Warns)

	NoMX = ofDoors.kind("no-mx", "",
		"master.cf has no smtpd that takes mail from other servers. Nothing is hardened or rehearsed there.",
		"If this server is meant to take such mail, look at mail/smtpport and /etc/postfix/master.cf.local.",
		Warns)
	OwnList = ofDoors.kind("own-list", "PORT",
		"The smtpd that takes mail from other servers has a recipient list of its own. No check of ucs-harden would"+
			" have any effect there.",
		"Move its restrictions into variables below mail/postfix/smtpd/restrictions/recipient/, then take the list off"+
			" the service.",
		Stops)
	Uncovered = ofDoors.kind("uncovered", "PORT",
		"A further smtpd has a recipient list of its own. No check of ucs-harden has any effect there, and it is not"+
			" rehearsed.",
		"Let it use a list that is covered, in /etc/postfix/master.cf.local. The hint has the options.",
		Warns)
	AnySender = ofDoors.kind("any-sender", "PORT",
		"A further smtpd offers AUTH and has the recipient list of port 25. Who logs in there may write with any"+
			" sender.",
		"To harden it like 587, add the options that the hint names in /etc/postfix/master.cf.local.",
		Warns)
)

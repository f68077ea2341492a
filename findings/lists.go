package findings

// Findings about the lists of accounts and addresses, and about those who may write as further addresses.
var (
	Entry = ofLists.kind("entry", "VARIABLE",
		"The entry cannot be used. The text says why. Whom it restricted before stays restricted, and what it permitted is"+
			" not permitted any more. The other entries stay in force.",
		"Correct the variables of the entry, or remove the entry.",
		Warns)
	Expired = ofLists.kind("expired", "VARIABLE",
		"The last day of the entry is over. It has no effect any more.",
		"Remove the entry, or give it another last day with --expires.",
		Warns)
	Several = ofLists.kind("several", "VARIABLE",
		"The directory has several accounts or addresses that the name of the entry may mean. The text says who is"+
			" meant.",
		"Name the account by its login.",
		Warns)
	Nobody = ofLists.kind("nobody", "VARIABLE",
		"The directory has nobody with the name of the entry. Only this very name is meant, and no other address or"+
			" login of the same account. A right to write as a further address has no effect.",
		"If the account is gone, remove the entry. If the name is mistyped, correct it.",
		Warns)
	NoGroup = ofLists.kind("no-group", "VARIABLE",
		"The directory does not have the group or mailing list that the entry or variable names.",
		"Correct the name, or give the DN of the group.",
		Doubt, Warns)
	GroupElsewhere = ofLists.kind("group-elsewhere", "VARIABLE",
		"The group is not in the container of groups. The live lookup would not find its members.",
		"Name the group by its DN. The hint has the command.",
		Stops)
	LiveInWarn = ofLists.kind("live-in-warn", "CONTROL",
		"The lookup of the control is live. In mode warn it uses what the directory said at the last sync, because a"+
			" directory that does not answer must not stop mail.",
		"Nothing has to be done. Enforce asks the directory about every mail.",
		Notes)
	Reasons = ofLists.kind("reasons", "CONTROL",
		"The reason of an account has letters that a reply of SMTP cannot have. The reply does not say it in full.",
		"Write the reason with Latin letters. Umlauts and accents are replaced.",
		Notes)
	NotStopped = ofLists.kind("not-stopped", "ACCOUNT",
		"The account is NOT stopped, or not by all its addresses: it has characters that no table can have.",
		"Give the account a login and addresses without such characters.",
		Warns)
	MarksUnread = ofLists.kind("marks-unread", "CONTROL",
		"The directory does not tell who is marked as suspended: an access rule hides the marks from this server, the"+
			" schema does not have the attribute, or the group is gone. Accounts that were marked before stay suspended."+
			" A new mark may not count.",
		"Let the machine account of this server read the attribute, or correct the group. The text says what is wrong,"+
			" the hint what to do. Then run ucs-harden sync.",
		Warns)
	Silent = ofLists.kind("silent", "VARIABLE",
		"The directory does not answer. The account is stopped by the name that the entry gives, and not by all its"+
			" names.",
		"When the directory answers again, run ucs-harden sync. Until then, stop the login as well.",
		Warns)
	NoDestinations = ofLists.kind("no-destinations", "",
		"There is no destination: the accounts of local-only may write to nobody.",
		"Name some in mail/harden/local-only/destinations, or unset mail/harden/local-only/hosted-domains.",
		Warns)
	OddAddress = ofLists.kind("odd-address", "ADDRESS",
		"The directory has a list or group with an address that no table can hold. It is not protected, and its members"+
			" may not write as it.",
		"Correct the address in UMC.",
		Warns)
	Shared = ofLists.kind("shared", "VARIABLE",
		"The protected account or list has further addresses that others have as well. These are not protected.",
		"To protect such an address too, add an entry for it.",
		Notes)
	NoSenders = ofLists.kind("no-senders", "VARIABLE",
		"The protected address is for listed senders only, and none is listed. Nobody may write to it.",
		"Name some senders in the variable that the hint names.",
		Warns)
	Elsewhere = ofLists.kind("elsewhere", "VARIABLE",
		"The protected address is at no domain of mail/hosteddomains. The entry only helps if this server takes mail"+
			" for it anyway.",
		"If it is mistyped, remove the entry.",
		Notes)
	ManySenderLists = ofLists.kind("many-sender-lists", "",
		"The protected addresses have too many different lists of senders. Each list is a restriction class of Postfix.",
		"Let protected addresses share lists of senders.",
		Stops)

	SeveralGroups = ofRights.kind("several-groups", "VARIABLE",
		"The directory has several groups with this name. The right has no effect.",
		"Name the group by its DN. The hint has the command.",
		Warns)
	NoAddress = ofRights.kind("no-address", "VARIABLE",
		"The group or list has no address that a table can hold, and the entry names none. The right has no effect.",
		"Give it an address in UMC, or say what its members may write as, with --as.",
		Warns)
	NoMembers = ofRights.kind("no-members", "VARIABLE",
		"The group or list has no member that can log in. The right has no effect.",
		"Give it members in UMC, or remove the entry.",
		Warns)
	CannotOwn = ofRights.kind("cannot-own", "LOGIN",
		"Postfix splits the owners of an address at blanks and commas, and this login contains one. So the account has"+
			" no right to write as a further address.",
		"Give the account a login without blanks and commas.",
		Warns)
	Extension = ofRights.kind("extension", "VARIABLE",
		"The entry names an address with an extension. The owners of the address without the extension may write as it"+
			" already, and an entry for it would take that away. The right has no effect.",
		"Name the address without the extension, which includes its extensions.",
		Warns)
	UnknownSender = ofRights.kind("unknown-sender", "VARIABLE/ADDRESS",
		"Nobody has the address as which the account may write. Replies to it cannot be delivered.",
		"If it is mistyped, correct it with ucs-harden send-as add. Otherwise give the address to somebody in UMC.",
		Notes)
)

package findings

// Findings about the registry, the files of Postfix and the package.
var (
	Held = ofRegistry.kind("held", "VARIABLE",
		"A stronger layer of the registry (a policy, a schedule, or forced) sets this variable to another value. A"+
			" value that ucs-harden writes to the normal layer would have no effect.",
		"Change the policy in the directory, or take the variable out of that layer. The hint has the command.",
		Stops)
	TooLong = ofRegistry.kind("too-long", "VARIABLE",
		"The value would be longer than one argument of a program may be, so ucr cannot set it.",
		"Let the controls need fewer entries. For mail/postfix/mynetworks, add the networks of the domain controllers"+
			" yourself: an address that a network contains needs no entry of its own.",
		Stops)
	UnfitOption = ofRegistry.kind("unfit-option", "VARIABLE",
		"UCR writes the value of this variable into master.cf without quotes, and the value breaks the service entry"+
			" there.",
		"Unset the variable, or set it to the name of a main.cf parameter that holds the value.",
		Stops, Warns)
	Overridden = ofRegistry.kind("overridden", "PARAMETER",
		"A later line of main.cf or master.cf, such as one from main.cf.local, overrides the value that the plan sets."+
			" So the plan would have no effect.",
		"Take the parameter out of the file that the hint names, and render the file again with ucr commit. Then plan"+
			" again.",
		Stops)
	EditedByHand = ofRegistry.kind("edited-by-hand", "FILE",
		"The file differs from what UCR renders from the registry. Whatever renders it next overwrites the manual"+
			" changes. The plan shows the lines that differ.",
		"Put the lines into the .local file beside it, then run ucr commit. Or accept that they are lost.",
		Doubt)
	StillNamed = ofRegistry.kind("still-named", "FILE",
		"The plan removes this table, and main.cf or master.cf would still name it. Postfix answers 451 4.3.5 where it"+
			" cannot open a table.",
		"Take the table out of main.cf.local or master.cf.local, then plan again.",
		Stops)
	TwoNames = ofRegistry.kind("two-names", "VARIABLE",
		"The variable has a second name, such as mail/harden/relay/foreign-sender/mode, and the two have different"+
			" values. The first name counts.",
		"Keep one of them. The hint has the command.",
		Warns)
	Unusable = ofRegistry.kind("unusable", "CONTROL",
		"A registry variable of the control cannot be used. The text names it. An apply is refused; a sync leaves the"+
			" control as it runs.",
		"Correct the value of the variable, or unset it.",
		Stops)
	Stays = ofRegistry.kind("stays", "CONTROL",
		"A sync cannot bring the control up to date, and leaves it as it runs. The rest is brought up to date. The text"+
			" says why.",
		"Mend what the text names. The next sync brings the control up to date.",
		Warns)
	NoAnswer = ofRegistry.kind("no-answer", "CONTROL",
		"The directory does not answer. A sync goes on without it: what the directory said at the last sync stays in"+
			" effect. Controls that can do nothing without it stay as they run.",
		"Make the directory answer: univention-ldapsearch -LLL -s base dn must work on this server. Then run ucs-harden sync.",
		Warns)
	Language = ofRegistry.kind("language", "VARIABLE",
		"There are no texts of refusals in this language. Refusals are in English.",
		"Set mail/harden/language to en or de.",
		Warns)
	Text = ofRegistry.kind("text", "VARIABLE",
		"The text of a refusal has letters that a reply of SMTP cannot have. It is not used, and the text of the control"+
			" is.",
		"Write it with Latin letters. Umlauts and accents are replaced.",
		Warns)
	Variable = ofRegistry.kind("variable", "VARIABLE",
		"The value of this variable of ucs-harden cannot be used.",
		"Correct it with ucr set, or unset it with ucr unset.",
		Stops)
	UnknownVariable = ofRegistry.kind("unknown-variable", "VARIABLE",
		"Nothing reads this variable below mail/harden/, so it has no effect. Its name is probably mistyped: a control, a"+
			" list or the last word that does not exist.",
		"Set the variable that is meant, and unset this one. The hint offers names that differ in a letter or two."+
			" ucs-harden-variables(7) has all of them.",
		Warns)

	MapNotRegistered = ofPackage.kind("map-not-registered", "",
		"UCR does not know the template of an LDAP map that the plan needs.",
		"Install the package ucs-harden, or register its templates: ucr register ucs-harden",
		Stops)
	TemplateNotRegistered = ofPackage.kind("template-not-registered", "",
		"UCR does not know the template that adds the restriction classes of ucs-harden to main.cf.",
		"Install the package ucs-harden, or register its templates: ucr register ucs-harden",
		Stops)
	NoFolder = ofPackage.kind("no-folder", "",
		"The folder for the tables, /etc/postfix/ucs-harden, is missing.",
		"It is part of the package: apt-get install --reinstall ucs-harden",
		Stops)
	LedgerLost = ofPackage.kind("ledger-lost", "",
		"/var/lib/ucs-harden/ledger.json, which says what ucs-harden has set and what was there before, is lost. What"+
			" carries a mark of ucs-harden is found all the same and counts as its own.",
		"Compare with a backup of /etc/univention/base.conf. The next apply writes a new ledger, and the finding is"+
			" gone.",
		Warns)
	Unmarked = ofPackage.kind("unmarked", "",
		"The ledger is lost, and these variables may be from ucs-harden. They carry no mark, so they are left alone.",
		"Look at each of them. Unset what is not wanted. The next apply writes a new ledger, and the finding is gone.",
		Warns)

	StaysOn = ofModes.kind("stays-on", "CONTROL or VARIABLE",
		"Mode off does not switch this off: the control has a mode of its own, or the account is stopped in every mode.",
		"To switch off everything, run ucs-harden apply --mode off --all. To let one account send again, run ucs-harden"+
			" suspend remove NAME --now.",
		Warns)
	HeldAbove = ofModes.kind("held-above", "VARIABLE",
		"ucs-harden has set this variable and does not want it any more. A stronger layer of the registry holds it now,"+
			" so the value below stays, without effect.",
		"When that layer lets go of the variable, run ucs-harden sync.",
		Warns)
	ChangedSince = ofModes.kind("changed-since", "VARIABLE or FILE",
		"ucs-harden has set this and does not want it any more. Somebody has changed it since, so it is left alone.",
		"If it is not wanted any more, unset the variable or remove the file.",
		Warns)
	TableInUse = ofModes.kind("table-in-use", "VARIABLE",
		"ucs-harden does not need a table any more, but this variable of yours names it. So the table stays and keeps"+
			" its effect.",
		"To stop that, unset the variable, then run ucs-harden sync.",
		Warns)
	AdoptedGoes = ofModes.kind("adopted-goes", "",
		"You had set up something by hand after the published procedure. It became a part of ucs-harden, and goes with"+
			" it.",
		"To have the set-up by hand back, run ucs-harden rollback instead.",
		Notes)
	Loosens = ofModes.kind("loosens", "CONTROL",
		"What was set up by hand after the published procedure refuses already. Mode warn would let pass what is"+
			" refused today.",
		"Use mode enforce, which keeps it refused. Or accept that it passes.",
		Doubt)
)

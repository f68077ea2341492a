package evidencetest

import "ucs-harden/evidence"

// The sentences are those of package evidence, so that each is there in every language.
var say = evidence.Phrasef

func letters(n int) evidence.Phrase { return evidence.Counted(n, "%d letter", "%d letters") }

func provider() evidence.Group {
	g := group("sender-spoofing", "company.my", "newsletter.example", evidence.Provider,
		say("SPF of the sender's domain lists the client%s, for %d of %s", say(" by way of %s", "spf.newsletter.example"), 812, letters(812)),
		[]int64{120, 0, 0, 0, 131, 0, 2, 118, 0, 0, 0, 140, 1, 300},
		sample(25, "192.0.2.10", "mta10.newsletter.example", "", "news@company.my", "employee@company.my"))
	g.Fixes = []evidence.Fix{
		{Text: say("let %s use an envelope sender in a domain of its own, for bounces; what people see in From: stays as it is",
			say("%s (%d addresses)", "newsletter.example", 4))},
		{
			Text: say("an exception for %s as %s", "192.0.2.0/24", "company.my"),
			Commands: [][]string{{"ucs-harden", "allow", "newsletter-example", "--client", "192.0.2.0/24", "--sender", "company.my",
				"--reason", "newsletter.example writes as company.my, seen 812 times until 2026-11-29"}},
			Clears: 812, Of: 812, Admits: say("%s for %s", say("%d addresses", 256), "company.my"), Exception: true,
			Risk: say("the addresses of %s may be shared: its other customers could write as yours", "spf.newsletter.example"),
		},
	}
	return g
}

func device() evidence.Group {
	g := group("sender-spoofing", "company.my", "10.99.1.60", evidence.InsideDevice,
		say("%s is %s, and writes as %s%s", "10.99.1.60", say("in the network %s of this server", "10.99.1.0/24"), "scan@company.my",
			evidence.Phrase{}),
		[]int64{9, 8, 0, 0, 7, 9, 11, 6, 8, 0, 0, 10, 9, 9},
		sample(25, "10.99.1.60", "printer.company.my", "", "scan@company.my", "clerk@company.my"))
	g.Fixes = []evidence.Fix{
		{Text: say("give the device a login of its own, with the address that it writes as, and let it send through port 587")},
		{
			Text: say("an exception for %s as %s", "10.99.1.60", "scan@company.my"),
			Commands: [][]string{{"ucs-harden", "allow", "printer", "--client", "10.99.1.60", "--sender", "scan@company.my",
				"--reason", "device 10.99.1.60 writes as scan@company.my, seen 86 times until 2026-11-29"}},
			Clears: 86, Of: 86, Exception: true,
		},
	}
	return g
}

func login() evidence.Group {
	g := group("submission", "company.my", "clerk", evidence.NotOwned,
		say("%s wrote as %s", "clerk", say("%s, which nobody holds: an alias is missing", "info@company.my")),
		[]int64{3, 4, 0, 0, 5, 2, 4, 3, 6, 0, 1, 5, 4, 6},
		sample(587, "203.0.113.80", "dsl80.foreign.example", "clerk", "info@company.my", "customer@foreign.example"))
	g.Fixes = []evidence.Fix{{
		Text: say("give %s the alias, and with it the mail of the address", "clerk"),
		Commands: [][]string{{"udm", "users/user", "modify", "--dn", "uid=clerk,cn=users,dc=company,dc=my",
			"--append", "mailAlternativeAddress=info@company.my"}},
		Clears: 43, Of: 43,
	}}
	return g
}

func returning() evidence.Group {
	g := group("sender-spoofing", "company.my", "lists.example", evidence.Returning,
		say("%d of %s have a message ID that left this server before: %s brings our own mail back, as lists and forwarders do."+
			" It is a sign, no proof: whoever got a mail of ours can copy its ID", 11, letters(12), "lists.example (192.0.2.77)"),
		[]int64{0, 3, 0, 0, 0, 2, 0, 4, 0, 0, 0, 1, 0, 2},
		sample(25, "192.0.2.77", "smtp.lists.example", "", "employee@company.my", "clerk@company.my"))
	g.Kinds[0].Returned, g.Cleared = 11, true
	g.Fixes = []evidence.Fix{{Text: say("a mailing list should write with a bounce address of its own, a forwarder with SRS: ask who runs %s",
		"lists.example (192.0.2.77)")}}
	return g
}

func server() evidence.Group {
	g := group("sender-spoofing", "company.my", "10.99.1.11", evidence.OwnServer,
		say("%s is %s, %s", "10.99.1.11", "mail2.company.my", say("a server of the directory that is not named as a mail server")),
		[]int64{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 3, 2},
		sample(25, "10.99.1.11", "mail2.company.my", "", "root@company.my", "employee@company.my"))
	g.Fixes = []evidence.Fix{{
		Text: say("name %s as a mail server in the directory", "mail2.company.my"),
		Commands: [][]string{{"udm", "computers/memberserver", "modify", "--dn", "cn=mail2,cn=computers,dc=company,dc=my",
			"--append", "service=SMTP"}},
		Clears: 7, Of: 7, Admits: say("every sender of yours from %s", "10.99.1.11"),
	}}
	return g
}

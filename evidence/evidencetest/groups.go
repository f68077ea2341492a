package evidencetest

import "ucs-harden/evidence"

func provider() evidence.Group {
	g := group("sender-spoofing", "company.my", "newsletter.example", evidence.Provider,
		"SPF of company.my passes for 192.0.2.10, and the client has a forward-confirmed name in newsletter.example",
		[]int64{120, 0, 0, 0, 131, 0, 2, 118, 0, 0, 0, 140, 1, 300},
		sample(25, "192.0.2.10", "mta10.newsletter.example", "", "news@company.my", "employee@company.my"))
	g.Fixes = []evidence.Fix{
		{Text: "let the provider use an envelope sender in a domain of its own; From: stays as it is"},
		{
			Text: "an exception for the network of the provider",
			Commands: [][]string{{"ucs-harden", "allow", "newsletter-example", "--client", "192.0.2.0/24", "--sender", "company.my",
				"--reason", "newsletter.example writes as company.my, seen 812 times until 2026-11-29"}},
			Clears: 812, Of: 812, Admits: "256 addresses for company.my", Exception: true,
			Risk: "other customers of the provider send from the same network",
		},
	}
	return g
}

func device() evidence.Group {
	g := group("sender-spoofing", "company.my", "10.99.1.60", evidence.InsideDevice, "10.99.1.60 is in the network 10.99.1.0/24 of this host",
		[]int64{9, 8, 0, 0, 7, 9, 11, 6, 8, 0, 0, 10, 9, 9},
		sample(25, "10.99.1.60", "printer.company.my", "", "scan@company.my", "clerk@company.my"))
	g.Fixes = []evidence.Fix{
		{Text: "give the device a login of its own, and let it send through port 587"},
		{
			Text: "an exception for this address and this sender",
			Commands: [][]string{{"ucs-harden", "allow", "printer", "--client", "10.99.1.60", "--sender", "scan@company.my",
				"--reason", "device 10.99.1.60 writes as scan@company.my, seen 86 times until 2026-11-29"}},
			Clears: 86, Of: 86, Exception: true,
		},
	}
	return g
}

func login() evidence.Group {
	g := group("submission", "company.my", "clerk", evidence.NotOwned, "clerk writes as info@company.my, which nobody holds: an alias is missing",
		[]int64{3, 4, 0, 0, 5, 2, 4, 3, 6, 0, 1, 5, 4, 6},
		sample(587, "203.0.113.80", "dsl80.foreign.example", "clerk", "info@company.my", "customer@foreign.example"))
	g.Fixes = []evidence.Fix{{
		Text: "give clerk the alias",
		Commands: [][]string{{"udm", "users/user", "modify", "--dn", "uid=clerk,cn=users,dc=company,dc=my",
			"--append", "mailAlternativeAddress=info@company.my"}},
		Clears: 43, Of: 43,
	}}
	return g
}

func returning() evidence.Group {
	g := group("sender-spoofing", "company.my", "lists.example", evidence.Returning,
		"11 of 12 letters carry a message ID that left this server before: a list or a forwarder brings our own mail back",
		[]int64{0, 3, 0, 0, 0, 2, 0, 4, 0, 0, 0, 1, 0, 2},
		sample(25, "192.0.2.77", "smtp.lists.example", "", "employee@company.my", "clerk@company.my"))
	g.Kinds[0].Returned, g.Cleared = 11, true
	g.Fixes = []evidence.Fix{{Text: "ask the list to use its own bounce address, or the forwarder to rewrite the sender (SRS)"}}
	return g
}

func server() evidence.Group {
	g := group("sender-spoofing", "company.my", "10.99.1.11", evidence.OwnServer,
		"10.99.1.11 is mail2.company.my, a computer of the directory without the service SMTP",
		[]int64{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 3, 2},
		sample(25, "10.99.1.11", "mail2.company.my", "", "root@company.my", "employee@company.my"))
	g.Fixes = []evidence.Fix{{
		Text: "name the service in the directory",
		Commands: [][]string{{"udm", "computers/memberserver", "modify", "--dn", "cn=mail2,cn=computers,dc=company,dc=my",
			"--append", "service=SMTP"}},
		Clears: 7, Of: 7,
	}}
	return g
}

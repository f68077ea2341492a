package findings

import "ucs-harden/mynetworks"

// Findings of the control relay, and about mynetworks.
var (
	NoControllers = ofRelay.kind("no-controllers", "",
		"The directory names no domain controller with an address. Every UCS domain has one, so most likely the wrong"+
			" place was asked. It is an error if controllers were let in before, which would be shut out.",
		"Look at ldap/base and at the computer objects in UMC.",
		Doubt, Warns)
	ControllerPublic = ofRelay.kind("controller-public", "NAME:ADDRESS",
		"A domain controller has a public address. Whoever has this address may relay.",
		"If the address is wrong, correct the computer object in UMC.",
		Warns)
	ControllerAddress = ofRelay.kind("controller-address", "NAME:ADDRESS",
		"The directory gives a domain controller an address from which it cannot write. So it may not relay with it.",
		"Correct the address of the computer object in UMC.",
		Warns)
	WideSystem = ofRelay.kind("wide-system", "NETWORK",
		"mail/harden/relay/systems names a network that is larger than the networks of one organisation. This server"+
			" would be an open relay for it.",
		"Take it out of the variable, or name the networks of your own systems only. If it is meant, accept the"+
			" finding.",
		Doubt)
	PublicSystem = ofRelay.kind("public-system", "NETWORK",
		"mail/harden/relay/systems names a network that the Internet reaches. Whoever has such an address may relay.",
		"Take it out of the variable, or name the networks of your own systems only. If it is meant, accept the"+
			" finding.",
		Doubt)
	RelayExcepted = ofRelay.kind("relay-excepted", "NETWORK",
		"mail/postfix/mynetworks excepts, with a pattern that begins with \"!\", a system that should be allowed to"+
			" relay.",
		"Take the exception out of mail/postfix/mynetworks, or switch the control relay off.",
		Warns)
	RelayNotPermitted = ofRelay.kind("relay-not-permitted", "",
		"smtpd_relay_restrictions has no permit_mynetworks. So the systems in mynetworks may not relay.",
		"Write permit_mynetworks in front there, or switch the control relay off.",
		Warns)
	MynetworksWide = ofRelay.kind("mynetworks-wide", "",
		"mynetworks trusts a large part of the Internet. These clients may relay, and no control refuses what they"+
			" send.",
		"Take these networks out of mail/postfix/mynetworks, unless every client in them is yours.",
		Warns)
	MynetworksHostBits = ofRelay.kind(inMynetworks(mynetworks.HostBits), "PATTERN",
		"Bits are set behind the network mask. Postfix answers every client with 451 4.3.0.",
		"Write the network, or the one address, as the hint says.",
		Stops)
	MynetworksUnbracketed = ofRelay.kind(inMynetworks(mynetworks.Unbracketed), "PATTERN",
		"An IPv6 address has no brackets. Postfix answers every client with 451 4.3.0.",
		"Put the address into brackets, such as [fd99::1]/128.",
		Stops)
	MynetworksSemicolon = ofRelay.kind(inMynetworks(mynetworks.Semicolon), "PATTERN",
		"A semicolon does not separate patterns. The pattern matches nobody, not even this machine.",
		"Separate the patterns with blanks or commas.",
		Stops)
	MynetworksNoAddress = ofRelay.kind(inMynetworks(mynetworks.NoAddress), "PATTERN",
		"The pattern is no address, and never matches.",
		"Correct the pattern in mail/postfix/mynetworks, or remove it.",
		Stops)
	MynetworksNoNetwork = ofRelay.kind(inMynetworks(mynetworks.NoNetwork), "PATTERN",
		"The pattern is neither an address nor a network. Postfix answers with 451 4.3.0.",
		"Correct the pattern in mail/postfix/mynetworks, or remove it.",
		Stops)
)

func inMynetworks(fault mynetworks.Fault) string { return "mynetworks-" + string(fault) }

// InMynetworks is the kind of a fault in mynetworks.
func InMynetworks(fault mynetworks.Fault) *Kind { return ByName(inMynetworks(fault)) }

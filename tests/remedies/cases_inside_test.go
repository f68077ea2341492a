package remedies

import (
	"fmt"
	"testing"

	"ucs-harden/findings"
	"ucs-harden/plan"
)

// exception begins the variables of an exception from sender-spoofing.
const exception = "mail/harden/exception/scanner/"

var ofSpoofing = map[string]remedy{
	"a mail domain that is none": {
		kind: findings.HostedDomain, about: "company_my", weight: findings.Warns,
		set: with(spoofing, map[string]string{"mail/hosteddomains": "company.my company_my"}),
		do:  []step{"ucr set mail/hosteddomains=company.my"},
	},
	"a mail domain below which others have theirs": {
		kind: findings.BroadDomain, about: "com.my", weight: findings.Doubt,
		set: with(spoofing, map[string]string{"mail/hosteddomains": "company com.my company.local"}),
		do:  []step{"ucr set mail/hosteddomains=company.com.my company.local"},
	},
	"a table of somebody else": {
		kind: findings.ForeignTable, about: senderTable, weight: findings.Stops,
		set: spoofing, files: map[string]string{senderTable: "spammer@example.com REJECT\n"}, do: []step{"rm " + senderTable},
	},
	"the check beside another one": {
		kind: findings.NobodyExempt, about: "60", weight: findings.Warns, mode: plan.Enforce,
		set: with(spoofing, map[string]string{
			recipient + "60": "check_sender_access hash:" + senderTable + ", reject_rbl_client zen.example",
		}),
		do: []step{
			"ucr set " + recipient + "60=check_sender_access hash:" + senderTable,
			"ucr set " + recipient + "61=reject_rbl_client zen.example",
		},
	},
	"exceptions beside another check": {
		kind: findings.ExceptionsNotAsked, about: "60", weight: findings.Warns, mode: plan.Enforce,
		set: with(spoofing, map[string]string{
			recipient + "60":     "check_sender_access hash:" + senderTable + ", reject_rbl_client zen.example",
			exception + "client": "198.51.100.7",
		}),
		do: []step{
			"ucr set " + recipient + "60=check_sender_access hash:" + senderTable,
			"ucr set " + recipient + "61=reject_rbl_client zen.example",
		},
	},
	"an exception that is over": {
		kind: findings.Expired, about: "mail/harden/exception/scanner", weight: findings.Warns,
		set: with(spoofing, map[string]string{exception + "client": "198.51.100.7", exception + "expires": "2020-01-31"}),
		do:  []step{"ucs-harden disallow scanner"},
	},
	"an exception that cannot be used": {
		kind: findings.Entry, about: "mail/harden/exception/scanner", weight: findings.Warns,
		set: with(spoofing, map[string]string{exception + "client": "198.51.100.7/24"}),
		do:  []step{"ucr set " + exception + "client=198.51.100.7"},
	},
	"an exception for a sender of others": {
		kind: findings.ExceptionForeign, about: "mail/harden/exception/scanner", weight: findings.Warns,
		set: with(spoofing, map[string]string{exception + "client": "198.51.100.7", exception + "sender": "scan@partner.example"}),
		do:  []step{"ucs-harden disallow scanner"},
	},
	"an exception for many": {
		kind: findings.ExceptionWide, about: "mail/harden/exception/scanner", weight: findings.Doubt,
		set: with(spoofing, map[string]string{exception + "client": "196.0.0.0/7"}),
		do:  []step{"ucs-harden allow scanner --client 196.0.0.0/8"},
	},
	"an exception for many by IPv6": {
		kind: findings.ExceptionWide, about: "mail/harden/exception/scanner", weight: findings.Doubt,
		set: with(spoofing, map[string]string{exception + "client": "2000::/15"}),
		do:  []step{"ucs-harden allow scanner --client 2000::/16"},
	},
	"an exception that opens a domain": {
		kind: findings.ExceptionForAll, about: "mail/harden/exception/scanner", weight: findings.Doubt,
		set: with(spoofing, map[string]string{exception + "sender": "company.my"}),
		do:  []step{"ucs-harden allow scanner --client 198.51.100.7"},
	},
	"an exception that opens a sender": {
		kind: findings.ExceptionForAnybody, about: "mail/harden/exception/scanner", weight: findings.Notes,
		set: with(spoofing, map[string]string{exception + "sender": "scan@company.my"}),
		do:  []step{"ucs-harden allow scanner --client 198.51.100.7"},
	},
	"an exception for clients inside": {
		kind: findings.ExceptionInside, about: "mail/harden/exception/scanner", weight: findings.Notes,
		set: with(spoofing, map[string]string{exception + "client": "127.0.0.1"}),
		do:  []step{"ucs-harden disallow scanner"},
	},
	"an exception for some clients inside": {
		kind: findings.ExceptionInside, about: "mail/harden/exception/scanner", weight: findings.Notes,
		set: with(spoofing, map[string]string{exception + "client": "10.9.0.0/16", "mail/postfix/mynetworks": "127.0.0.0/8 10.9.1.0/24"}),
		do:  []step{"ucs-harden disallow scanner"},
	},
	"too many exceptions": {
		kind: findings.ManyExceptions, weight: findings.Stops, set: spoofing,
		ready: func(_ *testing.T, s *server) {
			for i := range 101 {
				s.registry[fmt.Sprintf("mail/harden/exception/e%d/client", i)] = fmt.Sprintf("198.51.100.%d", i)
			}
		},
		do: []step{"ucs-harden disallow e7"},
	},
	"the mode of a domain that is not here": {
		kind: findings.StrayDomain, about: "mail/harden/sender-spoofing/domain/compny.my/mode", weight: findings.Warns,
		set: with(spoofing, map[string]string{"mail/harden/sender-spoofing/domain/compny.my/mode": "off"}),
		do:  []step{"ucr unset mail/harden/sender-spoofing/domain/compny.my/mode"},
	},
	"two checks": {
		kind: findings.SecondCheck, about: "70", weight: findings.Warns,
		set: with(spoofing, map[string]string{
			recipient + "60": "check_sender_access hash:" + senderTable,
			recipient + "70": "check_sender_access hash:" + senderTable,
		}),
		do: []step{"ucr unset " + recipient + "70"},
	},
	"a domain elsewhere": {
		kind: findings.NotProtected, about: "relay_domains", weight: findings.Notes,
		set: spoofing, in: []step{"in " + mainCF + `: mynetworks => relay_domains = branch.example\nmynetworks`},
		do: []step{"ucr set mail/hosteddomains=company.my company.local branch.example"},
	},
	"AUTH on port 25": {
		kind: findings.AuthOn25, weight: findings.Warns,
		set: with(spoofing, map[string]string{options + "smtp/smtpd_sasl_auth_enable": "yes"}),
		in:  []step{"in " + masterCF + `: smtpd\nsmtps => smtpd -o smtpd_sasl_auth_enable=yes\nsmtps`},
		do: []step{
			"ucr unset " + options + "smtp/smtpd_sasl_auth_enable",
			"in " + masterCF + `: smtpd -o smtpd_sasl_auth_enable=yes\nsmtps => smtpd\nsmtps`,
		},
	},
	"containers of this host": {
		kind: findings.Bridge, about: "docker0:172.17.0.0/16", weight: findings.Notes,
		set: with(map[string]string{"mail/harden/submission/mode": "off", "docker/daemon/default/opts/bip": "172.17.42.1/16"}),
		do:  []step{"ucr set mail/harden/relay/systems=172.17.0.0/16"},
	},
	"a relay host with an address": {
		kind: findings.RelayHost, about: "[10.0.9.9]:10.0.9.9", weight: findings.Notes,
		set: map[string]string{"mail/harden/submission/mode": "off", "mail/relayhost": "[10.0.9.9]"},
		do:  []step{"ucr set mail/harden/relay/systems=10.0.9.9"},
	},
	"a router": {
		kind: findings.Proxy, about: "203.0.113.9", weight: findings.Notes,
		set: map[string]string{"mail/harden/submission/mode": "off"},
		in:  []step{"in " + mainCF + `: mynetworks => proxy_interfaces = 203.0.113.9\nmynetworks`},
		do:  []step{"ucr set mail/harden/relay/systems=203.0.113.9"}, accept: []string{"public-system:203.0.113.9/32"},
	},
	"no directory": {
		kind: findings.MailServersUnknown, weight: findings.Notes,
		set: spoofing, ready: func(_ *testing.T, s *server) { s.ldif = "" }, do: []step{"ldif"},
	},
	"an address from which no mail server writes": {
		kind: findings.MailServerAddress, about: "mail.company.my:0.0.0.0", weight: findings.Warns,
		set: spoofing,
		in:  []step{"in UMC: aRecord: 10.99.1.1 => univentionService: SMTP\\naRecord: 0.0.0.0"},
		do:  []step{"in UMC: aRecord: 0.0.0.0 => aRecord: 10.99.1.1"},
	},
}

var ofRelay = map[string]remedy{
	"no domain controller": {
		kind: findings.NoControllers, weight: findings.Warns,
		set: onlyRelay, in: []step{"in UMC: aRecord: 10.99.1.1"}, do: []step{"in UMC: cn: mail => cn: mail\\naRecord: 10.99.1.1"},
	},
	"no domain controller any more": {
		kind: findings.NoControllers, weight: findings.Doubt,
		set: onlyRelay, in: []step{"apply", "in UMC: aRecord: 10.99.1.1"},
		do: []step{"in UMC: cn: mail => cn: mail\\naRecord: 10.99.1.1"},
	},
	"a controller that the Internet reaches": {
		kind: findings.ControllerPublic, about: "mail.company.my:9.9.9.9", weight: findings.Warns,
		set: onlyRelay, in: []step{"in UMC: 10.99.1.1 => 9.9.9.9"}, do: []step{"in UMC: 9.9.9.9 => 10.99.1.1"},
	},
	"an address from which no controller writes": {
		kind: findings.ControllerAddress, about: "mail.company.my:0.0.0.0", weight: findings.Warns,
		set: onlyRelay, in: []step{"in UMC: 10.99.1.1 => 0.0.0.0"}, do: []step{"in UMC: 0.0.0.0 => 10.99.1.1"},
	},
	"a network of half the world": {
		kind: findings.WideSystem, about: "128.0.0.0/1", weight: findings.Doubt,
		set: with(onlyRelay, map[string]string{"mail/harden/relay/systems": "128.0.0.0/1"}),
		do:  []step{"ucr set mail/harden/relay/systems=10.0.5.0/24"},
	},
	"a network that the Internet reaches": {
		kind: findings.PublicSystem, about: "9.9.9.0/24", weight: findings.Doubt,
		set: with(onlyRelay, map[string]string{"mail/harden/relay/systems": "9.9.9.0/24"}),
		do:  []step{"ucr set mail/harden/relay/systems=10.0.5.0/24"},
	},
	"an exception in mynetworks": {
		kind: findings.RelayExcepted, about: "10.99.1.1/32", weight: findings.Warns,
		set: with(onlyRelay, map[string]string{"mail/postfix/mynetworks": "!10.99.1.1 10.99.1.0/24"}),
		do:  []step{"ucr set mail/postfix/mynetworks=10.99.1.0/24"},
	},
	"relay restrictions without mynetworks": {
		kind: findings.RelayNotPermitted, weight: findings.Warns,
		set: onlyRelay, in: []step{"in " + mainCF + `: mynetworks => smtpd_relay_restrictions = reject_unauth_destination\nmynetworks`},
		do: []step{"in " + mainCF + ": restrictions = reject => restrictions = permit_mynetworks, reject"},
	},
	"mynetworks trusts everybody": {
		kind: findings.MynetworksWide, weight: findings.Warns,
		set: onlyRelay, in: []step{"in " + mainCF + ": 127.0.0.0/8 => 0.0.0.0/0"},
		do: []step{"in " + mainCF + ": 0.0.0.0/0 => 127.0.0.0/8"},
	},
	"bits behind the mask": {
		kind: findings.MynetworksHostBits, about: "127.0.0.1/8", weight: findings.Stops,
		set: with(onlyRelay, map[string]string{"mail/postfix/mynetworks": "127.0.0.1/8"}),
		do:  []step{"ucr set mail/postfix/mynetworks=127.0.0.0/8"},
	},
	"no brackets": {
		kind: findings.MynetworksUnbracketed, about: "fd99::1", weight: findings.Stops,
		set: with(onlyRelay, map[string]string{"mail/postfix/mynetworks": "127.0.0.0/8 fd99::1"}),
		do:  []step{"ucr set mail/postfix/mynetworks=127.0.0.0/8 [fd99::1]/128"},
	},
	"a semicolon": {
		kind: findings.MynetworksSemicolon, about: "127.0.0.0/8;10.0.0.0/8", weight: findings.Stops,
		set: with(onlyRelay, map[string]string{"mail/postfix/mynetworks": "127.0.0.0/8;10.0.0.0/8"}),
		do:  []step{"ucr set mail/postfix/mynetworks=127.0.0.0/8 10.0.0.0/8"},
	},
	"no address": {
		kind: findings.MynetworksNoAddress, about: "10.99.1", weight: findings.Stops,
		set: with(onlyRelay, map[string]string{"mail/postfix/mynetworks": "127.0.0.0/8 10.99.1"}),
		do:  []step{"ucr set mail/postfix/mynetworks=127.0.0.0/8"},
	},
	"no network": {
		kind: findings.MynetworksNoNetwork, about: "10.99.1/24", weight: findings.Stops,
		set: with(onlyRelay, map[string]string{"mail/postfix/mynetworks": "127.0.0.0/8 10.99.1/24"}),
		do:  []step{"ucr set mail/postfix/mynetworks=127.0.0.0/8 10.99.1.0/24"},
	},
}

var onlyRelay = map[string]string{"mail/harden/submission/mode": "off", "mail/harden/sender-spoofing/mode": "off"}

package remedies

import (
	"ucs-harden/findings"
	"ucs-harden/plan"
)

// Only one control is on in most of these, so that a list has one finding.
var (
	spoofing = map[string]string{"mail/harden/submission/mode": "off", "mail/harden/relay/mode": "off"}
	onlyOwn  = map[string]string{"mail/harden/sender-spoofing/mode": "off", "mail/harden/relay/mode": "off"}
)

var ofPlaces = map[string]remedy{
	"no reject_unauth_destination": {
		kind: findings.NoRejectUnauthDestination, weight: findings.Stops,
		set: with(spoofing, map[string]string{recipient + "50": "warn_if_reject reject_unauth_destination"}),
		do:  []step{"ucr set " + recipient + "50=reject_unauth_destination"},
	},
	"relaying is refused elsewhere, and nobody is permitted": {
		kind: findings.NoPermits, weight: findings.Stops,
		set:   with(spoofing, map[string]string{recipient + "10": "-", recipient + "30": "-", recipient + "50": "-"}),
		files: map[string]string{mainCF: relayRefused},
		do: []step{
			"ucr set " + recipient + "10=permit_mynetworks", "ucr set " + recipient + "30=permit_sasl_authenticated",
		},
	},
	"a permit with a key before all others": {
		kind: findings.NoPlace, about: recipient + ":suspended", weight: findings.Stops,
		set: with(spoofing, suspendedBoss, map[string]string{recipient + "-a": "permit_inet_interfaces"}),
		do:  []step{"ucr unset " + recipient + "-a", "ucr set " + recipient + "10=permit_inet_interfaces, permit_mynetworks"},
	},
	"a key in use": {
		kind: findings.Occupied, about: recipient + "50-ucs-harden", weight: findings.Stops,
		set: with(spoofing, map[string]string{recipient + "50-ucs-harden": "reject_non_fqdn_sender"}),
		do:  []step{"ucr unset " + recipient + "50-ucs-harden", "ucr set " + recipient + "60=reject_non_fqdn_sender"},
	},
	"a list that the registry does not have": {
		kind: findings.OtherList, about: "submission", weight: findings.Warns,
		set: with(spoofing, suspendedBoss),
		in: []step{"in " + masterCF + ": smtpd_enforce_tls=yes => " +
			"smtpd_enforce_tls=yes -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject"},
		do: []step{"ucr set '" + options + "submission/smtpd_recipient_restrictions=$submission_recipient_restrictions'"},
	},
	"a table before reject_unauth_destination": {
		kind: findings.OpenRelay, about: "20", weight: findings.Warns,
		set: with(spoofing, map[string]string{recipient + "20": "check_client_access cidr:/etc/postfix/friends"}),
		do: []step{
			"ucr unset " + recipient + "20", "ucr set " + recipient + "60=check_client_access cidr:/etc/postfix/friends",
		},
	},
	"a table before the check": {
		kind: findings.MaySkip, about: "50", weight: findings.Warns,
		set: with(spoofing, map[string]string{
			recipient + "50": "reject_unauth_destination, check_client_access cidr:/etc/postfix/friends",
		}),
		do: []step{
			"ucr set " + recipient + "50=reject_unauth_destination",
			"ucr set " + recipient + "60=check_client_access cidr:/etc/postfix/friends",
		},
	},
	"a reject before the check": {
		kind: findings.Hidden, about: "50", weight: findings.Doubt,
		set: with(spoofing, map[string]string{recipient + "50": "reject_unauth_destination, reject"}),
		do:  []step{"ucr set " + recipient + "50=reject_unauth_destination", "ucr set " + recipient + "99=reject"},
	},
	"own clients come to the check": {
		kind: findings.HitsInsiders, about: "50-ucs-harden", weight: findings.Doubt,
		set: with(spoofing, map[string]string{recipient + "10": "-", recipient + "60": "permit_mynetworks"}),
		do:  []step{"ucr unset " + recipient + "60", "ucr set " + recipient + "10=permit_mynetworks"},
	},
	"a check before reject_unauth_destination": {
		kind: findings.BeforeUnauthDestination, about: "20", weight: findings.Notes,
		set: spoofing,
		in:  []step{"apply", "ucr set " + recipient + "20=check_client_access cidr:/etc/postfix/ucs-harden/sender-spoofing-clients.cidr"},
		do:  []step{"ucr unset " + recipient + "20"},
	},
	"restrictions between reject_unauth_destination and the check": {
		kind: findings.NotDirectlyAfter, about: "50-ucs-harden", weight: findings.Notes,
		set: with(spoofing, map[string]string{recipient + "50": "reject_unauth_destination, reject_unknown_sender_domain"}),
		do: []step{
			"ucr set " + recipient + "50=reject_unauth_destination", "ucr set " + recipient + "60=reject_unknown_sender_domain",
		},
	},
	"a name that Postfix does not know": {
		kind: findings.UnknownRestriction, about: "20", weight: findings.Warns,
		set: with(spoofing, map[string]string{recipient + "20": "our_class"}),
		do:  []step{"ucr unset " + recipient + "20", "ucr set " + recipient + "60=our_class"},
	},
	"an argument is missing": {
		kind: findings.Broken, about: "90", weight: findings.Warns,
		set: with(spoofing, map[string]string{recipient + "80": "-", recipient + "90": "check_client_access"}),
		do:  []step{"ucr set " + recipient + "90=check_client_access cidr:/etc/postfix/friends"},
	},
	"an argument in the next variable": {
		kind: findings.SpansVariables, about: "20", weight: findings.Doubt,
		set: with(spoofing, map[string]string{recipient + "20": "reject_rbl_client", recipient + "21": "zen.example"}),
		do:  []step{"ucr unset " + recipient + "21", "ucr set " + recipient + "20=reject_rbl_client zen.example"},
	},
	"the check becomes an argument": {
		kind: findings.CheckMissing, about: "", weight: findings.Stops, mode: plan.Enforce,
		set: with(spoofing, map[string]string{recipient + "50": "reject_unauth_destination, reject_rbl_client"}),
		do:  []step{"ucr set " + recipient + "50=reject_unauth_destination, reject_rbl_client zen.example"},
	},
	"the check only warns": {
		kind: findings.CheckOnlyWarns, about: "50", weight: findings.Stops, mode: plan.Enforce,
		set: with(spoofing, map[string]string{recipient + "50": "reject_unauth_destination, warn_if_reject"}),
		do:  []step{"ucr set " + recipient + "50=reject_unauth_destination"},
	},
	"an own list that refuses nothing": {
		kind: findings.MissingUnauthDestination, about: "", weight: findings.Stops,
		set: with(onlyOwn, bothOwn, map[string]string{ownList + "10": "permit_sasl_authenticated"}),
		do:  []step{"ucr set " + ownList + "99=reject"},
	},
}

const relayRefused = "myhostname = mail.company.my\nmynetworks = 127.0.0.0/8\n" +
	"smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination\n"

var suspendedBoss = map[string]string{"mail/harden/suspended/account/boss/account": "boss"}

// bothOwn gives both services the list of the administrator.
var bothOwn = map[string]string{
	options + "smtps/smtpd_recipient_restrictions":      "$submission_recipient_restrictions",
	options + "submission/smtpd_recipient_restrictions": "$submission_recipient_restrictions",
}

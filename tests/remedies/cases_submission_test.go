package remedies

import (
	"ucs-harden/findings"
	"ucs-harden/plan"
)

const (
	table     = "/etc/postfix/owners"
	loginMaps = options + "submission/smtpd_sender_login_maps"
)

// ownTable gives 587 a login map of the administrator.
var ownTable = []step{
	"in " + masterCF + ": -o smtpd_enforce_tls => -o smtpd_sender_login_maps=texthash:" + table + " -o smtpd_enforce_tls",
}

var ofSubmission = map[string]remedy{
	"no service smtps": {
		kind: findings.NoService, about: "smtps", weight: findings.Warns, set: onlyOwn,
		in: []step{"in " + masterCF + ": smtps inet => #smtps inet"}, do: []step{"in " + masterCF + ": #smtps inet => smtps inet"},
	},
	"one of two has a list, in warn": {
		kind: findings.Unwatched, about: "submission", weight: findings.Warns, set: with(onlyOwn, listOfSmtps),
		do: []step{
			"ucr unset " + options + "smtps/smtpd_recipient_restrictions", "ucr unset " + ownList + "10", "ucr unset " + ownList + "20",
		},
	},
	"one of two has a list, in enforce": {
		kind: findings.OneList, about: "submission", weight: findings.Doubt, mode: plan.Enforce,
		set: with(onlyOwn, listOfSmtps),
		do: []step{
			"ucr unset " + options + "smtps/smtpd_recipient_restrictions", "ucr unset " + ownList + "10", "ucr unset " + ownList + "20",
		},
	},
	"a list that nothing asks": {
		kind: findings.Dormant, about: ownList + "10", weight: findings.Doubt,
		set: with(onlyOwn, map[string]string{ownList + "10": "reject_non_fqdn_sender"}), do: []step{"ucr unset " + ownList + "10"},
	},
	"an option of somebody else": {
		kind: findings.KeptOption, about: options + "submission/smtpd_recipient_restrictions", weight: findings.Stops,
		set: with(onlyOwn, map[string]string{options + "submission/smtpd_recipient_restrictions": "$other"}),
		do:  []step{"ucr unset " + options + "submission/smtpd_recipient_restrictions"},
	},
	"no AUTH": {
		kind: findings.NoAuth, about: "submission", weight: findings.Warns,
		set: with(onlyOwn, map[string]string{options + "submission/smtpd_sasl_auth_enable": "-"}),
		do:  []step{"ucr set " + options + "submission/smtpd_sasl_auth_enable=yes"},
	},
	"no permit for those who log in": {
		kind: findings.NoPermitSaslAuthenticated, weight: findings.Warns,
		set: with(onlyOwn, map[string]string{recipient + "30": "-"}),
		do:  []step{"ucr set " + recipient + "30=permit_sasl_authenticated"},
	},
	"a restriction that clients in mynetworks never met": {
		kind: findings.SilentForMynetworks, weight: findings.Warns,
		set: with(onlyOwn, map[string]string{recipient + "20": "reject_non_fqdn_sender"}),
		do:  []step{"ucr unset " + recipient + "20", "ucr set " + recipient + "05=reject_non_fqdn_sender"},
	},
	"clients in mynetworks need no login": {
		kind: findings.PermitMynetworks, about: "10", weight: findings.Warns, mode: plan.Enforce,
		set: with(onlyOwn, bothOwn, map[string]string{
			ownList + "10": "permit_mynetworks", ownList + "50": "permit_sasl_authenticated", ownList + "90": "reject",
		}),
		do: []step{"ucr unset " + ownList + "10"},
	},
	"an own login map, in warn": {
		kind: findings.OwnLoginMap, about: "submission", weight: findings.Warns,
		set:   with(onlyOwn, map[string]string{loginMaps: "texthash:" + table}),
		files: map[string]string{table: "boss@company.my boss\n"}, in: ownTable,
		do: []step{"ucr unset " + loginMaps, "in " + masterCF + ": -o smtpd_sender_login_maps=texthash:" + table + "  => "},
	},
	"an own login map that ours cannot join": {
		kind: findings.KeptLoginMap, about: "submission", weight: findings.Doubt, mode: plan.Enforce,
		set:   with(onlyOwn, map[string]string{loginMaps: "texthash:" + table}),
		files: map[string]string{table: "@company.my boss\n"}, in: ownTable,
		do: []step{"ucr unset " + loginMaps, "in " + masterCF + ": -o smtpd_sender_login_maps=texthash:" + table + "  => "},
	},
	"own restrictions ask for a login map, in warn": {
		kind: findings.NoLoginMap, about: "submission", weight: findings.Warns,
		set: with(onlyOwn, map[string]string{recipient + "20": "reject_sender_login_mismatch"}),
		do:  []step{"ucr unset " + recipient + "20"},
	},
	"own restrictions refuse everybody without a login map": {
		kind: findings.Awakened, about: "submission", weight: findings.Doubt, mode: plan.Enforce,
		set: with(onlyOwn, map[string]string{recipient + "20": "reject_sender_login_mismatch"}),
		do:  []step{"ucr unset " + recipient + "20"},
	},
	"own restrictions refuse nobody without a login map": {
		kind: findings.Awakened, about: "submission", weight: findings.Warns, mode: plan.Enforce,
		set: with(onlyOwn, map[string]string{recipient + "20": "reject_known_sender_login_mismatch"}),
		do:  []step{"ucr unset " + recipient + "20"},
	},
}

// listOfSmtps is a list of the administrator that only 465 asks.
var listOfSmtps = map[string]string{
	options + "smtps/smtpd_recipient_restrictions": "$submission_recipient_restrictions",
	ownList + "10": "permit_sasl_authenticated", ownList + "20": "reject",
}

// ofDoors are about further smtpd.
var ofDoors = map[string]remedy{
	"no smtpd for other servers": {
		kind: findings.NoMX, weight: findings.Warns, set: onlyOwn,
		in: []step{"in " + masterCF + ": smtp inet => #smtp inet"}, do: []step{"in " + masterCF + ": #smtp inet => smtp inet"},
	},
	"the smtpd for other servers has a list of its own": {
		kind: findings.OwnList, about: "25", weight: findings.Stops, set: onlyOwn,
		in: []step{"in " + masterCF + `: smtpd\nsmtps => smtpd -o smtpd_recipient_restrictions=permit_mynetworks,reject\nsmtps`},
		do: []step{"in " + masterCF + `: -o smtpd_recipient_restrictions=permit_mynetworks,reject\nsmtps => \nsmtps`},
	},
	"a further smtpd with a list of its own": {
		kind: findings.Uncovered, about: "2525", weight: findings.Warns, set: onlyOwn,
		in: []step{"in " + masterCF + `: smtps => 2525 inet n - n - - smtpd -o smtpd_recipient_restrictions=permit_mynetworks,reject\nsmtps`},
		do: []step{"in " + masterCF + `: -o smtpd_recipient_restrictions=permit_mynetworks,reject\nsmtps => \nsmtps`},
	},
	"a further smtpd without a login map": {
		kind: findings.NoLoginMap, about: "2525", weight: findings.Warns, set: onlyOwn,
		in: []step{"in " + masterCF + ": smtps => 2525 inet n - n - - smtpd -o smtpd_sasl_auth_enable=yes" +
			` -o smtpd_recipient_restrictions=$submission_recipient_restrictions\nsmtps`},
		do: []step{"in " + masterCF + `: restrictions\nsmtps => ` +
			`restrictions -o smtpd_sender_login_maps=hash:/etc/postfix/ucs-harden/submission-logins\nsmtps`},
	},
	"a further smtpd with AUTH": {
		kind: findings.AnySender, about: "2525", weight: findings.Warns, set: onlyOwn,
		in: []step{"in " + masterCF + `: smtps => 2525 inet n - n - - smtpd -o smtpd_sasl_auth_enable=yes\nsmtps`},
		do: []step{"in " + masterCF + `: auth_enable=yes\nsmtps => auth_enable=yes ` +
			"-o smtpd_recipient_restrictions=$submission_recipient_restrictions" +
			` -o smtpd_sender_login_maps=hash:/etc/postfix/ucs-harden/submission-logins\nsmtps`},
	},
}

package remedies

import (
	"fmt"
	"strings"
	"testing"

	"ucs-harden/findings"
	"ucs-harden/plan"
)

var ofServer = map[string]remedy{
	"a variable that a layer holds": {
		kind: findings.Held, about: "mail/postfix/mynetworks", weight: findings.Stops,
		ready: func(_ *testing.T, s *server) {
			s.layers["forced"] = map[string]string{"mail/postfix/mynetworks": "192.168.0.0/16"}
		},
		do: []step{"ucr unset --force mail/postfix/mynetworks"},
	},
	"a value too long for one argument": {
		kind: findings.TooLong, about: "mail/postfix/mynetworks", weight: findings.Stops,
		ready: func(_ *testing.T, s *server) {
			var many strings.Builder
			for i := 0; many.Len() < 131_055-len("mail/postfix/mynetworks="); i++ {
				fmt.Fprintf(&many, "10.%d.%d.1 ", 100+i/256, i%256)
			}
			s.registry["mail/postfix/mynetworks"] = strings.TrimSpace(many.String())
		},
		do: []step{"ucr set mail/postfix/mynetworks=127.0.0.0/8 10.96.0.0/11"},
	},
	"two names of a variable that contradict each other": {
		kind: findings.TwoNames, about: "mail/harden/foreign-sender/mode", weight: findings.Warns,
		set: map[string]string{"mail/harden/foreign-sender/mode": "off", "mail/harden/relay/foreign-sender/mode": "warn"},
		do:  []step{"ucr unset mail/harden/relay/foreign-sender/mode"},
	},
	"a control whose name is mistyped": {
		kind: findings.UnknownVariable, about: "mail/harden/sender-spofing/mode", weight: findings.Warns,
		set: map[string]string{"mail/harden/sender-spofing/mode": "warn"}, do: []step{"ucr unset mail/harden/sender-spofing/mode"},
	},
	"a variable of a list that is mistyped": {
		kind: findings.UnknownVariable, about: "mail/harden/exception/scanner/clien", weight: findings.Warns,
		set: with(spoofing, map[string]string{exception + "client": "198.51.100.7", exception + "clien": "198.51.100.8"}),
		do:  []step{"ucr unset " + exception + "clien"},
	},
	"a language without texts": {
		kind: findings.Language, about: "mail/harden/language", weight: findings.Warns,
		set: map[string]string{"mail/harden/language": "fr"}, do: []step{"ucr set mail/harden/language=de"},
	},
	"a text in another script": {
		kind: findings.Text, about: "mail/harden/suspended/text", weight: findings.Warns,
		set: with(suspendedBoss, map[string]string{"mail/harden/suspended/text": "взломан"}),
		do:  []step{"ucr set mail/harden/suspended/text=gesperrt"},
	},
	"an option that breaks master.cf": {
		kind: findings.UnfitOption, about: options + "smtp/smtpd_banner", weight: findings.Stops,
		set: map[string]string{options + "smtp/smtpd_banner": "mail.company.my ESMTP"},
		do:  []step{"ucr unset " + options + "smtp/smtpd_banner"},
	},
	"an option that breaks master.cf, while all is switched off": {
		kind: findings.UnfitOption, about: options + "smtp/smtpd_banner", weight: findings.Warns, mode: plan.Off, allOff: true,
		set: map[string]string{options + "smtp/smtpd_banner": "mail.company.my ESMTP"},
		do:  []step{"ucr unset " + options + "smtp/smtpd_banner"},
	},
	"destinations that are none": {
		kind: findings.Variable, about: "mail/harden/local-only/destinations", weight: findings.Stops,
		set: map[string]string{
			"mail/harden/local-only/account/boss/account": "boss", "mail/harden/local-only/destinations": "no_domain",
		},
		do: []step{"ucr set mail/harden/local-only/destinations=partner.example"},
	},
	"a template that UCR does not know": {
		kind: findings.MapNotRegistered, weight: findings.Stops, mode: plan.Enforce,
		files: map[string]string{"/etc/univention/templates/info/ucs-harden.info": "-"},
		do:    []step{"ucr register ucs-harden"},
	},
	"a lost ledger": {
		kind: findings.LedgerLost, weight: findings.Warns,
		in: []step{"apply", "rm " + ledger}, do: []step{"apply"},
	},
	"a lost ledger, and what carries no mark": {
		kind: findings.Unmarked, weight: findings.Warns,
		in: []step{"apply", "rm " + ledger}, do: []step{"apply"},
	},
}

var ofModes = map[string]remedy{
	"a control with a mode of its own stays on": {
		kind: findings.StaysOn, about: "relay", weight: findings.Warns, mode: plan.Off,
		set: map[string]string{"mail/harden/relay/mode": "enforce"}, do: []step{"off --all"},
	},
	"a stopped account stays stopped": {
		kind: findings.StaysOn, about: "mail/harden/suspended/account/boss", weight: findings.Warns, mode: plan.Off,
		set: map[string]string{
			"mail/harden/suspended/account/boss/account": "boss", "mail/harden/suspended/account/boss/mode": "enforce",
		},
		do: []step{"ucs-harden suspend remove boss"},
	},
	"a layer holds what is not wanted any more": {
		kind: findings.HeldAbove, about: tlsLevel, weight: findings.Warns, mode: plan.Off,
		set: map[string]string{tlsLevel: "may"}, in: []step{"apply enforce"},
		ready: func(_ *testing.T, s *server) { s.layers["ldap"] = map[string]string{tlsLevel: "encrypt"} },
		do:    []step{"in UMC: policy without " + tlsLevel},
	},
	"somebody has changed what is not wanted any more": {
		kind: findings.ChangedSince, about: recipient + "50-ucs-harden", weight: findings.Warns, mode: plan.Off,
		in: []step{"apply warn", "ucr set " + recipient + "50-ucs-harden=reject_non_fqdn_sender"},
		do: []step{"ucr unset " + recipient + "50-ucs-harden"},
	},
	"somebody has changed the table that is not wanted any more": {
		kind: findings.ChangedSince, about: senderTable, weight: findings.Warns, mode: plan.Off,
		in: []step{"apply warn", "in " + senderTable + `: # => company.example OK\n#`}, do: []step{"rm " + senderTable},
	},
	"a restriction of the administrator names the table": {
		kind: findings.TableInUse, about: recipient + "60", weight: findings.Warns, mode: plan.Off,
		in: []step{"apply warn", "ucr set " + recipient + "60=check_sender_access hash:" + senderTable},
		do: []step{"ucr unset " + recipient + "60"},
	},
	"a set-up by hand goes": {
		kind: findings.AdoptedGoes, weight: findings.Notes, mode: plan.Off,
		set:   map[string]string{recipient + "60": "check_sender_access hash:" + senderTable},
		files: map[string]string{senderTable: "company.my WARN\ncompany.local WARN\n"},
		in:    []step{"apply warn"}, do: []step{"ucs-harden rollback"},
	},
	"warn would let pass what was made by hand": {
		kind: findings.Loosens, about: "sender-spoofing", weight: findings.Doubt,
		set:   map[string]string{recipient + "60": "check_sender_access hash:" + senderTable},
		files: map[string]string{senderTable: "company.my REJECT no\ncompany.local REJECT no\n"},
		then:  plan.Enforce,
	},
	"warn would let pass what 465 and 587 refuse": {
		kind: findings.Loosens, about: "submission", weight: findings.Doubt,
		set: with(published, map[string]string{
			options + "smtps/smtpd_recipient_restrictions":      "$submission_recipient_restrictions",
			options + "submission/smtpd_recipient_restrictions": "$submission_recipient_restrictions",
		}),
		then: plan.Enforce,
	},
}

const senderTable = "/etc/postfix/check_custom_sender_access"

const tlsLevel = options + "submission/smtpd_tls_security_level"

// published is the list of the published procedure.
var published = map[string]string{
	ownList + "10": "reject_sender_login_mismatch", ownList + "20": "reject_unknown_recipient_domain",
	ownList + "30": "permit_sasl_authenticated", ownList + "99": "reject",
}

func with(all ...map[string]string) map[string]string {
	out := map[string]string{}
	for _, m := range all {
		for key, value := range m {
			out[key] = value
		}
	}
	return out
}

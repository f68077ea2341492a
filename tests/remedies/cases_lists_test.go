package remedies

import (
	"fmt"
	"testing"

	"ucs-harden/findings"
	"ucs-harden/plan"
)

const (
	accounts  = "mail/harden/suspended/account/"
	protected = "mail/harden/protected/list/"
	sender    = "mail/harden/submission/sender/"
)

var ofLists = map[string]remedy{
	"an entry that cannot be used": {
		kind: findings.Entry, about: accounts + "1", weight: findings.Warns, set: map[string]string{accounts + "1/account": "*)(uid=*"},
		do: []step{"ucs-harden suspend remove 1"},
	},
	"an entry whose last day is over": {
		kind: findings.Expired, about: accounts + "boss", weight: findings.Warns,
		set: with(suspendedBoss, map[string]string{accounts + "boss/expires": "2020-01-31"}),
		do:  []step{"ucs-harden suspend remove boss"},
	},
	"an address that several have": {
		kind: findings.Several, about: accounts + "info", weight: findings.Warns,
		set: map[string]string{accounts + "info/account": "info@company.my"},
		do:  []step{"ucr set " + accounts + "info/account=boss"},
	},
	"an account that is gone": {
		kind: findings.Nobody, about: accounts + "gone", weight: findings.Warns,
		set: map[string]string{accounts + "gone/account": "gone"}, do: []step{"ucs-harden suspend remove gone"},
	},
	"a group that is gone": {
		kind: findings.NoGroup, about: "mail/harden/suspended/group", weight: findings.Doubt,
		set: map[string]string{"mail/harden/suspended/group": "gone"}, do: []step{"ucr set mail/harden/suspended/group=staff"},
	},
	"a group elsewhere": {
		kind: findings.GroupElsewhere, about: "mail/harden/suspended/group", weight: findings.Stops, mode: plan.Enforce,
		set: map[string]string{"mail/harden/suspended/group": "staff", "mail/harden/suspended/lookup": "live"},
		in:  []step{"in UMC: dn: cn=staff,cn=groups => dn: cn=staff,ou=berlin", registered},
		do:  []step{"ucr set mail/harden/suspended/group=cn=staff,ou=berlin,dc=company,dc=my"},
	},
	"marks that cannot be read any more": {
		kind: findings.MarksUnread, about: "suspended", weight: findings.Warns,
		set: map[string]string{"mail/harden/suspended/group": "staff"},
		in: []step{
			"in UMC: mailAlternativeAddress: info@company.my => mailAlternativeAddress: info@company.my\\nmemberOf: cn=staff,cn=groups,dc=company,dc=my",
			"apply", "in UMC: cn: staff => cn: crew", "in UMC: dn: cn=staff => dn: cn=crew",
		},
		do: []step{"ucr set mail/harden/suspended/group=crew"},
	},
	"a live lookup, in warn": {
		kind: findings.LiveInWarn, about: "suspended", weight: findings.Notes,
		set: map[string]string{"mail/harden/suspended/lookup": "live", "mail/harden/suspended/mode": "warn"},
		in:  []step{registered}, do: []step{"ucr set mail/harden/suspended/mode=enforce"},
	},
	"a reason in another script": {
		kind: findings.Reasons, about: "suspended", weight: findings.Notes,
		set: with(suspendedBoss, map[string]string{accounts + "boss/reason": "взломан"}),
		do:  []step{"ucr set " + accounts + "boss/reason=gehackt, König"},
	},
	"an account that no table can have": {
		kind: findings.NotStopped, about: "login boss", weight: findings.Warns, set: suspendedBoss,
		in: []step{"in UMC: info@company.my => info@comp,any.my"}, do: []step{"in UMC: info@comp,any.my => info@company.my"},
	},
	"nobody to write to": {
		kind: findings.NoDestinations, weight: findings.Warns,
		set: map[string]string{
			"mail/harden/local-only/account/boss/account": "boss", "mail/harden/local-only/hosted-domains": "no",
		},
		do: []step{"ucr unset mail/harden/local-only/hosted-domains"},
	},
	"a list with an odd address": {
		kind: findings.OddAddress, about: `""@company.my`, weight: findings.Warns,
		set: map[string]string{"mail/harden/protected/all": "yes"},
		in:  []step{`in UMC: staff@company.my => ""@company.my`}, do: []step{`in UMC: ""@company.my => staff@company.my`},
	},
	"an address that others have, too": {
		kind: findings.Shared, about: protected + "boss", weight: findings.Notes,
		set: map[string]string{protected + "boss/address": "boss@company.my"},
		do:  []step{"in UMC: mailAlternativeAddress: info@company.my"},
	},
	"a list of no senders": {
		kind: findings.NoSenders, about: protected + "staff", weight: findings.Warns,
		set: map[string]string{protected + "staff/address": "staff@company.my", protected + "staff/variant": "senders"},
		do:  []step{"ucr set " + protected + "staff/senders=company.my"},
	},
	"an address at no mail domain": {
		kind: findings.Elsewhere, about: protected + "staff", weight: findings.Notes,
		set: map[string]string{protected + "staff/address": "staff@compny.my"}, do: []step{"ucs-harden protect remove staff"},
	},
	"too many lists of senders": {
		kind: findings.ManySenderLists, weight: findings.Stops,
		ready: func(_ *testing.T, s *server) {
			for i := range 33 {
				entry := fmt.Sprintf("%sl%d/", protected, i)
				s.registry[entry+"address"], s.registry[entry+"variant"] = fmt.Sprintf("l%d@company.my", i), "senders"
				s.registry[entry+"senders"] = fmt.Sprintf("s%d@company.my", i)
			}
		},
		do: []step{"ucr set " + protected + "l1/senders=s0@company.my"},
	},
}

// registered are the templates of the live lookups.
const registered = "ucr register ucs-harden"

var ofRights = map[string]remedy{
	"a group with an odd address": {
		kind: findings.OddAddress, about: "staff@no_domain.my", weight: findings.Warns,
		set: map[string]string{"mail/harden/submission/group-senders": "yes"},
		in:  []step{"in UMC: staff@company.my => staff@no_domain.my"}, do: []step{"in UMC: staff@no_domain.my => staff@company.my"},
	},
	"a right of a group that is gone": {
		kind: findings.NoGroup, about: sender + "sales", weight: findings.Warns,
		set: map[string]string{sender + "sales/group": "sales"}, do: []step{"ucs-harden send-as remove --name sales"},
	},
	"a right of an account that is gone": {
		kind: findings.Nobody, about: sender + "gone", weight: findings.Warns,
		set: map[string]string{sender + "gone/account": "gone", sender + "gone/as": "staff@company.my"},
		do:  []step{"ucs-harden send-as remove --name gone"},
	},
	"several groups with one name": {
		kind: findings.SeveralGroups, about: sender + "staff", weight: findings.Warns,
		set: map[string]string{sender + "staff/group": "staff"},
		in: []step{`in UMC: dn: cn=staff,cn=groups => dn: cn=staff,ou=berlin,dc=company,dc=my\nobjectClass: univentionGroup\n` +
			`cn: staff\n\ndn: cn=staff,cn=groups`},
		do: []step{"ucr set " + sender + "staff/group=cn=staff,cn=groups,dc=company,dc=my"},
	},
	"a group without an address": {
		kind: findings.NoAddress, about: sender + "staff", weight: findings.Warns,
		set: map[string]string{sender + "staff/group": "staff"},
		in:  []step{"in UMC: mailPrimaryAddress: staff@company.my"},
		do:  []step{"ucr set " + sender + "staff/as=boss@company.my"},
	},
	"a group without members": {
		kind: findings.NoMembers, about: sender + "staff", weight: findings.Warns,
		set: map[string]string{sender + "staff/group": "staff"},
		in:  []step{"in UMC: uniqueMember: uid=boss,cn=users,dc=company,dc=my"},
		do:  []step{"ucs-harden send-as remove --name staff"},
	},
	"a login with a comma": {
		kind: findings.CannotOwn, about: "bo ss", weight: findings.Warns,
		set: map[string]string{sender + "staff/group": "staff"},
		in:  []step{"in UMC: uid: boss => uid: bo ss", "in UMC: uniqueMember: uid=boss => uniqueMember: uid=bo ss"},
		do:  []step{"in UMC: uid: bo ss => uid: boss", "in UMC: uniqueMember: uid=bo ss => uniqueMember: uid=boss"},
	},
	"an address with an extension": {
		kind: findings.Extension, about: sender + "boss", weight: findings.Warns,
		set: map[string]string{sender + "boss/account": "boss", sender + "boss/as": "employee+news@company.my"},
		in:  []step{"in " + mainCF + `: mynetworks => recipient_delimiter = +\nmynetworks`},
		do:  []step{"ucr set " + sender + "boss/as=employee@company.my"},
	},
	"a sender that nobody has": {
		kind: findings.UnknownSender, about: sender + "boss/suport@company.my", weight: findings.Notes,
		set: map[string]string{sender + "boss/account": "boss", sender + "boss/as": "suport@company.my"},
		do:  []step{"ucr set " + sender + "boss/as=staff@company.my"},
	},
}

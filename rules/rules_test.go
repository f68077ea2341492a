package rules_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/controls"
	"ucs-harden/plan"
	"ucs-harden/rules"
)

// all is every control in one mode.
func all(mode plan.Mode) map[string]plan.Mode {
	modes := map[string]plan.Mode{}
	for _, name := range controls.Names() {
		modes[name] = mode
	}
	return modes
}

// marks are what the lists can say of a letter, one at a time.
var marks = []rules.Letter{
	{}, {Stopped: true}, {Suspended: true}, {Bound: rules.Within}, {Bound: rules.Beyond}, {Unfitting: true},
	{Guard: rules.Insiders}, {Guard: rules.NotAdmitted}, {Guard: rules.Admitted}, {Guard: rules.AdmittedAsOurs},
	{RelayRefused: true}, {Exception: "scanner"},
}

// everyLetter is each combination of kinds, and of them with each mark.
func everyLetter(yield func(rules.Letter)) {
	for _, port := range []int{25, 465, 587} {
		for _, login := range []string{"", "employee"} {
			for client := rules.Stranger; client <= rules.ThisHost; client <<= 1 {
				for sender := rules.NullSender; sender <= rules.Foreign; sender <<= 1 {
					for owner := rules.Nobody; owner <= rules.TheLogin; owner <<= 1 {
						for recipient := rules.Postmaster; recipient <= rules.Nowhere; recipient <<= 1 {
							for _, m := range marks {
								m.Port, m.Login, m.Client, m.SenderIs, m.Owner, m.RecipientIs = port, login, client, sender, owner, recipient
								yield(m)
							}
						}
					}
				}
			}
		}
	}
}

func TestTheTableOfRulesIsWhole(t *testing.T) {
	used, names := map[string]bool{}, map[string]bool{}
	modes := []plan.Mode{plan.Off, plan.Warn, plan.Enforce}
	everyLetter(func(l rules.Letter) {
		for _, spoofing := range modes {
			for _, relay := range modes {
				for _, submission := range modes {
					r := rules.Judge(map[string]plan.Mode{"sender-spoofing": spoofing, "relay": relay, "submission": submission}, l)
					used[r.Name] = true
				}
			}
		}
		used[rules.Judge(all(plan.Enforce), l).Name] = true
		warn := rules.Judge(all(plan.Warn), l)
		enforce := rules.Judge(all(plan.Enforce), l)
		assert.True(t, warn.Effect != rules.Refuse || warn.Control == "", "a control in mode warn refuses %+v", l)
		if !enforce.Unlogged {
			assert.Equal(t, enforce.Effect == rules.Refuse && enforce.Control != "", warn.Warned, "warn logs what enforce refuses, and nothing else: %+v", l)
		}
		if l.Client == rules.Stranger && l.Login == "" && l.RecipientIs >= rules.Elsewhere {
			assert.Equal(t, rules.Refuse, warn.Effect, "a stranger relays: %+v", l)
		}
	})
	for _, r := range rules.Rules() {
		assert.True(t, used[r.Name], "no letter meets the rule %s", r.Name)
		assert.False(t, names[r.Name], "there are two rules %s", r.Name)
		names[r.Name] = true
		assert.True(t, r.Control == "" || slices.Contains(controls.Names(), r.Control), r.Name)
	}
}

func TestJudge(t *testing.T) {
	const stranger, unlisted, controller, listed = rules.Stranger, rules.Unlisted, rules.Controller, rules.Listed
	spoof := func(port int, client rules.Client) rules.Letter {
		return rules.Letter{
			Port: port, Client: client, Sender: "Boss@Company.My", SenderIs: rules.Hosted, Owner: rules.Somebody,
			Recipient: "clerk@company.local", RecipientIs: rules.Known,
		}
	}
	abroad := rules.Letter{
		Port: 25, Client: controller, Sender: "a@x", SenderIs: rules.Foreign, Owner: rules.Nobody,
		Recipient: "b@y", RecipientIs: rules.Elsewhere,
	}
	loggedIn := spoof(587, stranger)
	loggedIn.Login = "employee"
	nowhere := loggedIn
	nowhere.Owner, nowhere.Recipient, nowhere.RecipientIs = rules.TheLogin, "a@b.invalid", rules.Nowhere
	for sentence, c := range map[string]struct {
		modes   map[string]plan.Mode
		letter  rules.Letter
		effect  rules.Effect
		code    int
		control string
		reason  string
		warning string
	}{
		"a spoofed sender": {
			all(plan.Enforce), spoof(25, stranger), rules.Refuse, 554, "sender-spoofing", "a stranger may not write as company.my", "",
		},
		"a spoofed sender is only logged in warn": {
			all(plan.Warn), spoof(25, stranger), rules.Unchanged, 0, "", "no control that is on speaks of it", "a stranger may not write as company.my",
		},
		"the company's own network is outside, too, unless it is listed": {
			all(plan.Enforce), spoof(25, unlisted), rules.Refuse, 554, "sender-spoofing", "a client that is not in mynetworks may not write as company.my", "",
		},
		"who is listed writes as before": {
			all(plan.Enforce), spoof(25, listed), rules.Unchanged, 0, "", "a client in mynetworks is trusted as before", "",
		},
		"another mail server of the directory writes as ours": {
			all(plan.Enforce), spoof(25, rules.MailServer), rules.Unchanged, 0, "", "a mail server of the directory may write as company.my, and may relay no more than before", "",
		},
		"this server writes as ours by any of its addresses": {
			all(plan.Enforce), spoof(25, rules.ThisHost), rules.Unchanged, 0, "", "this server itself may write as company.my, and may relay no more than before", "",
		},
		"an excepted letter": {
			all(plan.Enforce), excepted(spoof(25, stranger)), rules.Unchanged, 0, "", "a stranger may write as Boss@Company.My, by the exception scanner, and may relay no more than before", "",
		},
		"an excepted letter is not logged as refused": {
			all(plan.Warn), excepted(spoof(25, unlisted)), rules.Unchanged, 0, "", "a client that is not in mynetworks may write as Boss@Company.My, by the exception scanner, and may relay no more than before", "",
		},
		"an exception gives no right to relay": {
			all(plan.Enforce), with(excepted(spoof(25, stranger)), func(l *rules.Letter) { l.RecipientIs = rules.Elsewhere }), rules.Refuse, 0, "", "a stranger may never send through this server to elsewhere", "",
		},
		"an exception leaves the checks behind in force": {
			all(plan.Enforce), with(excepted(spoof(25, stranger)), func(l *rules.Letter) { l.Guard = rules.Insiders }), rules.Refuse, 554, "protected", "clerk@company.local takes mail from inside only", "",
		},
		"an excepted sender has to log in where one of ours has to": {
			all(plan.Enforce), with(excepted(spoof(25, stranger)), func(l *rules.Letter) { l.Guard = rules.AdmittedAsOurs }), rules.Refuse, 554, "protected", "who writes to clerk@company.local as one of ours has to log in", "",
		},
		"neither of the two gains the right to relay": {
			all(plan.Enforce), with(spoof(25, rules.MailServer), func(l *rules.Letter) { l.RecipientIs = rules.Elsewhere }), rules.Unchanged, 0, "", "a mail server of the directory may write as company.my, and may relay no more than before", "",
		},
		"neither of the two skips another check": {
			all(plan.Enforce), with(spoof(25, rules.ThisHost), func(l *rules.Letter) { l.Guard = rules.Insiders }), rules.Refuse, 554, "protected", "clerk@company.local takes mail from inside only", "",
		},
		"a suspended account does not come in through another mail server": {
			all(plan.Enforce), with(spoof(25, rules.MailServer), func(l *rules.Letter) { l.Suspended = true }), rules.Refuse, 554, "suspended", "the account may not send mail", "",
		},
		"465 has the list of port 25 while submission is off": {
			map[string]plan.Mode{"sender-spoofing": plan.Enforce}, spoof(465, stranger), rules.Refuse, 554, "sender-spoofing", "a stranger may not write as company.my", "",
		},
		"and while submission warns, which logs its own opinion": {
			map[string]plan.Mode{"sender-spoofing": plan.Enforce, "submission": plan.Warn}, spoof(465, stranger),
			rules.Refuse, 554, "sender-spoofing", "a stranger may not write as company.my", "465 and 587 are for those who log in, as the owner of Boss@Company.My",
		},
		"submission alone": {
			map[string]plan.Mode{"submission": plan.Enforce}, spoof(465, stranger), rules.Refuse, 553, "submission", "465 and 587 are for those who log in, as the owner of Boss@Company.My", "",
		},
		"a login that does not own the sender": {
			all(plan.Enforce), loggedIn, rules.Refuse, 553, "submission", "the login employee does not own Boss@Company.My", "",
		},
		"a login meets no check of sender-spoofing": {
			map[string]plan.Mode{"sender-spoofing": plan.Enforce}, loggedIn, rules.Unchanged, 0, "", "who logs in is trusted as before", "",
		},
		"a recipient whose domain does not exist": {
			all(plan.Enforce), nowhere, rules.Refuse, 450, "submission", "the domain of a@b.invalid does not exist", "",
		},
		"mail to elsewhere that the relay restrictions refuse before a control is asked": {
			all(plan.Enforce), with(nowhere, func(l *rules.Letter) { l.Login, l.Suspended, l.RelayRefused = "", true, true }),
			rules.Refuse, 0, "", "smtpd_relay_restrictions refuses it before a control is asked", "",
		},
		"and warn does not log it": {
			all(plan.Warn), with(nowhere, func(l *rules.Letter) { l.Login, l.Suspended, l.RelayRefused = "", true, true }),
			rules.Refuse, 0, "", "smtpd_relay_restrictions refuses it before a control is asked", "",
		},
		"a domain controller relays in warn, too": {
			all(plan.Warn), abroad, rules.Accept, 0, "relay", "a domain controller may relay", "",
		},
		"a suspended account, whoever it writes to": {
			all(plan.Enforce), with(loggedIn, func(l *rules.Letter) { l.Suspended = true }), rules.Refuse, 554, "suspended", "the account may not send mail", "",
		},
		"a suspended account is only logged in warn": {
			map[string]plan.Mode{"suspended": plan.Warn}, with(loggedIn, func(l *rules.Letter) { l.Suspended = true }), rules.Unchanged, 0, "", "who logs in is trusted as before", "the account may not send mail",
		},
		"mail to postmaster passes, suspended or not": {
			all(plan.Enforce), with(loggedIn, func(l *rules.Letter) {
				l.Suspended, l.RecipientIs = true, rules.Postmaster
			}), rules.Unchanged, 0, "", "mail to postmaster is never asked about (RFC 5321, 4.5.1)", "",
		},
		"a restricted account within its destinations": {
			map[string]plan.Mode{"local-only": plan.Enforce}, with(spoof(25, listed), func(l *rules.Letter) { l.Bound = rules.Within }), rules.Unchanged, 0, "", "a client in mynetworks is trusted as before", "",
		},
		"and beyond them": {
			map[string]plan.Mode{"local-only": plan.Enforce}, with(spoof(25, listed), func(l *rules.Letter) { l.Bound = rules.Beyond }), rules.Refuse, 554, "local-only", "the account may only write to its destinations, and clerk@company.local is none", "",
		},
		"a controller with a foreign sender, which relay alone lets pass": {
			all(plan.Enforce), with(abroad, func(l *rules.Letter) { l.Unfitting = true }), rules.Refuse, 554, "foreign-sender", "a domain controller may only send with a sender of ours, and a@x is none", "",
		},
		"a stranger writes to an internal list": {
			all(plan.Enforce), with(abroad, func(l *rules.Letter) {
				l.Client, l.RecipientIs, l.Guard = stranger, rules.Known, rules.Insiders
			}), rules.Refuse, 554, "protected", "b@y takes mail from inside only", "",
		},
		"who logs in writes to an internal list": {
			map[string]plan.Mode{"protected": plan.Enforce}, with(loggedIn, func(l *rules.Letter) { l.Guard = rules.Insiders }), rules.Unchanged, 0, "", "who logs in is trusted as before", "",
		},
		"a client in mynetworks writes as one of ours, without a login, to a list with senders": {
			all(plan.Enforce), with(spoof(25, listed), func(l *rules.Letter) { l.Guard = rules.AdmittedAsOurs }), rules.Refuse, 554, "protected", "who writes to clerk@company.local as one of ours has to log in", "",
		},
		"a sender that the list does not have": {
			all(plan.Enforce), with(spoof(25, listed), func(l *rules.Letter) { l.Guard = rules.NotAdmitted }), rules.Refuse, 554, "protected", "clerk@company.local takes mail from its list of senders only, and Boss@Company.My is not in it", "",
		},
		"a domain controller is none to a server whose control relay is off": {
			nil, abroad, rules.Unchanged, 0, "", "a domain controller is trusted as before", "",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			r := rules.Judge(c.modes, c.letter)
			assert.Equal(t, c.effect, r.Effect)
			assert.Equal(t, c.code, r.Code)
			assert.Equal(t, c.control, r.Control)
			assert.Equal(t, c.reason, r.Reason)
			assert.Equal(t, c.warning, r.Warning)
			assert.Equal(t, c.warning != "", r.Warned)
		})
	}
}

// with is a letter with a change.
func with(l rules.Letter, change func(*rules.Letter)) rules.Letter {
	change(&l)
	return l
}

func TestSenderOf(t *testing.T) {
	domains := []string{"company.local", "company.my", "help.company.my", "xn--mnchen-3ya.example", "localhost", "203.0.113.1", "fd99:1::1"}
	for address, want := range map[string]rules.Sender{
		"":                      rules.NullSender,
		"a@company.my":          rules.Hosted,
		"A@COMPANY.MY":          rules.Hosted,
		"a@help.company.my":     rules.Hosted,
		"a@other.company.my":    rules.SubDomain,
		"a@x.help.company.my":   rules.SubDomain,
		"a@mycompany.my":        rules.Foreign,
		"a@company.my.evil.com": rules.Foreign,
		`"a@company.my"@evil.x`: rules.Foreign,
		"a@my":                  rules.Foreign,
		"a":                     rules.Hosted, // trivial-rewrite(8) completes it with $myorigin
		"a@münchen.example":     rules.Hosted,
		"a@it.MÜNCHEN.example":  rules.SubDomain,
		"a@ｃompany.my":          rules.Hosted, // by its disguise, whatever it disguises
		"a@company。my":          rules.Hosted,
		"ａ@foreign.example":     rules.Foreign, // before the @ any character may stand
		"root@localhost":        rules.Hosted,
		"a@[203.0.113.1]":       rules.Hosted,
		"a@[203.0.113.2]":       rules.Foreign,
		"a@[IPv6:fd99:1:0::1]":  rules.Hosted,
	} {
		assert.Equal(t, want, rules.SenderOf(address, domains), address)
	}
}

func TestADomainsOwnModeCountsForItAndWhatIsBelow(t *testing.T) {
	modes := map[string]plan.Mode{
		"sender-spoofing": plan.Warn, "sender-spoofing/company.my": plan.Enforce,
		"sender-spoofing/help.company.my": plan.Off, "sender-spoofing/company.local": plan.Warn,
		"sender-spoofing/xn--mnchen-3ya.example": plan.Enforce,
	}
	for sender, want := range map[string]plan.Mode{
		"a@company.my": plan.Enforce, "a@SUB.Company.My": plan.Enforce,
		"a@help.company.my": plan.Off, "a@sub.help.company.my": plan.Off, "a@company.local": plan.Warn,
		"a@münchen.example": plan.Enforce, "a@it.MÜNCHEN.example": plan.Enforce, "a@XN--MNCHEN-3YA.example": plan.Enforce,
		"a@ｈelp.company.my": plan.Warn, "root@localhost": plan.Warn, // of no hosted domain: the mode of the control
	} {
		r := rules.Judge(modes, rules.Letter{Port: 25, Client: rules.Stranger, Sender: sender, SenderIs: rules.Hosted, Owner: rules.Nobody, RecipientIs: rules.Known})
		switch want {
		case plan.Enforce:
			assert.Equal(t, "sender-spoofing", r.Name, sender)
		case plan.Warn:
			assert.True(t, r.Warned, sender)
		default:
			assert.False(t, r.Warned || r.Effect == rules.Refuse, sender)
		}
	}
}

func excepted(l rules.Letter) rules.Letter {
	return with(l, func(l *rules.Letter) { l.Exception = "scanner" })
}

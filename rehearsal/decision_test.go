package rehearsal

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/maincf"
	"ucs-harden/privatepostfix"
	"ucs-harden/rules"
)

const (
	main25     = "smtpd_recipient_restrictions"
	submission = "submission_recipient_restrictions"
	recipients = "mail/postfix/smtpd/restrictions/recipient/"
)

// place is a restriction in a list. The name of a list that smtpd(8) asks begins with smtpd_; the others are classes.
func place(restriction, list, variable string) Place {
	p := Place{Restriction: restriction, List: list, Variable: variable}
	switch {
	case strings.HasPrefix(list, "smtpd_"):
		p.Asked, p.Step = list, "RCPT"
	case list == submission:
		p.Asked, p.Step = main25, "RCPT"
	}
	return p
}

// service has a restriction of every sort; the keys are what the tests call them.
var service = Service{
	Places: []Place{
		place("check_client_access cidr:/etc/postfix/clients", "smtpd_client_restrictions", ""),
		place("reject_unknown_client_hostname", "smtpd_client_restrictions", ""),
		place("reject_unknown_reverse_client_hostname", "smtpd_client_restrictions", ""),
		place("reject_invalid_helo_hostname", "smtpd_helo_restrictions", ""),
		place("reject_unknown_helo_hostname", "smtpd_helo_restrictions", ""),
		place("reject_non_fqdn_helo_hostname", "smtpd_helo_restrictions", ""),
		place("reject", "smtpd_sender_restrictions", ""),
		place("warn_if_reject reject_sender_login_mismatch", main25, recipients+"01"),
		place("reject_sender_login_mismatch", main25, recipients+"02"),
		place("permit_mynetworks", main25, recipients+"10"),
		place("check_policy_service unix:private/listfilter", main25, "mail/postfix/policy/listfilter"),
		place("reject_non_fqdn_sender", main25, recipients+"15"),
		place("reject_non_fqdn_recipient", main25, recipients+"16"),
		place("reject_unauth_destination", main25, recipients+"50"),
		place("check_sender_access hash:/etc/postfix/check_custom_sender_access", main25, recipients+"50-ucs-harden"),
		place("check_sender_access hash:/etc/postfix/mine", main25, recipients+"51"),
		place("hash:/etc/postfix/to", main25, recipients+"52"),
		place("check_sasl_access hash:/etc/postfix/logins", main25, recipients+"53"),
		place("reject_rbl_client zen.example=127.0.0.2", main25, recipients+"60"),
		place("reject_rbl_client bl.example", main25, recipients+"61"),
		place("reject_rhsbl_sender dbl.example", main25, recipients+"62"),
		place("reject_unknown_sender_domain", main25, recipients+"63"),
		place("reject_unknown_recipient_domain", main25, recipients+"64"),
		place("reject_unverified_recipient", main25, recipients+"65"),
		place("reject_unlisted_recipient", main25, recipients+"70"),
		place("check_policy_service inet:127.0.0.1:12340", main25, recipients+"80"),
		place("warn_if_reject reject", submission, ""),
		place("reject", "strict", ""), // a restriction class
	},
	Parameters: maincf.File{
		{Name: "mynetworks", Value: "127.0.0.1/8"},
		{Name: "virtual_mailbox_maps", Value: "ldap:/etc/postfix/ldap.virtual_mailbox"},
		{Name: "smtpd_sender_login_maps", Value: "ldap:/etc/postfix/ldap.ucs-harden-logins"},
	},
}

// anybody is a letter that no permit of the service permits.
var anybody = rules.Letter{Client: rules.Stranger, RecipientIs: rules.Elsewhere}

var text = regexp.MustCompile(`^(\d{3}) (?:(\d\.\d+\.\d+) )?(.*)$`)

// replied makes a reply of what smtpd(8) says.
func replied(t *testing.T, whole string, log ...string) privatepostfix.Reply {
	t.Helper()
	m := text.FindStringSubmatch(whole)
	require.NotNil(t, m, whole)
	code, err := strconv.Atoi(m[1])
	require.NoError(t, err)
	r := privatepostfix.Reply{Code: code, Enhanced: m[2], Text: m[3], At: privatepostfix.AtRcpt, Log: log}
	require.Equal(t, whole, r.String())
	return r
}

// The texts are those of smtpd_check.c of Postfix 3.7, of Dovecot's quota-status and of postgrey.
func TestWhichRestrictionRefused(t *testing.T) {
	for _, c := range []struct {
		reply string
		kind  Kind
		want  string // keys, or lists of restrictions without one, joined by blanks
	}{
		{"554 5.7.1 <you@foreign.example>: Relay access denied", Relaying, "50"},
		{"554 5.7.1 <you@foreign.example>: Recipient address rejected: Relay access denied", Relaying, "50"},
		{"554 5.7.1 <boss@company.my>: Sender address rejected: Delivery not authorized, message refused #ucs-harden:sender-spoofing", "sender-spoofing", "50-ucs-harden"},
		{"554 5.7.1 <boss@company.my>: Sender address rejected: Delivery not authorized, message refused", ByTable, "50-ucs-harden 51"},
		{"554 5.7.1 <boss@company.my>: Sender address rejected: Access denied", Everybody, "smtpd_sender_restrictions 50-ucs-harden 51 strict"},
		{"554 5.7.1 <clerk@company.local>: Recipient address rejected: Access denied", Everybody, "52 strict"},
		{"554 5.7.1 <out66.foreign.example[203.0.113.66]>: Client host rejected: Access denied", Everybody, "smtpd_client_restrictions strict"},
		{"554 5.7.1 <unknown[fd99:1::66]>: Client host rejected: go away", ByTable, "smtpd_client_restrictions"},
		{"554 5.7.1 <clerk>: SASL login name rejected: no longer with us", ByTable, "53"},
		{"554 5.7.1 <clerk@company.local>: Recipient address rejected: Access denied for not authenticated sender 'x' to restricted list 'y'", ByTable, "mail/postfix/policy/listfilter 52 80"},
		{"553 5.7.1 <employee@company.my>: Sender address rejected: not owned by user boss@company.my", NotOwned, "02"},
		{"553 5.7.1 <employee@company.my>: Sender address rejected: not logged in", NotLoggedIn, "02"},
		{"550 5.1.1 <nobody@company.my>: Recipient address rejected: User unknown in virtual mailbox table", UnknownRecipient, "70"},
		{"550 5.1.1 <nobody@company.my>: Recipient address rejected: User unknown in local recipient table", UnknownRecipient, "70"},
		{"550 5.1.6 <gone@company.my>: Recipient address rejected: User has moved to x@foreign.example", UnknownRecipient, "70"},
		{"450 4.1.2 <you@nowhere.example>: Recipient address rejected: Domain not found", NoDomain, "64"},
		{"450 4.1.8 <me@nowhere.example>: Sender address rejected: Domain not found", NoDomain, "63"},
		{"556 5.1.10 <you@example.org>: Recipient address rejected: Domain example.org does not accept mail (nullMX)", NoDomain, "64"},
		{"550 5.7.27 <me@example.org>: Sender address rejected: Domain example.org does not accept mail (nullMX)", NoDomain, "63"},
		{"504 5.5.2 <me>: Sender address rejected: need fully-qualified address", Name, "15"},
		{"504 5.5.2 <you>: Recipient address rejected: need fully-qualified address", Name, "16"},
		{"504 5.5.2 <office>: Helo command rejected: need fully-qualified hostname", Name, "smtpd_helo_restrictions"},
		{"501 5.5.2 <of fice>: Helo command rejected: Invalid name", Name, "smtpd_helo_restrictions"},
		{"450 4.7.1 <office>: Helo command rejected: Host not found", Name, "smtpd_helo_restrictions"},
		{"450 4.7.25 Client host rejected: cannot find your hostname, [203.0.113.66]", Name, "smtpd_client_restrictions"},
		{"450 4.7.25 Client host rejected: cannot find your reverse hostname, [203.0.113.66]", Name, "smtpd_client_restrictions"},
		{"554 5.7.1 Service unavailable; Client host [203.0.113.66] blocked using zen.example; https://zen.example/66", Listed, "60"},
		{"554 5.7.1 Service unavailable; Client host [203.0.113.66] blocked using bl.example", Listed, "61"},
		{"554 5.7.1 Service unavailable; Sender address [me@foreign.example] blocked using dbl.example; spam", Listed, "62"},
		{"450 4.1.1 <you@foreign.example>: Recipient address rejected: unverified address: Address lookup failed", Unverified, "65"},
		{"550 5.1.1 <you@foreign.example>: Recipient address rejected: undeliverable address: no such user", Unverified, "65"},
		{"552 5.2.2 <full@company.my>: Recipient address rejected: Mailbox is full", OverQuota, "80"},
		{"554 5.2.2 <full@company.my>: Recipient address rejected: Quota exceeded (mailbox for user is full)", OverQuota, "80"},
		{"450 4.2.0 <clerk@company.local>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/company.local.html", Greylisted, ""},
		{"501 5.1.7 Bad sender address syntax", Other, ""},
		{"421 4.7.0 mail.company.my Error: too many errors", Other, ""},
	} {
		t.Run(c.reply, func(t *testing.T) {
			s := service
			if c.kind == OverQuota { // the list filter knows nothing of quotas, but that is not in the reply
				s.Places = append([]Place{}, s.Places[11:]...)
			}
			if c.kind == Greylisted {
				s.Places = nil
			}
			d := s.Decided(replied(t, c.reply), anybody)
			require.NotNil(t, d)
			if c.kind == Greylisted {
				assert.Equal(t, Other, d.Kind, "nobody greylists here")
				s.Places = []Place{place("check_policy_service inet:127.0.0.1:10023", main25, "mail/postfix/greylisting")}
				c.want, d = "mail/postfix/greylisting", s.Decided(replied(t, c.reply), anybody)
			}
			assert.Equal(t, c.kind, d.Kind)
			assert.Equal(t, c.reply, d.Said)
			assert.Equal(t, c.want, where(d.Places))
		})
	}
	assert.Nil(t, service.Decided(replied(t, "250 2.1.5 Ok"), anybody))
}

func where(places []Place) string {
	var out []string
	for _, p := range places {
		if p.Variable == "" {
			out = append(out, p.List)
		} else {
			out = append(out, strings.TrimPrefix(p.Variable, recipients))
		}
	}
	return strings.Join(out, " ")
}

func TestARefusalWithoutARestriction(t *testing.T) {
	s := Service{Places: []Place{place("permit_mynetworks", main25, recipients+"10")}}
	d := s.Decided(replied(t, "550 5.1.1 <nobody@company.my>: Recipient address rejected: User unknown in virtual mailbox table"), anybody)
	assert.Equal(t, UnknownRecipient, d.Kind)
	assert.Equal(t, "smtpd_reject_unlisted_recipient", d.Parameter)
	assert.Equal(t, []Place{}, d.Places)
}

// The lines are those of real Postfix 3.7.
func TestWhatCannotBeLookedUp(t *testing.T) {
	s := service
	s.Places = append(s.Places, place("check_sender_access hash:/etc/postfix/nowhere", main25, recipients+"55"), place("reject_unauth_destinatoin", main25, recipients+"56"),
		place("check_policy_service inet:127.0.0.1:9", main25, recipients+"57"))
	for _, c := range []struct {
		reply, log, place, parameter string
	}{
		{"451 4.3.5 <me@foreign.example>: Sender address rejected: Server configuration error",
			`warning: hash:/etc/postfix/nowhere is unavailable. open database /etc/postfix/nowhere.db: No such file or directory`, "55", ""},
		{"451 4.3.5 Server configuration error", `warning: unknown smtpd restriction: "reject_unauth_destinatoin"`, "56", ""},
		{"451 4.3.5 <clerk@company.local>: Recipient address rejected: Server configuration problem", `warning: connect to 127.0.0.1:9: Connection refused`, "57", ""},
		{"451 4.3.0 <clerk@company.local>: Temporary lookup failure",
			`warning: ldap:/etc/postfix/ldap.virtual_mailbox is unavailable. open /etc/postfix/ldap.virtual_mailbox: No such file or directory`, "", "virtual_mailbox_maps"},
		{"451 4.3.0 <clerk@company.local>: Temporary lookup failure", `warning: smtpd_client_event_limit_exceptions: mynetworks: non-null host address bits in "127.0.0.1/8", perhaps you should use "127.0.0.0/8" instead`, "", "mynetworks"},
		{"451 4.3.0 <clerk@company.local>: Temporary lookup failure", `warning: dict_ldap_connect: Unable to bind to server ldap://mail.company.my:7389 with dn cn=mail: 49 (Invalid credentials)`, "", ""},
	} {
		t.Run(c.log, func(t *testing.T) {
			d := s.Decided(replied(t, c.reply, c.log, "NOQUEUE: reject: RCPT from unknown[203.0.113.66]: "+c.reply+"; from=<me@foreign.example> to=<x> proto=ESMTP helo=<office>"), anybody)
			assert.Equal(t, Broken, d.Kind)
			assert.Equal(t, c.place, where(d.Places))
			assert.Equal(t, c.parameter, d.Parameter)
			assert.Equal(t, strings.TrimPrefix(c.log, "warning: "), d.Cause)
		})
	}
}

func TestWhichRestrictionWarned(t *testing.T) {
	const tail = "; from=<boss@company.my> to=<employee@company.my> proto=ESMTP helo=<out66.foreign.example>"
	r := replied(t, "250 2.1.5 Ok",
		"NOQUEUE: warn: RCPT from out66.foreign.example[203.0.113.66]: #ucs-harden:sender-spoofing *** Invalid Inbound Sender ***"+tail,
		"NOQUEUE: reject_warning: RCPT from unknown[fd99:1::66]: 553 5.7.1 <boss@company.my>: Sender address rejected: not logged in"+tail,
		"NOQUEUE: reject_warning: RCPT from unknown[203.0.113.66]: 554 5.7.1 <employee@company.my>: Recipient address rejected: Access denied"+tail,
		"NOQUEUE: warn: RCPT from unknown[203.0.113.66]: watch this"+tail,
		"warning: hostname out66.foreign.example does not resolve to address 203.0.113.66",
	)
	warned := service.Warned(r, anybody)
	require.Len(t, warned, 4)
	assert.Equal(t, Decision{Kind: "sender-spoofing", Said: "#ucs-harden:sender-spoofing *** Invalid Inbound Sender ***", Step: "RCPT", Places: service.Places[14:15]}, warned[0])
	assert.Equal(t, NotLoggedIn, warned[1].Kind)
	assert.Equal(t, "01", where(warned[1].Places), "the one behind warn_if_reject")
	assert.Equal(t, Everybody, warned[2].Kind)
	assert.Equal(t, submission, where(warned[2].Places))
	assert.Equal(t, ByTable, warned[3].Kind)
	assert.Equal(t, "watch this", warned[3].Said)
	assert.Empty(t, service.Warned(replied(t, "554 5.7.1 <x@y>: Relay access denied", "NOQUEUE: reject: RCPT from unknown[203.0.113.66]: 554 5.7.1 <x@y>: Relay access denied"+tail), anybody))
}

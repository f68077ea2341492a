package rehearsal

import (
	"slices"
	"strings"
	"sync"

	"ucs-harden/smtpdaccess"
)

// Kind is what a refusal is about.
type Kind string

// The kinds of refusals by Postfix and by others. A refusal that ends with the tag of a control has the name of the
// control as its kind.
const (
	Relaying         Kind = "relaying"
	NotOwned         Kind = "sender-not-owned"
	NotLoggedIn      Kind = "not-logged-in"
	UnknownSender    Kind = "unknown-sender"
	UnknownRecipient Kind = "unknown-recipient"
	NoDomain         Kind = "no-domain" // DNS does not know it, or it takes no mail
	Name             Kind = "name"      // of the client, or in EHLO or an address
	Listed           Kind = "listed"    // in a block list of DNS
	Unverified       Kind = "unverified"
	OverQuota        Kind = "over-quota"
	Greylisted       Kind = "greylisted"
	Everybody        Kind = "everybody" // a bare reject or defer
	ByTable          Kind = "table"     // an access table or a policy service
	Broken           Kind = "broken"    // smtpd(8) cannot look something up
	NoService        Kind = "no-service"
	Other            Kind = "other"
)

// What smtpd(8) says it rejects (smtpd.h, SMTPD_NAME_…).
const (
	theClient      = "Client host"
	theReverseName = "Unverified Client host"
	theCertificate = "Client certificate"
	theLogin       = "SASL login name"
	theHelo        = "Helo command"
	theSender      = "Sender address"
	theRecipient   = "Recipient address"
	theData        = "Data command"
	theEnd         = "End-of-data"
)

var subjects = []string{
	theClient, theReverseName, theCertificate, theLogin, theHelo, theSender, theRecipient, theData, theEnd,
}

// telltale is a text by which the restriction that said it is known.
type telltale struct {
	kind    Kind
	subject string // "" is any, or none
	action  string // "" is any
	code    string // how the reply code begins; "" is any
	// says looks at the enhanced status code and at the text behind "rejected: ".
	says func(enhanced, text string) bool
	// names are the restrictions that say so.
	names []string
	// tables: access tables about the subject say so, too.
	tables bool
	// argument tells by the text which of these restrictions it is; nil is any.
	argument func(text, args string) bool
	// without is the parameter that does the same without a restriction.
	without string
	// elsewhere: if no list has such a restriction, something else said it.
	elsewhere bool
}

// What several restrictions say, each of another subject.
var (
	relayDenied  = contains("Relay access denied")
	noSuchUser   = contains("User unknown", "User has moved to ")
	noSuchDomain = contains(
		"Domain not found", "does not accept mail (nullMX)", "Malformed DNS server reply", "as mail exchanger")
	notVerified = contains("unverified address", "undeliverable address", "address verification problem")
)

// telltales are tried in their order. The texts are those of smtpd_check.c.
var telltales = []telltale{
	{
		kind: Broken,
		says: contains("Server configuration error", "Server configuration problem", "Temporary lookup failure"),
	},
	{
		kind: Relaying, says: relayDenied, code: "4",
		names: []string{"defer_unauth_destination"}, elsewhere: true,
	},
	{
		kind: Relaying, says: relayDenied, code: "5",
		names: []string{"reject_unauth_destination", "check_relay_domains"}, elsewhere: true,
	},
	// With soft_bounce, or with a relay_domains_reject_code of the administrator, the code does not tell.
	{
		kind: Relaying, says: relayDenied,
		names: []string{"reject_unauth_destination", "defer_unauth_destination", "check_relay_domains"},
	},
	{
		kind: NotOwned, subject: theSender, says: contains("not owned by user "),
		names: []string{
			"reject_sender_login_mismatch", "reject_authenticated_sender_login_mismatch", "reject_known_sender_login_mismatch",
		},
	},
	{
		kind: NotLoggedIn, subject: theSender, says: is("not logged in"),
		names: []string{
			"reject_sender_login_mismatch", "reject_unauthenticated_sender_login_mismatch", "reject_known_sender_login_mismatch",
		},
	},
	{
		kind: UnknownSender, subject: theSender, says: noSuchUser,
		names: []string{"reject_unlisted_sender"}, without: "smtpd_reject_unlisted_sender",
	},
	{
		kind: UnknownRecipient, subject: theRecipient, says: noSuchUser,
		names: []string{"reject_unlisted_recipient", "check_recipient_maps"}, without: "smtpd_reject_unlisted_recipient",
	},
	{
		kind: NoDomain, subject: theSender, says: noSuchDomain,
		names: []string{"reject_unknown_sender_domain", "reject_unknown_address"},
	},
	{
		kind: NoDomain, subject: theRecipient, says: noSuchDomain,
		names: []string{"reject_unknown_recipient_domain"},
	},
	{
		kind: Name, subject: theSender, says: contains("need fully-qualified address"),
		names: []string{"reject_non_fqdn_sender"},
	},
	{
		kind: Name, subject: theRecipient, says: contains("need fully-qualified address"),
		names: []string{"reject_non_fqdn_recipient"},
	},
	{
		kind: Name, subject: theHelo, says: contains("need fully-qualified hostname"),
		names: []string{"reject_non_fqdn_helo_hostname", "reject_non_fqdn_hostname"},
	},
	{
		kind: Name, subject: theHelo, says: contains("Invalid name", "invalid ip address"),
		names: []string{"reject_invalid_helo_hostname", "reject_invalid_hostname"},
	},
	{
		kind: Name, subject: theHelo, says: contains("Host not found"),
		names: []string{"reject_unknown_helo_hostname", "reject_unknown_hostname"},
	},
	{
		kind: Name, subject: theClient, says: contains("cannot find your hostname"),
		names: []string{"reject_unknown_client_hostname", "reject_unknown_client"},
	},
	{
		kind: Name, subject: theClient, says: contains("cannot find your reverse hostname"),
		names: []string{"reject_unknown_reverse_client_hostname"},
	},
	{kind: Listed, says: contains(" blocked using "), names: blockLists, argument: func(text, args string) bool {
		_, domain, _ := strings.Cut(text, " blocked using ")
		domain, _, _ = strings.Cut(strings.TrimRight(domain, ";"), ";")
		asked, _, _ := strings.Cut(args, "=")
		return args == "" || strings.EqualFold(asked, domain)
	}},
	{
		kind: Unverified, subject: theSender, says: notVerified,
		names: []string{"reject_unverified_sender"},
	},
	{
		kind: Unverified, subject: theRecipient, says: notVerified,
		names: []string{"reject_unverified_recipient"},
	},
	{kind: Other, says: contains("Improper use of SMTP command pipelining"), names: []string{"reject_unauth_pipelining"}},
	{kind: Other, says: contains("Multi-recipient bounce"), names: []string{"reject_multi_recipient_bounce"}},
	{kind: Other, says: is("Session encryption is required"), names: []string{"reject_plaintext_session"}},
	{kind: Everybody, says: is("defer_if_permit requested"), names: []string{"defer_if_permit"}},
	{kind: Everybody, says: is("defer_if_reject requested"), names: []string{"defer_if_reject"}},
	{kind: Everybody, says: is("Try again later"), names: []string{"defer"}, elsewhere: true},
	{kind: OverQuota, subject: theRecipient, says: func(enhanced, text string) bool {
		full := contains("uota exceeded", "ailbox is full", "ailbox full")
		return strings.HasSuffix(enhanced, ".2.2") || full(enhanced, text)
	}, names: []string{"check_policy_service"}, elsewhere: true},
	{kind: Greylisted, says: contains("reylist"), names: []string{"check_policy_service"}, elsewhere: true},
	// A policy service may say the same, but that of Dovecot and the list filter do not.
	{kind: Everybody, says: is("Access denied"), names: []string{"reject"}, tables: true, elsewhere: true},
	{
		kind: ByTable, says: func(string, string) bool { return true },
		names: []string{"check_policy_service"}, tables: true, elsewhere: true,
	},
}

var blockLists = []string{
	"reject_rbl_client", "reject_rbl", "reject_rhsbl_client", "reject_rhsbl_reverse_client", "reject_rhsbl_helo",
	"reject_rhsbl_sender", "reject_rhsbl_recipient", "reject_maps_rbl",
}

func contains(parts ...string) func(string, string) bool {
	return func(_, text string) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) })
	}
}

func is(whole string) func(string, string) bool {
	return func(_, text string) bool { return text == whole }
}

func (t telltale) fits(text, args string) bool { return t.argument == nil || t.argument(text, args) }

// restrictions are the names of the restrictions that can say so of a subject. Tables and services always name a
// subject in a refusal.
func (t telltale) restrictions(subject, action string) []string {
	switch {
	case !t.tables:
		return t.names
	case subject == "" && action != actionWarn:
		return nil
	}
	return append(slices.Clone(t.names), tables()[subject]...)
}

// tables are the lookups that reject a subject. The subject "" is a WARN, which does not say what it warns of.
var tables = sync.OnceValue(func() map[string][]string {
	m := map[string][]string{
		theCertificate: {"check_ccert_access"},
		theLogin:       {"check_sasl_access"},
	}
	for subject, name := range map[string]string{
		theClient: "client", theReverseName: "reverse_client_hostname", theHelo: "helo",
		theSender: "sender", theRecipient: "recipient",
	} {
		for _, record := range []string{"", "a_", "mx_", "ns_"} {
			m[subject] = append(m[subject], "check_"+name+"_"+record+"access")
		}
	}
	for _, subject := range subjects {
		m[""] = append(m[""], m[subject]...)
	}
	return m
})

// speaks reports whether a restriction in a list can reject a subject. Some restrictions are about no subject of their
// own; smtpd(8) lets these reject the subject of the list.
func speaks(list, name, subject string) bool {
	switch name {
	case "reject", "defer", "defer_if_permit", "defer_if_reject", "check_policy_service":
	default:
		return true
	}
	about := map[string]string{
		"smtpd_client_restrictions": theClient, "smtpd_helo_restrictions": theHelo, "smtpd_sender_restrictions": theSender,
		smtpdaccess.Relay: theRecipient, smtpdaccess.Recipient: theRecipient,
		"smtpd_data_restrictions": theData, "smtpd_end_of_data_restrictions": theEnd,
	}[list]
	return about == "" || subject == "" || about == subject
}

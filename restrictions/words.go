package restrictions

import (
	"strings"
	"sync"
)

// argument is what a restriction takes after its name.
type argument int

const (
	noArgument argument = iota
	tableArgument
	serviceArgument
	domainArgument
	numberArgument
)

// effect is what a restriction can do to mail besides refusing it.
type effect int

const (
	// The zero effect: the restriction refuses or has no opinion.
	_ effect = iota
	// unknown: a restriction class, a $parameter or a mistake.
	unknown
	// permitsInsiders: permits only clients that may relay.
	permitsInsiders
	// permitsInside: permits any client when the recipient is ours, and relays for nobody.
	permitsInside
	// maySkip: may permit any client, but Postfix ignores that for relaying.
	maySkip
	// mayRelay: may permit any client to any recipient.
	mayRelay
	// endsPermit and endsReject: Postfix evaluates no restriction after this one.
	endsPermit
	endsReject
)

type word struct {
	takes  argument
	effect effect
	guard  bool // smtpd(8) starts when one such restriction is in the list (postconf(5) smtpd_recipient_restrictions)
}

// words are the restrictions of Postfix 3.7 in any list of smtpd(8), including deprecated ones that its smtpd(8) still
// understands. postconf(5) also says that the _a_, _mx_ and _ns_ tables cannot permit, and that permit_dnswl_client and
// permit_rhswl_client cannot override reject_unauth_destination.
var words = sync.OnceValue(func() map[string]word {
	m := map[string]word{
		"permit":                   {effect: endsPermit},
		"reject":                   {effect: endsReject, guard: true},
		"defer":                    {effect: endsReject, guard: true},
		"defer_if_permit":          {guard: true},
		"defer_if_reject":          {},
		"defer_unauth_destination": {guard: true},
		unauthDestination:          {guard: true},
		// It permits what reject_unauth_destination lets pass and rejects the rest, so no restriction after it is
		// evaluated.
		"check_relay_domains":  {effect: endsReject, guard: true},
		"check_policy_service": {takes: serviceArgument, effect: mayRelay},
		"sleep":                {takes: numberArgument},

		"permit_mynetworks":          {effect: permitsInsiders},
		"permit_sasl_authenticated":  {effect: permitsInsiders},
		"permit_inet_interfaces":     {effect: permitsInsiders},
		"permit_tls_clientcerts":     {effect: permitsInsiders},
		"permit_tls_all_clientcerts": {effect: mayRelay},
		"permit_naked_ip_address":    {effect: mayRelay},
		"permit_mx_backup":           {effect: mayRelay},
		"permit_auth_destination":    {effect: permitsInside},
		"permit_dnswl_client":        {takes: domainArgument, effect: maySkip},
		"permit_rhswl_client":        {takes: domainArgument, effect: maySkip},

		// It judges ETRN commands, never mail.
		"check_etrn_access": {takes: tableArgument},
	}
	for _, name := range strings.Fields(`ccert client reverse_client_hostname sasl helo sender recipient`) {
		m["check_"+name+"_access"] = word{takes: tableArgument, effect: mayRelay}
	}
	for _, name := range strings.Fields(`client reverse_client_hostname helo sender recipient`) {
		for _, record := range []string{"a", "mx", "ns"} {
			m["check_"+name+"_"+record+"_access"] = word{takes: tableArgument}
		}
	}
	for _, name := range strings.Fields(
		`rbl_client rbl rhsbl_client rhsbl_reverse_client rhsbl_helo rhsbl_sender rhsbl_recipient`) {
		m["reject_"+name] = word{takes: domainArgument}
	}
	for _, name := range strings.Fields(`
		authenticated_sender_login_mismatch known_sender_login_mismatch sender_login_mismatch
		unauthenticated_sender_login_mismatch
		invalid_helo_hostname invalid_hostname non_fqdn_helo_hostname non_fqdn_hostname
		unknown_helo_hostname unknown_hostname
		unknown_client unknown_client_hostname unknown_reverse_client_hostname
		non_fqdn_sender non_fqdn_recipient unknown_sender_domain unknown_recipient_domain unknown_address
		unlisted_sender unlisted_recipient unverified_sender unverified_recipient
		maps_rbl multi_recipient_bounce plaintext_session unauth_pipelining`) {
		m["reject_"+name] = word{}
	}
	m["check_recipient_maps"] = word{}
	return m
})

const (
	unauthDestination = "reject_unauth_destination"
	warnPrefix        = "warn_if_reject"
)

// lookup finds a restriction by its name. In the lists of this package, a bare type:table is check_recipient_access.
func lookup(name string) word {
	if w, ok := words()[strings.ToLower(name)]; ok {
		return w
	}
	if strings.Contains(name, ":") && !strings.HasPrefix(name, "$") {
		return word{effect: mayRelay}
	}
	return word{effect: unknown}
}

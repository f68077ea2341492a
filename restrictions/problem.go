package restrictions

// Kind names what is wrong with a list.
type Kind string

const (
	// MissingUnauthDestination: the list has no working reject_unauth_destination, and no other restriction of those
	// that smtpd(8) requires. Either every new smtpd dies at once: port 25 answers nothing, and "postfix check" does
	// not say so. Or the word stands in a place where smtpd counts it but does not obey it: the server relays for
	// everybody. Detail says which.
	MissingUnauthDestination Kind = "missing-reject-unauth-destination"
	// UnauthDestinationReplaced: Postfix starts because of reject, defer, defer_if_permit, defer_unauth_destination or
	// check_relay_domains, but there is no working reject_unauth_destination. So there is no place for our check.
	UnauthDestinationReplaced Kind = "other-than-reject-unauth-destination"
	// UnauthDestinationNotStandalone: a reject_unauth_destination stands behind warn_if_reject, or another restriction
	// takes it as its argument, so that it does not prevent relaying. It counts as missing.
	UnauthDestinationNotStandalone Kind = "reject-unauth-destination-not-standalone"
	// NoUnauthDestination: a main list has no working reject_unauth_destination, and nothing in its place. So there is no
	// place for a check of mail from outside, see NoPlace.
	NoUnauthDestination Kind = "no-reject-unauth-destination"
	// NoPermits: relaying is refused in another way, and the list has no permit behind which such a check could stand.
	NoPermits Kind = "no-permits"
	// OpenRelay: a table, policy service or permit before reject_unauth_destination can permit a client that may not
	// relay. For all mail that it permits this server is an open relay, and our check is skipped.
	OpenRelay Kind = "permit-before-reject-unauth-destination"
	// MaySkip: a table, policy service or allow list before our check can permit mail to our own recipients. Our check
	// does not see that mail.
	MaySkip Kind = "permit-before-check"
	// Hidden: a restriction before our check decides for all mail, so that our check is never reached: spoofed senders
	// pass, or no mail passes.
	Hidden Kind = "check-hidden"
	// HitsInsiders: our check stands before permit_mynetworks or permit_sasl_authenticated, or one of these is missing.
	// Our own clients would be refused for using their own domain.
	HitsInsiders Kind = "check-hits-insiders"
	// BeforeUnauthDestination: our check stands before reject_unauth_destination, so it also answers for mail that
	// would be refused as relaying anyway.
	BeforeUnauthDestination Kind = "check-before-reject-unauth-destination"
	// NotDirectlyAfter: other restrictions of the administrator stand between reject_unauth_destination and our check.
	// Postfix evaluates them first.
	NotDirectlyAfter Kind = "check-not-directly-after"
	// CheckMissing: the list does not contain our check.
	CheckMissing Kind = "check-missing"
	// CheckOnlyWarns: our check stands behind warn_if_reject, so it refuses nothing.
	CheckOnlyWarns Kind = "check-only-warns"
	// UnknownRestriction: a name that Postfix does not define stands before our check: a restriction class, a
	// $parameter or a mistake. A class may permit or refuse. After a mistake, all clients that reach it get 451 4.3.5.
	UnknownRestriction Kind = "unknown-restriction"
	// Broken: somewhere in the list an argument is missing or braces are not closed. All clients that reach it get 451
	// 4.3.5, also behind warn_if_reject; a policy service that cannot be read kills every new smtpd.
	Broken Kind = "broken-restriction"
	// SpansVariables: a restriction at the end of one variable takes its argument from the next variable. A variable
	// that is added between the two would become the argument.
	SpansVariables Kind = "restriction-spans-variables"
)

// Problem is one thing that is wrong with a list.
type Problem struct {
	Kind Kind
	// Key is the last part of the variable's name; "" for a restriction of the template or for the whole list.
	Key string
	// Text is the restriction that causes the problem, or "".
	Text string
	// Detail is a clause for people, with the cause and its place.
	Detail string
}

package restrictions

// Kind names what is wrong with a list.
type Kind string

const (
	// MissingUnauthDestination: no working reject_unauth_destination, nor any
	// other restriction that smtpd(8) insists on. Every new smtpd dies at once,
	// port 25 answers nothing, and "postfix check" does not say so; or, when the
	// word stands where smtpd counts it but does not obey it, the server relays
	// for everybody. Detail says which.
	MissingUnauthDestination Kind = "missing-reject-unauth-destination"
	// UnauthDestinationReplaced: Postfix starts, because of reject, defer,
	// defer_if_permit, defer_unauth_destination or check_relay_domains, but
	// there is no working reject_unauth_destination: our check has no place.
	UnauthDestinationReplaced Kind = "other-than-reject-unauth-destination"
	// UnauthDestinationNotStandalone: a reject_unauth_destination stands behind
	// warn_if_reject, or another restriction takes it as its argument, and so it
	// keeps nobody from relaying. It counts as missing.
	UnauthDestinationNotStandalone Kind = "reject-unauth-destination-not-standalone"
	// OpenRelay: a table, policy service or permit in front of
	// reject_unauth_destination can permit a client that may not relay. For
	// whatever it permits this server is an open relay, and our check is skipped.
	OpenRelay Kind = "permit-before-reject-unauth-destination"
	// MaySkip: a table, policy service or allow list in front of our check can
	// permit mail to our own recipients, which is then not judged by our check.
	MaySkip Kind = "permit-before-check"
	// Hidden: something that decides for all mail stands in front of our
	// check, which is never reached: spoofed senders pass, or nothing does.
	Hidden Kind = "check-hidden"
	// HitsInsiders: our check stands before permit_mynetworks or
	// permit_sasl_authenticated, or these are missing: our own clients would be
	// refused for using their own domain.
	HitsInsiders Kind = "check-hits-insiders"
	// BeforeUnauthDestination: our check stands before
	// reject_unauth_destination: it also answers for mail that would be refused
	// as relaying anyway.
	BeforeUnauthDestination Kind = "check-before-reject-unauth-destination"
	// NotDirectlyAfter: other restrictions of the administrator lie between
	// reject_unauth_destination and our check. They are judged first.
	NotDirectlyAfter Kind = "check-not-directly-after"
	// CheckMissing: the list does not hold our check.
	CheckMissing Kind = "check-missing"
	// CheckOnlyWarns: our check stands behind warn_if_reject: it refuses nothing.
	CheckOnlyWarns Kind = "check-only-warns"
	// UnknownRestriction: no restriction of Postfix's own stands in front: a
	// restriction class, a $parameter or a mistake. A class may permit or
	// refuse; for a mistake all clients that come so far get 451 4.3.5.
	UnknownRestriction Kind = "unknown-restriction"
	// Broken: an argument is missing or braces are not closed, anywhere in the
	// list. All clients that come so far get 451 4.3.5, also behind
	// warn_if_reject; a policy service that cannot be read kills every new smtpd.
	Broken Kind = "broken-restriction"
	// SpansVariables: a restriction at the end of one variable takes its
	// argument from the next one. What is put between them becomes the argument.
	SpansVariables Kind = "restriction-spans-variables"
)

// Problem is one thing that is wrong with a list.
type Problem struct {
	Kind Kind
	// Key is the variable's last part; "" for a restriction of the template or
	// for the list as a whole.
	Key string
	// Text is the restriction that causes the problem, or "".
	Text string
	// Detail is a clause for people: what is where.
	Detail string
}

package findings

import "ucs-harden/restrictions"

// Findings about the restriction lists: where a check of ours can stand, and whether mail reaches it.
var (
	NoRejectUnauthDestination = ofPlaces.kind(string(restrictions.NoUnauthDestination), "",
		"smtpd_recipient_restrictions has no working reject_unauth_destination. Without it Postfix does not serve port"+
			" 25, or relays for everybody. A check of ucs-harden has no place.",
		"ucr set mail/postfix/smtpd/restrictions/recipient/50=reject_unauth_destination",
		Stops)
	NoPermits = ofPlaces.kind(string(restrictions.NoPermits), "",
		"smtpd_recipient_restrictions has neither reject_unauth_destination nor a permit for own clients. A check of"+
			" mail from outside would refuse own clients, too.",
		"ucr set mail/postfix/smtpd/restrictions/recipient/10=permit_mynetworks and .../30=permit_sasl_authenticated",
		Stops)
	NoPlace = ofPlaces.kind("no-place", "LIST:CONTROL",
		"A restriction that may permit has a key before which no other key sorts. So the check of the control has no"+
			" place before it.",
		"Give that restriction a key that is a number, such as 10.",
		Stops)
	Occupied = ofPlaces.kind("occupied", "VARIABLE",
		"The variable that the control needs for its check holds another restriction.",
		"Move that restriction to another key, then plan again.",
		Stops)
	OtherList = ofPlaces.kind("other-list", "SERVICE",
		"The service has a recipient list that is not in the registry. The checks of the control have no effect there.",
		"Let UCR have the list: set the smtpd_recipient_restrictions of the service in the registry, as the hint says.",
		Warns)

	OpenRelay = ofPlaces.kind(string(restrictions.OpenRelay), "KEY",
		"A table, policy service or permit before reject_unauth_destination can permit a client that may not relay. For"+
			" the mail that it permits this server is an open relay, and the check of ucs-harden is skipped.",
		"Let the table or service answer DUNNO, or move it behind reject_unauth_destination.",
		Warns)
	MaySkip = ofPlaces.kind(string(restrictions.MaySkip), "KEY",
		"A table, policy service or allow list before the check can permit mail to your own recipients. The check does"+
			" not see that mail.",
		"Let it answer DUNNO instead of OK, or move it behind the check.",
		Warns)
	Hidden = ofPlaces.kind(string(restrictions.Hidden), "KEY",
		"A restriction before the check decides about all mail. So the check is never reached.",
		"Move that restriction behind the check.",
		Doubt)
	HitsInsiders = ofPlaces.kind(string(restrictions.HitsInsiders), "KEY",
		"The check stands before permit_mynetworks or permit_sasl_authenticated, or one of these is missing. Your own"+
			" clients would be refused when they use their own domain.",
		"Put permit_mynetworks and permit_sasl_authenticated before reject_unauth_destination.",
		Doubt)
	BeforeUnauthDestination = ofPlaces.kind(string(restrictions.BeforeUnauthDestination), "KEY",
		"The check stands before reject_unauth_destination. So it also answers for mail that would be refused as"+
			" relaying anyway.",
		"Nothing has to be done. To change it, move reject_unauth_destination before the check.",
		Notes)
	NotDirectlyAfter = ofPlaces.kind(string(restrictions.NotDirectlyAfter), "KEY",
		"Other restrictions stand between reject_unauth_destination and the check. Postfix evaluates them first.",
		"Nothing has to be done if that is intended. Otherwise move them behind the check.",
		Notes)
	UnknownRestriction = ofPlaces.kind(string(restrictions.UnknownRestriction), "KEY",
		"A name that Postfix does not define stands before the check: a restriction class, a $parameter, or a mistake."+
			" It may permit mail before the check sees it. After a mistake all clients that reach it get 451 4.3.5.",
		"Make sure that it does not permit mail from outside, or move it behind the check. Correct a mistake.",
		Warns)
	Broken = ofPlaces.kind(string(restrictions.Broken), "KEY",
		"An argument is missing, or braces are not closed. Every client that reaches the restriction gets 451 4.3.5.",
		"Correct the restriction.",
		Warns)
	SpansVariables = ofPlaces.kind(string(restrictions.SpansVariables), "KEY",
		"A restriction at the end of one variable takes its argument from the next variable. A variable that is added"+
			" between the two would become the argument.",
		"Write the whole restriction into one variable.",
		Doubt)
	CheckMissing = ofPlaces.kind(string(restrictions.CheckMissing), "KEY",
		"The restriction before the check takes the check as its argument.",
		"Complete the last restriction of the variable before.",
		Stops)
	CheckOnlyWarns = ofPlaces.kind(string(restrictions.CheckOnlyWarns), "KEY",
		"The variable before the check ends in warn_if_reject. So the check would refuse nothing.",
		"Complete that variable, or remove the word.",
		Stops)
	MissingUnauthDestination = ofPlaces.kind(string(restrictions.MissingUnauthDestination), "KEY",
		"The list would refuse nothing in the end. Without reject_unauth_destination or reject every new smtpd ends at"+
			" once, or the server relays for everybody.",
		"Add reject_unauth_destination or reject.",
		Stops)
)

// InList is the kind of a problem of a restriction list; nil for a problem that never becomes a finding.
func InList(p restrictions.Kind) *Kind { return ByName(string(p)) }

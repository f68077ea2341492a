package restrictions

// Hint says what the administrator can do about a problem.
func (k Kind) Hint() string { return hints[k] }

var hints = map[Kind]string{
	OpenRelay:                "a table or service here can permit mail that is then relayed: let it answer DUNNO, or move it behind reject_unauth_destination",
	MaySkip:                  "our check does not see what the restriction permits: let it answer DUNNO instead of OK, or move it behind our check",
	Hidden:                   "our check is never reached: move that restriction behind it",
	HitsInsiders:             "our own clients would be refused for using their own domain: put permit_mynetworks and permit_sasl_authenticated before reject_unauth_destination",
	BeforeUnauthDestination:  "the check also answers for mail that would be refused as relaying anyway",
	NotDirectlyAfter:         "those restrictions are judged first; do nothing if that is intended",
	UnknownRestriction:       "a restriction class or a $parameter cannot be judged: make sure that it does not permit mail from outside",
	Broken:                   "correct the restriction; every client that reaches it gets 451 4.3.5",
	SpansVariables:           "write the whole restriction into one variable",
	MissingUnauthDestination: "the list must refuse something in the end: add reject_unauth_destination or reject",
	CheckMissing:             "the restriction before our check takes the check as its argument: complete the last restriction of the variable before",
	CheckOnlyWarns:           "the variable before our check ends in warn_if_reject: complete it, or remove the word",
}

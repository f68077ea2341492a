package findings

// NoEvidence is about a control that would come to enforce although the mail log does not show what it refuses.
var NoEvidence = ofEvidence.kind("no-evidence", "CONTROL or CONTROL/DOMAIN",
	"The plan brings this control from off or warn to enforce, and the mail log does not show yet that it would refuse no mail"+
		" that should come in: there are groups of mail that look legitimate, or warn was not in force for long enough, or the"+
		" log is incomplete. An apply is refused with exit status 5; a sync leaves the control in warn.",
	"Look at ucs-harden report: it says for each group who sends it and what to do. Stay in warn until the log shows enough"+
		" days. Or accept the group by its name, or enforce without evidence with --no-evidence.",
	Warns)

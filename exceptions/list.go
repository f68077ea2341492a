package exceptions

import (
	"ucs-harden/lists"
	"ucs-harden/rules"
)

// List is the list, with the words of the commands that keep it.
var List = &lists.List{
	Prefix: "mail/harden/exception/", Verb: "allow", Undo: "disallow", Overview: "exceptions", Subject: lists.Client,
	Short: "Let a client, a sender or both in as one of yours",
	Long: `Makes an exception from the control sender-spoofing: a client may write as one of
your own senders, although it comes from outside. Prefer what needs no exception: a
login on port 587, or a sender in a domain of the sending service.

An exception names a client, a sender or both. Both is the narrowest: this client
may write with this sender. A client alone may write with every sender of yours. A
sender alone may be used by everybody, also by who forges it. A domain as the sender
includes its sub-domains.

An exception gives nobody the right to relay, and all later checks stay in force.
Each use of it leaves a line in the mail log: #ucs-harden:exception:NAME`,
	All: "the exceptions from sender-spoofing",
	Examples: `  ucs-harden allow scanner --client 192.0.2.10 --sender scan@company.example --reason "scanner in Kuching"
  ucs-harden allow news --client 198.51.100.0/24 --sender news.company.example --reason newsletter --expires 2027-01-31
  ucs-harden allow scanner --owner "Ms Tan" --now`,
}

// InForce are the exceptions that count on a day, YYYY-MM-DD, sorted by name. An entry that cannot be used is left out.
func InForce(r lists.Registry, day string) []rules.Exception {
	var out []rules.Exception
	for _, e := range List.Read(r) {
		if List.Fault(e) == "" && e.InForce(day) {
			out = append(out, Of(e))
		}
	}
	return out
}

// Of is the exception of an entry without a fault.
func Of(e lists.Entry) rules.Exception {
	exception := rules.Exception{Name: e.Name, Sender: e.Sender}
	if domain, ok := lists.AsDomain(e.Sender); ok {
		exception.Sender = domain
	}
	if e.Client != "" {
		exception.Client, _ = lists.ClientOf(e.Client)
	}
	return exception
}

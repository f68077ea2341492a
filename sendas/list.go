package sendas

import "ucs-harden/lists"

const prefix = "mail/harden/submission/"

// GroupSenders is the registry variable that lets the members of all groups and mailing lists write as their address.
const GroupSenders = prefix + "group-senders"

// List is the list, with the words of the command that keeps it.
var List = &lists.List{
	Prefix: prefix + "sender/", Verb: "send-as", Subject: lists.Account, Groups: true, As: true,
	Short: "Let accounts write as further addresses",
	Long: `Keeps the list of who may write as which further addresses and domains, after a
login on ports 465 and 587. Own addresses need no entry. An account is a login or
its primary mail address. A group is the name of a group of the directory, or its
DN; a mailing list is its address. All members may write as the address of the
group or list, or as what --as names. A domain does not include its sub-domains.
The registry variable mail/harden/submission/group-senders lets the members of all
groups and mailing lists write as their address.`,
	All: "those who may write as further addresses",
	Examples: `  ucs-harden send-as add ticket --as "support@company.example news.company.example"
  ucs-harden send-as add --group sales --reason "shared mailbox" --now
  ucs-harden send-as add --list staff@company.example --expires 90d
  ucs-harden send-as remove ticket`,
}

// Asked are the groups (names or DNs) and mailing lists (addresses) that the entries name.
func Asked(r lists.Registry) (groups, addresses []string) {
	for _, e := range List.Read(r) {
		switch {
		case List.Fault(e) != "":
		case e.Group != "":
			groups = append(groups, e.Group)
		case e.List != "":
			addresses = append(addresses, e.List)
		}
	}
	return groups, addresses
}

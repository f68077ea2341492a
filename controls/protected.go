package controls

import (
	"fmt"
	"slices"
	"strings"

	"ucs-harden/findings"
	"ucs-harden/lists"
	"ucs-harden/mailbox"
	"ucs-harden/plan"
	"ucs-harden/reach"
	"ucs-harden/restrictions"
	"ucs-harden/rules"
)

const (
	protectedName = "protected"

	protectedPrefix  = modePrefix + "protected/"
	protectedAll     = protectedPrefix + "all"
	protectedVariant = protectedPrefix + "variant"
	protectedSenders = protectedPrefix + "senders"
	protectedExcept  = protectedPrefix + "except"
	protectedText    = protectedPrefix + "text"

	sendersClass = "ucs_harden_senders_" // and a hash of the senders
	loginClass   = "ucs_harden_login"
	// asBeforeClass is what a logged-in client would have met without the check.
	asBeforeClass = "ucs_harden_as_before"

	// mostSenderLists is how many different lists of senders there may be, since each is a restriction class.
	// Recipients with the same senders share one.
	mostSenderLists = 32
)

var protectedTexts = Texts{
	"en": "The recipient takes mail from inside only",
	"de": "Diese Adresse nimmt nur E-Mails von innen an",
}

// logInTexts are added to the refusal of a client that would have to log in.
var logInTexts = Texts{
	"en": "log in to write as one of ours",
	"de": "mit einer eigenen Adresse darf nur schreiben, wer angemeldet ist",
}

// protectedControl keeps addresses and mailing lists for insiders. In the variant "clients" insiders are the clients in
// mynetworks and those that are logged in: the check stands behind reject_unauth_destination, and only other clients
// come so far. In the variant "senders" insiders are the addresses and domains of a list, from whatever client. A
// client that uses one of our own addresses has to log in, so that a forged sender does not help.
var protectedControl = Control{
	Name: protectedName, ModeVariable: protectedPrefix + "mode",
	NeedsEvidence: true,
	Purpose:       "closed to mail from outside",
	Rules:         []string{"protected-senders", "protected-login", "protected-clients"},
	Variables:     []string{protectedAll, protectedVariant, protectedSenders, protectedExcept, protectedText},
	List:          protectedList, Selective: true, Runs: asks(protectedName, "protected-(?:clients|login)"),
	Texts:    []Texts{protectedTexts, logInTexts},
	Ask:      func(r Registry, _ plan.Mode, q *Questions) { q.Lists = r.IsTrue(protectedAll) },
	Desire:   func(w Work) error { return protected{w}.desire() },
	Listings: readProtected,
	Refuses: func(c Check) bool {
		bySenders := c.SenderRejected || logInTexts.in(c.Text)
		return c.placedBy(protectedName) && bySenders == strings.HasSuffix(c.Variable, "-senders")
	},
	Advice: func(r Refused) []string {
		shown := "if " + r.Recipient + " is meant to take it: ucs-harden protect list shows who may write to it" + thenSync
		if r.Letter.Guard == rules.NotAdmitted || r.Letter.SenderIs != rules.Hosted {
			return []string{shown}
		}
		return append(r.AsOwner(), shown)
	},
}

var protectedList = &lists.List{
	Prefix: protectedPrefix + "list/", Verb: "protect", Subject: lists.Address, Senders: true,
	Short: "Let only insiders write to addresses",
	Long: `Keeps the list of addresses that take mail from inside only: from clients in
mynetworks and from who logs in, or, with --senders, from these addresses and
domains alone. If one account or list alone has the address, its other addresses are
closed as well, unless somebody shares them. The registry variable mail/harden/protected/all protects all
mailing lists and groups of the directory at once.`,
	All: "the addresses that only insiders may write to",
	Examples: `  ucs-harden protect add staff@company.example --owner "human resources"
  ucs-harden protect add board@company.example --senders "boss@company.example partner.example"
  ucs-harden protect remove staff@company.example`,
}

type protected struct{ Work }

func (c protected) desire() error {
	byClients, bySenders := c.addresses()
	c.keepProtected(byClients, bySenders)
	text := c.text(protectedText, protectedTexts)
	if n := len(byClients) + len(bySenders); n > 0 {
		c.busy[c.name] = n
	}
	if len(byClients) > 0 {
		entries := map[string]string{}
		for address := range byClients {
			entries[address] = c.refusal(text, "")
		}
		tables := c.named("clients", "Recipients for clients in mynetworks and those who log in.", entries)
		c.behindUnauthDestination(tables)
	}
	if len(bySenders) > 0 {
		c.beforePermits(text, bySenders)
	}
	return nil
}

// addresses are the protected addresses: those for clients inside, and those with a list of senders.
func (c protected) addresses() (byClients map[string]bool, bySenders map[string][]string) {
	byClients, bySenders = map[string]bool{}, map[string][]string{}
	add := func(address, variant, senders string) {
		address = mailbox.Key(address)
		if _, there := bySenders[address]; there || byClients[address] || !mailbox.IsAny(address) {
			return
		}
		if variant != lists.VariantSenders {
			byClients[address] = true
			return
		}
		bySenders[address] = sorted(strings.Fields(strings.ToLower(senders)))
	}
	hosted := hostedDomains(c.facts.Registry)
	for _, l := range c.listed() {
		c.remark(l, hosted)
		for _, address := range c.closed(l) {
			add(address, l.Variant, l.Senders)
		}
	}
	if !c.facts.Registry.IsTrue(protectedAll) {
		return byClients, bySenders
	}
	variant, _ := c.facts.Registry.Get(protectedVariant)
	senders, _ := c.facts.Registry.Get(protectedSenders)
	if why := lists.VariantFault(variant, senders); why != "" {
		c.badVariable(protectedVariant, why)
		return byClients, bySenders
	}
	value, _ := c.facts.Registry.Get(protectedExcept)
	except := lists.Words(mailbox.Fold(value))
	for _, address := range c.facts.People.Lists {
		switch {
		case slices.Contains(except, mailbox.Key(address)):
		case !mailbox.IsAny(address):
			c.warn(findings.OddAddress.Of(address),
				fmt.Sprintf("the directory has a list with the address %q, which is no mail address: it is not protected",
					address),
				"correct the address of the list")
		default:
			add(address, variant, senders)
		}
	}
	return byClients, bySenders
}

// sorted are words in their order, each once.
func sorted(words []string) []string {
	slices.Sort(words)
	return slices.Compact(words)
}

// closed are the addresses that an entry protects, see owners.Book.Mailbox.
func (c protected) closed(l lists.Entry) []string {
	names := c.book().Mailbox(l.Address)
	if len(names.Shared) > 0 {
		c.note(plan.Note, findings.Shared.Of(protectedList.Variable(l)),
			fmt.Sprintf("%s is protected, but not %s: others have that address as well",
				l.Address, strings.Join(names.Shared, ", ")),
			"to protect it too: ucs-harden "+protectedList.Verb+" add "+plan.Quote(names.Shared[0]))
	}
	return names.Senders
}

// remark reports entries that can be used but are hardly meant so.
func (c protected) remark(l lists.Entry, hosted []string) {
	variable := protectedList.Variable(l)
	if l.Variant == lists.VariantSenders && strings.TrimSpace(l.Senders) == "" {
		c.warn(findings.NoSenders.Of(variable),
			fmt.Sprintf("%s has no senders: nobody may write to it", l.Address),
			"name some in "+variable+"/senders")
	}
	if _, domain, _ := strings.Cut(l.Address, "@"); !slices.Contains(hosted, strings.ToLower(domain)) {
		c.note(plan.Note, findings.Elsewhere.Of(variable),
			l.Address+" is at no domain of mail/hosteddomains:"+
				" the entry only helps if this server takes mail for it anyway",
			"if it is mistyped: ucs-harden "+protectedList.Verb+" remove "+plan.Quote(l.Name))
	}
}

// behindUnauthDestination puts the check behind reject_unauth_destination, where clients that may relay never come. It
// does so in the main list, and in that of 465 and 587 unless only a login counts there.
func (c protected) behindUnauthDestination(tables []string) {
	check := "check_recipient_access " + tables[0]
	text := restrictions.Asking("check_recipient_access", c.mode == plan.Warn, tables...)
	for _, prefix := range c.listsInForce() {
		list := c.listWithoutOurs(prefix)
		at, ok := list.CheckPlace(c.facts.Relay)
		switch {
		case prefix != restrictions.MainPrefix && (!ok || list.IndexOf("reject") >= 0):
			continue
		case !ok:
			c.noPlace(list)
			continue
		}
		key := c.claimEarly(prefix, func(_ restrictions.List, name string) (string, bool) {
			return restrictions.CheckKey(list[at].Key) + "-" + name, true
		}, "4-"+protectedName, text)
		if key != "" && c.mode == plan.Enforce && prefix == restrictions.MainPrefix {
			c.findAll(reach.Main.Findings(c.recipients(), prefix, check, c.facts.Relay))
		}
	}
}

package controls

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/lists"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// protected keeps addresses and lists for insiders. In the variant "clients"
// insiders are who is in mynetworks or logged in: the check stands behind
// reject_unauth_destination, where only others come. In the variant "senders"
// they are the addresses and domains of a list, whoever writes; and who writes
// as one of ours has to log in, so that forging the sender does not help.
type protected struct{}

func (protected) name() string { return "protected" }

const (
	protectedPrefix  = modePrefix + "protected/"
	protectedAll     = protectedPrefix + "all"
	protectedVariant = protectedPrefix + "variant"
	protectedSenders = protectedPrefix + "senders"
	protectedExcept  = protectedPrefix + "except"
	protectedText    = protectedPrefix + "text"

	sendersClass = "ucs_harden_senders_" // and a hash of the senders
	loginClass   = "ucs_harden_login"
	// asBeforeClass is what who is logged in would have met without the check.
	asBeforeClass = "ucs_harden_as_before"

	// LogInToo is added to the refusal of who would have to log in.
	LogInToo = "log in to write as one of ours"

	defaultProtectedText = "The recipient takes mail from inside only"

	// mostSenderLists is how many different lists of senders there may be: each
	// is a restriction class. Recipients with the same senders share one.
	mostSenderLists = 32
)

func (c protected) desire(f *Facts, state plan.Control, d *Desired) error {
	if state.After == plan.Off {
		return nil
	}
	byClients, bySenders := c.recipients(f, d)
	text := d.text(protectedText, defaultProtectedText)
	if n := len(byClients) + len(bySenders); n > 0 {
		d.busy[c.name()] = n
	}
	if len(byClients) > 0 {
		entries := map[string]string{}
		for address := range byClients {
			entries[address] = refusal(text, "", c.name())
		}
		c.behindUnauthDestination(d, state.After, "check_recipient_access "+d.access(c.name()+"-clients", "Recipients for clients in mynetworks and those who log in.", entries, c.name()))
	}
	if len(bySenders) > 0 {
		c.beforePermits(f, d, state.After, text, bySenders)
	}
	return nil
}

// recipients are the protected addresses: those of any client inside, and those
// with a list of senders.
func (c protected) recipients(f *Facts, d *Desired) (byClients map[string]bool, bySenders map[string][]string) {
	byClients, bySenders = map[string]bool{}, map[string][]string{}
	add := func(address, variant, senders string) {
		address = strings.ToLower(address)
		if _, there := bySenders[address]; there || byClients[address] || !lists.IsAddress(address) {
			return
		}
		if variant != lists.VariantSenders {
			byClients[address] = true
			return
		}
		list := strings.Fields(strings.ToLower(senders))
		slices.Sort(list)
		bySenders[address] = slices.Compact(list)
	}
	hosted := hostedDomains(f.Registry)
	for _, l := range d.listed(c.name()) {
		c.remark(l, hosted, d)
		add(l.Address, l.Variant, l.Senders)
		for _, a := range d.accountsWith(l.Address) {
			for _, address := range a.Addresses() {
				add(address, l.Variant, l.Senders)
			}
		}
	}
	if !f.Registry.IsTrue(protectedAll) {
		return byClients, bySenders
	}
	variant, _ := f.Registry.Get(protectedVariant)
	senders, _ := f.Registry.Get(protectedSenders)
	if why := lists.VariantFault(variant, senders); why != "" {
		d.badVariable(protectedVariant, why, c.name())
		return byClients, bySenders
	}
	value, _ := f.Registry.Get(protectedExcept)
	except := words(strings.ToLower(value))
	for _, address := range f.People.Lists {
		switch {
		case slices.Contains(except, strings.ToLower(address)):
		case !lists.IsAddress(address):
			d.find(plan.Finding{
				ID: "odd-address:" + address, Severity: plan.Warning, Control: c.name(),
				Text: fmt.Sprintf("the directory has a list with the address %q, which no table can hold: it is not protected", address),
				Hint: "give the list an address without blanks, quotes and letters beyond ASCII",
			})
		default:
			add(address, variant, senders)
		}
	}
	return byClients, bySenders
}

// remark reports what of an entry can be used and is hardly meant.
func (c protected) remark(l lists.Entry, hosted []string, d *Desired) {
	variable := l.Variable(c.name())
	if l.Variant == lists.VariantSenders && strings.TrimSpace(l.Senders) == "" {
		d.find(plan.Finding{
			ID: "no-senders:" + variable, Severity: plan.Warning, Control: c.name(),
			Text: fmt.Sprintf("%s has no senders: nobody may write to it", l.Address),
			Hint: "name some in " + variable + "/senders",
		})
	}
	if _, domain, _ := strings.Cut(l.Address, "@"); !slices.Contains(hosted, strings.ToLower(domain)) {
		d.find(plan.Finding{
			ID: "elsewhere:" + variable, Severity: plan.Note, Control: c.name(),
			Text: fmt.Sprintf("%s is at no domain of mail/hosteddomains: the entry only helps if this server takes mail for it all the same", l.Address),
			Hint: "if it is mistyped: ucs-harden " + lists.Verbs[c.name()] + " remove " + plan.Quote(l.Name),
		})
	}
}

// behindUnauthDestination puts the check where whoever may relay is gone: in the
// main list, and in that of 465 and 587, unless there only a login counts.
func (c protected) behindUnauthDestination(d *Desired, mode plan.Mode, check string) {
	text := check
	if mode == plan.Warn {
		text = "warn_if_reject " + check
	}
	for _, prefix := range d.listsInForce(c.name()) {
		unauth, ok := d.listWithoutOurs(prefix).UnauthDestination()
		switch {
		case !ok && prefix == restrictions.MainPrefix:
			d.noUnauthDestination(c.name())
			continue
		case !ok:
			continue
		}
		key := d.claimEarly(prefix, func(_ restrictions.List, name string) (string, bool) {
			return restrictions.CheckKey(unauth) + "-" + name, true
		}, "4-"+c.name(), text, c.name())
		if key != "" && mode == plan.Enforce && prefix == restrictions.MainPrefix {
			d.reach(d.recipients(), prefix, check, c.name(), mainKinds)
		}
	}
}

// beforePermits puts the check of recipients with senders where everybody meets
// it. Tables and classes have names that change with what they hold, so that a
// table never names a class that main.cf does not have yet, or any more.
func (c protected) beforePermits(f *Facts, d *Desired, mode plan.Mode, text string, bySenders map[string][]string) {
	refuse := d.refuseOthers(c.name()+"-refusal", refusal(text, "", c.name()), c.name())
	inside := map[string]string{}
	for _, domain := range hostedDomains(f.Registry) {
		inside[domain], inside["."+domain] = loginClass, loginClass
	}
	asInside := "check_sender_access " + d.access(c.name()+"-inside", "Senders of ours, who have to log in.", inside, c.name())

	entries, lists := map[string]string{}, map[string][]string{}
	for address, senders := range bySenders {
		name := fingerprint(senders)
		entries[address], lists[name] = sendersClass+name, senders
	}
	if len(lists) > mostSenderLists {
		d.find(plan.Finding{
			ID: "many-sender-lists", Severity: plan.Error, Control: c.name(),
			Text: fmt.Sprintf("there are %d different lists of senders, at most %d can be had", len(lists), mostSenderLists),
			Hint: "let protected addresses share lists of senders",
		})
		return
	}
	// The table of recipients has another name with other classes.
	all := fingerprint(slices.Sorted(maps.Keys(lists)))
	check := "check_recipient_access " + d.access(c.name()+"-"+all, "Recipients with a list of senders.", entries, c.name())
	var until [][]string
	for _, prefix := range d.listsInForce(c.name()) {
		key := d.claimEarly(prefix, restrictions.LastEarlyKey, "4-"+c.name()+"-senders", check, c.name())
		if texts, ok := restrictions.UntilLogin(d.listOf(prefix), key); ok && key != "" && d.withLogin(prefix) {
			until = append(until, texts)
		}
	}
	// In warn warn_if_reject stands before our own checks only. Before the whole
	// it would soften what the classes repeat of others, and the permit at the
	// end of that would let pass what they refuse.
	warn := ""
	if mode == plan.Warn {
		warn = "warn_if_reject "
	}
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		listed := map[string]string{}
		for _, sender := range lists[name] {
			listed[sender] = isListed
		}
		texts := []string{warn + d.unless("check_sender_access", d.access(c.name()+"-senders-"+name, "Who may write to the recipients with the class "+sendersClass+name+".", listed, c.name()), refuse)}
		if mode == plan.Enforce || len(until) < 2 {
			texts = append(texts, asInside)
		}
		d.class(sendersClass+name, texts...)
	}
	needsLogin := d.patterns(c.name()+"-login", "Refuses who is not logged in.", c.name(),
		"/./ "+asResult(refusal(text, LogInToo, c.name())))
	c.login(d, until, warn+"check_recipient_access "+needsLogin)
}

// login is the class that refuses who is not logged in. Who is goes on as if it
// were not there: he meets what he would have met until he is permitted, and is
// permitted. Where people may log in by two lists he meets what stands in
// either, which only enforce asks of him.
func (protected) login(d *Desired, until [][]string, refuse string) {
	switch len(until) {
	case 0:
		d.class(loginClass, refuse)
		return
	case 1:
	default:
		until[0] = merge(until)
	}
	if texts := until[0]; len(texts) > 1 {
		d.class(loginClass, "check_sasl_access static:"+asBeforeClass, refuse)
		d.class(asBeforeClass, texts...)
		return
	}
	d.class(loginClass, until[0][0], refuse)
}

// merge is what stands in any of the lists, each once and without the permits
// for clients, and the permit for logins.
func merge(lists [][]string) []string {
	var out []string
	for _, texts := range lists {
		for _, text := range texts[:len(texts)-1] {
			if text != "permit_mynetworks" && !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	}
	return append(out, "permit_sasl_authenticated")
}

// listOf is a list as it will be.
func (d *Desired) listOf(prefix string) restrictions.List {
	return d.ordered(prefix, d.pairs(prefix))
}

// fingerprint is a short name for a list of words.
func fingerprint(words []string) string {
	sum := sha256.Sum256([]byte(cmp.Or(strings.Join(words, " "), "nobody")))
	return hex.EncodeToString(sum[:4])
}

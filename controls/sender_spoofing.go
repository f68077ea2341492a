package controls

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/exceptions"
	"ucs-harden/findings"
	"ucs-harden/hosteddomains"
	"ucs-harden/mynetworks"
	"ucs-harden/plan"
	"ucs-harden/reach"
	"ucs-harden/restrictions"
	"ucs-harden/rules"
)

// senderSpoofingControl refuses mail from outside with an envelope sender in a hosted domain, or with a name or address
// of this server. The check stands where clients that may relay have been permitted, see restrictions.List.CheckPlace.
// Of the others, other mail servers of the directory and this server itself are exempt: a cidr_table(5) has DUNNO for
// them, and sends all others into a restriction class. So the checks behind it apply to all, and nobody gains the right
// to relay. The exceptions stand in that class, see except.
var senderSpoofingControl = Control{
	Name: senderSpoofingName, ModeVariable: modePrefix + senderSpoofingName + "/mode", DomainModes: domainPrefix,
	NeedsEvidence: true,
	Purpose:       "mail from outside cannot claim to be yours",
	Rules:         []string{"sender-spoofing"}, Runs: spoofingRuns, Texts: []Texts{spoofingTexts},
	Ask:  func(_ Registry, _ plan.Mode, q *Questions) { q.Servers = true },
	List: exceptions.List,
	Listings: func(t Tables, l *rules.Listings) {
		for prefix, action := range t.entries(spoofingClients) {
			if p, err := netip.ParsePrefix(prefix); err == nil && action == "DUNNO" {
				l.Exempt = append(l.Exempt, p)
			}
		}
		l.Exceptions = readExceptions(t)
	},
	Desire: func(w Work) error { return senderSpoofing{w}.desire() },
	// The check may have been made by hand. Its table tells that it is the check.
	Refuses: func(c Check) bool {
		path := SenderTable
		if hosteddomains.ByPattern(c.Sender) {
			path = table(spoofingForms)
		}
		return c.Restriction == "check_sender_access" && strings.HasSuffix(c.Argument, ":"+path)
	},
	Advice: func(r Refused) []string {
		if r.Letter.Client == rules.Stranger {
			return slices.Concat(r.AsOwner(), advise("if %s sends in your name, as a newsletter service does: let it log in,"+
				" or let it use an envelope sender in a domain of its own", r.Client), proposeException(r))
		}
		return slices.Concat(r.AsOwner(), ToRelay(r), proposeException(r))
	},
}

type senderSpoofing struct{ Work }

const (
	senderSpoofingName = "sender-spoofing"

	// domainPrefix begins the variables with the modes of single mail domains.
	domainPrefix = modePrefix + senderSpoofingName + "/domain/"

	// Everybody but the exempt clients of the table goes into the class, which asks the table of forms and SenderTable.
	spoofingClass   = "ucs_harden_sender_spoofing"
	spoofingClients = senderSpoofingName + "-clients.cidr"
	spoofingForms   = senderSpoofingName + "-forms.regexp"
	exemptingCheck  = "check_client_access cidr:" + Folder + "/" + spoofingClients
)

// DomainsVariable lists the hosted mail domains. A listener of UCS sets it; we only read it.
const DomainsVariable = "mail/hosteddomains"

// The right-hand sides of the sender table (access(5)). WARN logs only its text, so the text has the tag.
const (
	spoofingTag  = Tag + senderSpoofingName
	spoofingWarn = "WARN " + spoofingTag + " *** Invalid Inbound Sender ***"
)

var spoofingTexts = Texts{
	"en": "Delivery not authorized, message refused",
	"de": "Zustellung nicht erlaubt, Nachricht abgewiesen",
}

// defaultTableType is the type that the published procedure uses. Postfix in Debian always has it. A server with tables
// of another type keeps that type.
const defaultTableType = "hash"

func (c senderSpoofing) desire() error {
	modeOf := func(domain string) plan.Mode {
		if m, ok := c.domains[domain]; ok {
			return m
		}
		return c.mode
	}
	value, _ := c.facts.Registry.Get(DomainsVariable)
	domains, unusable := hosteddomains.Usable(value)
	if len(domains) == 0 {
		_, err := hosteddomains.Parse(value)
		return fmt.Errorf("cannot use the registry variable %s: %w", DomainsVariable, err)
	}
	for _, bad := range unusable {
		c.warn(findings.HostedDomain.Of(bad.Name),
			fmt.Sprintf("%s: %s. Nobody is kept from writing as this domain", DomainsVariable, bad),
			"correct the mail domain in UMC (Mail); the variable mail/hosteddomains follows it")
	}
	for _, broad := range hosteddomains.PublicSuffixes(domains) {
		if c.skips(findings.BroadDomain.Of(broad).Doubt(
			fmt.Sprintf("%s names %q, under which others register their domains: their mail would be refused, too",
				DomainsVariable, broad),
			"most likely a blank got into a domain name: look at the mail domains in UMC")) {
			domains = slices.DeleteFunc(domains, func(domain string) bool { return domain == broad })
		}
	}
	key, typ := c.place()
	if key == "" {
		return nil
	}
	if c.facts.table() != nil && !hosteddomains.Ours(c.facts.table()) && !hosteddomains.ByHand(c.facts.table(), domains) {
		c.fail(findings.ForeignTable.Of(SenderTable),
			SenderTable+" exists and holds more than the published procedure writes: it would be overwritten",
			"move its entries to a table of their own, or remove the file, then plan again")
	}
	c.strayDomains()
	plain := "check_sender_access " + typ + ":" + SenderTable
	ours := slices.Concat(domains, c.facts.Inside.Names(domains))
	excepted := exceptions.Compile(c.exceptions(domains), ours, modeOf)
	check, extended := c.check(key, plain, excepted)
	enforced := slices.ContainsFunc(domains, func(domain string) bool { return modeOf(domain) == plan.Enforce })
	if !enforced && hosteddomains.RefusesByHand(c.facts.table()) && c.recipients().IndexOf(plain) >= 0 {
		c.doubt(findings.Loosens.Of(senderSpoofingName),
			SenderTable+" was made by hand and refuses already; warn would let it pass again",
			"use --mode enforce, which keeps it refused")
	}
	if c.claimCheck(restrictions.MainPrefix+key, check) {
		c.findAll(reach.Main.Findings(c.recipients(), restrictions.MainPrefix, check, c.facts.Relay))
	}
	c.Expect.Main["smtpd_recipient_restrictions"] = c.recipients().String()
	action := func(domain string) string { return c.action(modeOf(domain)) }
	c.table(SenderTable, typ, string(hosteddomains.Table(ours, action)))
	if extended {
		c.exempt(plain, excepted)
	}
	c.findAll(c.facts.Inside.Findings(c.mayRelay(), systemsVariable, domains))
	return nil
}

// mayRelay is the coverage of mynetworks, with what control relay adds.
func (c senderSpoofing) mayRelay() mynetworks.Coverage {
	value, set := c.value(mynetworks.Variable)
	if !set {
		value = defaultNetworks
	}
	networks := mynetworks.Parse(value)
	if LetsRelay(plan.Modes(c.Controls)) {
		added, _, _ := c.relaying() // control relay reports what is wrong with them
		networks, _ = networks.Replace(c.facts.Ledger.Networks, added)
	}
	return networks.Coverage()
}

// check is the restriction that will stand at a key. While nobody is exempt or excepted it is the plain check. It also
// is where the administrator has the plain check together with other restrictions, whose variable stays as it is.
func (c senderSpoofing) check(key, plain string, excepted exceptions.Questions) (check string, extended bool) {
	const hint = "move the other restrictions to a key of their own, then plan again"
	now, _ := c.facts.Registry.Get(restrictions.MainPrefix + key)
	exempt := len(c.facts.Inside.Exempt()) > 0
	switch texts := restrictions.Parse(now).Texts(); {
	case !exempt && excepted.Empty():
	case len(texts) > 1 && slices.Contains(texts, plain):
		together := fmt.Sprintf("%s%s holds the check together with other restrictions: ", restrictions.MainPrefix, key)
		if exempt {
			c.warn(findings.NobodyExempt.Of(key),
				together+"it is also about this server's own addresses and other mail servers", hint)
		}
		if !excepted.Empty() {
			c.warn(findings.ExceptionsNotAsked.Of(key), together+"no exception has an effect", hint)
		}
	default:
		return exemptingCheck, true
	}
	return plain, false
}

// exempt adds the table of clients, the class for all others, and the table of forms that SenderTable cannot have.
func (c senderSpoofing) exempt(plain string, excepted exceptions.Questions) {
	c.networks("clients", "This server and other mail servers of the directory (DUNNO), and all others.",
		c.facts.Inside.Networks(spoofingClass))
	forms := c.patterns("forms", "Senders of ours in forms that no key of a table can match.",
		hosteddomains.Patterns(c.facts.Inside.Literals(), c.action(c.mode))...)
	c.class(spoofingClass, c.except(excepted, forms, plain)...)
}

// action is the right-hand side for a domain, by its mode. A domain in mode off has an entry, too, because its parent
// domain may be hosted.
func (c senderSpoofing) action(mode plan.Mode) string {
	switch mode {
	case plan.Warn:
		return spoofingWarn
	case plan.Enforce:
		return c.refusal(c.say(spoofingTexts), "")
	}
	return "DUNNO"
}

// strayDomains reports modes of domains that are not hosted.
func (c senderSpoofing) strayDomains() {
	domains := hostedDomains(c.facts.Registry)
	for _, key := range c.facts.Registry.Keys(domainPrefix) {
		domain, ok := strings.CutSuffix(strings.TrimPrefix(key, domainPrefix), "/mode")
		if !ok || !slices.Contains(domains, domain) {
			c.warn(findings.StrayDomain.Of(key),
				fmt.Sprintf("%s speaks of a domain that is not hosted here: it has no effect", key),
				"the hosted domains are in "+DomainsVariable+"; if it is not wanted: ucr unset "+plan.Quote(key))
		}
	}
}

// place finds the key for the check and the type of its table. A check that is there already keeps its place if it
// stands behind the restriction at which ours would stand. A check that we put there moves along with that restriction.
func (c senderSpoofing) place() (key, typ string) {
	list := c.listNow()
	at, ok := list.CheckPlace(c.facts.Relay)
	if !ok {
		c.noPlace(list)
		return "", ""
	}
	typ, key = c.facts.tableType(), restrictions.CheckKey(list[at].Key)
	made := map[string]bool{} // by hand, key → holds a check that can stay
	for i, item := range list {
		if isSpoofingCheck(item.Text) && !item.FromTemplate() && !c.placed(item.Key) {
			t, plain := hosteddomains.CheckType(item.Text, SenderTable)
			made[item.Key] = made[item.Key] || (t == typ || !plain) && i > at
		}
	}
	if !c.placed(key) {
		for _, item := range list {
			if made[item.Key] {
				key = item.Key
				break
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(made)) {
		if k != key {
			c.warn(findings.SecondCheck.Of(k),
				fmt.Sprintf("%s%s also checks %s", restrictions.MainPrefix, k, SenderTable),
				"one check is enough: ucr unset "+plan.Quote(restrictions.MainPrefix+k))
		}
	}
	return key, typ
}

// noPlace reports that a list has no place for a check of mail from outside.
func (w Work) noPlace(list restrictions.List) {
	kind, text, hint := restrictions.NoPlace(list, w.facts.Relay)
	w.fail(findings.InList(kind).Of(), text, hint)
}

// placed reports whether we put the check at a key ourselves. We may also have adopted it there.
func (d *Desired) placed(key string) bool {
	_, ours := d.facts.Ledger.Variables[restrictions.MainPrefix+key]
	return ours && strings.HasSuffix(key, restrictions.CheckKey(""))
}

// claimCheck sets the check at a key, and reports whether the check will stand there. A value that contains more than
// our check belongs to the administrator and stays.
func (w Work) claimCheck(key, check string) bool {
	_, held, ok := w.facts.Registry.Stronger(key)
	if ok {
		w.adopt(key, check) // claim has the words for it
		return held == check
	}
	now, set := w.facts.Registry.Get(key)
	_, ours := w.facts.Ledger.Variables[key]
	texts := restrictions.Parse(now).Texts()
	switch {
	case !set, ours, len(texts) == 1 && (texts[0] == check || isSpoofingCheck(texts[0])):
		w.adopt(key, check)
	case slices.Contains(texts, check):
	default:
		w.occupied(key, now)
		return false
	}
	return true
}

// occupied reports that a key we need holds something else.
func (w Work) occupied(key, now string) {
	w.fail(findings.Occupied.Of(key),
		fmt.Sprintf("%s is in use for %q", key, now),
		"move that restriction to another key, then plan again")
}

// tableType is the lookup table type that the registry, or our class, has for the sender table today.
func (f *Facts) tableType() string {
	classes, _ := restrictions.ParseClasses(f.Disk[ClassesFile]) // none, when somebody else has written the file
	var texts []string
	for _, key := range f.Registry.Keys(restrictions.MainPrefix) {
		value, _ := f.Registry.Get(key)
		texts = append(texts, restrictions.Parse(value).Texts()...)
	}
	for _, class := range classes {
		texts = append(texts, class.Restrictions...)
	}
	for _, text := range texts {
		if typ, ok := hosteddomains.CheckType(text, SenderTable); ok {
			return typ
		}
	}
	return defaultTableType
}

// isSpoofingCheck reports whether a restriction is the check, plain or with exempt clients.
func isSpoofingCheck(restriction string) bool {
	_, plain := hosteddomains.CheckType(restriction, SenderTable)
	return plain || strings.Join(strings.Fields(restriction), " ") == exemptingCheck
}

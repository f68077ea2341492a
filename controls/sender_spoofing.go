package controls

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/access"
	"ucs-harden/hosteddomains"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// senderSpoofingControl refuses mail from outside with an envelope sender in a hosted domain. The check stands where
// clients that may relay have been permitted, see restrictions.List.CheckPlace.
var senderSpoofingControl = Control{
	Name: senderSpoofingName, ModeVariable: modePrefix + senderSpoofingName + "/mode", DomainModes: domainPrefix,
	Rules:  []string{"sender-spoofing"},
	Desire: func(w Work) error { return senderSpoofing{w}.desire() },
	// The check may have been made by hand. Its table tells that it is the check.
	Refuses: func(c Check) bool {
		return c.Restriction == "check_sender_access" && strings.HasSuffix(c.Argument, ":"+SenderTable)
	},
	Advice: func(r Refused) []string { return append(r.AsOwner(), ToRelay(r)...) },
}

type senderSpoofing struct{ Work }

const (
	senderSpoofingName = "sender-spoofing"

	// domainPrefix begins the variables with the modes of single mail domains.
	domainPrefix = modePrefix + senderSpoofingName + "/domain/"
)

// DomainsVariable lists the hosted mail domains. A listener of UCS sets it; we only read it.
const DomainsVariable = "mail/hosteddomains"

// The right-hand sides of the sender table (access(5)). WARN logs only its text, so the text has the tag.
const (
	spoofingTag    = Tag + senderSpoofingName
	spoofingWarn   = "WARN " + spoofingTag + " *** Invalid Inbound Sender ***"
	spoofingReject = "REJECT 5.7.1 Delivery not authorized, message refused " + spoofingTag
)

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
	domains, err := hosteddomains.Parse(value)
	if err != nil {
		return fmt.Errorf("cannot use the registry variable %s: %w", DomainsVariable, err)
	}
	for _, broad := range hosteddomains.PublicSuffixes(domains) {
		c.doubt("broad-domain:"+broad,
			fmt.Sprintf("%s names %q, under which others register their domains: their mail would be refused, too",
				DomainsVariable, broad),
			"most likely a blank got into a domain name: look at the mail domains in UMC")
	}
	key, typ := c.place()
	if key == "" {
		return nil
	}
	if c.facts.table() != nil && !hosteddomains.Ours(c.facts.table()) && !hosteddomains.ByHand(c.facts.table(), domains) {
		c.fail("foreign-table:"+SenderTable,
			SenderTable+" exists and holds more than the published procedure writes: it would be overwritten",
			"move its entries to a table of their own, or remove the file, then plan again")
	}
	c.strayDomains()
	check := "check_sender_access " + typ + ":" + SenderTable
	enforced := slices.ContainsFunc(domains, func(domain string) bool { return modeOf(domain) == plan.Enforce })
	if !enforced && refusesByHand(c.facts.table()) && c.recipients().IndexOf(check) >= 0 {
		c.doubt("loosens:"+senderSpoofingName,
			SenderTable+" was made by hand and refuses already; warn would let it pass again",
			"use --mode enforce, which keeps it refused")
	}
	if c.claimCheck(restrictions.MainPrefix+key, check) {
		c.reach(c.recipients(), restrictions.MainPrefix, check, mainKinds)
	}
	c.Expect.Main["smtpd_recipient_restrictions"] = c.recipients().String()
	action := func(domain string) string { return spoofingActions[modeOf(domain)] }
	c.table(SenderTable, typ, string(hosteddomains.Table(domains, action)))
	return nil
}

// spoofingActions are the right-hand sides for a domain, by its mode. A domain in mode off has an entry, too, because
// its parent domain may be hosted.
var spoofingActions = map[plan.Mode]string{plan.Off: "DUNNO", plan.Warn: spoofingWarn, plan.Enforce: spoofingReject}

// strayDomains reports modes of domains that are not hosted.
func (c senderSpoofing) strayDomains() {
	domains := hostedDomains(c.facts.Registry)
	for _, key := range c.facts.Registry.Keys(domainPrefix) {
		domain, ok := strings.CutSuffix(strings.TrimPrefix(key, domainPrefix), "/mode")
		if !ok || !slices.Contains(domains, domain) {
			c.warn("stray-domain:"+key,
				fmt.Sprintf("%s speaks of a domain that is not hosted here: it has no effect", key),
				"the hosted domains are in "+DomainsVariable+"; if it is not wanted: ucr unset "+plan.Quote(key))
		}
	}
}

// refusesByHand reports whether a table that is not ours refuses anything.
func refusesByHand(table []byte) bool {
	refuses := func(e access.Entry) bool { return strings.HasPrefix(strings.ToUpper(e.Action), "REJECT") }
	return table != nil && !hosteddomains.Ours(table) && slices.ContainsFunc(access.Parse(table), refuses)
}

// place finds the key for the check and the type of its table. A check that is there already keeps its place if it
// stands behind the restriction at which ours would stand. A check that we put there moves along with that restriction.
func (c senderSpoofing) place() (key, typ string) {
	list := c.listNow()
	at, ok := list.CheckPlace(c.facts.Relay)
	if !ok {
		c.fail(restrictions.NoPlace(list, c.facts.Relay))
		return "", ""
	}
	typ, key = c.facts.tableType(), restrictions.CheckKey(list[at].Key)
	made := map[string]bool{} // by hand, key → holds a check that can stay
	for i, item := range list {
		if t, ok := senderTableType(item.Text); ok && !item.FromTemplate() && !c.placed(item.Key) {
			made[item.Key] = made[item.Key] || t == typ && i > at
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
			c.warn("second-check:"+k,
				fmt.Sprintf("%s%s also checks %s", restrictions.MainPrefix, k, SenderTable),
				"one check is enough: ucr unset "+plan.Quote(restrictions.MainPrefix+k))
		}
	}
	return key, typ
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
	case !set, ours, len(texts) == 1 && texts[0] == check:
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
	w.fail("occupied:"+key,
		fmt.Sprintf("%s is in use for %q", key, now),
		"move that restriction to another key, then plan again")
}

// tableType is the lookup table type that the registry has for the sender table today.
func (f *Facts) tableType() string {
	for _, key := range f.Registry.Keys(restrictions.MainPrefix) {
		value, _ := f.Registry.Get(key)
		for _, text := range restrictions.Parse(value).Texts() {
			if typ, ok := senderTableType(text); ok {
				return typ
			}
		}
	}
	return defaultTableType
}

// senderTableType returns the type of the sender table if a restriction is the check of that table:
// "check_sender_access TYPE:/etc/postfix/check_custom_sender_access".
func senderTableType(restriction string) (string, bool) {
	words := strings.Fields(restriction)
	if len(words) != 2 || !strings.EqualFold(words[0], "check_sender_access") {
		return "", false
	}
	return strings.CutSuffix(words[1], ":"+SenderTable)
}

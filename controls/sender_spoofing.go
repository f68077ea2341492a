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

// senderSpoofingControl refuses mail from outside whose envelope sender is in one of the server's own domains. The
// check stands right after reject_unauth_destination: clients that may relay have been permitted before it, and what it
// sees goes to an inside recipient.
var senderSpoofingControl = Control{
	Name: senderSpoofingName, ModeVariable: modePrefix + senderSpoofingName + "/mode", DomainModes: domainPrefix,
	Rules:  []string{"sender-spoofing"},
	Desire: func(w Work) error { return senderSpoofing{w}.desire() },
	// The check may have been made by hand, so it is known by its table.
	Refuses: func(c Check) bool {
		return c.Restriction == "check_sender_access" && strings.HasSuffix(c.Argument, ":"+SenderTable)
	},
	Advice: func(r Refused) []string { return append(r.AsOwner(), ToRelay(r)...) },
}

// senderSpoofing is the control at work.
type senderSpoofing struct{ Work }

const (
	senderSpoofingName = "sender-spoofing"

	// domainPrefix is where single mail domains have a mode of their own.
	domainPrefix = modePrefix + senderSpoofingName + "/domain/"
)

// DomainsVariable lists the hosted mail domains. A listener keeps it; it is read only for us.
const DomainsVariable = "mail/hosteddomains"

// The right-hand sides of the sender table (access(5)). WARN logs nothing but its text, so each rule has a tag of its
// own.
const (
	spoofingTag    = Tag + senderSpoofingName
	spoofingWarn   = "WARN " + spoofingTag + " *** Invalid Inbound Sender ***"
	spoofingReject = "REJECT 5.7.1 Delivery not authorized, message refused " + spoofingTag
)

// defaultTableType is what the published procedure uses and Debian's Postfix always has; a server that was set up with
// another type keeps it.
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
			fmt.Sprintf("%s names %q, under which others register their domains: their mail would be refused, too", DomainsVariable, broad),
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
	if !slices.ContainsFunc(domains, func(domain string) bool { return modeOf(domain) == plan.Enforce }) && refusesByHand(c.facts.table()) && c.recipients().IndexOf("check_sender_access "+typ+":"+SenderTable) >= 0 {
		c.doubt("loosens:"+senderSpoofingName,
			SenderTable+" was made by hand and refuses already; warn would let it pass again",
			"use --mode enforce, which keeps it refused")
	}
	check := "check_sender_access " + typ + ":" + SenderTable
	stands := c.claimCheck(restrictions.MainPrefix+key, check)
	if stands {
		c.reach(c.recipients(), restrictions.MainPrefix, check, mainKinds)
	}
	c.Expect.Main["smtpd_recipient_restrictions"] = c.recipients().String()
	c.table(SenderTable, typ, string(hosteddomains.Table(domains, func(domain string) string { return spoofingActions[modeOf(domain)] })))
	return nil
}

// spoofingActions are the right-hand sides of a domain, by its mode. A domain in mode off is named all the same: its
// parent may be hosted, too.
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
	return table != nil && !hosteddomains.Ours(table) && slices.ContainsFunc(access.Parse(table), func(e access.Entry) bool {
		return strings.HasPrefix(strings.ToUpper(e.Action), "REJECT")
	})
}

// place finds the key for the check and the type of its table. A check that is there already, ours or made by hand, is
// kept where it is as long as it stands behind reject_unauth_destination; one that we put there moves along with that.
func (c senderSpoofing) place() (key, typ string) {
	list := c.listNow()
	unauthKey, ok := list.UnauthDestination()
	if !ok {
		c.noUnauthDestination()
		return "", ""
	}
	typ, key = c.facts.tableType(), restrictions.CheckKey(unauthKey)
	unauth := list.IndexOf("reject_unauth_destination")
	made := map[string]bool{} // by hand, key → holds a check that can stay
	for i, item := range list {
		if t, ok := senderTableType(item.Text); ok && !item.FromTemplate() && !c.placed(item.Key) {
			made[item.Key] = made[item.Key] || t == typ && i > unauth
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

// noUnauthDestination reports a list behind which there is no place for a check.
func (w Work) noUnauthDestination() {
	w.fail("no-reject-unauth-destination",
		"smtpd_recipient_restrictions has no working reject_unauth_destination: Postfix does not serve port 25 without it, or relays for everyone",
		"ucr set "+restrictions.MainPrefix+"50=reject_unauth_destination")
}

// placed reports whether we put the check at a key, rather than adopt it there.
func (d *Desired) placed(key string) bool {
	_, ours := d.facts.Ledger.Variables[restrictions.MainPrefix+key]
	return ours && strings.HasSuffix(key, restrictions.CheckKey(""))
}

// claimCheck wants the check at a key, and reports whether it will stand there. A value that does more than our check
// is the administrator's and stays as it is.
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

// occupied reports a key that we want and that is in use for something else.
func (w Work) occupied(key, now string) {
	w.fail("occupied:"+key,
		fmt.Sprintf("%s is in use for %q", key, now),
		"move that restriction to another key, then plan again")
}

// tableType is the type by which the registry refers to the sender table now.
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

// senderTableType returns the type of our table when a restriction is the check of it: "check_sender_access
// TYPE:/etc/postfix/check_custom_sender_access".
func senderTableType(restriction string) (string, bool) {
	words := strings.Fields(restriction)
	if len(words) != 2 || !strings.EqualFold(words[0], "check_sender_access") {
		return "", false
	}
	return strings.CutSuffix(words[1], ":"+SenderTable)
}

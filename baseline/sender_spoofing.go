package baseline

import (
	"fmt"
	"strings"

	"ucs-harden/hosteddomains"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// senderSpoofing refuses mail from outside whose envelope sender is in one of
// the server's own domains. The check stands right after
// reject_unauth_destination: clients that may relay have been permitted before
// it, and what it sees goes to an inside recipient.
type senderSpoofing struct{}

func (senderSpoofing) name() string { return "sender-spoofing" }

// DomainsVariable lists the hosted mail domains. A listener keeps it; it is
// read only for us.
const DomainsVariable = "mail/hosteddomains"

// The right-hand sides of the sender table (access(5)). WARN logs nothing but
// its text, so each rule has a tag of its own, which begins with a byte that
// is rare in a mail log.
const (
	SpoofingTag    = "#ucs-harden:sender-spoofing"
	spoofingWarn   = "WARN " + SpoofingTag + " *** Invalid Inbound Sender ***"
	spoofingReject = "REJECT 5.7.1 Delivery not authorized, message refused " + SpoofingTag
)

// defaultTableType is what the published procedure uses and Debian's Postfix
// always has; a server that was set up with another type keeps it.
const defaultTableType = "hash"

func (c senderSpoofing) desire(f *Facts, mode plan.Mode, d *Desired) error {
	if mode == plan.Off {
		return nil
	}
	value, _ := f.Registry.Get(DomainsVariable)
	domains, err := hosteddomains.Parse(value)
	if err != nil {
		return fmt.Errorf("cannot use the registry variable %s: %w", DomainsVariable, err)
	}
	for _, broad := range hosteddomains.PublicSuffixes(domains) {
		d.find(plan.Finding{
			ID: "broad-domain:" + broad, Severity: plan.Error, Control: c.name(), Acceptable: true,
			Text: fmt.Sprintf("%s names %q, under which others register their domains: their mail would be refused, too", DomainsVariable, broad),
			Hint: "most likely a blank got into a domain name: look at the mail domains in UMC",
		})
	}
	key, typ := c.place(d)
	if key == "" {
		return nil
	}
	if f.Table != nil && !hosteddomains.Ours(f.Table) && !hosteddomains.ByHand(f.Table, domains) {
		d.find(plan.Finding{
			ID: "foreign-table:" + SenderTable, Severity: plan.Error, Control: c.name(),
			Text: SenderTable + " exists and holds more than the published procedure writes: it would be overwritten",
			Hint: "move its entries to a table of their own, or remove the file, then plan again",
		})
	}
	check := "check_sender_access " + typ + ":" + SenderTable
	d.claimCheck(restrictions.MainPrefix+key, check, c.name())
	action := spoofingWarn
	if mode == plan.Enforce {
		action = spoofingReject
	}
	d.reach(d.recipients(), restrictions.MainPrefix, check, c.name(), mainKinds)
	d.Expect.Main["smtpd_recipient_restrictions"] = d.recipients().String()
	d.table(SenderTable, typ, string(hosteddomains.Table(domains, action)), c.name())
	return nil
}

// place finds the key for the check and the type of its table. A check that is
// there already, ours or made by hand, is kept where it is as long as it
// stands behind reject_unauth_destination.
func (c senderSpoofing) place(d *Desired) (key, typ string) {
	list := d.recipients()
	unauthKey, ok := list.UnauthDestination()
	if !ok {
		d.find(plan.Finding{
			ID: "no-reject-unauth-destination", Severity: plan.Error, Control: c.name(),
			Text: "smtpd_recipient_restrictions has no working reject_unauth_destination: Postfix does not serve port 25 without it, or relays for everyone",
			Hint: "ucr set " + restrictions.MainPrefix + "50=reject_unauth_destination",
		})
		return "", ""
	}
	typ = d.facts.tableType()
	unauth := list.IndexOf("reject_unauth_destination")
	found := -1
	for i, item := range list {
		if t, ok := senderTableType(item.Text); ok && t == typ {
			if found < 0 && i > unauth && !item.FromTemplate() {
				found = i
			}
		}
	}
	for i, item := range list {
		if _, ok := senderTableType(item.Text); ok && i != found && !item.FromTemplate() {
			d.find(plan.Finding{
				ID: "second-check:" + item.Key, Severity: plan.Warning, Control: c.name(),
				Text: fmt.Sprintf("%s%s also checks %s", restrictions.MainPrefix, item.Key, SenderTable),
				Hint: "one check is enough: ucr unset " + plan.Quote(restrictions.MainPrefix+item.Key),
			})
		}
	}
	if found >= 0 {
		return list[found].Key, typ
	}
	return restrictions.CheckKey(unauthKey), typ
}

// claimCheck wants the check at a key. A value there that does more than our
// check is the administrator's and stays as it is.
func (d *Desired) claimCheck(key, check, control string) {
	if _, _, held := d.facts.Registry.Stronger(key); held {
		d.adopt(key, check, control) // claim has the words for it
		return
	}
	now, ok := d.facts.Registry.Get(key)
	if _, ours := d.facts.Ledger.Variables[key]; ok && !ours && now != check {
		if strings.Contains(now, check) {
			return
		}
		d.find(plan.Finding{
			ID: "occupied:" + key, Severity: plan.Error, Control: control,
			Text: fmt.Sprintf("%s is in use for %q", key, now),
			Hint: "move that restriction to another key, then plan again",
		})
		return
	}
	d.adopt(key, check, control)
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

// senderTableType returns the type of our table when a restriction is the
// check of it: "check_sender_access TYPE:/etc/postfix/check_custom_sender_access".
func senderTableType(restriction string) (string, bool) {
	words := strings.Fields(restriction)
	if len(words) != 2 || !strings.EqualFold(words[0], "check_sender_access") {
		return "", false
	}
	return strings.CutSuffix(words[1], ":"+SenderTable)
}

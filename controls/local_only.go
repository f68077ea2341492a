package controls

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/findings"
	"ucs-harden/identity"
	"ucs-harden/lists"
	"ucs-harden/mailbox"
	"ucs-harden/owners"
	"ucs-harden/plan"
	"ucs-harden/rules"
)

// LocalOnlyDestinations names the addresses and domains, blanks between, to which bound accounts may write.
const LocalOnlyDestinations = modePrefix + "local-only/destinations"

const (
	localOnlyName = "local-only"

	localOnlyPrefix       = modePrefix + "local-only/"
	localOnlyDestinations = LocalOnlyDestinations
	localOnlyHosted       = localOnlyPrefix + "hosted-domains"
	localOnlyText         = localOnlyPrefix + "text"
	localOnlyLookup       = localOnlyPrefix + "lookup"

	// localOnlyClass is the answer of the tables and LDAP maps of accounts.
	localOnlyClass = "ucs_harden_local_only"
)

var localOnlyTexts = Texts{
	"en": "This account may only write to addresses inside the organization",
	"de": "Dieses Konto darf nur an Adressen innerhalb der Organisation schreiben",
}

// localOnlyControl lets the accounts of a list write only to hosted domains and to listed destinations. It knows the
// accounts by login and by sender.
var localOnlyControl = Control{
	Name: localOnlyName, ModeVariable: localOnlyPrefix + "mode", Rules: []string{"local-only"},
	NeedsEvidence: true,
	Purpose:       "listed accounts only write inside",
	Variables:     []string{localOnlyDestinations, localOnlyHosted, localOnlyText, localOnlyLookup},
	List:          localOnlyList, Selective: true, Runs: asks(localOnlyName, "local-only(?:-senders|-logins)?"),
	Texts:  []Texts{localOnlyTexts},
	Maps:   mapsIfLive(localOnlyName, localOnlyLookup),
	Desire: func(w Work) error { return localOnly{w}.desire() },
	Listings: func(t Tables, l *rules.Listings) {
		l.Bound = t.accounts(localOnlyName, slices.Concat(slices.Collect(maps.Values(t.people.Members))...)...)
		l.Destinations = t.keys(localOnlyName + "-destinations")
	},
	Refuses: func(c Check) bool { return c.placedBy(localOnlyName) },
	Advice: func(r Refused) []string {
		return []string{
			fmt.Sprintf("if all of them may write to it: add %s or its domain to the registry variable %s%s",
				r.Recipient, localOnlyDestinations, thenSync),
			"if the account may write to everybody: ucs-harden restrict list shows why it may not" + thenSync,
		}
	},
}

var localOnlyList = &lists.List{
	Prefix: localOnlyPrefix + "account/", Verb: "restrict", Subject: lists.Account, Groups: true,
	Short: "Let accounts write to inside addresses only",
	Long: `Keeps the list of accounts that may write to the hosted mail domains only, and to
what mail/harden/local-only/destinations names: addresses and domains, blanks
between. An account is a mail address or a login; a group is the name of a group
of the directory, or its DN, and means all its members.`,
	All: "the accounts that may only write inside",
	Examples: `  ucs-harden restrict add intern --reason "until the training is done" --expires 90d
  ucs-harden restrict add --group trainees
  ucs-harden restrict remove intern`,
}

type localOnly struct{ Work }

// Restricted are the members of the groups of local-only that count today, by the DN of the group. The LDAP map of the
// control finds the same.
func (f *Facts) Restricted() map[string][]identity.Account {
	out := map[string][]identity.Account{}
	for _, e := range localOnlyList.Read(f.Registry) {
		if dn, ok := f.People.Groups[e.Group]; ok && localOnlyList.Fault(e) == "" && e.InForce(f.Today) {
			out[dn] = f.People.Members[dn]
		}
	}
	return out
}

func (c localOnly) desire() error {
	live, err := c.live(localOnlyLookup)
	if err != nil {
		return err
	}
	members := slices.Concat(slices.Collect(maps.Values(c.facts.Restricted()))...)
	t, groups := owners.NewListing(c.book(), members...), false
	known := c.unusableEntries()
	for _, l := range c.listed() {
		if l.Group == "" {
			known = append(known, c.enterOrKeep(t, l, localOnlyClass, nil)...)
			continue
		}
		dn, ok, left := c.groupExists(localOnlyList.Variable(l)+"/group", l.Group, live)
		groups = groups || ok || live && c.facts.Silent
		switch {
		case left:
			known = append(known, fromGroup+l.Group)
			t.AddAll(c.facts.People.Members[dn], localOnlyClass, fromGroup+l.Group)
		case !live:
			t.AddAll(c.facts.People.Members[dn], localOnlyClass, fromGroup+l.Group)
		}
	}
	stopped := t.Tables()
	c.keepSections(&stopped, known...)
	logins, senders := c.tables("Accounts that may only write to the destinations of the class "+localOnlyClass+",", stopped)
	var answers *liveAnswers
	if live && groups {
		answers = c.liveMaps("")
		stopped.Accounts += len(members)
	}
	if !c.place(2, stopped.Accounts, logins, senders, answers) {
		return nil
	}
	c.class(localOnlyClass, c.unless("check_recipient_access", c.destinations(),
		c.refuseOthers(c.refusal(c.text(localOnlyText, localOnlyTexts), ""))))
	return nil
}

// destinations is the table of the recipients that the accounts may write to.
func (c localOnly) destinations() []string {
	listed := map[string]string{}
	if _, set := c.facts.Registry.Get(localOnlyHosted); !set || c.facts.Registry.IsTrue(localOnlyHosted) {
		for _, domain := range hostedDomains(c.facts.Registry) {
			listed[domain] = isListed
		}
	}
	further, _ := c.facts.Registry.Get(localOnlyDestinations)
	for _, word := range strings.Fields(further) {
		if !mailbox.IsAny(word) && !lists.IsDomain(word) {
			c.badVariable(localOnlyDestinations, plan.Quote(word)+" is neither a mail address nor a domain")
			continue
		}
		listed[mailbox.Key(word)] = isListed
	}
	if len(listed) == 0 {
		c.warn(findings.NoDestinations.Of(),
			"there is no destination: the accounts of local-only may write to nobody, not even to themselves",
			"name some in "+localOnlyDestinations+", or let the hosted domains be some: ucr unset "+localOnlyHosted)
	}
	const about = "Where accounts of local-only may write to: whole domains and single addresses."
	return c.named("destinations", about, listed)
}

package controls

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/access"
	"ucs-harden/findings"
	"ucs-harden/mailbox"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
	"ucs-harden/rules"
)

// beforePermits puts the check of recipients with a list of senders where every client meets it. The names of tables
// and classes change with their contents. So a table never names a class that main.cf does not have yet, or does not
// have any more.
func (c protected) beforePermits(text string, bySenders map[string][]string) {
	refuse := c.refuseOthers(c.refusal(text, ""))
	inside := map[string]string{}
	for _, domain := range hostedDomains(c.facts.Registry) {
		inside[domain], inside["."+domain] = loginClass, loginClass
	}
	asInside := "check_sender_access " + c.access("inside", "Senders of ours, who have to log in.", inside)

	entries, lists := map[string]string{}, map[string][]string{}
	for address, senders := range bySenders {
		name := fingerprint(senders)
		entries[address], lists[name] = sendersClass+name, senders
	}
	if len(lists) > mostSenderLists {
		c.fail(findings.ManySenderLists.Of(),
			fmt.Sprintf("there are %d different lists of senders, at most %d can be had", len(lists), mostSenderLists),
			"let protected addresses share lists of senders")
		return
	}
	// With other classes the table of recipients has another name.
	all := fingerprint(slices.Sorted(maps.Keys(lists)))
	tables := c.named(all, "Recipients with a list of senders.", entries)
	check := restrictions.Asking("check_recipient_access", false, tables...)
	var until [][]string
	for _, prefix := range c.listsInForce() {
		key := c.claimEarly(prefix, restrictions.LastEarlyKey, "4-"+protectedName+"-senders", check)
		some, _ := c.logins(prefix)
		if texts, ok := restrictions.UntilLogin(c.listOf(prefix), key); ok && key != "" && some {
			until = append(until, texts)
		}
	}
	// In mode warn warn_if_reject stands before our own checks only. Before the whole class it would also soften the
	// restrictions of others that the class repeats, and the permit at the end of the class would let pass what they
	// refuse.
	warn := ""
	if c.mode == plan.Warn {
		warn = "warn_if_reject "
	}
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		listed := map[string]string{}
		for _, sender := range lists[name] {
			listed[mailbox.Key(sender)] = isListed
		}
		about := "Who may write to the recipients with the class " + sendersClass + name + "."
		texts := []string{warn + c.unless("check_sender_access", c.named("senders-"+name, about, listed), refuse)}
		if c.mode == plan.Enforce || len(until) < 2 {
			texts = append(texts, asInside)
		}
		c.class(sendersClass+name, texts...)
	}
	needsLogin := c.patterns("login", "Refuses who is not logged in.",
		"/./ "+access.AsResult(c.refusal(text, c.say(logInTexts))))
	c.login(until, warn+"check_recipient_access "+needsLogin)
}

// login is the class that refuses clients without a login. A logged-in client continues as if this class did not exist:
// it meets the restrictions that stand there up to permit_sasl_authenticated. Where clients may log in by two lists, it
// meets the restrictions of both, which only mode enforce demands.
func (c protected) login(until [][]string, refuse string) {
	c.classes = append(c.classes, loginClasses(until, refuse)...)
}

func loginClasses(until [][]string, refuse string) restrictions.Classes {
	one := func(texts ...string) restrictions.Class {
		return restrictions.Class{Name: loginClass, Restrictions: texts}
	}
	switch len(until) {
	case 0:
		return restrictions.Classes{one(refuse)}
	case 1:
	default:
		until[0] = restrictions.MergeUntilLogin(until)
	}
	if texts := until[0]; len(texts) > 1 {
		return restrictions.Classes{
			one(restrictions.WhereLogin("check_sasl_access static:"+asBeforeClass), refuse),
			{Name: asBeforeClass, Restrictions: texts},
		}
	}
	return restrictions.Classes{one(until[0][0], refuse)}
}

// fingerprint is a short name for a list of words.
func fingerprint(words []string) string {
	sum := sha256.Sum256([]byte(cmp.Or(strings.Join(words, " "), "nobody")))
	return hex.EncodeToString(sum[:4])
}

// readProtected reads the tables of protected recipients and their lists of senders.
func readProtected(t Tables, l *rules.Listings) {
	l.Insiders = t.keys(protectedName + "-clients")
	l.BySenders, l.Senders = map[string]string{}, map[string]map[string]bool{}
	prefix := "check_recipient_access " + defaultTableType + ":" + table(protectedName+"-")
	for _, part := range strings.Split(t.restrictions, prefix)[1:] {
		name, _, _ := strings.Cut(part, ",")
		if name = strings.Fields(name + " -")[0]; name == "clients" {
			continue
		}
		for address, class := range t.entries(protectedName + "-" + name) {
			l.BySenders[address] = class
			l.Senders[class] = t.keys(protectedName + "-senders-" + strings.TrimPrefix(class, sendersClass))
		}
	}
}

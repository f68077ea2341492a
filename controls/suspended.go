package controls

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"ucs-harden/access"
	"ucs-harden/findings"
	"ucs-harden/internal/plural"
	"ucs-harden/lists"
	"ucs-harden/owners"
	"ucs-harden/plan"
	"ucs-harden/rules"
)

const (
	suspendedName = "suspended"

	suspendedPrefix    = modePrefix + "suspended/"
	suspendedAttribute = suspendedPrefix + "attribute"
	suspendedValue     = suspendedPrefix + "value"
	suspendedGroup     = suspendedPrefix + "group"
	suspendedReason    = suspendedPrefix + "reason-attribute"
	suspendedText      = suspendedPrefix + "text"
	suspendedLookup    = suspendedPrefix + "lookup"

	defaultSuspendedAttribute = "ucsHardenSuspended"
	defaultSuspendedValue     = "TRUE"
	defaultSuspendedReason    = "ucsHardenSuspendedReason"
)

var suspendedTexts = Texts{"en": "This account may not send mail", "de": "Dieses Konto darf keine E-Mails senden"}

// suspendedControl keeps accounts from sending. They are marked in the directory or stand in a list, and they still
// receive mail. The control knows them by login and by sender, so that another sender address does not help.
var suspendedControl = Control{
	Name: suspendedName, ModeVariable: suspendedPrefix + "mode", Rules: []string{"suspended"},
	Purpose: "suspended accounts may not send",
	Variables: []string{
		suspendedAttribute, suspendedValue, suspendedGroup, suspendedReason, suspendedText, suspendedLookup,
	},
	List: suspendedList, Selective: true, Runs: asks(suspendedName, "suspended(?:-senders|-logins)?"),
	Ask: func(r Registry, _ plan.Mode, q *Questions) {
		m := suspendedMark(r)
		q.Suspended, q.Aside = &m, len(r.Keys(suspendedPrefix)) == 0
		if m.Group != "" && !slices.Contains(q.Members, m.Group) {
			q.Groups = append(q.Groups, m.Group)
		}
	},
	Texts:  []Texts{suspendedTexts},
	Maps:   mapsIfLive(suspendedName, suspendedLookup, "-free"),
	Desire: func(w Work) error { return suspended{w}.desire() },
	Always: func(w Work) { stopped{w}.desire() },
	Listings: func(t Tables, l *rules.Listings) {
		l.Suspended = t.accounts(suspendedName, slices.Concat(t.people.Suspended, t.people.Kept)...)
		l.Stopped = t.accounts(stoppedName)
	},
	Refuses: func(c Check) bool {
		return (c.placedBy(suspendedName) || c.placedBy(stoppedName)) && c.AboutSubject
	},
	Advice: func(Refused) []string {
		return advise("if the account may send again: ucs-harden suspend list shows whether it is listed," +
			" else take its mark off in UMC" + thenSync)
	},
}

var suspendedList = &lists.List{
	Prefix: suspendedPrefix + "account/", Verb: "suspend", Subject: lists.Account, OwnMode: true, ReasonTold: true,
	GroupElsewhere: "the group of suspended accounts is the registry variable " + suspendedGroup,
	Short:          "Keep accounts from sending mail",
	Long: `Keeps the list of accounts that may not send mail; they still receive. An account
is a mail address or a login; an address that several accounts have means none of
them, only mail without a login and with this sender. The reason is shown to who
tries. Accounts that the directory marks as suspended are not in this list, and are
suspended all the same.`,
	All: "the accounts that may not send",
	Examples: `  ucs-harden suspend add leaver --reason "contract ended" --now
  ucs-harden suspend add clerk@company.example --expires 2027-01-31
  ucs-harden suspend remove leaver --now`,
}

type suspended struct{ Work }

// suspendedMark is what marks an account in the directory.
func suspendedMark(r Registry) Mark {
	get := func(variable, preset string) string {
		value, _ := r.Get(variable)
		return cmp.Or(value, preset)
	}
	return Mark{
		Attribute:       get(suspendedAttribute, defaultSuspendedAttribute),
		Value:           get(suspendedValue, defaultSuspendedValue),
		Group:           get(suspendedGroup, ""),
		ReasonAttribute: get(suspendedReason, defaultSuspendedReason),
	}
}

func (c suspended) desire() error {
	live, err := c.live(suspendedLookup)
	if err != nil {
		return err
	}
	known := c.unusableEntries()
	if group := suspendedMark(c.facts.Registry).Group; group != "" {
		if _, _, left := c.groupExists(suspendedGroup, group, live); left {
			known = append(known, fromMark)
		}
	}
	if c.facts.Silent || c.marksUnknown() {
		known = append(known, fromMark)
	}
	text := c.text(suspendedText, suspendedTexts)
	c.unread()
	marked, kept := c.facts.People.Suspended, c.facts.People.Kept
	t := owners.NewListing(c.book(), slices.Concat(marked, kept, c.meant(c.stoppedEntries()))...)
	for _, l := range c.entries(func(e lists.Entry) bool { return e.Mode == "" }) {
		known = append(known, c.enterOrKeep(t, l, c.refusal(text, l.Reason), owners.SetOf(slices.Concat(marked, kept)...))...)
	}
	reasons := map[string]string{}
	for _, e := range c.listed() {
		reasons[e.About()] = e.Reason
	}
	for _, a := range marked {
		reasons[a.UID] = a.Reason
		if live {
			t.AddQuoted(a, c.refusal(text, a.Reason), fromMark)
		} else {
			t.Add(a, c.refusal(text, a.Reason), fromMark)
		}
	}
	c.kept(t, text)
	c.unsaid(reasons)
	stopped := t.Tables()
	c.keepSections(&stopped, known...)
	logins, senders := c.tables("Accounts that may not send,", stopped)
	var answers *liveAnswers
	if live {
		answers = c.liveMaps(c.answer(text))
		answers.known = c.known(text, slices.Contains(known, fromMark))
		stopped.Accounts += len(marked)
	}
	c.place(1, stopped.Accounts, logins, senders, answers)
	return nil
}

// marksUnknown reports that the directory cannot be asked for marks. Then those of the last sync count.
func (c suspended) marksUnknown() bool {
	if !c.facts.People.MarksUnknown {
		return false
	}
	m := suspendedMark(c.facts.Registry)
	return c.skips(findings.Variable.Of(suspendedAttribute).Finding(plan.Error,
		fmt.Sprintf("no account can be marked by the attribute %q with the value %q", m.Attribute, m.Value),
		"correct "+suspendedAttribute+", "+suspendedValue+" and "+suspendedReason+" with ucr set, or unset them"))
}

// unsaid reports accounts whose reason cannot be said as it is written. A reason of the directory may be in any script,
// and must not keep the account from being suspended.
func (c suspended) unsaid(reasons map[string]string) {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(reasons)) {
		if lists.NotPrintable(reasons[name]) != "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return
	}
	c.note(plan.Note, findings.Reasons.Of(suspendedName),
		fmt.Sprintf("the reason of %s is not said in full, for instance that of %s: %s",
			plural.Count(len(names), "account", "accounts"), names[0], lists.NotPrintable(reasons[names[0]])),
		"write it with Latin letters; umlauts and accents are replaced")
}

// mapRefusal begins every answer of the LDAP map. The reason and the tag of the control follow. The map is a template of
// UCR, which does not know the text of the refusal.
const mapRefusal = "REJECT 5.7.1 This account may not send mail"

// longestAnswer is how many characters the text and the reason have together. A reason may have shortestReason in any
// case.
const longestAnswer, shortestReason = 230, 60

// answer is a table that the answers of the LDAP map go through. It puts in the text of the refusal. The reason comes
// from the directory and can have any length. The table cuts a reason that is too long or has characters that do not
// print. If two accounts have one address, the map joins their answers with a comma, and the first one counts. Every
// answer matches a pattern, so no answer permits.
func (c suspended) answer(text string) string {
	text = lists.Printable(text)
	begin := "/^" + regexp.QuoteMeta(mapRefusal)
	reason := func(characters string) string {
		return fmt.Sprintf("(: %s{1,%d}", characters, max(shortestReason, longestAnswer-len(text+": ")))
	}
	tag := Tag + suspendedName
	refuse := " REJECT 5.7.1 " + access.AsResult(text) + "$1"
	return c.patterns("answer", "Makes one line that is not too long of what the directory gives as the reason.",
		begin+reason(`[ -"$-~]`)+" "+tag+"),REJECT /"+refuse,
		begin+reason("[ -~]")+" "+tag+")$/"+refuse,
		begin+reason("[ -~]")+")/"+refuse+"... "+tag,
		"/^/ "+access.AsResult(c.refusal(text, "")))
}

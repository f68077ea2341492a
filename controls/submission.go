package controls

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/doors"
	"ucs-harden/findings"
	"ucs-harden/handmade"
	"ucs-harden/loginmaps"
	"ucs-harden/mastercf"
	"ucs-harden/plan"
	"ucs-harden/reach"
	"ucs-harden/restrictions"
	"ucs-harden/sendas"
)

// submissionControl gives ports 465 and 587 a recipient list of their own, in which the login must own the sender. It
// also gives them login maps that know the uid and the mail addresses.
//
// In mode warn the list holds every new check behind warn_if_reject, and then the main recipient list. The services had
// that before, since they inherit the main list while they have no list of their own. In mode enforce the list holds
// the checks themselves, and what the main list asks of authenticated clients: the restrictions before
// permit_sasl_authenticated, and the quota check.
var submissionControl = Control{
	Name: submissionName, ModeVariable: submissionMode, Runs: submissionRuns,
	NeedsEvidence: true,
	Purpose:       "465 and 587: log in, and send as yourself",
	Rules: []string{
		"sender-not-owned", "sender-not-logged-in", "recipient-nowhere", "login-only", "own-sender", "null-sender",
	},
	Variables: []string{sendas.GroupSenders}, List: sendas.List, Listings: readSendAs,
	Ask: func(r Registry, mode plan.Mode, q *Questions) {
		q.Owners = mode == plan.Warn
		askSendAs(r, q)
	},
	NeedsDirectory: func(f *Facts, mode plan.Mode) bool {
		return mode == plan.Warn || mode == plan.Enforce &&
			(len(sendas.List.Read(f.Registry)) > 0 || f.Registry.IsTrue(sendas.GroupSenders))
	},
	Maps:           func(Registry) []string { return []string{loginMap} },
	Desire:         func(w Work) error { return submission{w}.desire() },
	Withdraw:       func(w Work) { submission{w}.withdraw() },
	InPostfixWords: true,
}

type submission struct{ Work }

const (
	submissionName = "submission"
	submissionMode = modePrefix + submissionName + "/mode"
)

// submissionServices are the service entries. The list goes through a main.cf parameter because UCR does not quote the
// values of -o options.
var submissionServices = []string{"smtps", "submission"}

const ownList = mastercf.SubmissionRestrictions

func (c submission) desire() error {
	services := c.present()
	if len(services) == 0 {
		return nil
	}
	set := handmade.Read(c.facts.Registry, c.facts.Ledger, services)
	_, held := c.facts.Ledger.Variables[restrictions.SubmissionPrefix+"10"]
	if set.Mixed() {
		services = c.mixed(set)
	}
	own := len(set.With) > 0
	if own && set.Whole && !held && !set.Mixed() && c.mode == plan.Warn {
		c.doubt(findings.Loosens.Of(submissionName),
			"465 and 587 already refuse what the published procedure refuses; warn would let it pass again",
			"use --mode enforce, which keeps it refused; or let it pass: --accept loosens:submission")
	}
	main, asks := c.withoutKept(c.recipients(), restrictions.MainPrefix), true
	c.checked[restrictions.MainPrefix] = true // the list is a copy of what main.cf has
	var theirs []loginmaps.Theirs
	for _, service := range services {
		t := c.theirLoginMaps(service, c.theirs(main, own, set))
		theirs, asks = append(theirs, t), asks && t.Askable()
	}
	c.place(c.lists(main, own, asks, set), set)
	for i, service := range services {
		adopted := set.Whole && (!set.Mixed() || slices.Contains(set.With, service))
		c.options(service, adopted)
		c.loginMaps(theirs[i], adopted)
	}
	list := restrictions.Submission(c.pairs(restrictions.SubmissionPrefix))
	if c.mode == plan.Enforce {
		c.findAll(reach.Submission.Findings(list, restrictions.SubmissionPrefix, "reject_sender_login_mismatch", c.facts.Relay))
		c.findAll(reach.Submission.Findings(list, restrictions.SubmissionPrefix, "reject", c.facts.Relay))
		c.findAll(reach.WithoutLogin(list))
	} else {
		c.findAll(reach.Submission.Findings(list, restrictions.SubmissionPrefix, "", c.facts.Relay))
	}
	c.Expect.Main["submission_recipient_restrictions"] = list.String()
	return nil
}

// withdraw reports a service that a stronger layer leaves at the list that is to go, if nothing else refuses relaying: an
// smtpd(8) does not even start then.
func (c submission) withdraw() {
	ours := slices.ContainsFunc(slices.Collect(maps.Keys(c.facts.Ledger.Variables)), func(key string) bool {
		return strings.HasPrefix(key, restrictions.SubmissionPrefix)
	})
	if !ours || len(c.facts.Relay) > 0 || len(c.listWithoutOurs(restrictions.SubmissionPrefix)) > 0 {
		return
	}
	for _, service := range submissionServices {
		key := mastercf.Variable(service, doors.Recipients)
		if layer, value, held := c.facts.Registry.Stronger(key); held && value == ownList {
			c.find(findings.HeldAt(key, layer, value, "", c.name))
		}
	}
}

// present are the services that master.cf has.
func (c submission) present() []string {
	var out []string
	for _, s := range submissionServices {
		if _, ok := c.facts.Services[s]; ok {
			out = append(out, s)
			continue
		}
		c.warn(findings.NoService.Of(s),
			"master.cf has no inet service "+s+": nothing to harden there",
			"if mail programs are meant to send through it, look at /etc/postfix/master.cf.local")
	}
	return out
}

// mixed returns the services that get the list although only one of them had it. In mode warn that is this one: the
// other would begin to refuse what the list refuses.
func (c submission) mixed(set handmade.SetUp) []string {
	with, without := set.With[0], set.Without[0]
	if c.mode == plan.Warn {
		c.warn(findings.Unwatched.Of(without),
			fmt.Sprintf("%s has a recipient list of its own and %s has none: warn leaves %s as it is and logs nothing there",
				with, without, without),
			"to have both logged, let neither have one: ucr unset "+plan.Quote(mastercf.Variable(with, doors.Recipients))+
				", then plan again; enforce gives both the list")
		return set.With
	}
	if !set.Published && len(set.Ours) == 0 {
		c.doubt(findings.OneList.Of(without),
			fmt.Sprintf("%s has a recipient list of its own and %s has none: both would use the same", with, without),
			"if all mail may pass through it: --accept one-list:"+without)
	}
	return slices.Concat(set.With, set.Without)
}

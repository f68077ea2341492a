package baseline

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/mastercf"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// submission gives ports 465 and 587 a recipient list of their own, in which
// the login must own the sender, and login maps that know uid and mail
// address.
//
// In warn the list is every new check as its warn_if_reject twin, followed by
// what held before: the main recipient list, which the services inherit as
// long as they have none of their own. In enforce it is the checks themselves,
// with what the main list asks of authenticated clients, too: what stands
// there before permit_sasl_authenticated, and the quota check.
type submission struct{}

func (submission) name() string { return "submission" }

// The services, and the parameter that holds their list. A list goes through
// a main.cf parameter because UCR renders -o values unquoted.
var submissionServices = []string{"smtps", "submission"}

const ownList = mastercf.SubmissionRestrictions

func (c submission) desire(f *Facts, mode plan.Mode, d *Desired) error {
	if mode == plan.Off {
		return nil
	}
	services := c.present(f, d)
	if len(services) == 0 {
		return nil
	}
	if !f.MapRegistered {
		d.find(plan.Finding{
			ID: "map-not-registered", Severity: plan.Error, Control: c.name(),
			Text: "UCR does not know the template of " + LoginMap,
			Hint: "install the package ucs-harden, or register its templates: ucr register ucs-harden",
		})
	}
	d.files[LoginMap], d.owner[LoginMap] = "", c.name()

	adopted := c.byHand(f)
	main := d.recipients()
	texts := c.lists(main, mode, d)
	c.place(f, d, texts, adopted)
	for _, service := range services {
		c.options(f, d, service, mode, adopted)
	}
	list := restrictions.Submission(d.pairs(restrictions.SubmissionPrefix))
	if mode == plan.Enforce {
		d.reach(list, restrictions.SubmissionPrefix, "reject_sender_login_mismatch", c.name(), submissionKinds)
	}
	d.Expect.Main["submission_recipient_restrictions"] = list.String()
	return nil
}

// present are the services that master.cf has.
func (c submission) present(f *Facts, d *Desired) []string {
	var out []string
	for _, s := range submissionServices {
		if _, ok := f.Services[s]; ok {
			out = append(out, s)
			continue
		}
		d.find(plan.Finding{
			ID: "no-service:" + s, Severity: plan.Warning, Control: c.name(),
			Text: "master.cf has no inet service " + s + ": nothing to harden there",
			Hint: "if mail programs shall send through it, look at /etc/postfix/master.cf.local",
		})
	}
	return out
}

// lists are the texts of the list's variables, by key.
func (c submission) lists(main restrictions.List, mode plan.Mode, d *Desired) map[string]string {
	before, after := aroundLogin(main)
	if mode == plan.Enforce {
		texts := map[string]string{
			"10": "reject_sender_login_mismatch",
			"20": "reject_unknown_recipient_domain",
			"30": strings.Join(append(before, "permit_sasl_authenticated"), ", "),
			"99": strings.Join(append(after, "reject"), ", "),
		}
		return texts
	}
	held, ok := restrictions.WarnInsertion(main)
	cut := slices.Index(held, "warn_if_reject reject")
	if !ok || cut < 0 {
		held = main.Texts()
		cut = len(held)
		d.find(plan.Finding{
			ID: "no-permit-sasl-authenticated", Severity: plan.Warning, Control: c.name(),
			Text: "smtpd_recipient_restrictions has no permit_sasl_authenticated: warn cannot show who writes on 465 and 587 without login",
			Hint: "ucr set " + restrictions.MainPrefix + "30=permit_sasl_authenticated",
		})
	}
	texts := map[string]string{
		"10": "warn_if_reject reject_sender_login_mismatch",
		"20": "warn_if_reject reject_unknown_recipient_domain",
	}
	if cut > 0 {
		texts["30"] = strings.Join(held[:cut], ", ")
	}
	if cut < len(held) {
		texts["99"] = strings.Join(held[cut:], ", ")
	}
	return texts
}

// aroundLogin takes from the main list what authenticated clients met there:
// before, the restrictions in front of permit_sasl_authenticated, less the
// permits and the check of sender-spoofing; after, the quota check, which keeps
// its place behind the permit.
func aroundLogin(main restrictions.List) (before, after []string) {
	login := main.IndexOf("permit_sasl_authenticated")
	for i, item := range main {
		text := item.Text
		_, ours := senderTableType(text)
		switch {
		case ours || text == "permit_mynetworks" || text == "permit_sasl_authenticated" || text == "reject_unauth_destination":
		case i < login:
			before = append(before, text)
		case text == restrictions.QuotaCheck || text == restrictions.ListfilterCheck:
			after = append(after, text)
		}
	}
	return before, after
}

// place puts the texts under their keys. A key that the administrator uses
// for something else keeps its value, and ours goes right behind it.
func (c submission) place(f *Facts, d *Desired, texts map[string]string, adopted bool) {
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		variable := restrictions.SubmissionPrefix + key
		_, ours := f.Ledger.Variables[variable]
		now, taken := f.Registry.Get(variable)
		switch {
		case adopted || ours || !taken:
			d.adopt(variable, texts[key], c.name())
		case now == texts[key]:
		default:
			d.adopt(variable+"-ucs-harden", texts[key], c.name())
		}
	}
	if adopted || c.inEffect(f) {
		return
	}
	for _, variable := range f.Registry.Keys(restrictions.SubmissionPrefix) {
		if _, ours := f.Ledger.Variables[variable]; ours {
			continue
		}
		if _, ours := d.want[variable]; ours {
			continue
		}
		value, _ := f.Registry.Get(variable)
		d.find(plan.Finding{
			ID: "dormant:" + variable, Severity: plan.Error, Control: c.name(), Acceptable: true,
			Text: fmt.Sprintf("%s (%q) has no effect today, since no service refers to the list; it would take effect", variable, value),
			Hint: "unset it, or accept it with --accept " + plan.Quote("dormant:"+variable),
		})
	}
}

// inEffect reports whether a service refers to the list already.
func (submission) inEffect(f *Facts) bool {
	for _, s := range submissionServices {
		if v, _ := f.Registry.Get(mastercf.Variable(s, "smtpd_recipient_restrictions")); v == ownList {
			return true
		}
	}
	return false
}

// byHand recognises the published procedure: every key of its list holds what
// the procedure writes, and was not written by us.
func (submission) byHand(f *Facts) bool {
	published := map[string]string{
		"10": "reject_sender_login_mismatch", "20": "reject_unknown_recipient_domain",
		"30": "permit_sasl_authenticated", "99": "reject",
	}
	for key, text := range published {
		variable := restrictions.SubmissionPrefix + key
		if _, ours := f.Ledger.Variables[variable]; ours {
			return false
		}
		if v, _ := f.Registry.Get(variable); v != text {
			return false
		}
	}
	return true
}

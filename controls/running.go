package controls

import (
	"regexp"
	"slices"
	"strings"

	"ucs-harden/access"
	"ucs-harden/internal/lazyregexp"
	"ucs-harden/mynetworks"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// Running is what Postfix is told now, whatever the registry wants.
type Running struct {
	// Lists are the restrictions of the recipient lists that are asked, Texts these and those of the restriction classes.
	// OwnList: an smtpd(8) asks the list of 465 and 587.
	Lists, Texts []string
	OwnList      bool
	// Networks is mynetworks.
	Networks string
	facts    *Facts
}

// RunningOf reads what Postfix is told from main.cf, master.cf and the tables.
func RunningOf(f *Facts) Running {
	r := Running{Networks: f.Main.Value("mynetworks"), facts: f}
	lists := []string{f.Main.Value("smtpd_recipient_restrictions")}
	for _, options := range f.Services {
		if options["smtpd_recipient_restrictions"] == ownList {
			r.OwnList = true
		}
	}
	if r.OwnList {
		lists = append(lists, f.Main.Value("submission_recipient_restrictions"))
	}
	for _, list := range lists {
		r.Lists = append(r.Lists, restrictions.Parse(list).Texts()...)
	}
	r.Texts = slices.Clone(r.Lists)
	for _, class := range restrictions.ClassesOf(f.Main.Value) {
		r.Texts = append(r.Texts, class.Restrictions...)
	}
	return r
}

// Modes are the modes that the controls have in Postfix, by name.
func (r Running) Modes() map[string]plan.Mode {
	modes := map[string]plan.Mode{}
	for _, c := range all {
		modes[c.Name] = c.Runs(r)
	}
	return modes
}

// Domains are the modes that single domains have in Postfix by the sender table, nil while no list asks it.
func (r Running) Domains() map[string]plan.Mode {
	if spoofingRuns(r) == plan.Off {
		return nil
	}
	modes := map[string]plan.Mode{}
	for _, e := range access.Parse(r.facts.table()) {
		switch word, _, _ := strings.Cut(strings.ToUpper(e.Action), " "); word {
		case "REJECT":
			modes[strings.ToLower(e.Key)] = plan.Enforce
		case "WARN":
			modes[strings.ToLower(e.Key)] = plan.Warn
		default:
			modes[strings.ToLower(e.Key)] = plan.Off
		}
	}
	return modes
}

// begins reports whether a list names something of a part: its tables, LDAP maps or classes. A class alone is asked by
// nobody.
func (r Running) begins(part string) bool {
	class := restrictions.OurClass + strings.ReplaceAll(part, "-", "_")
	return slices.ContainsFunc(r.Lists, func(text string) bool {
		return strings.Contains(text, table(part)) || strings.Contains(text, mapPrefix+part) || strings.Contains(text, class)
	})
}

// asks is the mode in which some tables of a part are asked: warn if warn_if_reject stands before each check. tables is a
// regular expression for their names.
func asks(part, tables string) func(Running) plan.Mode {
	check := lazyregexp.New(`(warn_if_reject )?check_\w+_access (?:\w+:` + regexp.QuoteMeta(Folder+"/") + `|ldap:` +
		regexp.QuoteMeta(mapPrefix) + `)(?:` + tables + `)`)
	return func(r Running) plan.Mode {
		mode := plan.Off
		if !r.begins(part) {
			return mode
		}
		for _, text := range r.Texts {
			for _, m := range check.FindAllStringSubmatch(text, -1) {
				if m[1] == "" {
					return plan.Enforce
				}
				mode = plan.Warn
			}
		}
		return mode
	}
}

// spoofingRuns is the mode of the sender table, if a list or class asks it. Where domains have modes of their own, it is the
// strongest of them.
func spoofingRuns(r Running) plan.Mode {
	mode := plan.Off
	if !strings.Contains(strings.Join(r.Lists, "\n"), ":"+SenderTable) && !r.begins(senderSpoofingName) {
		return mode
	}
	for _, e := range access.Parse(r.facts.table()) {
		if strings.HasPrefix(strings.ToUpper(e.Action), "REJECT") {
			return plan.Enforce
		}
		mode = plan.Warn
	}
	return mode
}

// submissionRuns is the mode of the list of 465 and 587.
func submissionRuns(r Running) plan.Mode {
	if !r.OwnList {
		return plan.Off
	}
	list := restrictions.Parse(r.facts.Main.Value("submission_recipient_restrictions")).Texts()
	if slices.Contains(list, "reject_sender_login_mismatch") {
		return plan.Enforce
	}
	return plan.Warn
}

// relayRuns is the mode that the registry has, if mynetworks has what the control has added: both modes do the same.
func relayRuns(r Running) plan.Mode {
	if len(r.facts.Ledger.Networks) == 0 {
		return plan.Off
	}
	covered := mynetworks.Parse(r.Networks).Coverage()
	for _, network := range r.facts.Ledger.Networks {
		if !covered.CoversAll(network) {
			return plan.Off
		}
	}
	for _, variable := range []string{relayMode, modeOfAll} {
		if _, set := r.facts.Registry.Get(variable); set {
			if mode, err := modeIn(r.facts.Registry, variable); err == nil && mode != plan.Off {
				return mode
			}
			break
		}
	}
	return plan.Warn
}

package controls

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"ucs-harden/access"
	"ucs-harden/findings"
	"ucs-harden/identity"
	"ucs-harden/internal/lazyregexp"
	"ucs-harden/mastercf"
	"ucs-harden/mynetworks"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// A control that is kept stays as it runs: its variables, files and restriction classes are not looked at, and its mode is
// the one that it has in Postfix. Names tell whose something is:
//
//	variable = the key of a list ends with "-ucs-harden-" ORDER "-" PART; else its value or its place tells
//	file     = /etc/postfix/ucs-harden/ PART "-" …, /etc/postfix/ldap.ucs-harden- PART …, the sender table
//	class    = "ucs_harden_" PART …, with underscores

// parts are what names begin with, and the control that they belong to. A longer part stands before its own beginning.
var parts = []struct{ part, control string }{
	{stoppedName, stoppedName},
	{suspendedName, suspendedName},
	{localOnlyName, localOnlyName},
	{foreignSenderName, foreignSenderName},
	{protectedName, protectedName},
	{senderSpoofingName, senderSpoofingName},
	{submissionName, submissionName},
	{"logins", submissionName},        // the LDAP map
	{"exception", senderSpoofingName}, // classes
	{"senders", protectedName},        // classes
	{"login", protectedName},          // a class
	{"as-before", protectedName},      // a class
}

var listKey = lazyregexp.New(regexp.QuoteMeta(restrictions.Ours) + `-\d+-(.+)$`)

// owner is the control that a variable, a parameter, a file or a restriction class belongs to; "" for none, or for
// several.
func (f *Facts) owner(name string) string {
	switch {
	case name == SenderTable:
		return senderSpoofingName
	case name == mynetworks.Variable, name == "mynetworks":
		return relayName
	case name == mastercf.SubmissionRestrictions[1:]:
		return submissionName
	case strings.HasPrefix(name, Folder+"/"):
		return ownerOfPart(strings.TrimPrefix(name, Folder+"/"))
	case strings.HasPrefix(name, mapPrefix):
		return ownerOfPart(strings.TrimPrefix(name, mapPrefix))
	case strings.HasPrefix(name, restrictions.OurClass):
		return ownerOfPart(strings.ReplaceAll(strings.TrimPrefix(name, restrictions.OurClass), "_", "-"))
	case strings.HasPrefix(name, restrictions.MainPrefix), strings.HasPrefix(name, restrictions.SubmissionPrefix):
		return f.ownerOfKey(name)
	}
	for _, service := range submissionServices {
		if strings.HasPrefix(name, mastercf.OptionsPrefix+service+"/") {
			return submissionName
		}
	}
	return ""
}

func ownerOfPart(name string) string {
	for _, p := range parts {
		if strings.HasPrefix(name, p.part) {
			return p.control
		}
	}
	return ""
}

// ownerOfKey is the control that a variable of a restriction list belongs to.
func (f *Facts) ownerOfKey(key string) string {
	if m := listKey.FindStringSubmatch(key); m != nil {
		return ownerOfPart(m[1])
	}
	if strings.HasPrefix(key, restrictions.SubmissionPrefix) {
		return submissionName
	}
	value, _ := f.Registry.Get(key)
	wrote := f.Ledger.Variables[key].Wrote
	ofCheck := func(text string) bool { return isSpoofingCheck(text) }
	if strings.HasSuffix(key, restrictions.CheckKey("")) || slices.ContainsFunc(restrictions.Parse(value).Texts(), ofCheck) ||
		slices.ContainsFunc(restrictions.Parse(wrote).Texts(), ofCheck) {
		return senderSpoofingName
	}
	return ""
}

// domainPartFile is shared by several controls.
var domainPartFile = table("domain-part.regexp")

// keep gives the controls that are kept the modes that they have in Postfix, and looks at nothing of theirs.
func (d *Desired) keep() {
	f := d.facts
	if len(f.Left.Controls) == 0 {
		return
	}
	d.lookAt(func(name string) bool { return name != domainPartFile && !f.Left.has(f.owner(name)) })
	running := RunningOf(f)
	modes, domains := running.Modes(), running.Domains()
	for i := range d.Controls {
		state := &d.Controls[i]
		if !f.Left.has(state.Name) {
			continue
		}
		state.After, state.Domains = modes[state.Name], nil
		if c, _ := ByName(state.Name); c.DomainModes != "" {
			state.Domains = f.domainsRunning(domains)
		}
	}
}

// domainsRunning are the modes that the hosted domains have in Postfix; nil if they all have the same.
func (f *Facts) domainsRunning(running map[string]plan.Mode) map[string]plan.Mode {
	modes, kinds := map[string]plan.Mode{}, map[plan.Mode]bool{}
	for _, domain := range hostedDomains(f.Registry) {
		mode, known := running[domain]
		if !known {
			mode = plan.Off
		}
		modes[domain], kinds[mode] = mode, true
	}
	if len(kinds) < 2 {
		return nil
	}
	return modes
}

// countKept counts what a control acts on that is kept.
func (d *Desired) countKept() {
	texts := strings.Join(RunningOf(d.facts).Texts, "\n")
	for i := range d.Controls {
		state := &d.Controls[i]
		if c, _ := ByName(state.Name); d.facts.Left.has(state.Name) {
			accounts, _ := EffectiveOf(c, texts, func(path string) []byte { return d.facts.Disk[path] })
			state.Listed, state.Idle = len(accounts), false
		}
	}
}

// withoutKept takes the checks of the controls that are kept and come behind submission out of a list, as submission
// would find it.
func (d *Desired) withoutKept(list restrictions.List, prefix string) restrictions.List {
	return slices.DeleteFunc(slices.Clone(list), func(item restrictions.Item) bool {
		owner := d.facts.owner(prefix + item.Key)
		return item.Key != "" && owner != senderSpoofingName && owner != submissionName && d.facts.Left.has(owner)
	})
}

// ourNames are names of our tables and classes in a restriction.
var ourNames = lazyregexp.New(regexp.QuoteMeta(Folder) + `/[\w.-]+|\b` + restrictions.OurClass + `\w+`)

// leaveNeeded keeps the controls whose tables and classes a kept control names, if the plan would remove these: Postfix
// answers 451 where a table or a class is missing. It reports whether there is one more.
func (d *Desired) leaveNeeded() (more bool) {
	if len(d.facts.Left.Controls) == 0 {
		return false
	}
	var there []string
	for _, class := range d.classes {
		there = append(there, class.Name)
	}
	gone := func(name string) bool {
		if strings.HasPrefix(name, Folder+"/") {
			_, wanted := d.files[name]
			return !wanted && d.concerns(name)
		}
		return !slices.Contains(there, name)
	}
	need := func(by, text string) {
		for _, found := range ourNames.FindAllStringSubmatch(text, -1) {
			name := found[0]
			owner := d.facts.owner(name)
			if owner == "" || d.facts.Left.has(owner) || !gone(name) {
				continue
			}
			f := findings.Stays.Of(owner).Finding(plan.Warning,
				fmt.Sprintf("%s stays as it runs because %s does, which names %s", owner, by, name),
				"mend what keeps "+by+" from being brought up to date")
			f.Control = owner
			d.facts.Left.Controls[owner], more = []plan.Finding{f}, true
		}
	}
	for _, class := range (Work{Desired: d}).keptClasses() {
		need(d.facts.owner(class.Name), strings.Join(class.Restrictions, ", "))
	}
	for key := range d.facts.Ledger.Variables {
		if value, _ := d.facts.Registry.Get(key); !d.concerns(key) {
			need(d.facts.owner(key), value)
		}
	}
	return more
}

// KnownServers are the other mail servers of the last sync, by the table of clients that are exempt from sender-spoofing.
func (f *Facts) KnownServers() []identity.Host {
	host := identity.Host{Name: "a mail server of the last sync"}
	for _, e := range access.Parse(f.Disk[table(spoofingClients)]) {
		p, err := netip.ParsePrefix(e.Key)
		if err == nil && e.Action == "DUNNO" && p.IsSingleIP() && !f.Inside.ThisHost(p.Addr()) {
			host.Addresses = append(host.Addresses, p.Addr())
		}
	}
	if len(host.Addresses) == 0 {
		return nil
	}
	return []identity.Host{host}
}

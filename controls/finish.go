package controls

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/hosteddomains"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// finish compares the wishes with the facts: it takes back what is ours and wanted no more, refuses what a stronger
// layer holds, and keeps the ledger.
func (d *Desired) finish() {
	d.addClasses()
	d.expectLists()
	d.countListed()
	byHand := false
	for _, key := range slices.Sorted(maps.Keys(d.want)) {
		d.claim(key, d.want[key])
	}
	for _, key := range slices.Sorted(maps.Keys(d.facts.Ledger.Variables)) {
		if _, wanted := d.want[key]; wanted {
			continue
		}
		_, restored := d.restored(key)
		if _, untouched := d.untouched(key); untouched && !restored {
			layer, _, _ := d.facts.Registry.Stronger(key)
			d.find(plan.Finding{
				ID: "held-above:" + key, Severity: plan.Warning,
				Text: fmt.Sprintf("%s is held by the layer %q now; what ucs-harden wrote stays below it, without effect", key, layer),
				Hint: "when that layer lets go of it: ucs-harden sync",
			})
			continue
		}
		byHand = byHand || d.Ledger.Variables[key].Adopted
		delete(d.Ledger.Variables, key)
		if restored {
			continue
		}
		if now, set := d.facts.Registry.Normal(key); set {
			d.find(plan.Finding{
				ID: "changed-since:" + key, Severity: plan.Warning,
				Text: fmt.Sprintf("%s was changed since ucs-harden set it, to %q: it is left alone", key, now),
				Hint: "if it is not wanted any more: ucr unset " + plan.Quote(key),
			})
		}
	}
	if byHand {
		d.find(plan.Finding{
			ID: "adopted-goes", Severity: plan.Note,
			Text: "what was set up by hand after the published procedure had become ours, and goes as well",
			Hint: "ucs-harden rollback, instead, brings the set-up by hand back",
		})
	}
	for _, path := range d.facts.Ledger.Files {
		if _, wanted := d.files[path]; !wanted && !d.stays(path) {
			d.Ledger.Files = slices.DeleteFunc(d.Ledger.Files, func(p string) bool { return p == path })
		}
	}
	for _, path := range slices.Sorted(maps.Keys(d.files)) {
		there := d.files[path].kind == plan.Map && d.facts.Maps[path].Present
		if !d.Ledger.hasFile(path) && !there {
			d.Ledger.Files = append(d.Ledger.Files, path)
		}
	}
	slices.Sort(d.Ledger.Files)
}

// countListed tells of each control with a list how much that acts on.
func (d *Desired) countListed() {
	for i, c := range d.Controls {
		n, busy := d.busy[c.Name]
		d.Controls[i].Listed, d.Controls[i].Idle = n, all[i].Selective && c.After != plan.Off && !busy
	}
}

// addClasses writes the restriction classes.
func (d *Desired) addClasses() {
	if part := d.classes.Bytes(); part != nil {
		d.files[ClassesFile] = wanted{kind: plan.Include, content: string(part)}
		d.Expect.Main[restrictions.ClassNames] = d.classes.Names()
		d.Expect.Holds = map[string]string{"smtpd_restriction_classes": "$" + restrictions.ClassNames}
	}
	if d.facts.NoFolder && slices.ContainsFunc(slices.Collect(maps.Keys(d.files)), func(path string) bool { return strings.HasPrefix(path, Folder+"/") }) {
		d.find(plan.Finding{
			ID: "no-folder", Severity: plan.Error,
			Text: "there is no folder " + Folder + " for the tables of ucs-harden",
			Hint: "it is part of the package: apt-get install --reinstall ucs-harden",
		})
	}
}

// expectLists is what the lists with checks of ours must be.
func (d *Desired) expectLists() {
	for prefix, parameter := range map[string]string{
		restrictions.MainPrefix: "smtpd_recipient_restrictions", restrictions.SubmissionPrefix: "submission_recipient_restrictions",
	} {
		if _, expected := d.Expect.Main[parameter]; expected || d.checked[prefix] {
			d.Expect.Main[parameter] = d.listOf(prefix).String()
		}
	}
}

// stays reports whether a table, wanted no more, has to stay for now: while a restriction of the administrator's names
// it, removing it would make Postfix answer 451 4.3.5 to everybody outside mynetworks.
func (d *Desired) stays(path string) bool {
	content, there := d.facts.Disk[path]
	if !there {
		return false
	}
	if path == SenderTable && !hosteddomains.Ours(content) {
		d.leave[path] = true
		d.find(plan.Finding{
			ID: "changed-since:" + path, Severity: plan.Warning,
			Text: path + " is not any more the one that ucs-harden wrote: it is left alone",
			Hint: "if it is not wanted any more, and postconf does not show it: rm " + path,
		})
		return false
	}
	for _, v := range d.pairs("mail/") {
		if strings.Contains(v.Value, path) {
			d.leave[path] = true
			d.find(plan.Finding{
				ID: "table-in-use:" + v.Key, Severity: plan.Warning,
				Text: fmt.Sprintf("%s (%q) names %s: the table stays, and goes on doing what it does", v.Key, v.Value, path),
				Hint: "to stop that: ucr unset " + plan.Quote(v.Key) + ", then ucs-harden sync",
			})
			return true
		}
	}
	return false
}

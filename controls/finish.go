package controls

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/findings"
	"ucs-harden/hosteddomains"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// finish compares the wishes with the facts. It takes back what is ours and not wanted any more, reports what a
// stronger layer holds, and updates the ledger.
func (w Work) finish() {
	for _, add := range w.later {
		add()
	}
	w.addClasses()
	w.expectLists()
	w.countListed()
	byHand := false
	for _, key := range slices.Sorted(maps.Keys(w.want)) {
		w.claim(key, w.want[key])
	}
	for _, key := range slices.Sorted(maps.Keys(w.facts.Ledger.Variables)) {
		if _, wanted := w.want[key]; wanted || !w.concerns(key) {
			continue
		}
		_, restored := w.facts.Ledger.Restored(w.facts.Registry, key)
		if w.facts.Ledger.Untouched(w.facts.Registry, key) && !restored {
			layer, _, _ := w.facts.Registry.Stronger(key)
			w.warn(findings.HeldAbove.Of(key),
				fmt.Sprintf("%s is held by the layer %q now; what ucs-harden wrote stays below it, without effect", key, layer),
				"when that layer lets go of it: ucs-harden sync")
			continue
		}
		byHand = byHand || w.Ledger.Variables[key].Adopted
		delete(w.Ledger.Variables, key)
		if restored {
			continue
		}
		if now, set := w.facts.Registry.Normal(key); set {
			w.warn(findings.ChangedSince.Of(key),
				fmt.Sprintf("%s was changed since ucs-harden set it, to %q: it is left alone", key, now),
				"if it is not wanted any more: ucr unset "+plan.Quote(key))
		}
	}
	if byHand {
		w.note(plan.Note, findings.AdoptedGoes.Of(),
			"what was set up by hand after the published procedure had become ours, and goes as well",
			"ucs-harden rollback, instead, brings the set-up by hand back")
	}
	for _, path := range w.facts.Ledger.Files {
		if _, wanted := w.files[path]; !wanted && w.concerns(path) && !w.stays(path) {
			w.Ledger.Files = slices.DeleteFunc(w.Ledger.Files, func(p string) bool { return p == path })
		}
	}
	for _, path := range slices.Sorted(maps.Keys(w.files)) {
		there := w.files[path].kind == plan.Map && w.facts.Maps[path].Present
		if !w.Ledger.HasFile(path) && !there {
			w.Ledger.Files = append(w.Ledger.Files, path)
		}
	}
	slices.Sort(w.Ledger.Files)
}

// countListed counts what each Selective control acts on.
func (d *Desired) countListed() {
	for i, c := range d.Controls {
		n, busy := d.busy[c.Name]
		d.Controls[i].NotStopped = d.missing[c.Name]
		if all[i].Always != nil {
			d.Controls[i].Stopped = d.busy[stoppedName]
		}
		d.Controls[i].Listed, d.Controls[i].Idle = n, all[i].Selective && c.After != plan.Off && !busy
	}
}

// addClasses writes the restriction classes.
func (w Work) addClasses() {
	if w.only != nil {
		w.classes = w.inOrder(append(w.keptClasses(), w.classes...))
	}
	w.classes = stoppedFirst(w.classes)
	switch part := w.classes.Bytes(); {
	case part != nil && w.facts.NoTemplate:
		w.fail(findings.TemplateNotRegistered.Of(),
			"UCR does not know the template that adds "+ClassesFile+" to main.cf: "+MainTemplate, registerHint)
	case part != nil:
		w.files[ClassesFile] = wanted{kind: plan.Include, content: string(part)}
		w.Expect.Main[restrictions.ClassNames] = w.classes.Names()
		w.Expect.Holds = map[string]string{"smtpd_restriction_classes": "$" + restrictions.ClassNames}
	}
	inFolder := func(path string) bool { return strings.HasPrefix(path, Folder+"/") }
	if w.facts.NoFolder && slices.ContainsFunc(slices.Collect(maps.Keys(w.files)), inFolder) {
		w.fail(findings.NoFolder.Of(),
			"there is no folder "+Folder+" for the tables of ucs-harden",
			"it is part of the package: apt-get install --reinstall ucs-harden")
	}
}

// expectLists says what the lists with checks of ours must be.
func (d *Desired) expectLists() {
	for prefix, parameter := range map[string]string{
		restrictions.MainPrefix:       "smtpd_recipient_restrictions",
		restrictions.SubmissionPrefix: "submission_recipient_restrictions",
	} {
		if _, expected := d.Expect.Main[parameter]; expected || d.checked[prefix] {
			d.Expect.Main[parameter] = d.listOf(prefix).String()
		}
	}
}

// stays reports whether a table that is not wanted any more has to stay for now. As long as a restriction of the
// administrator names the table, Postfix would answer 451 4.3.5 to everybody outside mynetworks without it.
func (w Work) stays(path string) bool {
	content, there := w.facts.Disk[path]
	if !there {
		return false
	}
	if path == SenderTable && !hosteddomains.Ours(content) {
		w.leave[path] = true
		w.warn(findings.ChangedSince.Of(path),
			path+" is not any more the one that ucs-harden wrote: it is left alone",
			"if it is not wanted any more, and postconf does not show it: rm "+path)
		return false
	}
	for _, v := range w.pairs("mail/") {
		if strings.Contains(v.Value, path) {
			w.leave[path] = true
			w.warn(findings.TableInUse.Of(v.Key),
				fmt.Sprintf("%s (%q) names %s: the table stays, and keeps its effect", v.Key, v.Value, path),
				"to stop that: ucr unset "+plan.Quote(v.Key)+", then ucs-harden sync")
			return true
		}
	}
	return false
}

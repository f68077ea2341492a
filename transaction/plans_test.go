package transaction_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"ucs-harden/plan"
	"ucs-harden/restrictions"
	"ucs-harden/transaction"
)

// desire is what the modes want: variables (nil: none) and files.
func desire(mode plan.Mode) (map[string]*string, map[string]string) {
	yes := func(s string) *string { return &s }
	vars := map[string]*string{
		"mail/postfix/mynetworks":                           yes("127.0.0.0/8"),
		mainList + "05-warn":                                nil,
		mainList + "05-enforce":                             nil,
		mainList + "50-ucs-harden":                          nil,
		submissionList + "10":                               nil,
		submissionList + "20":                               nil,
		submissionList + "99":                               nil,
		options + "smtps/smtpd_recipient_restrictions":      nil,
		options + "submission/smtpd_recipient_restrictions": nil,
		options + "submission/smtpd_sender_login_maps":      nil,
		options + "submission/smtpd_tls_security_level":     nil,
	}
	if mode == plan.Off {
		return vars, nil
	}
	vars["mail/postfix/mynetworks"] = yes("127.0.0.0/8 10.99.1.10/32")
	// The classes of warn and enforce have nothing in common, nor have the tables and variables that name them.
	vars[mainList+"05-"+string(mode)] = yes("check_sender_access hash:" + senders + string(mode))
	vars[mainList+"50-ucs-harden"] = yes("check_sender_access hash:" + table)
	vars[submissionList+"10"] = yes("warn_if_reject reject_sender_login_mismatch")
	vars[submissionList+"20"] = yes("permit_mynetworks")
	vars[submissionList+"99"] = yes("permit_sasl_authenticated, reject_unauth_destination")
	for _, service := range []string{"smtps", "submission"} {
		vars[options+service+"/smtpd_recipient_restrictions"] = yes("$submission_recipient_restrictions")
	}
	vars[options+"submission/smtpd_sender_login_maps"] = yes("ldap:" + loginMap)
	files := map[string]string{table: "company.my WARN\n", loginMap: "", ledger: "{\"mode\": \"warn\"}\n"}
	class := restrictions.Class{Name: "ucs_harden_" + string(mode), Restrictions: []string{"reject_unlisted_recipient", "reject"}}
	files[classes] = string(restrictions.Classes{class}.Bytes())
	files[senders+string(mode)] = "boss@company.my " + class.Name + "\n"
	if mode == plan.Enforce {
		vars[submissionList+"10"] = yes("reject_sender_login_mismatch")
		vars[submissionList+"20"] = nil
		vars[submissionList+"99"] = yes("permit_sasl_authenticated, reject")
		vars[options+"submission/smtpd_tls_security_level"] = yes("encrypt")
		files[table] = "company.my REJECT\n"
		files[ledger] = "{\"mode\": \"enforce\"}\n"
	}
	return vars, files
}

// plan leads from the world as it is to a mode.
func (w *world) plan(mode plan.Mode) *plan.Plan {
	vars, files := desire(mode)
	p := &plan.Plan{Schema: plan.Schema, Mode: mode, Restrictions: "mail/postfix/smtpd/restrictions/recipient/10: permit_mynetworks\n"}
	now := w.registry()
	set, unset := map[string]string{}, []string(nil)
	for _, key := range slices.Sorted(maps.Keys(vars)) {
		v := plan.Variable{Key: key, After: vars[key]}
		if value, ok := now[key]; ok {
			v.Before = &value
		}
		switch v.Action() {
		case plan.Keep:
			continue
		case plan.Remove:
			unset = append(unset, key)
		default:
			set[key] = *v.After
		}
		p.Variables = append(p.Variables, v)
	}
	for _, f := range []plan.File{
		{Path: table, Kind: plan.Table, Type: "hash"},
		{Path: senders + "warn", Kind: plan.Table, Type: "hash"}, {Path: senders + "enforce", Kind: plan.Table, Type: "hash"},
		{Path: classes, Kind: plan.Include}, {Path: loginMap, Kind: plan.Map}, {Path: ledger, Kind: plan.Ledger},
	} {
		var before, after *string
		if content := w.read(f.Path); content != nil {
			s := string(content)
			before = &s
		}
		if s, ok := files[f.Path]; ok {
			after = &s
		}
		next := plan.NewFile(f.Path, f.Kind, before, after, "")
		next.Type = f.Type
		if f.Kind == plan.Map { // its content is a secret and in no plan
			next.Before, next.After = nil, nil
			if before != nil && after != nil {
				next.Action = plan.Keep
			}
		}
		if next.Action != plan.Keep {
			p.Files = append(p.Files, next)
		}
	}
	next := changed(now, set, unset)
	rendered := func(file string) plan.RenderedFile {
		return plan.RenderedFile{
			Path: file, Now: w.read(file),
			Current: w.rendering(now, file, false), Next: w.renderingWith(files[classes], next, file, false),
		}
	}
	p.Rendered = &plan.Rendered{Main: rendered(transaction.MainCF), Master: rendered(transaction.MasterCF)}
	p.Expect.Main = map[string]string{"smtpd_recipient_restrictions": list(next, mainList)}
	if l := list(next, submissionList); l != "" {
		p.Expect.Main["submission_recipient_restrictions"] = l
	}
	return p
}

// machine is a new process of ours: nothing is known but what lies on disk.
func (w *world) machine() *transaction.Machine {
	return &transaction.Machine{
		Root: w.root, Store: transaction.Store{Dir: w.path("/var/lib/ucs-harden")},
		Registry: registryProgram{w}, Postfix: postfixProgram{w}, Verification: postfixProgram{w},
		Lasting: func(name string) bool { return strings.Contains(name, "stopped") },
		After:   func(step string) { w.observe("after step " + step); w.observeRestart("after step " + step) },
	}
}

func (w *world) apply(ctx context.Context, mode plan.Mode) (string, error) {
	return w.machine().Apply(ctx, w.plan(mode), transaction.Options{Version: "1.0", Now: time.Now(), Registry: w.registry()})
}

// alive runs f until it returns, or dies as by kill -9.
func alive(f func()) (survived bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
		survived = true
	}()
	<-done
	return survived
}

// mustApply applies without a fault.
func (w *world) mustApply(modes ...plan.Mode) (id string) {
	w.t.Helper()
	for _, mode := range modes {
		var err error
		if id, err = w.apply(context.Background(), mode); err != nil {
			w.t.Fatalf("apply %s: %s", mode, strings.TrimSpace(err.Error()))
		}
	}
	w.calls = nil
	return id
}

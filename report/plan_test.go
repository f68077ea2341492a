package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/plan"
	"ucs-harden/rehearsal"
	"ucs-harden/report"
)

func text(s string) *string { return &s }

const (
	sender = "/etc/postfix/check_custom_sender_access"
	check  = "check_sender_access hash:" + sender
)

// warn is a plan for mode warn on a server where nothing was hardened yet.
func warn() *plan.Plan {
	before := "mynetworks = 127.0.0.0/8\nsmtpd_recipient_restrictions = permit_mynetworks,\n        permit_sasl_authenticated,\n        reject_unauth_destination,\n        reject_unlisted_recipient\n"
	after := strings.Replace(strings.Replace(before, "/8\n", "/8 10.99.1.10/32\n", 1), "reject_unauth_destination,\n", "reject_unauth_destination,\n        "+check+",\n", 1)
	return &plan.Plan{
		Schema: plan.Schema, Mode: plan.Warn,
		Controls: []plan.Control{{Name: "sender-spoofing", Before: plan.Off, After: plan.Warn}, {Name: "relay", Before: plan.Off, After: plan.Warn}, {Name: "submission", Before: plan.Off, After: plan.Off}},
		Variables: []plan.Variable{
			{Key: "mail/harden/mode", Before: text("off"), After: text("warn")},
			{Key: "mail/postfix/mynetworks", After: text("127.0.0.0/8 10.99.1.10/32"), Control: "relay"},
			{Key: "mail/postfix/smtpd/restrictions/recipient/50-ucs-harden", After: text(check), Control: "sender-spoofing"},
			{Key: "mail/postfix/smtpd/restrictions/recipient/60-ucs-harden", Before: text(check), Control: "sender-spoofing"},
		},
		Files: []plan.File{
			plan.NewFile(sender, plan.Table, nil, text("company.my\tWARN #ucs-harden:sender-spoofing\n.company.my\tWARN #ucs-harden:sender-spoofing\n"), "sender-spoofing"),
			{Path: "/etc/postfix/ldap.ucs-harden-logins", Kind: plan.Map, Action: plan.Change},
			{Path: "/etc/postfix/ucs-harden/main.cf", Kind: plan.Include, Action: plan.Create, Diff: "+ucs_harden_classes = ucs_harden_local_only\n"},
			plan.NewFile("/var/lib/ucs-harden/ledger.json", plan.Ledger, nil, text("{}"), ""),
		},
		Rendered: &plan.Rendered{
			Main:   plan.RenderedFile{Path: "/etc/postfix/main.cf", Diff: plan.Unified("/etc/postfix/main.cf", before, after)},
			Master: plan.RenderedFile{Path: "/etc/postfix/master.cf"},
		},
		Expect: plan.Expectation{
			Main:   map[string]string{"mynetworks": "127.0.0.0/8 10.99.1.10/32", "smtpd_recipient_restrictions": "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination, " + check},
			Master: map[string]map[string]string{"submission/inet": {"syslog_name": "postfix/submission"}},
		},
	}
}

func hashed(p *plan.Plan) *plan.Plan {
	for i, f := range p.Files {
		if f.Kind == plan.Table {
			p.Files[i].Type = "hash"
		}
	}
	return p
}

func findings(p *plan.Plan) *plan.Plan {
	p.Findings = []plan.Finding{
		{ID: "held:mail/postfix/mynetworks", Severity: plan.Error, Control: "relay", Text: `mail/postfix/mynetworks is held by the layer "forced" with the value "127.0.0.0/8"`, Hint: "ucr unset --force mail/postfix/mynetworks"},
		{ID: "dormant:mail/postfix/submission/restrictions/recipient/1 0", Severity: plan.Error, Acceptable: true, Text: "it has no effect today; it would take effect", Hint: "unset it"},
		{ID: "edited-by-hand:/etc/postfix/main.cf", Severity: plan.Error, Acceptable: true, Text: "/etc/postfix/main.cf differs from what UCR renders from the registry; the manual changes would be lost:\n--- a/etc/postfix/main.cf\n+++ b/etc/postfix/main.cf\n@@ -1,1 +1,2 @@\n a = b\n+c = d", Hint: "put the lines into /etc/postfix/main.cf.local"},
		{ID: "no-auth:submission", Severity: plan.Warning, Text: "AUTH is off on submission", Hint: "look at who uses that port"},
		{ID: "check-not-directly-after:50-ucs-harden", Severity: plan.Note, Text: "others are judged first", Hint: "nothing to do if that is meant"},
	}
	return p
}

// screen shows all of a plan whose rehearsal is m.
func screen(p *plan.Plan, m *rehearsal.Matrix) report.PlanScreen {
	return report.PlanScreen{Plan: p, Matrix: m, Commands: true, Diff: true}
}

func TestPlan(t *testing.T) {
	off := []plan.Control{{Name: "sender-spoofing", Before: plan.Off, After: plan.Off}, {Name: "relay", Before: plan.Off, After: plan.Off}}
	unchanged := &plan.Rendered{Main: plan.RenderedFile{Path: "/etc/postfix/main.cf"}, Master: plan.RenderedFile{Path: "/etc/postfix/master.cf"}}
	many := warn()
	for i := range 150 {
		many.Findings = append(many.Findings, plan.Finding{ID: fmt.Sprintf("list-unknown:suspended/a%d", i), Severity: plan.Warning, Text: fmt.Sprintf("the directory has no account a%d", i), Hint: "remove the entry"})
	}
	foreseen := rightMatrix()
	foreseen.Foreseen = true
	archived := warn()
	archived.Rendered = nil
	accepted := findings(hashed(warn()))
	accepted.Findings = accepted.Findings[1:2]
	nasty := warn()
	nasty.Variables = []plan.Variable{
		{Key: "mail/\x1b[2Jx", After: text("a\x1b[31mred\x07\u202e\nnew line")},
		{Key: "mail/empty", Before: text("\x00"), After: text("")},
	}
	nasty.Files = []plan.File{plan.NewFile("/etc/\x1b]0;title\x07", plan.Table, nil, text("evil.example\tREJECT \x1b[2J\n"), "")}
	nasty.Rendered = &plan.Rendered{Main: plan.RenderedFile{Path: "/etc/postfix/main.cf", Diff: "+x = \x1b[2J\r\n"}}
	nasty.Findings = []plan.Finding{{ID: "id:\x1b[2J", Severity: plan.Warning, Text: "text \x1b[2J\r", Hint: "hint \u009b2J"}}
	nasty.Controls = off

	for _, c := range []struct {
		name  string
		plan  report.PlanScreen
		style report.Style
	}{
		{"plan", report.PlanScreen{Plan: hashed(warn()), Matrix: foreseen}, report.Style{}},
		{"plan-80", report.PlanScreen{Plan: findings(hashed(warn())), Matrix: rightMatrix()}, report.Style{Width: 80}},
		{"plan-120", report.PlanScreen{Plan: findings(hashed(warn())), Matrix: rightMatrix()}, report.Style{Width: 120}},
		{"plan-many-findings", report.PlanScreen{Plan: many, Matrix: foreseen}, report.Style{Width: 80}},
		{"plan-unknown", report.PlanScreen{Plan: hashed(warn()), Unknown: errors.New("cannot use the registry variable mail/hosteddomains: it is empty")}, report.Style{}},
		{"plan-all", screen(hashed(warn()), foreseen), report.Style{}},
		{"plan-findings", report.PlanScreen{Plan: findings(hashed(warn()))}, report.Style{}},
		{"plan-accepted", report.PlanScreen{Plan: accepted, Accepted: []string{accepted.Findings[0].ID}}, report.Style{}},
		{"plan-none-off", screen(&plan.Plan{Controls: off, Rendered: unchanged}, nil), report.Style{}},
		{"plan-none-on", screen(&plan.Plan{Controls: warn().Controls[:1], Files: warn().Files[3:], Expect: warn().Expect, Rendered: unchanged, Findings: findings(warn()).Findings[3:]}, nil), report.Style{}},
		{"plan-none-but-errors", screen(&plan.Plan{Controls: warn().Controls[:1], Rendered: unchanged, Findings: findings(warn()).Findings[:1]}, nil), report.Style{}},
		{"plan-archived", screen(hashed(archived), nil), report.Style{}},
		{"plan-control-characters", screen(hashed(nasty), nil), report.Style{}},
		{"plan-colour", screen(findings(hashed(warn())), rightMatrix()), report.Style{Color: true, Width: 80}},
	} {
		t.Run(c.name, func(t *testing.T) {
			golden(t, c.name, func(w *bytes.Buffer) error { return report.Plan(w, c.plan, c.style) })
		})
	}
}

// Colours only underline what is said in words: without them the text is the
// same, and has no escape at all, whatever the values hold.
func TestColoursAreOnlyColours(t *testing.T) {
	var plain, coloured bytes.Buffer
	require.NoError(t, report.Plan(&plain, screen(findings(hashed(warn())), rightMatrix()), report.Style{}))
	require.NoError(t, report.Plan(&coloured, screen(findings(hashed(warn())), rightMatrix()), report.Style{Color: true}))
	assert.NotContains(t, plain.String(), "\x1b")
	assert.Contains(t, coloured.String(), "\x1b")
	assert.Equal(t, plain.String(), strings.NewReplacer("\x1b[31m", "", "\x1b[32m", "", "\x1b[33m", "", "\x1b[1m", "", "\x1b[0m", "").Replace(coloured.String()))
}

type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errors.New("no space left on device")
	}
	return len(p), nil
}

func TestAFailingWriterIsNoticed(t *testing.T) {
	assert.EqualError(t, report.Plan(&full{left: 100}, screen(warn(), nil), report.Style{}), "no space left on device")
	assert.ErrorContains(t, report.JSON(&full{}, 1), "cannot write JSON: no space left on device")
}

// What scripts read beside the plan itself, whose shape is tested in plan.
func TestPlanAsJSON(t *testing.T) {
	var out bytes.Buffer
	foreseen := rightMatrix()
	require.NoError(t, report.JSON(&out, report.View(screen(hashed(warn()), foreseen))))
	assert.NotContains(t, out.String(), `\u003c`, "< and > stay readable")
	var got map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	assert.EqualValues(t, plan.Schema, got["schema"])
	assert.Equal(t, true, got["changed"])
	assert.Contains(t, got["commands"], "postfix reload")
	assert.Len(t, got["consequences"], 4)

	out.Reset()
	require.NoError(t, report.JSON(&out, report.View(report.PlanScreen{Plan: &plan.Plan{}})))
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	assert.Equal(t, false, got["changed"])
	assert.Equal(t, []any{}, got["commands"], "a list, also when it is empty")
	assert.Equal(t, []any{}, got["consequences"])
	assert.Equal(t, []any{}, got["rendered"])
}

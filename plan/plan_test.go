package plan_test

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/plan"
)

func text(s string) *string { return &s }

func TestActions(t *testing.T) {
	for _, c := range []struct {
		sentence      string
		before, after *string
		want          plan.Action
	}{
		{"nothing, before and after, stays", nil, nil, plan.Keep},
		{"the same stays", text("a"), text("a"), plan.Keep},
		{"an empty value is a value", nil, text(""), plan.Create},
		{"and it can go", text(""), nil, plan.Remove},
		{"another value is a change", text("a"), text("b"), plan.Change},
		{"to an empty one, too", text("a"), text(""), plan.Change},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			assert.Equal(t, c.want, plan.Variable{Before: c.before, After: c.after}.Action())
			assert.Equal(t, c.want, plan.NewFile("/f", plan.Table, c.before, c.after, "").Action)
		})
	}
}

func TestCountsAreWhatAnAdministratorSees(t *testing.T) {
	p := &plan.Plan{
		Variables: []plan.Variable{
			{Key: "a", After: text("1")}, {Key: "b", After: text("1")},
			{Key: "c", Before: text("1"), After: text("2")},
			{Key: "d", Before: text("1")},
		},
		Files: []plan.File{
			{Path: "/table", Kind: plan.Table, Action: plan.Create},
			{Path: "/map", Kind: plan.Map, Action: plan.Change},
			{Path: "/ledger", Kind: plan.Ledger, Action: plan.Create},
		},
		Findings: []plan.Finding{{Severity: plan.Error}, {Severity: plan.Warning}, {Severity: plan.Warning}, {Severity: plan.Note}},
	}
	assert.Equal(t, plan.Counts{Create: 3, Change: 2, Remove: 1, Errors: 1, Warnings: 2}, p.Count())
	assert.True(t, p.Changes())

	ledger := &plan.Plan{Files: p.Files[2:], Findings: p.Findings}
	assert.False(t, ledger.Changes(), "the tool's own notes, and findings, are no change")
}

func TestWhyThereIsNothingToDo(t *testing.T) {
	off := []plan.Control{{Name: "relay", Before: plan.Off, After: plan.Off}}
	assert.Contains(t, (&plan.Plan{Controls: off}).WhyNone(), "--mode warn")
	on := append(off, plan.Control{Name: "submission", Before: plan.Warn, After: plan.Warn})
	assert.Contains(t, (&plan.Plan{Controls: on}).WhyNone(), "as its controls want it")
}

func TestModes(t *testing.T) {
	for name, want := range map[string]plan.Mode{"": plan.Off, "off": plan.Off, "warn": plan.Warn, "enforce": plan.Enforce} {
		got, err := plan.ParseMode(name)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for _, name := range []string{"Warn", " warn", "on", "yes"} {
		_, err := plan.ParseMode(name)
		assert.EqualError(t, err, `"`+name+`" is not a mode: off, warn or enforce`)
	}
}

// A diff shows the content of a table. The content of an LDAP map holds a password: no part of it gets into a diff or
// into JSON.
func TestOnlyTablesShowTheirContent(t *testing.T) {
	assert.NotEmpty(t, plan.NewFile("/t", plan.Table, nil, text("company.my REJECT\n"), "c").Diff)
	secret := plan.NewFile("/etc/postfix/ldap.x", plan.Map, text("bind_pw = old\n"), text("bind_pw = secret\n"), "c")
	assert.Equal(t, plan.Change, secret.Action)
	shown, err := json.Marshal(secret)
	require.NoError(t, err)
	assert.NotContains(t, string(shown), "bind_pw")
}

func TestUnified(t *testing.T) {
	assert.Empty(t, plan.Unified("/etc/postfix/main.cf", "a\nb\n", "a\nb\n"))
	// This is the format of diff -u and patch(1).
	assert.Equal(t, `--- a/etc/postfix/main.cf
+++ b/etc/postfix/main.cf
@@ -1,3 +1,3 @@
 a
-b
+B
 c
`, plan.Unified("/etc/postfix/main.cf", "a\nb\nc\n", "a\nB\nc\n"))
	assert.Equal(t, "--- a/t\n+++ b/t\n@@ -0,0 +1,1 @@\n+company.my REJECT\n", plan.Unified("/t", "", "company.my REJECT\n"))
	assert.Contains(t, plan.Unified("/t", "a", "b"), `\ No newline at end of file`)
}

// full is a plan in which every field has a value.
func full() *plan.Plan {
	return &plan.Plan{
		Schema:    plan.Schema,
		Mode:      plan.Enforce,
		Controls:  []plan.Control{{Name: "relay", Before: plan.Warn, After: plan.Enforce, Domains: map[string]plan.Mode{"company.my": plan.Off}, Listed: 3, Stopped: 3, NotStopped: 1, Idle: true}},
		State:     plan.State{"file /etc/postfix/main.cf": "absent"},
		Variables: []plan.Variable{{Key: "mail/postfix/mynetworks", Before: text("127.0.0.0/8"), After: text("127.0.0.0/8 10.99.1.10/32"), Control: "relay"}, {Key: "mail/harden/mode", After: text("enforce"), Control: "relay"}},
		Files: []plan.File{{
			Path: "/etc/postfix/check_custom_sender_access", Kind: plan.Table, Type: "hash", Before: text("secret"), After: text("secret"),
			Action: plan.Create, Diff: "+company.my REJECT\n", Control: "sender-spoofing",
		}},
		Rendered: &plan.Rendered{
			Main:   plan.RenderedFile{Path: "/etc/postfix/main.cf", Now: []byte("secret"), Current: []byte("secret"), Next: []byte("secret"), Diff: "+mynetworks\n"},
			Master: plan.RenderedFile{Path: "/etc/postfix/master.cf", Now: []byte("secret"), Current: []byte("secret"), Next: []byte("secret"), Diff: "+smtps\n"},
		},
		Findings:     []plan.Finding{{ID: "dormant:x", Severity: plan.Error, Control: "submission", Text: "what is wrong", Hint: "what to do", Acceptable: true}},
		Expect:       plan.Expectation{Main: map[string]string{"mynetworks": "127.0.0.0/8"}, Holds: map[string]string{"smtpd_restriction_classes": "$ucs_harden_classes"}, Master: map[string]map[string]string{"smtps/inet": {"syslog_name": "postfix/smtps"}}},
		Restrictions: "secret",
	}
}

// Scripts read the JSON form. A field that is renamed, dropped or given another meaning needs a new plan.Schema; a new
// field needs a line in the file. The file is edited by hand.
func TestJSONKeepsItsShape(t *testing.T) {
	want, err := os.ReadFile("testdata/plan.json")
	require.NoError(t, err)
	p := full()
	requireFull(t, reflect.ValueOf(*p), "plan")
	var got bytes.Buffer
	enc := json.NewEncoder(&got)
	enc.SetIndent("", "  ")
	require.NoError(t, enc.Encode(p))
	assert.Equal(t, string(want), got.String())
	assert.NotContains(t, got.String(), "secret")
	assert.Equal(t, 2, plan.Schema, "a new schema needs a look at this test, and a line in the change log")
}

// requireFull fails for a field without a value, such as a new one.
func requireFull(t *testing.T, v reflect.Value, where string) {
	t.Helper()
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			name := where + "." + v.Type().Field(i).Name
			if name == "plan.Variables.Before" && v.Field(i).IsNil() {
				continue // one of the variables is new
			}
			require.False(t, v.Field(i).IsZero(), "%s has no value in this test", name)
			requireFull(t, v.Field(i), name)
		}
	case reflect.Slice:
		for i := range v.Len() {
			requireFull(t, v.Index(i), where)
		}
	}
}

func TestModesOfControlsAndDomains(t *testing.T) {
	spoofing := plan.Control{Name: "sender-spoofing", After: plan.Off, Domains: map[string]plan.Mode{"company.my": plan.Warn, "company.local": plan.Off}}
	assert.True(t, spoofing.Active(), "one domain is enough")
	assert.False(t, plan.Control{Name: "relay", After: plan.Off}.Active())
	assert.Equal(t, map[string]plan.Mode{
		"sender-spoofing": plan.Off, "sender-spoofing/company.my": plan.Warn, "sender-spoofing/company.local": plan.Off, "relay": plan.Enforce,
	}, plan.Modes([]plan.Control{spoofing, {Name: "relay", After: plan.Enforce}}))
}

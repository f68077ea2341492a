package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/controls"
	"ucs-harden/harden"
	"ucs-harden/lists"
	"ucs-harden/plan"
	"ucs-harden/report"
	"ucs-harden/sessions"
)

func suspendedList() harden.List {
	return harden.List{
		Schema: 1, Control: "suspended", Mode: plan.Enforce, Settings: map[string]string{},
		Entries: []harden.Entry{
			{Entry: lists.Entry{Name: "boss@company.my", Account: "boss@company.my", Reason: "lent his password", Owner: "IT", Expires: "2026-12-31"}},
			{Entry: lists.Entry{Name: "evil", Account: "x\x1b[2J", Reason: "tab\there"}, Fault: `"x\x1b[2J" is neither a mail address nor a login`},
			{Entry: lists.Entry{Name: "leaver", Account: "leaver", Reason: strings.Repeat("very ", 20) + "long", Expires: "2020-01-01"}, Expired: true},
			{Entry: lists.Entry{Name: "odd", Account: "odd", Expires: "2020-13-01"}, Expired: true, Fault: `it expires on "2020-13-01", which is no date like 2026-12-31`},
		},
	}
}

func protectedList() harden.List {
	return harden.List{
		Schema: 1, Control: "protected", Senders: true, Mode: plan.Off, Settings: map[string]string{"mail/harden/protected/all": "yes", "mail/harden/protected/except": "info@company.my"},
		Entries: []harden.Entry{
			{Entry: lists.Entry{Name: "board", Address: "board@company.my", Variant: "senders", Senders: "boss@company.my partner.example"}},
			{Entry: lists.Entry{Name: "nobody", Address: "nobody@company.my", Variant: "senders"}},
			{Entry: lists.Entry{Name: "staff@company.my", Address: "staff@company.my"}},
		},
	}
}

func TestLists(t *testing.T) {
	for name, c := range map[string]struct {
		list  harden.List
		style report.Style
	}{
		"lists-suspended": {suspendedList(), report.Style{}},
		"lists-full":      {suspendedList(), report.Style{Full: true}},
		"lists-colour":    {suspendedList(), report.Style{Color: true}},
		"lists-protected": {protectedList(), report.Style{}},
		"lists-effective": {effectiveList(), report.Style{}},
		"lists-none":      {harden.List{Control: "local-only", Mode: plan.Warn}, report.Style{}},
	} {
		t.Run(name, func(t *testing.T) {
			golden(t, name, func(w *bytes.Buffer) error { return report.ListText(w, &c.list, c.style) })
		})
	}
}

func TestOneLongNameLeavesTheOthersInTheirColumns(t *testing.T) {
	l := harden.List{Control: "local-only", Mode: plan.Warn}
	for i := range 1000 {
		account := fmt.Sprintf("user%d@company.my", i)
		l.Entries = append(l.Entries, harden.Entry{Entry: lists.Entry{Name: account, Account: account, Reason: "R", Owner: "O", Expires: "2026-12-31"}})
	}
	dn := "cn=" + strings.Repeat("long", 30) + ",cn=groups,dc=company,dc=my"
	l.Entries[500].Entry = lists.Entry{Name: "long", Group: dn, Reason: "R"}

	var out bytes.Buffer
	require.NoError(t, report.ListText(&out, &l, report.Style{}))
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	require.Len(t, lines, 1+1000+2)
	for i, line := range lines[:1001] {
		switch i {
		case 0:
			assert.Equal(t, 42, strings.Index(line, "NAME"), "a column is at most 40 wide, and two apart from the next")
		case 501:
			assert.True(t, strings.HasPrefix(line, "group "+dn+"  long"), "shown whole: it is what remove wants to be told")
			assert.Less(t, len(line), len(dn)+100)
		default:
			assert.Equal(t, 42, strings.LastIndex(line, fmt.Sprintf("user%d@", i-1)), line)
			assert.Equal(t, strings.Index(lines[0], "EXPIRES"), strings.Index(line, "2026-12-31"), line)
		}
	}
	assert.Equal(t, "1000 entries; local-only is in mode warn.", lines[1002])
}

func TestAListAsJSON(t *testing.T) {
	out, err := json.Marshal(suspendedList())
	require.NoError(t, err)
	var back harden.List
	require.NoError(t, json.Unmarshal(out, &back))
	assert.Equal(t, suspendedList(), back)
	assert.Contains(t, string(out), `{"name":"boss@company.my","account":"boss@company.my","reason":"lent his password","owner":"IT","expires":"2026-12-31","expired":false}`)
}

// effectiveList acts on many accounts, for every reason that there is.
func effectiveList() harden.List {
	l := harden.List{Control: "suspended", Mode: plan.Warn, Live: []string{"/etc/postfix/ldap.ucs-harden-suspended"}}
	l.Entries = []harden.Entry{{Entry: lists.Entry{Name: "boss", Account: "boss", Mode: "enforce"}}}
	l.Effective = []controls.Effective{
		{Account: "boss", Source: "entry boss", Always: true}, {Account: "leaver", Source: "mark"},
		{Account: "intern", Source: "group trainees of 2026"}, {Account: "old@company.my"},
	}
	for i := range 20 {
		l.Effective = append(l.Effective, controls.Effective{Account: fmt.Sprintf("user%d", i), Source: "mark"})
	}
	return l
}

func TestWhatBecameOfAnAccount(t *testing.T) {
	for name, st := range map[string]harden.Stopped{
		"stopped": {Logins: []string{"boss", "boss@company.my"}, Senders: []string{"boss@company.my"}},
		"stopped-rest": {
			Logins: []string{"boss"}, NotRunning: true, Untested: "no private Postfix",
			Leftovers: harden.Leftovers{Sessions: []sessions.Session{{PID: 7}, {PID: 9}}, Unnamed: 1, Queued: 5, Held: 2, Notes: []string{"x\x1b"}},
		},
		"stopped-held":     {Logins: []string{"boss"}, Leftovers: harden.Leftovers{Queued: 1, Held: 1}},
		"stopped-still":    {Logins: []string{"boss"}, Still: []string{"port 2525"}},
		"lifted":           {Lifted: true},
		"lifted-untested":  {Lifted: true, Untested: "every message is put off"},
		"lifted-not-quite": {Lifted: true, Still: []string{"port 25 as boss@company.my (554)"}},
	} {
		t.Run(name, func(t *testing.T) {
			golden(t, name, func(w *bytes.Buffer) error { return report.Stopped(w, "boss", &st) })
		})
	}
}

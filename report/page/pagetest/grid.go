// Package pagetest has what a page is made from besides a report, for tests.
package pagetest

import "ucs-harden/rehearsal"

// Grid is who may write to whom on the server of a small company, now in mode warn.
func Grid() *rehearsal.Grid {
	return &rehearsal.Grid{Ports: []string{"25", "465, 587"}, Rows: []rehearsal.GridRow{
		{Who: "stranger", Sender: "yours", To: "inside", Fields: []string{"log → 554", "ok → 554"}},
		{Who: "stranger", Sender: "yours", To: "outside", Fields: []string{"554", "554"}},
		{Who: "stranger", Sender: "yours", To: "protected", Fields: []string{"log → 554", "ok → 554"}},
		{Who: "stranger", Sender: "foreign", To: "inside", Fields: []string{"ok", "ok → 554"}},
		{Who: "stranger", Sender: "foreign", To: "outside", Fields: []string{"554", "554"}},
		{Who: "stranger", Sender: "foreign", To: "protected", Fields: []string{"log → 554*", "ok → 554"}},
		{Who: "stranger", Sender: "<>", To: "inside", Fields: []string{"ok", "ok → 554"}},
		{Who: "logged in", Sender: "its own", To: "inside", Fields: []string{"ok", "ok"}},
		{Who: "logged in", Sender: "its own", To: "outside", Fields: []string{"", "ok"}},
		{Who: "logged in", Sender: "its own", To: "protected", Fields: []string{"", "ok"}},
		{Who: "logged in", Sender: "somebody else's", To: "inside", Fields: []string{"", "log → 553"}},
		{Who: "in mynetworks", Sender: "yours", To: "inside", Fields: []string{"ok", "ok → 554"}},
		{Who: "in mynetworks", Sender: "foreign", To: "outside", Fields: []string{"ok", "451 → 554"}},
		{Who: "domain controller", Sender: "yours", To: "outside", Fields: []string{"554 → ok", "554"}},
		{Who: "mail server", Sender: "yours", To: "inside", Fields: []string{"ok", ""}},
		{Who: "mail server", Sender: "foreign", To: "inside", Fields: []string{"ok", ""}},
	}}
}

// Package controls_test tries the controls that have lists on the real mail server of the lab. In every mode and after
// the rollback, it sends mail from all kinds of clients and compares the replies with tables that a postmaster can
// read: testdata/*.txt, whose grammar is that of package table. It also tries all controls together: in warn they
// refuse nothing, and in no mode they make an open relay.
package controls_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/verdicts/table"
)

// set is a list of registry variables and their values.
type set map[string]string

// scene is a set-up of a control, and the tables with the expected verdicts.
type scene struct {
	mode   string // the variable with the mode of the control
	set    set
	tables []string
}

const officeToo = "127.0.0.0/8 10.99.1.50/32"

var scenes = map[string]scene{
	"suspended": {
		mode: "mail/harden/suspended/mode", tables: []string{"suspended.txt"},
		set: set{
			"mail/postfix/mynetworks":                      officeToo,
			"mail/harden/suspended/account/boss/account":   "boss",
			"mail/harden/suspended/account/boss/reason":    "on leave until May",
			"mail/harden/suspended/account/clerk/account":  "clerk@company.local",
			"mail/harden/suspended/account/intern/account": "intern",
			"mail/harden/suspended/account/intern/expires": "2020-01-31",
			"mail/harden/suspended/group":                  "suspended",
		},
	},
	"local-only": {
		mode: "mail/harden/local-only/mode", tables: []string{"local-only.txt", "destinations.txt"},
		set: set{
			"mail/postfix/mynetworks":                         officeToo,
			"mail/harden/local-only/account/trainees/group":   "restricted",
			"mail/harden/local-only/account/boss/account":     "boss@company.my",
			"mail/harden/local-only/account/full/account":     "full",
			"mail/harden/local-only/account/employee/account": "employee",
			"mail/harden/local-only/account/employee/expires": "2020-01-31",
			"mail/harden/local-only/destinations":             "iana.org friend@foreign.example",
			"mail/harden/local-only/text":                     "Trainees write to the company only",
		},
	},
	"protected": {
		mode: "mail/harden/protected/mode", tables: []string{"protected.txt", "protected-recipients.txt"},
		set: set{
			"mail/postfix/mynetworks":                   officeToo,
			"mail/harden/protected/list/staff/address":  "staff@company.my",
			"mail/harden/protected/list/boss/address":   "boss@company.my",
			"mail/harden/protected/list/boss/variant":   "clients",
			"mail/harden/protected/list/office/address": "office@company.my",
			"mail/harden/protected/list/office/variant": "senders",
			"mail/harden/protected/list/office/senders": "friend@foreign.example iana.org employee@company.my company.local",
			"mail/harden/protected/list/full/address":   "full@company.my",
			"mail/harden/protected/list/full/expires":   "2020-01-31",
		},
	},
	"send-as": {
		mode: "mail/harden/submission/mode", tables: []string{"send-as.txt"},
		set: set{
			"mail/harden/submission/sender/clerk/account":   "clerk",
			"mail/harden/submission/sender/clerk/as":        "chief@company.my Support@Company.my x@partner.example",
			"mail/harden/submission/sender/intern/account":  "intern@company.my",
			"mail/harden/submission/sender/intern/as":       "@company.local",
			"mail/harden/submission/sender/past/account":    "intern",
			"mail/harden/submission/sender/past/as":         "expired@company.my",
			"mail/harden/submission/sender/past/expires":    "2020-01-31",
			"mail/harden/submission/sender/office/group":    "office",
			"mail/harden/submission/sender/staff/list":      "staff@company.my",
			"mail/harden/submission/sender/nobody/account":  "nobody",
			"mail/harden/submission/sender/nobody/as":       "boss@company.my",
			"mail/harden/submission/sender/nowhere/group":   "nowhere",
			"mail/harden/submission/sender/nowhere/expires": "9999-12-31",
		},
	},
	"exceptions": {
		mode: "mail/harden/sender-spoofing/mode", tables: []string{"exceptions.txt"},
		set: set{
			"mail/harden/exception/gateway/client":  "203.0.113.24/29",
			"mail/harden/exception/gateway/reason":  "gateway of the provider",
			"mail/harden/exception/narrow/client":   "203.0.113.25",
			"mail/harden/exception/narrow/sender":   "boss@company.my",
			"mail/harden/exception/scanner/client":  "10.99.1.50",
			"mail/harden/exception/scanner/sender":  "scan@company.my",
			"mail/harden/exception/lan/client":      "10.99.1.0/24",
			"mail/harden/exception/lan/sender":      "Scan@Company.my",
			"mail/harden/exception/news/sender":     "News@company.my",
			"mail/harden/exception/help/sender":     "help.company.my",
			"mail/harden/exception/ticket/client":   "203.0.113.64/26",
			"mail/harden/exception/ticket/sender":   "company.local",
			"mail/harden/exception/quoted/client":   "203.0.113.66",
			"mail/harden/exception/quoted/sender":   `"room,1"@company.my`,
			"mail/harden/exception/foreign/client":  "10.99.1.50",
			"mail/harden/exception/foreign/sender":  "partner.example",
			"mail/harden/exception/faulty/client":   "10.99.1.50/24",
			"mail/harden/exception/past/client":     "203.0.113.66",
			"mail/harden/exception/past/sender":     "boss@company.my",
			"mail/harden/exception/past/expires":    "2020-01-31",
			"mail/harden/exception/past/owner":      "IT",
			"mail/harden/exception/gateway/expires": "9999-12-31",
		},
	},
	"foreign-sender": {
		mode: "mail/harden/relay/foreign-sender/mode", tables: []string{"foreign-sender.txt"},
		set: set{
			"mail/harden/relay/systems":               "10.99.1.50 203.0.113.25",
			"mail/harden/relay/foreign-sender/except": "203.0.113.25",
		},
	},
}

// spine are the mode variables of the controls without lists, which are all switched on to try a control beside them.
var spine = []string{"mail/harden/sender-spoofing/mode", "mail/harden/relay/mode", "mail/harden/submission/mode"}

// put sets variables with ucr.
func put(t *testing.T, c table.Company, variables set) {
	t.Helper()
	arguments := []string{"set"}
	for _, key := range slices.Sorted(maps.Keys(variables)) {
		arguments = append(arguments, key+"="+variables[key])
	}
	c.UCR(t, arguments...)
}

// apply applies the modes of the registry. The scene of foreign-sender names a public address that may relay, which the
// administrator has to accept while a control is on that reads it.
func apply(t *testing.T, c table.Company, options ...string) {
	t.Helper()
	const accepted = "public-system:203.0.113.25/32"
	result, err := c.Mail().Run(t.Context(), append([]string{"ucs-harden", "apply", "--yes", "--no-evidence"}, options...)...)
	require.NoError(t, err)
	if strings.Contains(result.Stdout+result.Stderr, accepted) {
		require.Equal(t, 1, result.Code, "a public system stops the apply")
		c.Harden(t, strings.Join(append([]string{"apply --yes --no-evidence --accept", accepted}, options...), " "))
		return
	}
	require.Zero(t, result.Code, result.Stdout+result.Stderr)
}

// modes sets the mode variables of controls.
func modes(t *testing.T, c table.Company, mode string, variables ...string) {
	t.Helper()
	all := set{}
	for _, variable := range variables {
		all[variable] = mode
	}
	put(t, c, all)
}

// of returns the scene's tables, by name.
func (s scene) of(t *testing.T) map[string]*table.Table {
	t.Helper()
	all := map[string]*table.Table{}
	for _, name := range s.tables {
		all[name] = table.Read(t, "testdata/"+name)
	}
	return all
}

func TestEveryTable(t *testing.T) {
	for _, s := range scenes {
		for name, tab := range s.of(t) {
			t.Run(name, func(t *testing.T) { tab.Check(t) })
		}
	}
	table.Read(t, "testdata/extensions.txt").Check(t)
}

// Each control is tried alone: off, warn, enforce, rolled back, together with the controls without lists, and off
// again.
func TestTheTablesOfVerdicts(t *testing.T) {
	for name, s := range scenes {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // an apply waits about as much as it computes
			c := table.NewCompany(t)
			put(t, c, s.set)
			c.ReloadPostfix(t)
			untouched := c.Snapshot(t)
			tables := s.of(t)
			ask := func(tables map[string]*table.Table, phase, column string) map[string]table.Results {
				all := map[string]table.Results{}
				for name, tab := range tables {
					all[name] = c.Play(t, tab, phase)
					if slices.Contains(tab.Phases, column) {
						tab.Compare(t, column, all[name])
					}
				}
				return all
			}
			back := func(phase string, before map[string]table.Results, except ...string) {
				some := map[string]*table.Table{}
				for name, tab := range tables {
					some[name] = tab.Sample(7) // the files are the same, see below
				}
				for name, now := range ask(some, phase, "before") {
					some[name].Same(t, phase, before[name], now)
				}
				c.UCR(t, append([]string{"unset", s.mode}, spine...)...)
				assert.Empty(t, untouched.Without(except...).Diff(c.Snapshot(t).Without(except...)), "what is left when %s", phase)
			}

			before := ask(tables, "before", "before")
			modes(t, c, "warn", s.mode)
			apply(t, c)
			for name, now := range ask(tables, "warn", "warn") {
				tables[name].RefusesNothing(t, "warn", before[name], now)
			}
			modes(t, c, "enforce", s.mode)
			apply(t, c)
			ask(tables, "enforce", "enforce")
			c.Harden(t, "rollback")
			c.Harden(t, "rollback")
			back("rolled-back", before)

			modes(t, c, "enforce", append([]string{s.mode}, spine...)...)
			apply(t, c)
			ask(tables, "beside", "beside")
			modes(t, c, "off", append([]string{s.mode}, spine...)...)
			apply(t, c)
			back("off", before, "/etc/postfix/master.cf") // UCR renders it again, with the -o options in any order
		})
	}
}

package controls_test

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
	"ucs-harden/tests/lab/smtpclient"
	"ucs-harden/tests/verdicts/table"
)

// together is a company with the set-ups of all scenes.
func together(t *testing.T, local ...string) table.Company {
	t.Helper()
	c := table.NewCompany(t)
	all := set{}
	for _, s := range scenes {
		maps.Copy(all, s.set)
	}
	put(t, c, all)
	c.AddMainCF(t, local...)
	c.ReloadPostfix(t)
	return c
}

// switches are the mode variables of all controls, each once, in the order of the columns of array.
func switches() []string {
	all := slices.Clone(spine)
	for _, name := range slices.Sorted(maps.Keys(scenes)) {
		if mode := scenes[name].mode; !slices.Contains(all, mode) {
			all = append(all, mode)
		}
	}
	return all
}

// TestTheTablesOfVerdicts tries each control alone in warn.
func TestAllControlsTogetherRefuseNothingInWarn(t *testing.T) {
	t.Parallel()
	c := together(t)
	tables, before := map[string]*table.Table{}, map[string]table.Results{}
	for _, s := range scenes {
		for name, tab := range s.of(t) {
			tables[name], before[name] = tab, c.Play(t, tab, "before")
		}
	}
	modes(t, c, "warn", switches()...)
	apply(t, c)
	for name, tab := range tables {
		tab.RefusesNothing(t, "warn", before[name], c.Play(t, tab, "warn"))
	}
}

func TestExtensionsAndUnicode(t *testing.T) {
	t.Parallel()
	tab := table.Read(t, "testdata/extensions.txt")
	c := together(t, "recipient_delimiter = +", "smtputf8_enable = yes")
	// Each account of the table must be in one list only.
	c.UCR(t, "unset", "mail/harden/suspended/account/clerk/account", "mail/harden/local-only/account/boss/account")
	controls := []string{scenes["suspended"].mode, scenes["local-only"].mode, scenes["protected"].mode}
	before := c.Play(t, tab, "before")
	tab.Compare(t, "before", before)
	modes(t, c, "warn", controls...)
	apply(t, c)
	warn := c.Play(t, tab, "warn")
	tab.Compare(t, "warn", warn)
	tab.RefusesNothing(t, "warn", before, warn)
	modes(t, c, "enforce", controls...)
	apply(t, c)
	tab.Compare(t, "enforce", c.Play(t, tab, "enforce"))
}

// array is a covering array of strength two (off, warn, enforce): each pair of controls occurs in each pair of modes.
var array = []string{
	"---wwew",
	"-we-wwe",
	"-e-e-e-",
	"-ewwe-e",
	"w-w--ee",
	"w-eew--",
	"ww--e-w",
	"weew-ww",
	"e--eewe",
	"ewwe--w",
	"ewewee-",
	"eew-ww-",
}

func TestEachTwoControlsMeetInEachTwoModes(t *testing.T) {
	for i := range switches() {
		for j := range i {
			met := map[string]bool{}
			for _, row := range array {
				met[string(row[j])+string(row[i])] = true
			}
			assert.Len(t, met, 9, "columns %d and %d", j, i)
		}
	}
}

// Whatever the modes of the controls are, a stranger relays nothing: with no sender, to no recipient, on no port.
func TestNoModesMakeAnOpenRelay(t *testing.T) {
	t.Parallel()
	c := together(t)
	for _, row := range array {
		all := set{}
		for i, variable := range switches() {
			all[variable] = map[byte]string{'-': "off", 'w': "warn", 'e': "enforce"}[row[i]]
		}
		put(t, c, all)
		apply(t, c, "--no-rehearsal") // the rehearsal would find an open relay first
		for _, parameter := range []string{"smtpd_recipient_restrictions", "submission_recipient_restrictions"} {
			if parameter == "submission_recipient_restrictions" && all["mail/harden/submission/mode"] == "off" {
				continue // 465 and 587 use smtpd_recipient_restrictions then
			}
			list := c.List(t, parameter)
			last := slices.IndexFunc(list, func(text string) bool { return text == "reject_unauth_destination" || text == "reject" })
			assert.GreaterOrEqual(t, last, 0, "%s: %s: %q", row, parameter, list)
			assert.NotContains(t, list[:max(last, 0)], "permit", "%s: %s", row, parameter)
		}
		strangers(t, c, row)
	}
}

// The first two recipients show that the server works, and which reply a check gives for a protected recipient.
var (
	strangersRecipients = []string{
		"leaver@company.my", "office@company.my",
		"you@foreign.example", "friend@foreign.example", "info@iana.org", "it@help.company.my", "@company.my:you@foreign.example",
		"you%foreign.example@company.my", "you%foreign.example@mail.company.my", `"you@foreign.example"@mail.company.my`, "foreign.example!you",
	}
	strangersSenders = []string{
		"me@foreign.example", "", "friend@foreign.example", "anybody@iana.org", "employee@company.my", "clerk@company.local",
		"intern@company.my", "leaver@company.my", "boss@company.my", "it@help.company.my", "postmaster",
	}
)

func strangers(t *testing.T, c table.Company, row string) {
	t.Helper()
	client, err := c.NewSMTP("outside")
	require.NoError(t, err)
	defer client.Close()
	for port, tls := range map[int]string{25: smtpclient.Plain, 465: smtpclient.Implicit, 587: smtpclient.StartTLS} {
		for _, sender := range strangersSenders {
			answer, err := client.Play(context.WithoutCancel(t.Context()), smtpclient.Dialogue{
				Server: lab.MailServer("outside"), Port: port, TLS: tls, MailFrom: sender, RcptTo: strangersRecipients,
			})
			require.NoError(t, err)
			if port == 25 && sender == "me@foreign.example" {
				require.Equal(t, 250, answer.Verdict(0).Code, "%s: ordinary mail: %s", row, answer.Verdict(0))
			}
			for i, recipient := range strangersRecipients[2:] {
				got := answer.Verdict(i + 2)
				assert.True(t, got.Code == 553 || got.Code == 554 || got.Code == 454 || got.Code == 450, "%s: %d, from <%s> to <%s>: %s", row, port, sender, recipient, got)
			}
		}
	}
}

package plan_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/internal/run"
	"ucs-harden/plan"
)

// In the order of the commands, Postfix can be restarted after any of them: tables and maps come before anything names
// them, and nothing is removed while something names it.
func TestCommands(t *testing.T) {
	p := &plan.Plan{
		Variables: []plan.Variable{
			{Key: "mail/harden/mode", Before: text("off"), After: text("warn")},
			{Key: "mail/postfix/smtpd/restrictions/recipient/50-ucs-harden", After: text("check_sender_access hash:/etc/postfix/t")},
			{Key: "mail/postfix/mastercf/options/smtps/smtpd_recipient_restrictions", After: text("$submission_recipient_restrictions")},
			{Key: "mail/postfix/mastercf/options/smtps/smtpd_enforce_tls", Before: text("yes")},
		},
		Files: []plan.File{
			{Path: "/etc/postfix/t", Kind: plan.Table, Type: "hash", Action: plan.Create},
			{Path: "/etc/postfix/ldap.ucs-harden-logins", Kind: plan.Map, Action: plan.Change},
			{Path: "/etc/postfix/c.cidr", Kind: plan.Table, Type: "cidr", Action: plan.Create},
			{Path: "/etc/postfix/classes", Kind: plan.Include, Action: plan.Change},
			{Path: "/etc/postfix/old", Kind: plan.Table, Type: "hash", Action: plan.Remove},
			{Path: "/var/lib/ucs-harden/ledger.json", Kind: plan.Ledger, Action: plan.Create},
		},
	}
	assert.Equal(t, []string{
		"postmap hash:/etc/postfix/t # once it is written as --diff shows it",
		"vi /etc/postfix/c.cidr # write it as --diff shows it",
		"vi /etc/postfix/classes # write it as --diff shows it",
		"ucr commit /etc/postfix/ldap.ucs-harden-logins",
		"ucr set mail/harden/mode=warn \\\n" +
			"    'mail/postfix/smtpd/restrictions/recipient/50-ucs-harden=check_sender_access hash:/etc/postfix/t' \\\n" +
			"    'mail/postfix/mastercf/options/smtps/smtpd_recipient_restrictions=$submission_recipient_restrictions'",
		"ucr unset mail/postfix/mastercf/options/smtps/smtpd_enforce_tls",
		"ucr commit /etc/postfix/main.cf /etc/postfix/master.cf",
		"postfix check",
		"postfix reload",
		"rm /etc/postfix/old \\\n    /etc/postfix/old.db",
	}, p.Commands())
	assert.Empty(t, (&plan.Plan{Files: p.Files[5:]}).Commands(), "the ledger is nothing to do by hand")
}

func TestClassesGoWhenNothingNamesThemAnyMore(t *testing.T) {
	p := &plan.Plan{
		Variables: []plan.Variable{{Key: "x", Before: text("check_sender_access hash:/etc/postfix/t")}},
		Files:     []plan.File{{Path: "/etc/postfix/classes", Kind: plan.Include, Action: plan.Remove}, {Path: "/etc/postfix/t.cidr", Kind: plan.Table, Type: "cidr", Action: plan.Remove}},
	}
	assert.Equal(t, []string{
		"ucr unset x", "rm /etc/postfix/classes", "ucr commit /etc/postfix/main.cf /etc/postfix/master.cf",
		"postfix check", "postfix reload", "rm /etc/postfix/t.cidr",
	}, p.Commands())
}

func TestQuoteOnlyWhereNeeded(t *testing.T) {
	for word, want := range map[string]string{
		"mail/harden/mode=warn": "mail/harden/mode=warn",
		"held:x_y-1.2@a%b+c,d":  "held:x_y-1.2@a%b+c,d",
		"":                      "''",
		"a b":                   "'a b'",
		"$x":                    "'$x'",
		"it's":                  `'it'\''s'`,
	} {
		assert.Equal(t, want, plan.Quote(word))
	}
}

// A shell must return every word unchanged.
func TestQuoteSurvivesTheShell(t *testing.T) {
	words := []string{
		"", "plain", "a b", "$submission_recipient_restrictions", "`id`", "$(id)", "it's", "''", `\`, `\'`, `"`, "*", "~root", "!!", "#x", "-n",
		"a;b", "a&b", "a|b", "<a>", "[fd99::1]/128", "{a,b}", "tab\there", "line\nbreak", "ünïcode", "=x", "%s", "\x1b[31m",
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		b := make([]byte, random.IntN(12))
		for i := range b {
			b[i] = byte(1 + random.IntN(127)) // an argument cannot hold a NUL
		}
		words = append(words, string(b))
	}
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = plan.Quote(w)
	}
	script := `printf '%s\000' ` + strings.Join(quoted, " ")
	result, err := run.System{}.Run(t.Context(), run.Cmd{Argv: []string{"sh", "-c", script}})
	require.NoError(t, err)
	assert.Equal(t, words, strings.Split(strings.TrimSuffix(string(result.Stdout), "\x00"), "\x00"))
}

package marks_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/hosteddomains"
	"ucs-harden/marks"
)

var names = marks.Names{Folder: "/etc/postfix/ours", SenderTable: "/etc/postfix/senders", MapPrefix: "/etc/postfix/ldap.ours-"}

type registry map[string]string

func (r registry) Normal(key string) (string, bool) { v, ok := r[key]; return v, ok }

func (r registry) Keys(prefix string) []string {
	keys := slices.DeleteFunc(slices.Sorted(maps.Keys(r)), func(k string) bool { return !strings.HasPrefix(k, prefix) })
	return keys
}

const (
	mainList   = "mail/postfix/smtpd/restrictions/recipient/"
	submission = "mail/postfix/submission/restrictions/recipient/"
	options    = "mail/postfix/mastercf/options/"
)

func TestWhatCarriesAMark(t *testing.T) {
	ours := hosteddomains.Table([]string{"company.my"}, func(string) string { return "REJECT" })
	table := map[string][]byte{"/etc/postfix/ours/x": nil}
	for sentence, c := range map[string]struct {
		key, value string
		disk       map[string][]byte
		marked     bool
	}{
		"a stock restriction":                    {mainList + "10", "permit_mynetworks", nil, false},
		"a check of the administrator":           {mainList + "60", "check_sender_access hash:/etc/postfix/own", nil, false},
		"a key of ours":                          {mainList + "50-ucs-harden", "permit_mynetworks", table, true},
		"a key of ours with more behind it":      {mainList + "05-ucs-harden-suspended", "reject_non_fqdn_sender", table, true},
		"a key like ours, where we never were":   {mainList + "50-ucs-harden", "reject_unknown_sender_domain", nil, false},
		"a table in our folder":                  {mainList + "55", "check_client_access cidr:/etc/postfix/ours/clients.cidr", nil, true},
		"a class of ours":                        {submission + "05", "ucs_harden_login", nil, true},
		"the sender table that we wrote":         {mainList + "55", "check_sender_access hash:/etc/postfix/senders", map[string][]byte{"/etc/postfix/senders": ours}, true},
		"the sender table made by hand":          {mainList + "55", "check_sender_access hash:/etc/postfix/senders", map[string][]byte{"/etc/postfix/senders": []byte("company.my REJECT\n")}, false},
		"the list of the published procedure":    {submission + "10", "reject_sender_login_mismatch", nil, false},
		"an option that names a map of ours":     {options + "submission/smtpd_sender_login_maps", "ldap:/etc/postfix/ldap.ours-logins", nil, false},
		"another variable that names our folder": {"mail/other", "hash:/etc/postfix/ours/x", nil, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			r := registry{c.key: c.value}
			l := names.Ledger(r, c.disk)
			_, marked := l.Variables[c.key]
			assert.Equal(t, c.marked, marked)
			if !marked {
				assert.Empty(t, names.Findings(r, l))
			}
		})
	}
}

func TestWhatCarriesNoMarkIsNamed(t *testing.T) {
	r := registry{
		mainList + "50-ucs-harden": "check_sender_access hash:/etc/postfix/ours/x", "mail/postfix/mynetworks": "127.0.0.0/8 10.0.0.1/32",
		submission + "10": "reject_sender_login_mismatch", options + "submission/smtpd_recipient_restrictions": "$submission_recipient_restrictions",
		options + "submission/smtpd_sasl_auth_enable": "yes", mainList + "10": "permit_mynetworks",
	}
	found := names.Findings(r, names.Ledger(r, map[string][]byte{"/etc/postfix/ours/x": nil}))
	require.Len(t, found, 2)
	assert.Contains(t, found[0].Text, mainList+"50-ucs-harden, /etc/postfix/ours/x")
	want := []string{options + "submission/smtpd_recipient_restrictions", submission + "10", "mail/postfix/mynetworks (127.0.0.0/8 10.0.0.1/32)"}
	assert.Contains(t, found[1].Text, ": "+strings.Join(want, ", "))
	assert.NotContains(t, found[1].Text, "smtpd_sasl_auth_enable")
}

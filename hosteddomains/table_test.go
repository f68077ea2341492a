package hosteddomains

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/access"
)

const reject = "REJECT 5.7.1 Delivery not authorized, message refused #ucs-harden:sender-spoofing"

func TestTable(t *testing.T) {
	want := strings.Join([]string{
		"# Written by ucs-harden from the UCR variable mail/hosteddomains.",
		`# Edits to this file are overwritten. To change its domains, change the mail`,
		`# domains in UMC; "ucs-harden sync" then writes and compiles it afresh.`,
		`# access(5): "domain" is the sender domain, and its sub-domains too while the`,
		`# parameter parent_domain_matches_subdomains contains smtpd_access_maps;`,
		`# when it does not, ".domain" is the sub-domains.`,
		"company.local\t" + reject,
		".company.local\t" + reject,
		"company.my\t" + reject,
		".company.my\t" + reject,
		"",
	}, "\n")
	assert.Equal(t, want, string(Table([]string{"company.local", "company.my"}, always(reject))))
	assert.Equal(t, want, string(Table([]string{"company.my", "company.local", "company.my"}, always(reject))), "order and repetition do not matter")
}

func TestTableLeavesItsArgumentAlone(t *testing.T) {
	domains := []string{"b.my", "a.my"}
	Table(domains, always(reject))
	assert.Equal(t, []string{"b.my", "a.my"}, domains)
}

func TestTableKeepsTheActionOnOneLine(t *testing.T) {
	for sentence, c := range map[string]struct{ action, want string }{
		"as given":                                       {reject, reject},
		"a line break is a blank":                        {"WARN a\nother.example OK", "WARN a other.example OK"},
		"a carriage return is a blank":                   {"WARN a\r\n\tb", "WARN a b"},
		"a NUL cannot cut the action":                    {"WARN a\x00b", "WARN a b"},
		"blanks around the action are removed":           {"  WARN a \n", "WARN a"},
		"UTF-8 stays":                                    {"WARN Absender ungültig", "WARN Absender ungültig"},
		"an empty action becomes DUNNO":                  {"", "DUNNO"},
		"an action of blanks only becomes DUNNO":         {" \n ", "DUNNO"},
		"a # inside the action does not begin a comment": {"WARN #ucs-harden", "WARN #ucs-harden"},
	} {
		t.Run(sentence, func(t *testing.T) {
			table := Table([]string{"company.my"}, always(c.action))
			assert.Equal(t, []access.Entry{{Key: "company.my", Action: c.want}, {Key: ".company.my", Action: c.want}}, access.All(table))
		})
	}
}

func TestTableOfManyDomains(t *testing.T) {
	domains := manyDomains()
	keys := access.Keys(Table(domains, always(reject)))
	require.Len(t, keys, 10_000)
	for _, domain := range domains {
		_, found := slices.BinarySearch(keys, domain)
		require.True(t, found, domain)
		_, found = slices.BinarySearch(keys, "."+domain)
		require.True(t, found, "."+domain)
	}
}

func TestOurs(t *testing.T) {
	ours := Table([]string{"company.my"}, always(reject))
	for sentence, c := range map[string]struct {
		content string
		want    bool
	}{
		"a table that Table writes":                  {string(ours), true},
		"a table of ours to which somebody appended": {string(ours) + "spam.example REJECT\n", true},
		"a table without entries":                    {string(Table(nil, always(reject))), true},
		"an empty file":                              {"", false},
		"a table by hand":                            {"company.my REJECT\n", false},
		"our mark on a later line":                   {"# note\n" + string(ours), false},
		"a first line with text after the mark":      {mark + " Not.\n", false},
		"a file that ends inside the mark":           {mark, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, c.want, Ours([]byte(c.content)))
		})
	}
}

func TestByHand(t *testing.T) {
	domains := []string{"company.local", "company.my"}
	for sentence, c := range map[string]struct {
		content string
		want    bool
	}{
		"warn lines":                               {"company.my WARN *** Invalid Inbound Sender ***\ncompany.local\tWARN x\n", true},
		"reject lines":                             {"company.my REJECT\n", true},
		"reject appended after warn":               {"company.my WARN x\ncompany.my REJECT y\n", true},
		"actions are not case-sensitive":           {"Company.MY reject text\n", true},
		"sub-domains":                              {".company.my REJECT\n", true},
		"comments and blank lines":                 {"# by me\n\n  # too\ncompany.my REJECT\n \n", true},
		"a text that continues on the next line":   {"company.my WARN a\n  spam.example OK\n", true},
		"a tab after the action":                   {"company.my WARN\ttext\n", true},
		"no entry at all":                          {"# nothing yet\n", true},
		"an empty file":                            {"", true},
		"a domain that is not hosted":              {"company.my REJECT\nspam.example REJECT\n", false},
		"a sub-domain that is not hosted itself":   {"a.company.my REJECT\n", false},
		"an exempted address":                      {"scan@company.my DUNNO\ncompany.my REJECT\n", false},
		"another action":                           {"company.my OK\n", false},
		"another action, hidden by an earlier one": {"company.my WARN\ncompany.my OK\n", false},
		"an action that only begins like one":      {"company.my REJECTED\n", false},
		"a class":                                  {"company.my my_class\n", false},
		"a line without an action":                 {"company.my WARN\nspam.example\n", false},
		"a first line that is indented":            {"  spam.example OK\ncompany.my WARN\n", false},
		"a table of ours":                          {string(Table(domains, always(reject))), false},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, c.want, ByHand([]byte(c.content), domains))
		})
	}
}

func FuzzTable(f *testing.F) {
	f.Add("company.my company.local", reject)
	f.Add("a.my sub.a.my", "WARN a\nb.my OK")
	f.Add("local", "\x00")
	f.Fuzz(func(t *testing.T, value, action string) {
		domains, err := Parse(value)
		if err != nil {
			return
		}
		table := Table(domains, always(action))
		var want []string
		for _, domain := range domains {
			for _, form := range forms(domain) {
				want = append(want, form, "."+form)
			}
		}
		slices.Sort(want)
		assert.Equal(t, want, access.Keys(table))
		assert.Len(t, access.All(table), len(want), "no duplicates")
		assert.True(t, Ours(table))
		assert.False(t, ByHand(table, domains))
		assert.Equal(t, table, Table(domains, always(action)))
	})
}

// always is one action for all domains.
func always(action string) func(string) string {
	return func(string) string { return action }
}

package lists_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/controls"
	"ucs-harden/lists"
)

type entry = lists.Entry

// normal is a registry of one layer.
type normal map[string]string

func (r normal) Get(key string) (string, bool) {
	value, ok := r[key]
	return value, ok
}

func (r normal) Keys(prefix string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(r)), func(key string) bool { return !strings.HasPrefix(key, prefix) })
}

// list is that of a control.
func list(control string) *lists.List {
	c, _ := controls.ByName(control)
	return c.List
}

func TestReadList(t *testing.T) {
	const p = "mail/harden/local-only/account/"
	for sentence, c := range map[string]struct {
		vars map[string]string
		want []entry
	}{
		"no variable is no entry": {map[string]string{}, nil},
		"an entry has all its fields": {map[string]string{
			p + "a/account": "a@company.my", p + "a/reason": "R", p + "a/owner": "O", p + "a/expires": "2026-12-31",
		}, []entry{{Name: "a", Account: "a@company.my", Reason: "R", Owner: "O", Expires: "2026-12-31"}}},
		"entries are sorted by name, not by variable": {map[string]string{
			p + "a/account": "1", p + "a-b/account": "2", p + "a.b/account": "3", p + "ab/account": "4",
		}, []entry{{Name: "a", Account: "1"}, {Name: "a-b", Account: "2"}, {Name: "a.b", Account: "3"}, {Name: "ab", Account: "4"}}},
		"a name with a slash does not part the entry of its first half": {map[string]string{
			p + "a/account": "1", p + "a/b/account": "2", p + "a/reason": "R",
		}, []entry{{Name: "a", Account: "1", Reason: "R"}, {Name: "a/b", Account: "2"}}},
		"what is no field is left out":         {map[string]string{p + "a/account": "1", p + "a/comment": "x"}, []entry{{Name: "a", Account: "1"}}},
		"an entry of nothing is none":          {map[string]string{p + "a/account": "", p + "b/comment": "x"}, nil},
		"an entry without an account is one":   {map[string]string{p + "a/reason": "R"}, []entry{{Name: "a", Reason: "R"}}},
		"variables of no entry are left out":   {map[string]string{p + "a": "1", p + "/account": "2", "mail/harden/local-only/text": "x"}, nil},
		"the list of another control is apart": {map[string]string{"mail/harden/suspended/account/a/account": "1"}, nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, c.want, list("local-only").Read(normal(c.vars)))
		})
	}
}

func TestFault(t *testing.T) {
	for sentence, c := range map[string]struct {
		control string
		entry   entry
		fault   string
	}{
		"an address":                     {"suspended", entry{Account: "a.b+c@company.my"}, ""},
		"a login":                        {"suspended", entry{Account: "employee"}, ""},
		"a login that looks like a verb": {"suspended", entry{Account: "%s"}, ""},
		"a blank in a login":             {"suspended", entry{Account: "max mustermann"}, ""},
		"a login like a comment":         {"suspended", entry{Account: "#a"}, ""},
		"an umlaut in a login":           {"suspended", entry{Account: "müller"}, ""},
		"an umlaut in an address":        {"suspended", entry{Account: "jürgen@company.my"}, ""},
		"parentheses and an apostrophe":  {"suspended", entry{Account: "o'brien(x)"}, ""},
		"a quoted address":               {"suspended", entry{Account: `"quoted one"@company.my`}, ""},
		"a protected quoted address":     {"protected", entry{Address: `"quoted one"@company.my`}, ""},
		"a group of local-only":          {"local-only", entry{Group: "cn=Domain Users,cn=groups,dc=company,dc=my"}, ""},
		"a protected address":            {"protected", entry{Address: "staff@company.my"}, ""},
		"one with senders":               {"protected", entry{Address: "staff@company.my", Variant: "senders", Senders: "a@b.example c.example"}, ""},
		"one with no sender at all":      {"protected", entry{Address: "staff@company.my", Variant: "senders"}, ""},
		"a last day":                     {"suspended", entry{Account: "a", Expires: "2028-02-29"}, ""},

		"a login as an address":               {"submission", entry{Account: "ticket", As: "support@company.my"}, ""},
		"as domains, with and without @":      {"submission", entry{Account: "a@company.my", As: "@localhost, Company.local"}, ""},
		"a group as its address":              {"submission", entry{Group: "sales"}, ""},
		"a group as another address":          {"submission", entry{Group: "sales", As: "info@company.my"}, ""},
		"a mailing list as its address":       {"submission", entry{List: "staff@company.my"}, ""},
		"a login as nothing":                  {"submission", entry{Account: "ticket"}, "it does not say as what the account may write"},
		"a login as another login":            {"submission", entry{Account: "ticket", As: "a@company.my boss"}, `"boss" is neither a mail address nor a domain`},
		"a login as all sub-domains":          {"submission", entry{Account: "ticket", As: ".company.my"}, `".company.my" is neither a mail address nor a domain`},
		"a group as an account of a table":    {"submission", entry{Group: "sales", As: "hash:/etc/passwd"}, `"hash:/etc/passwd" is neither a mail address nor a domain`},
		"a mailing list by its name":          {"submission", entry{List: "staff"}, `"staff" is no mail address, and a mailing list is named by its address`},
		"a mailing list and a group":          {"submission", entry{List: "staff@company.my", Group: "sales"}, "it names a mailing list and an account or a group"},
		"an account and a group with a right": {"submission", entry{Account: "a", Group: "b"}, "it names an account and a group"},
		"nobody with a right":                 {"submission", entry{As: "a@company.my"}, "it names no account"},

		"nobody":                        {"suspended", entry{}, "it names no account"},
		"an account and a group":        {"local-only", entry{Account: "a", Group: "b"}, "it names an account and a group"},
		"a group of suspended":          {"suspended", entry{Group: "b"}, "it names a group; the group of suspended accounts is the registry variable mail/harden/suspended/group"},
		"a filter of LDAP":              {"suspended", entry{Account: "*)(uid=*"}, `"*)(uid=*" is neither a mail address nor a login`},
		"a line break in an account":    {"suspended", entry{Account: "a\nb"}, `"a\nb" is neither a mail address nor a login`},
		"an address in another script":  {"suspended", entry{Account: "chef@fürma.my"}, `"chef@fürma.my" is neither a mail address nor a login`},
		"a login among senders":         {"protected", entry{Address: "staff@company.my", Variant: "senders", Senders: "c.example boss"}, `"boss" is neither a mail address nor a domain`},
		"no protected address":          {"protected", entry{Account: "a"}, "it names no address"},
		"a protected login":             {"protected", entry{Address: "staff"}, `"staff" is no mail address`},
		"senders without their variant": {"protected", entry{Address: "a@company.my", Senders: "b@company.my"}, `it names senders, but its variant is not "senders"`},
		"senders that are none":         {"protected", entry{Address: "a@company.my", Variant: "senders", Senders: "b@company.my {c}"}, `"{c}" is neither a mail address nor a domain`},
		"another variant":               {"protected", entry{Address: "a@company.my", Variant: "all"}, `its variant is "all", not "clients" or "senders"`},
		"a day that does not exist":     {"suspended", entry{Account: "a", Expires: "2026-02-29"}, `it expires on "2026-02-29", which is no date like 2026-12-31`},
		"a day in other words":          {"suspended", entry{Account: "a", Expires: "31.12.2026"}, `it expires on "31.12.2026", which is no date like 2026-12-31`},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, c.fault, list(c.control).Fault(c.entry))
		})
	}
}

func TestAnEntryCountsOnItsLastDay(t *testing.T) {
	assert.False(t, entry{}.Expired("2026-12-31"))
	assert.False(t, entry{Expires: "2026-12-31"}.Expired("2026-12-31"))
	assert.True(t, entry{Expires: "2026-12-31"}.Expired("2027-01-01"))
}

func TestSameAs(t *testing.T) {
	assert.True(t, entry{Name: "a", Account: "Boss@company.my", Reason: "R"}.SameAs(entry{Name: "b", Account: "boss@Company.my"}))
	assert.False(t, entry{Account: "students"}.SameAs(entry{Group: "students"}))
	assert.False(t, entry{Account: "a", Group: "b"}.SameAs(entry{Account: "a"}))
}

func TestEntryName(t *testing.T) {
	for about, want := range map[string]string{
		"employee@company.my": "employee@company.my", "Boss@Company.MY": "boss@company.my", "a+b@company.my": "a_b@company.my",
		"cn=A B,dc=my": "cn_a_b_dc_my", "Schüler": "sch_ler", "a/b": "a_b", "x\n": "x_",
	} {
		assert.Equal(t, want, lists.EntryName(about))
	}
}

func TestVariablesToHasOnlyWhatDiffers(t *testing.T) {
	before := entry{Name: "n", Address: "a@company.my", Variant: "senders", Senders: "b@company.my", Owner: "O"}
	after := before.With(map[string]string{"variant": "clients", "senders": "", "owner": "O", "expires": "2026-12-31", "name": "x", "nonsense": "y"})
	assert.Equal(t, map[string]string{
		"mail/harden/protected/list/n/variant": "clients",
		"mail/harden/protected/list/n/senders": "",
		"mail/harden/protected/list/n/expires": "2026-12-31",
	}, list("protected").VariablesTo(before, after))
	assert.Equal(t, []string{"variant", "senders", "expires"}, before.Differences(after))
	assert.Equal(t, "b@company.my", before.Senders, "With leaves its own entry alone")
}

// What add and remove write, and what stays of it.
func TestAnEntryComesAndGoesWhole(t *testing.T) {
	other := map[string]string{"mail/harden/suspended/account/ab/account": "ab", "mail/harden/suspended/account/a/comment": "mine"}
	vars := maps.Clone(other)
	maps.Copy(vars, list("suspended").Variables(entry{Name: "a", Account: "a", Reason: "R"}))
	vars["mail/harden/suspended/account/a/owner"] = "" // taken away once
	for _, key := range list("suspended").EntryKeys(normal(vars), "a") {
		delete(vars, key)
	}
	assert.Equal(t, other, vars)
}

func TestTextFault(t *testing.T) {
	for sentence, c := range map[string]struct {
		field, value, fault string
	}{
		"words":                            {"reason", "contract ended (100 %s, $x, #1)", ""},
		"words with umlauts":               {"reason", "für Schüler", ""},
		"as many words as a reply holds":   {"reason", strings.Repeat("x", 200), ""},
		"a long name of a group":           {"group", "cn=" + strings.Repeat("x", 400), ""},
		"many senders":                     {"senders", strings.Repeat("a@b.example ", 1000), ""},
		"more words than a reply holds":    {"reason", strings.Repeat("ü", 201), "it has 201 characters, at most 200 can be had"},
		"an account without end":           {"account", strings.Repeat("x", 501), "it has 501 characters, at most 500 can be had"},
		"a line break":                     {"reason", "x\nmail REJECT", "it contains a line break or another control character"},
		"a line break at the end":          {"owner", "x\n", "it contains a line break or another control character"},
		"a carriage return":                {"account", "x\r", "it contains a line break or another control character"},
		"a command to the terminal":        {"reason", "\x1b[2J", "it contains a line break or another control character"},
		"a line break of another script":   {"reason", "x\u2028y", "it contains a line break or another control character"},
		"words that turn the line around":  {"reason", "x\u202ey", "it contains a line break or another control character"},
		"a byte that is no UTF-8":          {"reason", "x\xff", "it is not UTF-8 text"},
		"a line break hidden in a sender":  {"senders", "a@b.example\nc.example", "it contains a line break or another control character"},
		"a zero byte":                      {"group", "x\x00", "it contains a line break or another control character"},
		"a delete character":               {"expires", "30d\x7f", "it contains a line break or another control character"},
		"a tab, which a table would split": {"senders", "a@b.example\tOK", "it contains a line break or another control character"},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, c.fault, lists.TextFault(c.field, c.value))
		})
	}
}

func FuzzEntryRoundTrip(f *testing.F) {
	f.Add("boss@company.my", "", "", "", "contract ended", "IT", "2026-12-31")
	f.Add("", "cn=A B,dc=my", "", "", "", "", "")
	f.Add("a/b", "", "s@company.my", "a@b c", " ", "%s", "x")
	allowed := regexp.MustCompile(`^[a-z0-9@._-]*$`)
	f.Fuzz(func(t *testing.T, account, group, address, senders, reason, owner, expires string) {
		about := account + group + address
		name := lists.EntryName(about)
		require.Regexp(t, allowed, name)
		require.Equal(t, name, lists.EntryName(name))
		require.Equal(t, about == "", name == "")

		for _, name := range []string{name, about} { // a name given with --name or by hand may have slashes
			l := entry{Name: name, Account: account, Group: group, Address: address, Senders: senders, Reason: reason, Owner: owner, Expires: expires}
			if name == "" {
				continue
			}
			for _, c := range []string{"local-only", "suspended", "protected"} {
				list := list(c)
				vars := list.Variables(l)
				neighbour := entry{Name: name + "/x", Account: "other"}
				maps.Copy(vars, list.Variables(neighbour))
				require.Equal(t, []entry{l, neighbour}, list.Read(normal(vars)))
				for _, key := range list.EntryKeys(normal(vars), name) {
					delete(vars, key)
				}
				require.Equal(t, []entry{neighbour}, list.Read(normal(vars)))
			}
		}
	})
}

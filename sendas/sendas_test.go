package sendas_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/identity"
	"ucs-harden/lists"
	"ucs-harden/owners"
	"ucs-harden/sendas"
)

var (
	ticket = identity.Account{UID: "ticket"}
	boss   = identity.Account{UID: "boss", Primary: "boss@company.my", Alternatives: []string{"info@company.my"}}
	clerk  = identity.Account{UID: "Clerk", Primary: "Clerk@company.local", Alternatives: []string{"info@company.my"}}
	blank  = identity.Account{UID: "a b", Primary: "ab@company.my"}
	shared = identity.Account{Primary: "support@company.my"}
)

var groups = []identity.Group{
	{DN: "cn=sales", Name: "sales", Address: "Sales@company.my", Members: []identity.Account{boss, ticket}, Asked: []string{"sales", "cn=sales"}},
	{DN: "cn=plain", Name: "plain", Members: []identity.Account{clerk}, Asked: []string{"plain"}},
	{DN: "cn=twice,ou=a", Name: "twice", Asked: []string{"twice"}}, {DN: "cn=twice,ou=b", Name: "twice", Asked: []string{"twice"}},
	{DN: "cn=empty", Name: "empty", Address: "empty@company.my", Asked: []string{"empty"}},
	{DN: "cn=odd", Name: "odd", Address: "odd@a b", Members: []identity.Account{boss}, Asked: []string{"odd"}},
	{DN: "cn=staff", Name: "staff", Address: "staff@company.my", List: true, Members: []identity.Account{clerk}, Asked: []string{"staff@company.my", "staff"}},
	{DN: "cn=mixed", Name: "mixed", Members: []identity.Account{blank, boss}, Asked: []string{"mixed"}},
}

func TestCompile(t *testing.T) {
	type table map[string][]string
	const useless = ": the right has no effect"
	for sentence, c := range map[string]struct {
		entries            []lists.Entry
		all                bool
		delimiter          string
		addresses, domains table
		findings           []string // ID and text
	}{
		"no entry, no right": {},
		"a login as addresses and domains": {
			entries:   []lists.Entry{{Name: "x", Account: "ticket", As: "support@company.my, @News.Company.my company.local"}},
			addresses: table{"support@company.my": {"ticket"}}, domains: table{"news.company.my": {"ticket"}, "company.local": {"ticket"}},
		},
		"by uid and by primary address, which both may log in": {
			entries:   []lists.Entry{{Name: "x", Account: "BOSS", As: "Support@company.my"}, {Name: "y", Account: "clerk@company.LOCAL", As: "support@company.my"}},
			addresses: table{"support@company.my": {"Clerk", "Clerk@company.local", "boss", "boss@company.my"}},
		},
		"a shared address names nobody who logs in": {
			entries:  []lists.Entry{{Name: "x", Account: "info@company.my", As: "support@company.my"}},
			findings: []string{"nobody:mail/harden/submission/sender/x the directory has no account that logs in as info@company.my" + useless},
		},
		"an unknown login is skipped, the others stay": {
			entries:   []lists.Entry{{Name: "x", Account: "gone", As: "support@company.my"}, {Name: "y", Account: "ticket", As: "support@company.my"}},
			addresses: table{"support@company.my": {"ticket"}},
			findings:  []string{"nobody:mail/harden/submission/sender/x the directory has no account that logs in as gone" + useless},
		},
		"a group as its address": {
			entries:   []lists.Entry{{Name: "x", Group: "sales"}},
			addresses: table{"sales@company.my": {"boss", "boss@company.my", "ticket"}},
		},
		"a group by its DN, as something else": {
			entries: []lists.Entry{{Name: "x", Group: "cn=sales", As: "support@company.my"}}, addresses: table{"support@company.my": {"boss", "boss@company.my", "ticket"}},
		},
		"a group without an address as something else": {
			entries: []lists.Entry{{Name: "x", Group: "plain", As: "company.local"}}, domains: table{"company.local": {"Clerk", "Clerk@company.local"}},
		},
		"a list": {
			entries: []lists.Entry{{Name: "x", List: "staff@company.my"}}, addresses: table{"staff@company.my": {"Clerk", "Clerk@company.local"}},
		},
		"groups and lists that cannot be used": {
			entries: []lists.Entry{
				{Name: "a", Group: "plain"}, {Name: "b", Group: "twice"}, {Name: "c", Group: "empty"}, {Name: "d", Group: "gone"},
				{Name: "e", List: "gone@company.my"}, {Name: "f", Group: "odd"}, {Name: "g", Group: "staff"},
			},
			findings: []string{
				"no-address:mail/harden/submission/sender/a the group plain has no address that a table can hold (\"\"), and the entry names none" + useless,
				"several-groups:mail/harden/submission/sender/b the directory has 2 groups with the name \"twice\"" + useless,
				"no-members:mail/harden/submission/sender/c the group empty has no member that can log in" + useless,
				"no-group:mail/harden/submission/sender/d the directory has no group gone" + useless,
				"no-group:mail/harden/submission/sender/e the directory has no list gone@company.my" + useless,
				"no-address:mail/harden/submission/sender/f the group odd has no address that a table can hold (\"odd@a b\"), and the entry names none" + useless,
				"no-group:mail/harden/submission/sender/g the directory has no group staff" + useless,
			},
		},
		"all groups and lists with an address": {
			all:       true,
			addresses: table{"sales@company.my": {"boss", "boss@company.my", "ticket"}, "staff@company.my": {"Clerk", "Clerk@company.local"}},
			findings:  []string{"odd-address:odd@a b the group odd has the address \"odd@a b\", which no table can hold: its members may not write as it"},
		},
		"a login with a blank owns nothing by that name": {
			entries:   []lists.Entry{{Name: "x", Group: "mixed", As: "support@company.my"}},
			addresses: table{"support@company.my": {"ab@company.my", "boss", "boss@company.my"}},
			findings:  []string{"cannot-own:a b Postfix splits the owners of an address at blanks and commas: who logs in as \"a b\" has no right to write as a further address"},
		},
		"an address that nobody has gets no replies": {
			entries: []lists.Entry{{Name: "x", Account: "ticket", As: "noreply@company.my staff@company.my x@partner.example"}},
			addresses: table{
				"noreply@company.my": {"ticket"}, "staff@company.my": {"ticket"}, "x@partner.example": {"ticket"},
			},
			findings: []string{"unknown-sender:mail/harden/submission/sender/x/noreply@company.my nobody has the address noreply@company.my: replies to it cannot be delivered"},
		},
		"an extension without a delimiter is an address": {
			entries: []lists.Entry{{Name: "x", Account: "ticket", As: "a+b@partner.example"}}, addresses: table{"a+b@partner.example": {"ticket"}},
		},
		"an extension would take a right away": {
			delimiter: "-+", entries: []lists.Entry{{Name: "x", Account: "ticket", As: "support+x@company.my @company.local"}},
			domains:  table{"company.local": {"ticket"}},
			findings: []string{"extension:mail/harden/submission/sender/x with recipient_delimiter = -+ the owners of support@company.my may write as support+x@company.my, and an entry for it would take that away" + useless},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := sendas.Compile(sendas.Source{
				Entries: c.entries, Book: owners.New(ticket, boss, clerk, blank, shared), Groups: groups, All: c.all, Delimiter: c.delimiter, Hosted: []string{"company.my"},
			})
			assert.Equal(t, c.addresses, table(got.Addresses))
			assert.Equal(t, c.domains, table(got.Domains))
			var findings []string
			for _, f := range got.Findings {
				findings = append(findings, f.ID+" "+f.Text)
				assert.NotEmpty(t, f.Hint)
			}
			assert.Equal(t, c.findings, findings)
		})
	}
}

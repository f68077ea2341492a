package owners_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/identity"
	"ucs-harden/owners"
)

var (
	boss     = identity.Account{UID: "boss", Primary: "boss@company.my", Alternatives: []string{"chief@company.my", "team@company.my"}}
	employee = identity.Account{UID: "employee", Primary: "employee@company.my", Alternatives: []string{"info@company.my", "Team@company.my"}}
	leaver   = identity.Account{UID: "leaver", Primary: "leaver@company.my", Alternatives: []string{"info@company.my", "l.eaver@company.my"}}
	evil     = identity.Account{UID: "evil", Primary: "evil@company.my", Alternatives: []string{"employee@company.my", "staff@company.my"}}
	staff    = identity.Account{Primary: "staff@company.my"} // a mailing list
	odd      = identity.Account{UID: "Max Mustermann", Primary: `"max m"@company.my`}
)

func uids(accounts []identity.Account) []string {
	var out []string
	for _, a := range accounts {
		out = append(out, a.UID+"/"+a.Primary)
	}
	return out
}

func TestHoldersOfAnAddress(t *testing.T) {
	book := owners.New(boss, employee, leaver, evil, staff, odd)
	for name, tt := range map[string]struct {
		address string
		want    []string
	}{
		"a primary address":                         {"boss@company.my", []string{"boss/boss@company.my"}},
		"capitals make no difference":               {"BOSS@Company.MY", []string{"boss/boss@company.my"}},
		"two accounts share an alternative address": {"team@company.my", []string{"boss/boss@company.my", "employee/employee@company.my"}},
		"a list and an account":                     {"staff@company.my", []string{"evil/evil@company.my", "/staff@company.my"}},
		"quotes make no difference":                 {"max m@company.my", []string{`Max Mustermann/"max m"@company.my`}},
		"nobody":                                    {"nobody@company.my", nil},
		"the empty address":                         {"", nil},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, tt.want, uids(book.Of(tt.address))) })
	}
}

func TestALogin(t *testing.T) {
	addressAsLogin := identity.Account{UID: "boss@company.my", Primary: "other@company.my"}
	book := owners.New(boss, employee, leaver, evil, staff, odd)
	for name, tt := range map[string]struct {
		login, address string
		owns           bool
	}{
		"the uid has the primary address":               {"boss", "boss@company.my", true},
		"the uid has an alternative address":            {"boss", "chief@company.my", true},
		"capitals make no difference":                   {"BOSS", "Chief@company.my", true},
		"the primary address is a login too":            {"boss@company.my", "chief@company.my", true},
		"an alternative address is not a login":         {"chief@company.my", "boss@company.my", false},
		"both holders have a shared address":            {"employee", "team@company.my", true},
		"a colleague does not have it":                  {"leaver", "boss@company.my", false},
		"nobody logs in as a list":                      {"staff@company.my", "staff@company.my", false},
		"a login with a blank has a quoted address":     {"max mustermann", "max m@company.my", true},
		"nobody has no address, not even the empty one": {"", "", false},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, tt.owns, book.Owns(tt.login, tt.address)) })
	}
	both := owners.New(boss, addressAsLogin)
	assert.Equal(t, []string{"boss@company.my/other@company.my"}, uids(both.LogsIn("boss@company.my")), "the uid comes first")
}

// TestOneAccountInSeveralAnswers: the marked accounts and the looked-up ones come from different questions.
func TestOneAccountInSeveralAnswers(t *testing.T) {
	reason := identity.Account{UID: "BOSS", Alternatives: []string{"x@company.my"}, Reason: "left"}
	book := owners.New(boss, reason, boss)
	assert.Equal(t, []identity.Account{{
		UID: "boss", Primary: "boss@company.my", Reason: "left",
		Alternatives: []string{"chief@company.my", "team@company.my", "x@company.my"},
	}}, book.All())
}

func TestNamesOfASetOfAccounts(t *testing.T) {
	for name, tt := range map[string]struct {
		account                 identity.Account
		set                     []identity.Account
		logins, senders, shared []string
	}{
		"an address that a colleague has as well is shared": {
			leaver, []identity.Account{leaver},
			[]string{"leaver", "leaver@company.my", "l.eaver@company.my"},
			[]string{"leaver@company.my", "l.eaver@company.my"}, []string{"info@company.my"},
		},
		"an address whose holders are all in the set is theirs alone": {
			leaver, []identity.Account{leaver, employee},
			[]string{"leaver", "leaver@company.my", "info@company.my", "l.eaver@company.my"},
			[]string{"leaver@company.my", "info@company.my", "l.eaver@company.my"}, nil,
		},
		"a borrowed primary address and the address of a list stay with their owners": {
			evil, []identity.Account{evil},
			[]string{"evil", "evil@company.my"},
			[]string{"evil@company.my"}, []string{"employee@company.my", "staff@company.my"},
		},
		"a primary address that somebody borrows does not help its owner by login": {
			employee, []identity.Account{employee},
			[]string{"employee", "employee@company.my"},
			nil, []string{"employee@company.my", "info@company.my", "team@company.my"},
		},
		"names have no capitals, addresses have no quotes, and a login is what is typed": {
			odd, []identity.Account{odd},
			[]string{"max mustermann", "max m@company.my", `"max m"@company.my`}, []string{"max m@company.my"}, nil,
		},
		"a list has no login": {staff, []identity.Account{staff, evil}, []string{"staff@company.my"}, []string{"staff@company.my"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			book := owners.New(boss, employee, leaver, evil, staff, odd)
			got := book.Names(tt.account, owners.SetOf(tt.set...))
			assert.Equal(t, tt.logins, got.Logins)
			assert.Equal(t, tt.senders, got.Senders)
			assert.Equal(t, tt.shared, got.Shared)
		})
	}
}

func TestTheMeaningOfAName(t *testing.T) {
	login := identity.Account{UID: "info@company.my", Primary: "desk@company.my"}
	for name, tt := range map[string]struct {
		name   string
		more   []identity.Account
		meant  string
		others []string
	}{
		"a login": {"boss", nil, "boss", nil},
		"the primary address of one, which another borrowed": {
			"employee@company.my", nil, "employee", []string{"evil/evil@company.my"},
		},
		"an alternative address of one":           {"chief@company.my", nil, "boss", nil},
		"an alternative address of two is nobody": {"team@company.my", nil, "", []string{"boss/boss@company.my", "employee/employee@company.my"}},
		"the address of a list that an account has as well": {
			"staff@company.my", nil, "", []string{"evil/evil@company.my", "/staff@company.my"},
		},
		"a login that is an address of others": {
			"info@company.my", []identity.Account{login}, "info@company.my",
			[]string{"employee/employee@company.my", "leaver/leaver@company.my"},
		},
		"a name that the directory does not have": {"nobody", nil, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			book := owners.New(append([]identity.Account{boss, employee, leaver, evil, staff}, tt.more...)...)
			got := book.Meant(tt.name)
			meant := ""
			if got.Account != nil {
				meant = got.Account.UID
			}
			assert.Equal(t, tt.meant, meant)
			assert.Equal(t, tt.others, uids(got.Others))
		})
	}
}

package rehearsal

import (
	"net/netip"
	"path"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/controls"
	"ucs-harden/identity"
	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/rules"
)

// The tables of a company with something in every list: intern is bound, thief is stopped, leaver is suspended, staff and office are for
// insiders and for a list of senders.
var companyTables = map[string]string{
	"stopped-senders":                             "thief@company.my REJECT no\n",
	"stopped-logins":                              "thief REJECT no\nthief@company.my REJECT no\n",
	"suspended-senders":                           "leaver@company.my REJECT no\n",
	"suspended-logins":                            "leaver REJECT no\nleaver@company.my REJECT no\n",
	"local-only-senders":                          "intern@company.my ucs_harden_local_only\n",
	"local-only-logins":                           "intern ucs_harden_local_only\nintern@company.my ucs_harden_local_only\n",
	"local-only-destinations":                     "company.my listed\ncompany.local listed\nfriend@foreign.example listed\n",
	"foreign-sender-clients.cidr":                 "10.99.1.10/32 ucs_harden_foreign_sender\n",
	"foreign-sender-inside":                       "<> listed\ncompany.my listed\ncompany.local listed\n",
	"protected-clients":                           "staff@company.my REJECT no\n",
	"protected-0123abcd":                          "office@company.my ucs_harden_senders_89ab\n",
	"protected-senders-89ab":                      "company.my listed\npartner.example listed\n",
	"sender-spoofing-exception-clients-01.cidr":   "198.51.100.0/25 ucs_harden_exception_02\n0.0.0.0/0 ucs_harden_exception_senders\n",
	"sender-spoofing-exception-02.regexp":         "/^DUNNO$/ DUNNO\n/./ INFO #ucs-harden:exception:gateway\n",
	"sender-spoofing-exception-senders-03.regexp": "/^scan@company\\.my$/ ucs_harden_exception_04\n/[@.]news\\.company\\.my$/ INFO #ucs-harden:exception:news\n/./ ucs_harden_exception_others\n",
	"sender-spoofing-exception-for-04.cidr":       "198.51.100.200/32 INFO #ucs-harden:exception:scanner\n0.0.0.0/0 ucs_harden_exception_others\n::/0 ucs_harden_exception_others\n",
	"submission-senders":                          "support@company.my ticket,ticket@company.my\nleaver@company.my ticket\n",
	"submission-sender-domains":                   "partner.example leaver,ticket\n",
}

func withLists(f Facts) Facts {
	text := "check_recipient_access hash:" + controls.Folder + "/protected-0123abcd,\n"
	text += ":" + controls.Folder + "/sender-spoofing-exception-clients-01.cidr :" + controls.Folder +
		"/sender-spoofing-exception-senders-03.regexp\n"
	for name := range companyTables {
		text += controls.Folder + "/" + name + "\n"
	}
	read := func(file string) []byte { return []byte(companyTables[path.Base(file)]) }
	f.Plan.Listings = controls.ReadListings(text, read, controls.People{}, f.Domains)
	f.People = []identity.Account{
		{UID: "intern", Primary: "intern@company.my"}, {UID: "leaver", Primary: "leaver@company.my"}, {UID: "thief", Primary: "thief@company.my"},
	}
	return f
}

func TestTheCellsAskAboutTheLists(t *testing.T) {
	cells, _ := cellsOf(t, withLists(company(plan.Off, plan.Enforce)))
	stranger, self := netip.MustParseAddr("203.0.113.77"), netip.MustParseAddr("127.0.0.1")
	for sentence, c := range map[string]struct {
		dialogue privatepostfix.Dialogue
		rule     string
	}{
		"the client of an exception, with any sender of ours": {privatepostfix.Dialogue{Client: netip.MustParseAddr("198.51.100.1"), Port: 25, Sender: "boss@company.my", Recipient: "employee@company.my"}, "exception"},
		"it cannot relay": {privatepostfix.Dialogue{Client: netip.MustParseAddr("198.51.100.1"), Port: 25, Sender: "boss@company.my", Recipient: "ucs-harden@foreign.example"}, "stranger-relays"},
		"its neighbour":   {privatepostfix.Dialogue{Client: netip.MustParseAddr("198.51.100.128"), Port: 25, Sender: "boss@company.my", Recipient: "employee@company.my"}, "sender-spoofing"},
		"the client of an exception with its sender":                   {privatepostfix.Dialogue{Client: netip.MustParseAddr("198.51.100.200"), Port: 25, Sender: "scan@company.my", Recipient: "employee@company.my"}, "exception"},
		"it with another sender":                                       {privatepostfix.Dialogue{Client: netip.MustParseAddr("198.51.100.200"), Port: 25, Sender: "boss@company.my", Recipient: "employee@company.my"}, "sender-spoofing"},
		"another client with the sender":                               {privatepostfix.Dialogue{Client: stranger, Port: 25, Sender: "scan@company.my", Recipient: "employee@company.my"}, "sender-spoofing"},
		"everybody with the sender of an exception":                    {privatepostfix.Dialogue{Client: stranger, Port: 25, Sender: "ucs-harden@news.company.my", Recipient: "employee@company.my"}, "exception"},
		"and nobody relays with it":                                    {privatepostfix.Dialogue{Client: stranger, Port: 25, Sender: "ucs-harden@news.company.my", Recipient: "ucs-harden@foreign.example"}, "stranger-relays"},
		"a stopped account, by its address":                            {privatepostfix.Dialogue{Client: self, Port: 25, Sender: "thief@company.my", Recipient: "employee@company.my"}, "stopped"},
		"a stopped account that logs in by its uid":                    {privatepostfix.Dialogue{Client: stranger, Port: 587, Login: "thief", Sender: "thief@company.my", Recipient: "employee@company.my"}, "stopped"},
		"a suspended account, by its address, from this server itself": {privatepostfix.Dialogue{Client: self, Port: 25, Sender: "leaver@company.my", Recipient: "employee@company.my"}, "suspended"},
		"a suspended account that logs in by its uid":                  {privatepostfix.Dialogue{Client: stranger, Port: 587, Login: "leaver", Sender: "leaver@company.my", Recipient: "ucs-harden@foreign.example"}, "suspended"},
		"a bound account within its destinations":                      {privatepostfix.Dialogue{Client: stranger, Port: 465, Login: "intern", Sender: "intern@company.my", Recipient: "friend@foreign.example"}, "own-sender"},
		"a bound account beyond them":                                  {privatepostfix.Dialogue{Client: self, Port: 25, Sender: "intern@company.my", Recipient: "ucs-harden@foreign.example"}, "local-only"},
		"a domain controller with a foreign sender":                    {privatepostfix.Dialogue{Client: netip.MustParseAddr("10.99.1.10"), Port: 25, Sender: "ucs-harden@foreign.example", Recipient: "ucs-harden@foreign.example"}, "foreign-sender"},
		"a domain controller in a sub-domain":                          {privatepostfix.Dialogue{Client: netip.MustParseAddr("10.99.1.10"), Port: 25, Sender: "ucs-harden@ucs-harden.company.my", Recipient: "ucs-harden@foreign.example"}, "relay"},
		"the holder of a right, as the address":                        {privatepostfix.Dialogue{Client: stranger, Port: 587, Login: "ticket", Sender: "support@company.my", Recipient: "employee@company.my"}, "own-sender"},
		"somebody else as that address":                                {privatepostfix.Dialogue{Client: stranger, Port: 465, Login: "boss", Sender: "support@company.my", Recipient: "employee@company.my"}, "sender-not-owned"},
		"nobody who logs in as that address":                           {privatepostfix.Dialogue{Client: stranger, Port: 587, Sender: "support@company.my", Recipient: "employee@company.my"}, "sender-not-logged-in"},
		"suspended wins over a right to a domain":                      {privatepostfix.Dialogue{Client: stranger, Port: 587, Login: "leaver", Sender: "ucs-harden@partner.example", Recipient: "employee@company.my"}, "suspended"},
		"the login says who writes as a suspended account's address":   {privatepostfix.Dialogue{Client: stranger, Port: 587, Login: "ticket", Sender: "leaver@company.my", Recipient: "employee@company.my"}, "own-sender"},
		"a stranger to a protected list":                               {privatepostfix.Dialogue{Client: stranger, Port: 25, Sender: "ucs-harden@foreign.example", Recipient: "staff@company.my"}, "protected-clients"},
		"a login to a protected list":                                  {privatepostfix.Dialogue{Client: stranger, Port: 587, Login: "boss", Sender: "boss@company.my", Recipient: "staff@company.my"}, "own-sender"},
		"somebody who is not in the list of senders":                   {privatepostfix.Dialogue{Client: stranger, Port: 25, Sender: "ucs-harden@foreign.example", Recipient: "office@company.my"}, "protected-senders"},
		"this server as one of ours, without a login, who is in it":    {privatepostfix.Dialogue{Client: self, Port: 25, Sender: "boss@company.my", Recipient: "office@company.my"}, "protected-login"},
		"one of ours who logs in and is in it":                         {privatepostfix.Dialogue{Client: stranger, Port: 587, Login: "boss", Sender: "boss@company.my", Recipient: "office@company.my"}, "own-sender"},
	} {
		i := slices.IndexFunc(cells, func(cell Cell) bool {
			d, want := cell.Dialogue, c.dialogue
			return d.Client == want.Client && d.Port == want.Port && d.Login == want.Login && d.Sender == want.Sender && d.Recipient == want.Recipient
		})
		if assert.GreaterOrEqual(t, i, 0, "nobody asks: %s", sentence) {
			assert.Equal(t, c.rule, cells[i].Ruling.Name, sentence)
		}
	}
}

// Whose names a live list had is not known any more when the control is off: the tag of the refusal tells who refuses.
func TestAControlThatRefusesTodayMayLetGo(t *testing.T) {
	refused := privatepostfix.Reply{Code: 554, Enhanced: "5.7.1", Text: "<a@b>: Recipient address rejected: no #ucs-harden:local-only"}
	accepted := privatepostfix.Reply{Code: 250, Enhanced: "2.1.5", Text: "Ok"}
	o := (&Cell{Before: refused, After: accepted, Ruling: rules.Ruling{Rule: rules.Rule{Effect: rules.Unchanged}}}).judge(surroundings{})
	assert.False(t, o.Wrong)
	assert.Equal(t, "control local-only refuses it today and no longer covers it", o.Why)

	refused.Text = "<a@b>: Recipient address rejected: no"
	o = (&Cell{Before: refused, After: accepted, Ruling: rules.Ruling{Rule: rules.Rule{Effect: rules.Unchanged}}}).judge(surroundings{})
	assert.True(t, o.Wrong, "somebody else's refusal is not ours to lift")
}

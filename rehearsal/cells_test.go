package rehearsal

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/hostnet"
	"ucs-harden/identity"
	"ucs-harden/inside"
	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/rules"
)

func cellsOf(t *testing.T, f Facts) ([]Cell, []string) {
	t.Helper()
	cells, notes, err := Cells(f)
	require.NoError(t, err)
	return cells, notes
}

func TestTheCellsOfACompany(t *testing.T) {
	facts := company(plan.Off, plan.Warn)
	cells, notes := cellsOf(t, facts)
	again, _ := cellsOf(t, facts)
	assert.Equal(t, cells, again, "the same facts, the same cells")
	assert.Empty(t, notes)
	assert.LessOrEqual(t, len(cells), MaxCells)
	assert.Greater(t, len(cells), 200)

	asked, sentences := map[privatepostfix.Dialogue]bool{}, map[string]bool{}
	for _, c := range cells {
		assert.False(t, asked[c.Dialogue], "%s is asked twice", c)
		assert.False(t, sentences[c.String()], "%s is the sentence of two", c)
		asked[c.Dialogue], sentences[c.String()] = true, true
		assert.NoError(t, c.Dialogue.Check())
		assert.True(t, c.Dialogue.Login == "" || c.Dialogue.Port != 25, "%s: AUTH is off on 25", c)
		assert.True(t, c.Dialogue.Client.Is4(), "%s: Postfix speaks no IPv6 here", c)
	}
	has := func(d privatepostfix.Dialogue) {
		t.Helper()
		assert.True(t, slices.ContainsFunc(cells, func(c Cell) bool {
			return c.Dialogue.Client == d.Client && c.Dialogue.Port == d.Port && c.Dialogue.Login == d.Login && c.Dialogue.Sender == d.Sender && c.Dialogue.Recipient == d.Recipient
		}), "nobody asks: %s", d)
	}
	address := netip.MustParseAddr
	stranger, inside, dc, self := address("203.0.113.77"), address("10.99.1.50"), address("10.99.1.10"), address("127.0.0.1")
	for _, client := range []netip.Addr{stranger, inside, dc} {
		for _, from := range []string{"boss@company.my", "BOSS@COMPANY.MY", "chief@company.my", "employee@company.my", "ucs-harden@ucs-harden.company.my", "ucs-harden@foreign.example", ""} {
			for _, to := range []string{"employee@company.my", "ucs-harden-unknown@company.local", "ucs-harden@foreign.example", "ucs-harden@ucs-harden.invalid", "postmaster"} {
				has(privatepostfix.Dialogue{Client: client, Port: 25, Sender: from, Recipient: to})
				for _, login := range []string{"", "boss", "boss@company.my"} {
					has(privatepostfix.Dialogue{Client: stranger, Port: 587, Login: login, Sender: from, Recipient: to})
				}
				has(privatepostfix.Dialogue{Client: stranger, Port: 465, Sender: from, Recipient: to})
			}
		}
	}
	has(privatepostfix.Dialogue{Client: stranger, Port: 25, Sender: "ucs-harden@company.local", Recipient: "employee@company.my"})
	has(privatepostfix.Dialogue{Client: address("10.99.1.1"), Port: 25, Sender: "ucs-harden@foreign.example", Recipient: "ucs-harden@foreign.example"})
	has(privatepostfix.Dialogue{Client: stranger, Port: 465, Login: "clerk", Sender: "clerk@company.local", Recipient: "ucs-harden@foreign.example"})
	has(privatepostfix.Dialogue{Client: self, Port: 587, Sender: "boss@company.my", Recipient: "employee@company.my"})
}

// Each rule must decide about a cell, and log one in mode warn: what is not asked is not proven.
func TestTheCellsReachEveryRule(t *testing.T) {
	enforced, warned, off := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for mode, found := range map[plan.Mode]map[string]bool{plan.Off: off, plan.Warn: warned, plan.Enforce: enforced} {
		cells, _ := cellsOf(t, withNeighbours(withLists(company(plan.Off, mode))))
		on52, _ := cellsOf(t, withRelay(withLists(company(plan.Off, mode)), stockRelay))
		for _, c := range append(cells, on52...) {
			found[c.Ruling.Name] = true
			if c.Ruling.Warned {
				// Which rule warned is what the same letter meets when it enforces.
				found["warned: "+rules.Judge(modes(plan.Enforce), c.Letter).Name] = true
			}
		}
	}
	for _, r := range rules.Rules() {
		if r.Effect == rules.Unchanged {
			assert.True(t, off[r.Name], "with every control off, %s decides nothing", r.Name)
		} else {
			assert.True(t, enforced[r.Name], "in enforce, %s decides nothing", r.Name)
		}
		if r.Effect == rules.Refuse && r.Control != "" {
			assert.True(t, warned["warned: "+r.Name], "in warn, %s logs nothing", r.Name)
		}
	}
}

// withNeighbours are the facts with a second mail server and a public address of this server. The plan exempts them,
// today's configuration does not.
func withNeighbours(f Facts) Facts {
	address := netip.MustParsePrefix
	f.Inside = inside.Facts{
		Interfaces: []hostnet.Interface{{Name: "eth0", Prefixes: []netip.Prefix{address("10.99.1.1/24"), address("203.0.113.1/24"), address("fd99:1::1/64")}}},
		Servers:    []identity.Host{{Name: "mail2.company.my", Addresses: []netip.Addr{netip.MustParseAddr("10.99.1.60")}}},
		Here:       []string{"mail.company.my", "localhost"},
	}
	for _, e := range f.Inside.Exempt() {
		f.Plan.Listings.Exempt = append(f.Plan.Listings.Exempt, e.Prefix)
	}
	return f
}

func TestWhoMayWriteAsOursAndNothingElse(t *testing.T) {
	cells, _ := cellsOf(t, withNeighbours(company(plan.Enforce, plan.Enforce)))
	for client, want := range map[string]rules.Client{"10.99.1.60": rules.MailServer, "203.0.113.1": rules.ThisHost} {
		asked := map[rules.Recipient]bool{}
		for _, c := range cells {
			if c.Dialogue.Client.String() != client {
				continue
			}
			asked[c.Letter.RecipientIs] = true
			assert.Equal(t, want, c.Letter.Client, "%s", c)
			assert.Equal(t, rules.Unlisted, c.Today.Client, "%s", c)
			assert.Equal(t, rules.Unchanged, c.Ruling.Effect, "%s", c)
			if c.Letter.SenderIs == rules.Hosted && c.Letter.RecipientIs == rules.Known {
				assert.Equal(t, "sender-spoofing", c.Ruled.Name, "%s: today it is refused", c)
			}
		}
		assert.True(t, asked[rules.Known] && asked[rules.Elsewhere], "%s: to us, and whether it relays", client)
	}
	for _, c := range cells {
		assert.False(t, c.Letter.Client == rules.ThisHost && c.Dialogue.Client == netip.MustParseAddr("10.99.1.1"), "%s: it is a domain controller", c)
	}
}

func TestTheNamesAndAddressesOfThisServerAreOurs(t *testing.T) {
	cells, _ := cellsOf(t, withNeighbours(company(plan.Off, plan.Enforce)))
	for _, from := range []string{"ucs-harden@localhost", "ucs-harden@[10.99.1.1]"} {
		i := slices.IndexFunc(cells, func(c Cell) bool { return c.Dialogue.Sender == from })
		require.GreaterOrEqual(t, i, 0, from)
		assert.Equal(t, rules.Stranger, cells[i].Letter.Client, from)
		assert.Equal(t, "sender-spoofing", cells[i].Ruling.Name, from)
	}
}

func TestWhatAnyClientIs(t *testing.T) {
	f := withNeighbours(company(plan.Off, plan.Enforce))
	for client, want := range map[string]rules.Client{
		"10.99.1.60": rules.MailServer, "203.0.113.1": rules.ThisHost, "fd99:1::1": rules.ThisHost, "203.0.113.66": rules.Stranger,
		"10.99.1.50": rules.Unlisted, "10.99.1.10": rules.Controller, "127.0.0.1": rules.Listed,
	} {
		_, planned := f.clientIs(netip.MustParseAddr(client))
		assert.Equal(t, want, planned, client)
	}
}

func TestWhoIsAStranger(t *testing.T) {
	strangers := func(networks string, v6 bool) (out []string) {
		f := company(plan.Off, plan.Warn)
		f.Plan.Networks, f.IPv6 = networks, v6
		cells, _ := cellsOf(t, f)
		for _, c := range cells {
			if a := c.Dialogue.Client.String(); c.Letter.Client == rules.Stranger && !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
		return out
	}
	assert.Equal(t, []string{"203.0.113.77"}, strangers("127.0.0.0/8", false))
	assert.Equal(t, []string{"203.0.113.77", "2001:db8::77"}, strangers("127.0.0.0/8", true))
	assert.Equal(t, []string{"198.51.100.77"}, strangers("127.0.0.0/8, 203.0.113.0/24", false))
	assert.Equal(t, []string{"192.0.2.77"}, strangers("203.0.113.77 198.51.0.0/16", false))
	assert.Equal(t, []string{"1.0.0.0"}, strangers("203.0.113.0/24 198.51.100.0/24 192.0.2.0/24", false))
	assert.Empty(t, strangers("0.0.0.0/0", false), "if everybody is in the list, nobody is a stranger")
	assert.Equal(t, []string{"2001:db8::77"}, strangers("0.0.0.0/0", true), "a client with an IPv6 address still is")
}

func TestWhatClientsAreToEachConfiguration(t *testing.T) {
	f := company(plan.Off, plan.Warn)
	f.Today.Networks = "127.0.0.0/8, 10.99.1.10 10.99.7.0/24 10.99.1.50"
	f.Plan.Networks = f.Today.Networks + " 10.99.1.1/32 10.99.8.8"
	cells, notes := cellsOf(t, f)
	assert.Empty(t, notes)
	got := map[string]string{}
	for _, c := range cells {
		kinds := c.Today.Client.String() + ", then " + c.Letter.Client.String()
		if before, ok := got[c.Dialogue.Client.String()]; ok {
			assert.Equal(t, before, kinds)
		}
		got[c.Dialogue.Client.String()] = kinds
	}
	assert.Equal(t, map[string]string{
		"203.0.113.77": "a stranger, then a stranger",
		"10.99.1.51":   "a client that is not in mynetworks, then a client that is not in mynetworks", // .50 is listed
		"10.99.1.10":   "a client in mynetworks, then a domain controller",
		"10.99.1.1":    "a client that is not in mynetworks, then a domain controller",
		"127.0.0.1":    "a client in mynetworks, then a client in mynetworks",
		"10.99.7.1":    "a client in mynetworks, then a client in mynetworks",
		"10.99.8.8":    "a client that is not in mynetworks, then a system named to relay",
		"10.99.1.50":   "a client in mynetworks, then a client in mynetworks",
	}, got)
}

func TestWhatCannotBeAskedIsNoted(t *testing.T) {
	for sentence, c := range map[string]struct {
		change func(*Facts)
		note   string
		kind   rules.Client // that no cell has
	}{
		"a table in mynetworks":         {func(f *Facts) { f.Plan.Networks += " cidr:/etc/postfix/networks" }, "mynetworks holds a table or a name", rules.Unlisted},
		"a host name in mynetworks":     {func(f *Facts) { f.Today.Networks += " printer.company.my" }, "mynetworks holds a table or a name", rules.Unlisted},
		"every private address is ours": {func(f *Facts) { f.Plan.Networks = "127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16" }, "every private address that was tried", rules.Unlisted},
		"nobody has mail":               {func(f *Facts) { f.Users = nil }, "no user with a mail address", 0},
		"a large provider": {func(f *Facts) {
			for i := range 5000 {
				f.Domains = append(f.Domains, fmt.Sprintf("d%04d.example", i))
			}
		}, "of 5002 hosted domains, 30 are asked about", 0},
		"a large company": {func(f *Facts) {
			h := identity.Host{Name: "many"}
			for i := range 200 {
				h.Addresses = append(h.Addresses, netip.AddrFrom4([4]byte{10, 99, 2, byte(i)}))
			}
			f.Controllers = append(f.Controllers, h)
		}, "of 202 addresses of domain controllers, 30 are asked about", 0},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := company(plan.Off, plan.Enforce)
			c.change(&f)
			cells, notes := cellsOf(t, f)
			assert.Contains(t, strings.Join(notes, "\n"), c.note)
			assert.LessOrEqual(t, len(cells), MaxCells)
			for _, cell := range cells {
				assert.True(t, c.kind == 0 || cell.Letter.Client != c.kind, "%s", cell)
			}
			assert.True(t, slices.ContainsFunc(cells, func(c Cell) bool { return c.Ruling.Name == "sender-spoofing" }))
			assert.True(t, slices.ContainsFunc(cells, func(c Cell) bool { return c.Ruling.Name == "stranger-relays" }))
		})
	}
}

func TestLoginsAreAskedWhereAUTHIs(t *testing.T) {
	f := company(plan.Off, plan.Enforce)
	f.Today.Ports = map[int]bool{25: true, 587: false}
	f.Plan.Ports = map[int]bool{25: true, 465: true, 587: true}
	cells, _ := cellsOf(t, f)
	logins := map[int]int{}
	for _, c := range cells {
		assert.NotEqual(t, 465, c.Dialogue.Port, "only one of the two has it")
		if c.Dialogue.Login == "" {
			continue
		}
		logins[c.Dialogue.Port]++
		assert.Equal(t, c.Dialogue.Port == 25, c.Today.Login != "", "%s", c)
		assert.False(t, c.Today.Login == "" && c.Today.Owner == rules.TheLogin, "%s", c)
		assert.NotEmpty(t, c.Letter.Login)
	}
	assert.NotZero(t, logins[25])
	assert.NotZero(t, logins[587])
}

func TestFactsThatCannotBeRehearsed(t *testing.T) {
	f := company(plan.Off, plan.Warn)
	f.Foreign = "Sub.Company.My"
	_, _, err := Cells(f)
	require.EqualError(t, err, "cannot rehearse with sub.company.my as a foreign domain: it is hosted here")

	f = company(plan.Off, plan.Warn)
	f.Foreign = ""
	cells, _ := cellsOf(t, f)
	assert.True(t, slices.ContainsFunc(cells, func(c Cell) bool { return strings.HasSuffix(c.Dialogue.Recipient, "@"+DefaultForeign) }))
}

package evidence_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/dmarc"
	"ucs-harden/evidence"
	"ucs-harden/identity"
	"ucs-harden/inside"
	"ucs-harden/spf"
)

// TestForgersTakeNoSignAway: whoever shares the infrastructure of a group can add letters to it. They take no sign of
// legitimacy away, whatever their clients, senders, message IDs and numbers are.
func TestForgersTakeNoSignAway(t *testing.T) {
	crm := letter{control: spoofing, client: "198.51.101.20", name: "crm1.shop.example.com", sender: "crm@company.my", count: 12, days: 8, every: 4}
	listed := func(f *evidence.Facts) { f.SPF = asked("198.51.101.20", "company.my", spf.Answer{Result: spf.Pass}) }
	public := func(f *evidence.Facts) {
		f.Computers = append(f.Computers, identity.Host{Name: "web.company.my", Type: "computers/memberserver", DN: "cn=web", Addresses: []netip.Addr{addr("198.51.101.20")}})
	}
	for sentence, c := range map[string]struct {
		genuine letter
		facts   func(*evidence.Facts)
		verdict evidence.Verdict
	}{
		"a habit":               {genuine: crm, verdict: evidence.Unclear},
		"a provider in our SPF": {genuine: crm, facts: listed, verdict: evidence.Provider},
		"a server of the directory": {
			genuine: letter{control: spoofing, client: "198.51.101.20", name: "web.shop.example.com", sender: "web@company.my", count: 3},
			facts:   public, verdict: evidence.OwnServer,
		},
		"a server of the directory without a name": {
			genuine: letter{control: spoofing, client: "198.51.101.20", sender: "web@company.my"}, facts: public, verdict: evidence.OwnServer,
		},
		"a server of the directory that writes to a protected address": {
			genuine: letter{control: "protected", client: "198.51.101.20", sender: "web@company.my", to: "staff@company.my"},
			facts:   public, verdict: evidence.OwnServer,
		},
		"a server of the directory on 587 without a login": {
			genuine: letter{control: "submission", client: "198.51.101.20", sender: "web@company.my"}, facts: public, verdict: evidence.OwnServer,
		},
		"the relay host": {
			genuine: letter{control: spoofing, client: "198.51.101.20", name: "out.isp.example.com", sender: "boss@company.my", count: 3},
			facts: func(f *evidence.Facts) {
				f.Inside.RelayHosts = []inside.RelayHost{{Name: "isp", Addresses: []netip.Addr{addr("198.51.101.20")}}}
			},
			verdict: evidence.Provider,
		},
		"a list that returns our mail": {
			genuine: letter{control: spoofing, client: "198.51.101.20", name: "lists.example.com", sender: "boss@company.my", count: 9, returned: true},
			verdict: evidence.Returning,
		},
		"a DMARC report and some days": {
			genuine: letter{control: spoofing, client: "198.51.101.20", name: "crm1.shop.example.com", sender: "crm@company.my", count: 4, days: 4},
			facts: func(f *evidence.Facts) {
				f.DMARC = reported("198.51.101.20", dmarc.Record{Count: 10, SPF: true})
				f.DMARC.Add(&dmarc.Report{Org: "receiver.example", ID: "2", Domain: "company.my",
					Records: []dmarc.Record{{Client: addr("198.51.101.66"), HeaderFrom: "company.my", Count: 500}}})
			},
			verdict: evidence.Provider,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			letters := []letter{c.genuine}
			name := ""
			if c.genuine.name != "" {
				name = "evil.cust.example.com"
			}
			for i := range 600 {
				forged := c.genuine
				forged.early = i%3 > 0
				forged.client, forged.name, forged.days, forged.every = fmt.Sprintf("198.51.101.%d", 66+i%9), name, 1, 1
				forged.sender, forged.count, forged.returned, forged.id = fmt.Sprintf("user%d@company.my", i), 2, false, ""
				if i < 3 && c.genuine.returned { // copied: those that everybody got
					forged.returned, forged.id = true, fmt.Sprintf("%d.%s@mail.company.my", i, c.genuine.sender)
				}
				letters = append(letters, forged)
			}
			build := func(letters ...letter) evidence.Group {
				f := company()
				if c.facts != nil {
					c.facts(&f)
				}
				r := evidence.Build(log(letters...), f)
				require.Len(t, r.Groups, 1)
				return r.Groups[0]
			}
			alone, mixed := build(c.genuine), build(letters...)
			require.Equal(t, c.verdict, alone.Verdict, alone.Reason)
			assert.Equal(t, c.verdict, mixed.Verdict, mixed.Reason)
			assert.True(t, mixed.Open)
			assert.Equal(t, alone.Reason.String(), mixed.Reason.String(), "it is about the genuine letters")
			require.Len(t, mixed.Fixes, len(alone.Fixes))
			for i, fix := range alone.Fixes {
				assert.Equal(t, fix.Commands, mixed.Fixes[i].Commands, "no fix is for the forgers")
			}
			assert.Equal(t, c.genuine.sender, mixed.Samples[0].Sender, "the samples begin with the genuine letters")
		})
	}
}

// TestTwoSignsInOneGroup: a group with kinds of different signs is open until none of them is left.
func TestTwoSignsInOneGroup(t *testing.T) {
	f := company()
	f.SPF = asked("198.51.101.20", "company.my", spf.Answer{Result: spf.Pass})
	letters := log(
		letter{control: spoofing, client: "198.51.101.20", name: "a.shop.example", sender: "crm@company.my", count: 3},
		letter{control: spoofing, client: "198.51.101.90", name: "b.shop.example", sender: "boss@company.my", count: 3, returned: true},
	)
	g := evidence.Build(letters, f).Groups[0]
	assert.Equal(t, evidence.Provider, g.Verdict)

	in := func(addresses ...string) {
		var all []netip.Addr
		for _, a := range addresses {
			all = append(all, addr(a))
		}
		f.Inside.Servers = []identity.Host{{Name: "x", Addresses: all}}
	}
	in("198.51.101.20")
	f.Judge = judgeOf(&f)
	g = evidence.Build(letters, f).Groups[0]
	assert.Equal(t, evidence.Returning, g.Verdict, "what is left of it")
	assert.True(t, g.Open)

	in("198.51.101.20", "198.51.101.90")
	g = evidence.Build(letters, f).Groups[0]
	assert.False(t, g.Open)
	assert.True(t, g.Cleared)
}

// TestACopiedMessageID: only the letters with the ID that was copied are no sign any more.
func TestACopiedMessageID(t *testing.T) {
	lists := letter{control: spoofing, client: "198.51.100.90", name: "lists.example", sender: "boss@company.my", count: 9, returned: true}
	copied := lists
	copied.sender, copied.id, copied.count = "clerk@company.my", "0.boss@company.my@mail.company.my", 2
	g := evidence.Build(log(lists, copied), company()).Groups[0]
	assert.Equal(t, evidence.Returning, g.Verdict, g.Reason)
	assert.Contains(t, g.Reason.String(), "8 of 9 letters")
	assert.EqualValues(t, 3, g.Copied)
}

// TestForgersWithAHabit: the report says that the DNS can tell whether groups that count as forged are.
func TestForgersWithAHabit(t *testing.T) {
	forger := letter{control: spoofing, client: "198.51.100.66", name: "a.forger.example", sender: "boss@company.my", count: 8, days: 8}
	once := letter{control: spoofing, client: "198.51.102.66", name: "a.other.example", sender: "boss@company.my", count: 8}
	f := company()
	note := "1 group that counts as forged writes as one of yours on several days; before you enforce, ucs-harden report --spf asks the DNS whether they may"
	r := evidence.Build(log(forger, once), f)
	require.Len(t, r.Notes, 1)
	assert.Equal(t, note, r.Notes[0].String())
	assert.Empty(t, evidence.Build(log(once), f).Notes)
	f.SPF = asked("198.51.100.66", "company.my", spf.Answer{Result: "fail"})
	assert.Empty(t, evidence.Build(log(forger, once), f).Notes, "the DNS has said it")
}

// TestAClientOfOursHasAGroupOfItsOwn: its name and its /24 may be shared with strangers.
func TestAClientOfOursHasAGroupOfItsOwn(t *testing.T) {
	o := ours
	o.Networks = evidence.OwnNetworks(company().Inside)
	for client, want := range map[string]string{
		"203.0.113.1":  "203.0.113.1",  // this host
		"198.51.100.1": "198.51.100.1", // what stands in front of it
		"192.0.2.3":    "192.0.2.3",    // in its /29
		"10.99.1.60":   "10.99.1.60",
		"203.0.113.66": "isp.example", // in its /24, which has neighbours
		"192.0.2.77":   "isp.example",
	} {
		key := o.KeyOf(spoofing, evidence.Message{Client: addr(client), ClientName: "a.isp.example", Sender: "boss@company.my"})
		assert.Equal(t, evidence.Key{Control: spoofing, Domain: "company.my", From: want}, key)
	}
}

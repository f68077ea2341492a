package evidence_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
	"ucs-harden/identity"
	"ucs-harden/rules"
)

// old are letters of a list of which only the network of the client is kept.
func old(letters ...letter) *evidence.Digest {
	d := log(letters...)
	d.Mask(today.AddDate(0, 0, 1).Format("2006-01-02"), evidence.Strangers{
		Address: func(string) bool { return false }, Client: func(a netip.Addr) bool { return !a.IsPrivate() },
	})
	return d
}

// TestAFixHoldsWhenTheAddressesAreForgotten: what was fixed stays so when only the network of the client is known.
func TestAFixHoldsWhenTheAddressesAreForgotten(t *testing.T) {
	crm := letter{control: spoofing, client: "198.51.100.20", name: "crm.shop.example", sender: "crm@company.my", count: 9, days: 8, every: 4}
	exception := func(client, sender string, inForce bool) func(*evidence.Facts) {
		return func(f *evidence.Facts) {
			f.Exceptions = []evidence.ExceptionUse{{Name: "crm", Client: client, Sender: sender, InForce: inForce}}
			if !inForce {
				return
			}
			p, err := netip.ParsePrefix(client)
			if a, bad := netip.ParseAddr(client); err != nil && bad == nil {
				p = netip.PrefixFrom(a, a.BitLen())
			}
			judge := judgeOf(f)
			f.Judge = func(m evidence.Message, c *evidence.Change) rules.Ruling {
				with := evidence.Change{}
				if c != nil {
					with = *c
				}
				with.Exceptions = append([]rules.Exception{{Name: "crm", Client: p, Sender: sender}}, with.Exceptions...)
				return judge(m, &with)
			}
		}
	}
	server := func(f *evidence.Facts) {
		f.Inside.Servers = []identity.Host{{Name: "crm.company.my", Addresses: []netip.Addr{addr("198.51.100.20")}}}
		f.Judge = judgeOf(f)
	}
	for sentence, c := range map[string]struct {
		facts func(*evidence.Facts)
		open  bool
	}{
		"nothing was done about it":                 {open: true},
		"an exception for its client":               {facts: exception("198.51.100.20", "crm@company.my", true)},
		"an exception for the half of the network":  {facts: exception("198.51.100.128/25", "crm@company.my", true)},
		"an exception for a wider network":          {facts: exception("198.51.0.0/16", "company.my", true)},
		"an exception for the sender from anywhere": {facts: exception("", "crm@company.my", true)},
		"an exception that has expired":             {facts: exception("198.51.100.20", "crm@company.my", false), open: true},
		"an exception for another sender":           {facts: exception("198.51.100.20", "boss@company.my", true), open: true},
		"an exception in another network":           {facts: exception("198.51.101.20", "crm@company.my", true), open: true},
		"a mail server of the directory":            {facts: server},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := company()
			if c.facts != nil {
				c.facts(&f)
			}
			r := evidence.Build(old(crm), f)
			require.Len(t, r.Groups, 1)
			g := r.Groups[0]
			assert.Equal(t, evidence.Unclear, g.Verdict)
			assert.Equal(t, c.open, g.Open)
			assert.Contains(t, g.Reason.String(), "shop.example (198.51.100.0/24)", "a network, no address")
			assert.Equal(t, "198.51.100.0/24", g.Samples[0].ClientText())
		})
	}
}

// TestOldLettersOfAServerOfOurs: nobody takes a stranger for this server because of the network that is left of him, and a
// branch with a name in our DNS stays one.
func TestOldLettersOfAServerOfOurs(t *testing.T) {
	f := company()
	groups := map[string]evidence.Group{}
	for _, g := range evidence.Build(old(
		letter{control: spoofing, client: "192.0.2.77", sender: "boss@company.my"},
		letter{control: spoofing, client: "198.51.100.9", name: "branch.company.my", sender: "boss@company.my"},
	), f).Groups {
		groups[g.From] = g
	}
	assert.Equal(t, evidence.Forged, groups["192.0.2.0/24"].Verdict, "its first address is in our own 192.0.2.0/29")
	assert.Equal(t, evidence.OwnServer, groups["company.my"].Verdict, groups["company.my"].Reason)
	assert.Contains(t, groups["company.my"].Reason.String(), "the DNS of company.my itself gives 198.51.100.0/24")
}

// TestANewLetterHidesNoOldOne: a forger's letter is no reason to forget what is known of the group.
func TestANewLetterHidesNoOldOne(t *testing.T) {
	crm := letter{control: spoofing, client: "198.51.100.20", name: "crm.shop.example", sender: "crm@company.my", count: 9, days: 8, every: 4}
	d := old(crm)
	d.Merge(log(letter{control: spoofing, client: "198.51.100.66", name: "evil.shop.example", sender: "boss@company.my"}))
	g := evidence.Build(d, company()).Groups[0]
	assert.Equal(t, evidence.Unclear, g.Verdict)
	assert.True(t, g.Open)
	assert.Equal(t, "198.51.100.0/24", g.Samples[0].ClientText())

	// Newer letters of the same sign show what is the case today.
	f := company()
	f.Inside.Servers = []identity.Host{{Name: "crm.company.my", Addresses: []netip.Addr{addr("198.51.103.20")}}}
	f.Judge = judgeOf(&f)
	moved := crm
	moved.client = "198.51.103.20"
	d = old(crm)
	d.Merge(log(moved))
	assert.False(t, evidence.Build(d, f).Groups[0].Open)
}

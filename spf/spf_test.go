package spf_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"ucs-harden/spf"
)

// dns is a resolver that knows a few names, and how often each was asked for. A name that begins with "slow." is
// answered when the question is over.
type dns struct {
	txt   map[string]string
	mutex sync.Mutex
	asked map[string]int
}

func (d *dns) LookupTXT(ctx context.Context, name string) ([]string, error) {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	d.mutex.Lock()
	if d.asked == nil {
		d.asked = map[string]int{}
	}
	d.asked[name]++
	d.mutex.Unlock()
	if strings.HasPrefix(name, "slow.") {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if text, ok := d.txt[name]; ok {
		return []string{text}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (d *dns) LookupMX(context.Context, string) ([]*net.MX, error) { return nil, notFound }
func (d *dns) LookupIPAddr(context.Context, string) ([]net.IPAddr, error) {
	return nil, notFound
}
func (d *dns) LookupAddr(context.Context, string) ([]string, error) { return nil, notFound }

var notFound = &net.DNSError{Err: "no such host", IsNotFound: true}

func question(client, domain string) spf.Question {
	return spf.Question{Client: netip.MustParseAddr(client), Domain: domain}
}

// RFC 7208: the results are those of its section 2.6.
func TestAsk(t *testing.T) {
	zone := map[string]string{
		"company.my":                "v=spf1 ip4:203.0.113.1 ip6:2001:db8::/32 include:_spf.company.my include:newsletter.example -all",
		"_spf.company.my":           "v=spf1 ip4:203.0.113.2 -all",
		"newsletter.example":        "v=spf1 ip4:198.51.100.80 include:spf.bigmailer.example -all",
		"spf.bigmailer.example":     "v=spf1 ip4:198.51.100.128/25 -all",
		"redirecting.example":       "v=spf1 redirect=newsletter.example",
		"soft.example":              "v=spf1 ip4:203.0.113.1 ~all",
		"neutral.example":           "v=spf1 ?all",
		"open.example":              "v=spf1 +all",
		"half.example":              "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all",
		"broken.example":            "v=spf1 ip4:nonsense -all",
		"loop.example":              "v=spf1 include:loop.example -all",
		"verification-only.example": "google-site-verification=x",
	}
	for sentence, c := range map[string]struct {
		q    spf.Question
		want spf.Answer
	}{
		"our own record lists it":                          {question("203.0.113.1", "company.my"), spf.Answer{Result: spf.Pass}},
		"IPv6":                                             {question("2001:db8::7", "company.my"), spf.Answer{Result: spf.Pass}},
		"an IPv4 address written as IPv6":                  {question("::ffff:203.0.113.1", "company.my"), spf.Answer{Result: spf.Pass}},
		"a further record of our own":                      {question("203.0.113.2", "company.my"), spf.Answer{Result: spf.Pass}},
		"the record of a provider":                         {question("198.51.100.80", "company.my"), spf.Answer{Result: spf.Pass, Via: "newsletter.example"}},
		"the record of the provider's provider":            {question("198.51.100.200", "company.my"), spf.Answer{Result: spf.Pass, Via: "spf.bigmailer.example"}},
		"redirect leads to another organisation as well":   {question("198.51.100.80", "redirecting.example"), spf.Answer{Result: spf.Pass, Via: "newsletter.example"}},
		"a stranger":                                       {question("198.51.100.66", "company.my"), spf.Answer{Result: "fail"}},
		"a stranger, softly":                               {question("198.51.100.66", "soft.example"), spf.Answer{Result: "softfail"}},
		"no opinion":                                       {question("198.51.100.66", "neutral.example"), spf.Answer{Result: "neutral"}},
		"a record that passes everybody":                   {question("198.51.100.66", "open.example"), spf.Answer{Result: spf.Pass, Everybody: true}},
		"a record that passes everybody, in two halves":    {question("198.51.100.66", "half.example"), spf.Answer{Result: spf.Pass, Everybody: true}},
		"no record":                                        {question("198.51.100.66", "none.example"), spf.Answer{Result: "none"}},
		"other texts":                                      {question("198.51.100.66", "verification-only.example"), spf.Answer{Result: "none"}},
		"a record that nobody can read":                    {question("198.51.100.66", "broken.example"), spf.Answer{Result: "permerror"}},
		"a record that includes itself":                    {question("198.51.100.66", "loop.example"), spf.Answer{Result: "permerror"}},
		"a sub-domain is not covered by its parent":        {question("203.0.113.1", "it.company.my"), spf.Answer{Result: "none"}},
		"capitals make no difference to a name of the DNS": {question("203.0.113.1", "COMPANY.my"), spf.Answer{Result: spf.Pass}},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := spf.Checker{Resolver: &dns{txt: zone}}.Ask(t.Context(), []spf.Question{c.q})
			assert.Equal(t, map[spf.Question]spf.Answer{c.q: c.want}, got)
			assert.Equal(t, c.want.Result == spf.Pass && !c.want.Everybody, c.want.Proves())
		})
	}
}

func TestQuestionsAreBounded(t *testing.T) {
	d := &dns{txt: map[string]string{"company.my": "v=spf1 ip4:203.0.113.1 -all"}}
	var all []spf.Question
	for i := range 300 {
		all = append(all, question(fmt.Sprintf("198.51.%d.%d", i/200, i%200+1), "company.my"))
	}
	all = append(all, all...)
	got := spf.Checker{Resolver: d, Most: 250}.Ask(t.Context(), all)
	assert.Len(t, got, 250)
	assert.Contains(t, got, all[0], "the first ones first")
	assert.Equal(t, 1, d.asked["company.my"], "the DNS is asked for a name once")
	assert.Empty(t, spf.Checker{Resolver: d}.Ask(t.Context(), []spf.Question{{Domain: "company.my"}, question("198.51.100.1", "localhost"), question("198.51.100.1", "")}))
}

func TestASilentDNS(t *testing.T) {
	d := &dns{txt: map[string]string{"company.my": "v=spf1 ip4:203.0.113.1 -all"}}
	slow, quick := question("198.51.100.1", "slow.example"), question("203.0.113.1", "company.my")
	begin := time.Now()
	got := spf.Checker{Resolver: d, Each: 50 * time.Millisecond}.Ask(t.Context(), []spf.Question{slow, quick})
	assert.Equal(t, map[spf.Question]spf.Answer{quick: {Result: spf.Pass}}, got, "what nobody answered is not known")

	var many []spf.Question
	for i := range 400 {
		many = append(many, question("198.51.100.1", fmt.Sprintf("slow.%d.example", i)))
	}
	got = spf.Checker{Resolver: d, Each: 10 * time.Second, All: 100 * time.Millisecond}.Ask(t.Context(), many)
	assert.Empty(t, got)
	assert.Less(t, time.Since(begin), 5*time.Second)
}

package exceptions_test

import (
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/exceptions"
	"ucs-harden/plan"
	"ucs-harden/rules"
)

// registry is a registry of one layer.
type registry map[string]string

func (r registry) Get(key string) (string, bool) {
	value, ok := r[key]
	return value, ok
}

func (r registry) Keys(prefix string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(r)), func(key string) bool { return !strings.HasPrefix(key, prefix) })
}

func TestTheExceptionsInForce(t *testing.T) {
	const p = "mail/harden/exception/"
	r := registry{
		p + "b/client": "192.0.2.0/28", p + "b/sender": "@company.my", p + "b/expires": "2026-11-21",
		p + "a/sender":    "Scan@company.my",
		p + "past/client": "192.0.2.1", p + "past/expires": "2026-11-20",
		p + "faulty/client": "192.0.2.1/28",
	}
	assert.Equal(t, []rules.Exception{
		{Name: "a", Sender: "Scan@company.my"}, {Name: "b", Client: netip.MustParsePrefix("192.0.2.0/28"), Sender: "company.my"},
	}, exceptions.InForce(r, "2026-11-21"))
	assert.Len(t, exceptions.InForce(r, "2026-11-22"), 1)
	assert.Len(t, exceptions.InForce(r, "2026-11-20"), 3)
}

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

func TestCompile(t *testing.T) {
	all := []rules.Exception{
		{Name: "gateway", Client: prefix("198.51.100.0/24")}, {Name: "narrow", Client: prefix("198.51.100.0/28")},
		{Name: "again", Client: prefix("198.51.100.0/28")},
		{Name: "scanner", Client: prefix("192.0.2.1/32"), Sender: "Scan@Company.my"},
		{Name: "shop", Client: prefix("192.0.2.0/24"), Sender: "company.my"},
		{Name: "news", Sender: "news.company.my"},
	}
	modes := map[string]plan.Mode{"off.company.my": plan.Off, "company.local": plan.Warn}
	modeOf := func(domain string) plan.Mode {
		if mode, ok := modes[domain]; ok {
			return mode
		}
		return plan.Enforce
	}
	domains := []string{"company.my", "company.local", "off.company.my", "on.company.my"}
	want := exceptions.Questions{
		Clients: []exceptions.Client{{prefix("198.51.100.0/28"), "again"}, {prefix("198.51.100.0/24"), "gateway"}},
		Senders: []exceptions.Sender{
			{Of: "scan@company.my", Clients: []exceptions.Client{{prefix("192.0.2.1/32"), "scanner"}, {prefix("192.0.2.0/24"), "shop"}}},
			// It is below company.my, so the exception for that counts here as well.
			{Of: "news.company.my", Clients: []exceptions.Client{{prefix("192.0.2.0/24"), "shop"}}, Anybody: "news"},
			{Of: "off.company.my", Off: true},
			// on.company.my is as company.my, and needs no question of its own.
			{Of: "company.my", Clients: []exceptions.Client{{prefix("192.0.2.0/24"), "shop"}}},
		},
	}
	assert.Equal(t, want, exceptions.Compile(all, domains, modeOf))
	slices.Reverse(all)
	slices.Reverse(domains)
	assert.Equal(t, want, exceptions.Compile(all, domains, modeOf), "the order of the exceptions does not matter")
	assert.True(t, exceptions.Compile(nil, domains, modeOf).Empty())
	off := exceptions.Compile([]rules.Exception{{Name: "x", Sender: "a@off.company.my"}}, domains, modeOf)
	assert.True(t, off.Empty(), "where the mode is off, nothing is asked")
}

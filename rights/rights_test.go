package rights_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/rights"
)

func TestRights(t *testing.T) {
	var r rights.Rights
	r.Grant([]string{"ticket", "ticket@company.my"}, "Support@Company.My")
	r.Grant([]string{"boss", "ticket"}, "support@company.my")
	r.Grant([]string{"relay"}, "News.Company.My")
	r.Grant(nil, "nobody@company.my")
	for address, want := range map[string][]string{
		"SUPPORT@company.my":       {"boss", "ticket", "ticket@company.my"},
		"any@news.company.MY":      {"relay"},
		"any@sub.news.company.my":  nil, // a sub-domain is another domain
		"news.company.my":          nil, // no address
		"nobody@company.my":        nil,
		"support@company.local":    nil,
		"a@news.company.my@evil.x": nil,
	} {
		assert.Equal(t, want, r.Holders(address), address)
	}
	assert.Equal(t, map[string]string{"support@company.my": "boss,ticket,ticket@company.my"}, rights.Entries(r.Addresses))
	assert.Equal(t, r.Addresses, rights.Parse(rights.Entries(r.Addresses)))
	assert.Empty(t, rights.Rights{}.Holders("a@b"))
}

func TestCanOwn(t *testing.T) {
	for login, want := range map[string]bool{
		"ticket": true, "ticket@company.my": true, "Müller": true, "#x": true, "(x)": true, `"x"`: true, "$x": true,
		"": false, "a b": false, "a,b": false, "a\tb": false, "a\nb": false, "a\x00b": false, "M\xfcller": false,
	} {
		assert.Equal(t, want, rights.CanOwn(login), "%q", login)
	}
}

func TestComposition(t *testing.T) {
	const domains = "pipemap:{regexp:/d,hash:/o}"
	assert.Equal(t, domains, rights.Domains("regexp:/d", "hash:/o"))
	assert.Equal(t, "ldap:/l", rights.Union("ldap:/l"), "one table needs no union")
	assert.Equal(t, "unionmap:{ldap:/l,hash:/a,"+domains+"}", rights.Union("ldap:/l", "hash:/a", domains))
}

// The expected values are those of regex(7) and postconf(5).
func TestDomainOf(t *testing.T) {
	for delimiter, c := range map[string]struct{ with, without []string }{
		"":     {with: []string{"a@b.example", "a+x@b.example", "@b.example"}, without: []string{"a"}},
		"+":    {with: []string{"a@b.example", "a-x@b.example", "@b.example"}, without: []string{"a", "a+x@b.example"}},
		"+-":   {with: []string{"a@b.example"}, without: []string{"a+x@b.example", "a-x@b.example"}},
		"-":    {with: []string{"a@b.example", "a+x@b.example"}, without: []string{"a-x@b.example"}},
		"]^-/": {with: []string{"a@b.example"}, without: []string{"a]x@b.example", "a^x@b.example", "a-x@b.example", "a/x@b.example"}},
		"^":    {with: []string{"a@b.example"}, without: []string{"a^x@b.example"}},
	} {
		pattern, result, found := strings.Cut(strings.TrimPrefix(rights.DomainOf(delimiter), "/"), "/ ")
		assert.True(t, found)
		assert.Equal(t, "$1", result)
		posix := regexp.MustCompile(strings.NewReplacer(`\/`, "/", "[^]", `[^\]`).Replace(pattern))
		for _, address := range c.with {
			assert.Equal(t, "b.example", append(posix.FindStringSubmatch(address), "", "")[1], "%q %s", delimiter, address)
		}
		for _, address := range c.without {
			assert.False(t, posix.MatchString(address), "%q %s", delimiter, address)
		}
	}
}

package hosteddomains

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	label63 := strings.Repeat("a", 63)
	name253 := strings.Join([]string{label63, label63, label63, strings.Repeat("b", 61)}, ".")
	for sentence, c := range map[string]struct {
		value string
		want  []string
	}{
		"one domain":                               {"company.my", []string{"company.my"}},
		"any order comes out sorted":               {"company.my company.local", []string{"company.local", "company.my"}},
		"blanks and tabs separate, also at ends":   {" \tcompany.my \t company.local ", []string{"company.local", "company.my"}},
		"a name given twice is one":                {"company.my company.my", []string{"company.my"}},
		"names that differ in capitals are one":    {"Company.MY company.my", []string{"company.my"}},
		"sorting is by bytes, not by label":        {"b.a a.b a-b.b 0.b", []string{"0.b", "a-b.b", "a.b", "b.a"}},
		"one label is enough":                      {"local", []string{"local"}},
		"a label may begin with a digit":           {"3com.example 1.2.example", []string{"1.2.example", "3com.example"}},
		"a label of 63 characters":                 {label63 + ".my", []string{label63 + ".my"}},
		"a name of 253 characters":                 {name253, []string{name253}},
		"an A-label":                               {"xn--mnchen-3ya.de", []string{"xn--mnchen-3ya.de"}},
		"an A-label in capitals":                   {"XN--MNCHEN-3YA.DE", []string{"xn--mnchen-3ya.de"}},
		"an A-label as last label":                 {"company.xn--p1ai", []string{"company.xn--p1ai"}},
		"two hyphens that do not begin an A-label": {"ab--cd.example", []string{"ab--cd.example"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, err := Parse(c.value)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

func TestParseRefuses(t *testing.T) {
	label64 := strings.Repeat("a", 64)
	name254 := strings.Repeat("a.", 126) + "bb"
	for sentence, c := range map[string]struct{ value, name, why string }{
		"a line break":                    {"a.my company.my\ncompany.local", "company.my\ncompany.local", "line break"},
		"a line break at the end":         {"company.my\n", "company.my\n", "line break"},
		"only a line break":               {"\n", "\n", "line break"},
		"a carriage return":               {"company.my\r", "company.my\r", "line break"},
		"a vertical tab":                  {"company.my\vx", "company.my\vx", `'\v'`},
		"a NUL":                           {"company.my\x00", "company.my\x00", `'\x00'`},
		"a no-break space":                {"company\u00a0my", "company\u00a0my", `'\u00a0'`},
		"a slash":                         {"company.my/24", "company.my/24", `'/'`},
		"an address":                      {"boss@company.my", "boss@company.my", `'@'`},
		"an underscore":                   {"_dmarc.company.my", "_dmarc.company.my", `'_'`},
		"a comma as separator":            {"company.my,company.local", "company.my,company.local", `','`},
		"a comment":                       {"company.my #old", "#old", `'#'`},
		"a leading dash":                  {"-company.my", "-company.my", "begins with a hyphen"},
		"a leading dash in a later label": {"a.-company.my", "a.-company.my", "begins with a hyphen"},
		"a trailing dash":                 {"company-.my", "company-.my", "ends with a hyphen"},
		"only a dash":                     {"-", "-", "begins with a hyphen"},
		"a trailing dot":                  {"company.my.", "company.my.", "ends with a dot"},
		"a leading dot":                   {".company.my", ".company.my", "begins with a dot"},
		"only a dot":                      {".", ".", "begins with a dot"},
		"two dots":                        {"company..my", "company..my", "two dots"},
		"a label of 64 characters":        {label64 + ".my", label64 + ".my", "64 characters"},
		"a name of 254 characters":        {name254, name254, "254 characters"},
		"an IPv4 address":                 {"10.99.1.1", "10.99.1.1", "a number"},
		"a bare number":                   {"4711", "4711", "a number"},
		"an IPv6 address":                 {"fd99:1::10", "fd99:1::10", `':'`},
		"a U-label":                       {"münchen.de", "münchen.de", `write it as "xn--mnchen-3ya.de"`},
		"a U-label in capitals":           {"MÜNCHEN.de", "MÜNCHEN.de", `write it as "xn--mnchen-3ya.de"`},
		"a wide letter":                   {"ｃompany.my", "ｃompany.my", `write it as "company.my"`},
		"a Kelvin sign for a K":           {"\u212aompany.my", "\u212aompany.my", `write it as "kompany.my"`},
		"a letter that has no A-label":    {"comp\u2028any.my", "comp\u2028any.my", `'\u2028'`},
		"not UTF-8":                       {"company\xff.my", "company\xff.my", "not UTF-8"},
		"an A-label that does not decode to a U-label": {"xn--99999999.my", "xn--99999999.my", "not a valid A-label"},
		"an A-label of a capital letter":               {"xn--nca.my", "xn--nca.my", "not a valid A-label"},
		"an A-label of plain ASCII":                    {"xn--company-.my", "xn--company-.my", "ends with a hyphen"},
		"an A-label of nothing":                        {"xn--.my", "xn--.my", "ends with a hyphen"},
		"an A-label of a control":                      {"xn--a.my", "xn--a.my", "not a valid A-label"},
		"the first of two":                             {"a.my b/c d@e", "b/c", `'/'`},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, err := Parse(c.value)
			assert.Nil(t, got)
			var invalid *InvalidError
			require.ErrorAs(t, err, &invalid)
			assert.Equal(t, c.name, invalid.Name)
			assert.Contains(t, invalid.Why, c.why)
		})
	}
}

func TestParseNothing(t *testing.T) {
	for _, value := range []string{"", " ", "\t \t"} {
		_, err := Parse(value)
		require.ErrorIs(t, err, ErrEmpty, "%q", value)
	}
}

func TestInvalidErrorShowsTheNameSafely(t *testing.T) {
	_, err := Parse("company.my\nevil.example")
	require.EqualError(t, err, `not a domain name: "company.my\nevil.example": it contains a line break`)

	_, err = Parse("\x1b[31mred")
	require.EqualError(t, err, `not a domain name: "\x1b[31mred": it contains '\x1b'`)

	_, err = Parse(strings.Repeat("a", 100_000))
	require.Error(t, err)
	assert.Less(t, len(err.Error()), 300)
}

func TestPublicSuffixes(t *testing.T) {
	names, err := Parse("company my com.my co.uk local company.local company.my xn--p1ai")
	require.NoError(t, err)
	assert.Equal(t, []string{"co.uk", "com.my", "company", "my", "xn--p1ai"}, PublicSuffixes(names))
}

// hostName is the grammar of RFC 1123 again, written in another way.
var hostName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"company.my company.local", "xn--mnchen-3ya.de", "münchen.de", "a\nb", "-a b-", "10.0.0.1", "A.b\tc..d", "xn--a", "\u212a", "a.b.",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		names, err := Parse(value)
		if err != nil {
			assert.Empty(t, names)
			assert.NotContains(t, err.Error(), "\n")
			return
		}
		require.NotEmpty(t, names)
		assert.True(t, slices.IsSorted(names))
		words := map[string]bool{}
		for _, word := range strings.Fields(value) {
			words[strings.ToLower(word)] = true
		}
		assert.Len(t, names, len(words), "no word is lost, none is invented")
		for _, name := range names {
			assert.True(t, words[name], "%q", name)
			assert.Regexp(t, hostName, name)
			assert.LessOrEqual(t, len(name), 253)
			assert.NotRegexp(t, `(^|\.)[0-9]+$`, name)
		}
		again, err := Parse(strings.Join(names, " "))
		require.NoError(t, err)
		assert.Equal(t, names, again)
	})
}

// manyDomains is more domains than any known UCS hosts.
func manyDomains() []string {
	names := make([]string, 5000)
	for i := range names {
		names[i] = fmt.Sprintf("customer-%d.company.my", i)
	}
	return names
}

func BenchmarkParseAndTable5000(b *testing.B) {
	value := strings.Join(manyDomains(), " ")
	for b.Loop() {
		names, err := Parse(value)
		require.NoError(b, err)
		Table(names, always("REJECT 5.7.1 Delivery not authorized, message refused"))
	}
}

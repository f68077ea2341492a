package maincf_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/maincf"
)

// The three forms of a reference are those of postconf(5).
func TestResolve(t *testing.T) {
	main, err := maincf.Parse([]byte(`plain = permit
own = reject
only = $own
braces = ${only}
parentheses = $(braces)
among = permit_mynetworks, $own ${own},$(own)
own = reject_unauth_destination
unknown = $nowhere
loop = $loop
ping = $pong
pong = $ping
grows = $grows x
dollar = 5$
`))
	require.NoError(t, err)
	for name, want := range map[string][2]string{
		"plain":       {"permit", "plain"},
		"only":        {"reject_unauth_destination", "own"},
		"braces":      {"reject_unauth_destination", "own"},
		"parentheses": {"reject_unauth_destination", "own"},
		"among": {
			"permit_mynetworks, reject_unauth_destination reject_unauth_destination,reject_unauth_destination", "among",
		},
		"unknown": {"", "nowhere"},
		"nowhere": {"", "nowhere"},
		"dollar":  {"5$", "dollar"},
	} {
		value, holder := main.Resolve(name)
		assert.Equal(t, want, [2]string{value, holder}, name)
	}
	for _, name := range []string{"loop", "ping", "grows"} { // Postfix does not start with these; here they end
		value, _ := main.Resolve(name)
		assert.NotContains(t, value, "$", name)
	}
	assert.Equal(t, "reject_unauth_destination", main.Value("own"))
	assert.Empty(t, main.Value("nowhere"))
}

// The expected values are those that "postconf -x" of Postfix 3.7 prints for this main.cf.
func TestResolveConditionalReferences(t *testing.T) {
	main, err := maincf.Parse([]byte(`compatibility_level = 3.6
b = 1
c =
a = permit_mynetworks, ${b?yes_b} ${c?yes_c} ${c:no_c} ${b?{in b}:{out b}} ${c?{in c}:{out c}}
d = ${{$b} == {1} ? {one} : {other}}
e = ${{$b} < {10} ? {less} : {more}} ${{abc} < {abd} ? {less} : {more}} ${{$compatibility_level} >=level {3.6} ? {hi} : {lo}}
f = $(b) ${b} $$b ${{$b}!={1}?{x}:{y}} ${{$b}=={1}}
g = ${{3.10} >level {3.9} ? {bigger} : {smaller}} ${{2} <level {3.6} ? {old} : {new}}
h = ${b?{x}:y} ${b?a:b} ${c:{ t }}
i = $nowhere ${nowhere?a} ${nowhere:b}
j = ${{$b} == {1} ? { ${c:{nested}} } : {}}
`))
	require.NoError(t, err)
	for name, want := range map[string]string{
		"a": "permit_mynetworks, yes_b no_c in b out c",
		"d": "one", "e": "less less hi", "f": "1 1 $b y true", "g": "bigger old", "h": "x a:b t", "i": "b", "j": "nested",
	} {
		value, holder := main.Resolve(name)
		assert.Equal(t, want, strings.Join(strings.Fields(value), " "), name)
		assert.Equal(t, name, holder)
	}
}

// The defaults are those of "postconf -d"; the lab compares them with the installed Postfix.
func TestResolveDefaults(t *testing.T) {
	const stock = "permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination"
	for sentence, c := range map[string]struct{ main, relay, before string }{
		"UCS 5.2 sets the compatibility level":                  {"compatibility_level = 3.6\n", stock, "yes"},
		"UCS 5.0 does not":                                      {"", "", "no"},
		"the level of an old main.cf of Debian":                 {"compatibility_level = 2\n", stock, "no"},
		"an empty value in main.cf counts more than a default":  {"compatibility_level = 3.6\nsmtpd_relay_restrictions =\n", "", "yes"},
		"a value in main.cf counts more than a default":         {"smtpd_relay_restrictions = reject\n", "reject", "no"},
		"a value may refer to another parameter with a default": {"compatibility_level = 3.9.1\nsmtpd_relay_before_recipient_restrictions = ${smtpd_relay_restrictions?{no}:{yes}}\n", stock, "no"},
	} {
		t.Run(sentence, func(t *testing.T) {
			main, err := maincf.Parse([]byte(c.main))
			require.NoError(t, err)
			relay, holder := main.Resolve("smtpd_relay_restrictions")
			assert.Equal(t, c.relay, relay)
			assert.Equal(t, "smtpd_relay_restrictions", holder)
			before, _ := main.Resolve("smtpd_relay_before_recipient_restrictions")
			assert.Equal(t, c.before, before)
		})
	}
}

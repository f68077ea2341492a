package hosteddomains

import (
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/idna"

	"ucs-harden/access"
)

// The pairs of A-label and U-label are those of the examples in RFC 3492, 7.1 and of common domains.
func TestTableHasTheULabelBesideTheALabel(t *testing.T) {
	for sentence, c := range map[string]struct{ domain, keys string }{
		"a name of ASCII letters has one form":                          {"company.my", "company.my"},
		"an A-label has its U-label beside it, composed and decomposed": {"xn--mnchen-3ya.example", "xn--mnchen-3ya.example münchen.example mu\u0308nchen.example"},
		"a U-label that cannot be decomposed":                           {"xn--fiq228c.example", "xn--fiq228c.example 中文.example"},
		"each label on its own, since both forms of each are legal":     {"xn--fiq228c.xn--fiqs8s", "xn--fiq228c.xn--fiqs8s xn--fiq228c.中国 中文.xn--fiqs8s 中文.中国"},
		"many labels have the two forms in which all are alike": {
			strings.Repeat("xn--fiq228c.", 5) + "example", strings.Repeat("xn--fiq228c.", 5) + "example " + strings.Repeat("中文.", 5) + "example",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			var want []string
			for key := range strings.FieldsSeq(c.keys) {
				want = append(want, key, "."+key)
			}
			var got []string
			for _, e := range access.All(Table([]string{c.domain}, always(reject))) {
				got = append(got, e.Key)
				assert.Equal(t, reject, e.Action)
			}
			assert.Equal(t, want, got)
		})
	}
}

func TestByHandKnowsTheULabel(t *testing.T) {
	domains := []string{"xn--mnchen-3ya.example"}
	assert.True(t, ByHand([]byte("münchen.example REJECT\n.xn--mnchen-3ya.example WARN x\n"), domains))
	assert.False(t, ByHand([]byte("köln.example REJECT\n"), domains))
}

// sentences are senders, and what their domains are, as Postfix with the tables of this package decides it: see the
// tests of the lab.
var found = []struct {
	sentence, domain string
	want             Match
}{
	{"a hosted domain", "company.my", Same},
	{"capitals", "Company.MY", Same},
	{"a dot at the end", "company.my.", Same},
	{"a sub-domain", "it.company.my", Below},
	{"another domain", "foreign.example", Foreign},
	{"a domain that only ends alike", "mycompany.my", Foreign},
	{"the A-label", "xn--mnchen-3ya.example", Same},
	{"the A-label in capitals", "XN--MNCHEN-3YA.example", Same},
	{"the U-label", "münchen.example", Same},
	{"the U-label in capitals", "MÜNCHEN.EXAMPLE", Same},
	{"the U-label, decomposed", "mu\u0308nchen.example", Same},
	{"a sub-domain of the U-label", "it.münchen.example", Below},
	{"the U-label of another domain", "köln.example", Foreign},
	{"a full-width letter", "ｃompany.my", Disguised},
	{"an ideographic full stop", "company。my", Disguised},
	{"its full-width sibling", "company．my", Disguised},
	{"its halfwidth sibling", "company｡my", Disguised},
	{"a soft hyphen", "com\u00adpany.my", Disguised},
	{"a mathematical letter", "𝐜ompany.my", Disguised},
	{"a name of this server", "localhost", Same},
	{"an address of this server", "[203.0.113.1]", Same},
	{"with zeros", "[203.0.113.001]", Same},
	{"an IPv6 address of this server", "[IPv6:fd99:1::1]", Same},
	{"written in full and in capitals", "[ipv6:FD99:0001:0:0:0:0:0:1]", Same},
	{"another address", "[203.0.113.2]", Foreign},
	{"an address that only ends alike", "[1203.0.113.1]", Foreign},
	{"no address", "[company.my]", Foreign},
}

var ours = []string{"company.my", "xn--mnchen-3ya.example", "localhost", "203.0.113.1", "fd99:1::1"}

func TestFind(t *testing.T) {
	for _, c := range found {
		assert.Equal(t, c.want, Find(c.domain, ours), c.sentence)
	}
}

func TestASCII(t *testing.T) {
	for domain, want := range map[string]string{
		"Company.MY.": "company.my", "IT.MÜNCHEN.example": "it.xn--mnchen-3ya.example", "xn--mnchen-3ya.example": "xn--mnchen-3ya.example",
		"under_score.my": "under_score.my", "": "",
	} {
		assert.Equal(t, want, ASCII(domain), domain)
	}
}

func TestBesides(t *testing.T) {
	names := []string{"mail.company.my", "LOCALHOST", "localhost.company.my", "localhost", "hash:/etc/postfix/x", "münchen.example", "/etc/x", "lists.example"}
	assert.Equal(t, []string{"lists.example", "localhost"}, Besides([]string{"company.my", "xn--mnchen-3ya.example"}, names))
}

// A disguise is a character that IDNA 2008 allows in no label; otherwise the mail of somebody else would be refused.
func TestNoULabelHasADisguise(t *testing.T) {
	for _, d := range disguises {
		for r := d.from; r <= d.to; r++ {
			_, err := idna.Registration.ToASCII("a" + string(r) + "b")
			require.Error(t, err, "%U %s", r, d.about)
		}
	}
}

// The table matches what Find finds.
func TestPatterns(t *testing.T) {
	addresses := []netip.Addr{netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("fd99:1::1"), netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::1")}
	lines := Patterns(addresses, "REJECT 5.7.1 costs $1")
	var expressions []*regexp.Regexp
	for _, l := range lines {
		if begin := strings.HasPrefix(l, "/"); begin {
			end := strings.LastIndex(l, "/ ")
			assert.Equal(t, "REJECT 5.7.1 costs $$1", l[end+2:], "a dollar sign would begin a reference")
			expressions = append(expressions, regexp.MustCompile("(?i)"+l[1:end]))
		}
	}
	matches := func(address string) bool {
		for _, e := range expressions {
			if e.MatchString(address) {
				return true
			}
		}
		return false
	}
	for _, c := range found {
		literal := strings.HasPrefix(c.domain, "[") && c.want == Same
		assert.Equal(t, literal || c.want == Disguised, matches("boss@"+c.domain), c.sentence)
	}
	for literal, want := range map[string]bool{
		"[127.0.0.1]": true, "[IPv6:::1]": true, "[IPv6:0:0:0:0:0:0:0:1]": true, "[IPv6:0::0:1]": true, "[IPv6:0000:0000::0001]": true,
		"[IPv6:1::]": false, "[IPv6:::]": false, "[IPv6:::11]": false, "[127.0.0.10]": false, "[1127.0.0.1]": false, "[IPv6:fd99::1:0:0:0:1]": false,
		"[IPv6:fd99:1:0::1]": true, "[IPv6:fd99:1:0:0:0::1]": true, "[127.0.0.1].example": false,
	} {
		assert.Equal(t, want, matches("boss@"+literal), literal)
	}
	assert.False(t, matches("ｂoss@foreign.example"), "what is before the @ does not matter")
	assert.Equal(t, "if /[^ -~]/", lines[0])
	assert.Less(t, len(lines), 2*len(disguises)+2+len(addresses)+1, "few lines")
}

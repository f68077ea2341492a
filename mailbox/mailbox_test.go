package mailbox_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/mailbox"
)

// RFC 5321, 4.1.2: Dot-string, and addresses that need quoting.
func TestCheck(t *testing.T) {
	for address, says := range map[string]string{
		"boss@company.my":                          "",
		"a+b'c=d/e#f@sub_domain.company.my":        "",
		strings.Repeat("a", 64) + "@company.my":    "",
		"boss":                                     "has no @",
		"@company.my":                              "lacks what is before or after",
		"boss@":                                    "lacks what is before or after",
		"a b@company.my":                           "cannot have, or only in quotes",
		"b\u00f6ss@company.my":                     "cannot have, or only in quotes",
		`"boss"@company.my`:                        "cannot have, or only in quotes",
		".boss@company.my":                         "a dot too many",
		"b..oss@company.my":                        "a dot too many",
		strings.Repeat("a", 65) + "@company.my":    "too long before the @",
		"boss@company..my":                         "a part of no or of more than 63",
		"boss@-company.my":                         "begins or ends in a hyphen",
		"boss@comp\u00e4ny.my":                     "is no host name",
		"boss@a@company.my":                        "is no host name",
		"boss@" + strings.Repeat("a.", 127) + "my": "longer than 253",
	} {
		err := mailbox.Check(address)
		if says == "" {
			assert.NoError(t, err, address)
			assert.True(t, mailbox.Is(address), address)
			continue
		}
		assert.ErrorContains(t, err, says, address)
	}
}

func TestIsReadsGenerously(t *testing.T) {
	for address, is := range map[string]bool{
		"a..b@x": true, "a@x_y": true, "a#b@x": true, "a@b@c": false, "a b@c": false, "@c": false, "a@": false, "a": false, "<a@b>": false, "a\x00@b": false,
	} {
		assert.Equal(t, is, mailbox.Is(address), address)
	}
	assert.Equal(t, "a@b", mailbox.Bare("<a@b>"))
	assert.Equal(t, "", mailbox.Bare("<>"))
	assert.Equal(t, "<a@b", mailbox.Bare("<a@b"))
}

package controls_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/controls"
)

func TestVariablesThatNobodyReads(t *testing.T) {
	for sentence, c := range map[string]struct{ key, says string }{
		"the mode of all":                          {"mail/harden/mode", ""},
		"the mode of a domain":                     {"mail/harden/sender-spoofing/domain/company.my/mode", ""},
		"an entry, whatever its name":              {"mail/harden/exception/exception/client", ""},
		"the other name of a variable":             {"mail/harden/relay/foreign-sender/mode", ""},
		"a variable of somebody else":              {"mail/harden/other/thing", ""},
		"a mistyped control":                       {"mail/harden/sender-spofing/mode", "did you mean mail/harden/sender-spoofing/mode? to remove it: ucr unset mail/harden/sender-spofing/mode"},
		"a mistyped last word":                     {"mail/harden/relay/system", "did you mean mail/harden/relay/systems? to remove it: ucr unset mail/harden/relay/system"},
		"a mistyped list":                          {"mail/harden/exceptions/news/client", "did you mean mail/harden/exception/news/client? to remove it: ucr unset mail/harden/exceptions/news/client"},
		"a domain without the last word":           {"mail/harden/sender-spoofing/domain/company.my", "ucs-harden-variables(7) has all that are read; to remove it: ucr unset mail/harden/sender-spoofing/domain/company.my"},
		"a name of two words":                      {"mail/harden/exception/a/b/client", "did you mean mail/harden/exception/a/client? to remove it: ucr unset mail/harden/exception/a/b/client"},
		"a leaf that another list has":             {"mail/harden/exception/news/group", "ucs-harden-variables(7) has all that are read; to remove it: ucr unset mail/harden/exception/news/group"},
		"an entry without a name":                  {"mail/harden/exception//client", "ucs-harden-variables(7) has all that are read; to remove it: ucr unset mail/harden/exception//client"},
		"an own mode of an entry that cannot have": {"mail/harden/protected/list/staff/mode", "ucs-harden-variables(7) has all that are read; to remove it: ucr unset mail/harden/protected/list/staff/mode"},
	} {
		t.Run(sentence, func(t *testing.T) {
			found := controls.Unknown(layers{normal: map[string]string{c.key: "x"}}, "mail/harden/other/thing")
			if c.says == "" {
				assert.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			assert.Equal(t, "unknown-variable:"+c.key, found[0].ID)
			assert.Equal(t, c.says, found[0].Hint)
		})
	}
}

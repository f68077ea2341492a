package ledger_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/ledger"
)

func TestALedgerIsReadAsItWasWritten(t *testing.T) {
	empty, err := ledger.Parse(nil)
	require.NoError(t, err)
	assert.Nil(t, empty.Bytes(), "an empty ledger needs no file")

	before := "reject"
	l := empty.Clone()
	l.Variables["a"] = ledger.Entry{Before: &before, Wrote: "permit", Adopted: true}
	l.Variables["b"] = ledger.Entry{Wrote: ""}
	l.Networks = []netip.Prefix{netip.MustParsePrefix("10.99.1.10/32")}
	l.Files = []string{"/etc/postfix/x"}
	assert.Empty(t, empty.Variables, "a clone shares nothing")
	read, err := ledger.Parse(l.Bytes())
	require.NoError(t, err)
	assert.Equal(t, l, read)
	assert.True(t, read.HasFile("/etc/postfix/x"))
	assert.False(t, read.HasFile("/etc/postfix/y"))
}

func TestWhatIsNoLedger(t *testing.T) {
	for content, fault := range map[string]string{
		"":              "cannot read the ledger: unexpected end of JSON input",
		`{"schema": 2}`: "cannot read the ledger: it has schema 2, this program knows 1",
	} {
		_, err := ledger.Parse([]byte(content))
		assert.EqualError(t, err, fault)
	}
}

// A variable was there without us if it was set by hand, or had a value before ours.
func TestStood(t *testing.T) {
	before := "x"
	for sentence, c := range map[string]struct {
		ours     *ledger.Entry
		registry registry
		want     bool
	}{
		"nobody has set it":      {nil, registry{}, false},
		"somebody has set it":    {nil, registry{normal: "z", set: true}, true},
		"a stronger layer has":   {nil, registry{held: true}, true},
		"ours alone":             {&ledger.Entry{Wrote: "y"}, registry{normal: "y", set: true}, false},
		"ours, and one before":   {&ledger.Entry{Wrote: "y", Before: &before}, registry{normal: "y", set: true}, true},
		"adopted, as it was set": {&ledger.Entry{Wrote: "y", Adopted: true}, registry{normal: "y", set: true}, true},
	} {
		t.Run(sentence, func(t *testing.T) {
			l, err := ledger.Parse(nil)
			require.NoError(t, err)
			if c.ours != nil {
				l.Variables["x"] = *c.ours
			}
			assert.Equal(t, c.want, l.Stood(c.registry, "x"))
		})
	}
}

// registry has one variable, "x".
type registry struct {
	normal string
	set    bool
	held   bool
}

func (r registry) Normal(string) (string, bool) { return r.normal, r.set }

func (r registry) Stronger(string) (layer, value string, ok bool) { return "forced", "y", r.held }

func TestWhatAVariableGetsBack(t *testing.T) {
	before := "theirs"
	for sentence, c := range map[string]struct {
		entry    *ledger.Entry
		registry registry
		ok       bool
	}{
		"a variable that had a value":                          {&ledger.Entry{Before: &before, Wrote: "ours"}, registry{normal: "ours", set: true}, true},
		"a variable that was not set":                          {&ledger.Entry{Wrote: "ours"}, registry{normal: "ours", set: true}, true},
		"a variable that somebody has changed":                 {&ledger.Entry{Before: &before, Wrote: "ours"}, registry{normal: "new", set: true}, false},
		"a variable that somebody has removed":                 {&ledger.Entry{Before: &before, Wrote: "ours"}, registry{}, false},
		"a variable that is not ours":                          {nil, registry{normal: "ours", set: true}, false},
		"a value that a stronger layer would hide":             {&ledger.Entry{Before: &before, Wrote: "ours"}, registry{normal: "ours", set: true, held: true}, false},
		"a variable below a stronger layer that was not set":   {&ledger.Entry{Wrote: "ours"}, registry{normal: "ours", set: true, held: true}, true},
		"a variable that was set to nothing and has its value": {&ledger.Entry{Before: &before, Wrote: ""}, registry{set: true}, true},
	} {
		l, err := ledger.Parse(nil)
		require.NoError(t, err)
		if c.entry != nil {
			l.Variables["x"] = *c.entry
		}
		value, ok := l.Restored(c.registry, "x")
		assert.Equal(t, c.ok, ok, sentence)
		if ok {
			assert.Equal(t, c.entry.Before, value, sentence)
		}
	}
}

package ucr

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseDefaults(t *testing.T) {
	for sentence, c := range map[string]struct {
		text string
		want map[string]string
	}{
		"a description without default":               {"[a]\nDescription[en]=x\nType=str\n", map[string]string{}},
		"the option in any case of letters":           {"[a]\ndefault=1\n[b]\nDEFAULT = 2\n[c]\nDefault: 3\n", map[string]string{"a": "1", "b": "2", "c": "3"}},
		"other options that begin like it":            {"[a]\nDefault[de]=1\nDefaults=2\n", map[string]string{}},
		"a value keeps its own = and :":               {"[a]\nDefault=x=y: z ; w\n", map[string]string{"a": "x=y: z ; w"}},
		"an empty default is no default":              {"[a]\nDefault=\n", map[string]string{}},
		"the later default counts":                    {"[a]\nDefault=1\nDefault=2\n", map[string]string{"a": "2"}},
		"a pattern describes variables but sets none": {"[mail/.*/x]\nDefault=1\n[a[0-9]+]\nDefault=1\n[^b]\nDefault=1\n[c(d|e)]\nDefault=1\n", map[string]string{}},
		"a dot does not make a pattern":               {"[locale/de_DE.UTF-8]\nDefault=1\n", map[string]string{"locale/de_DE.UTF-8": "1"}},
		"comments and empty lines":                    {"# [a]\n; x\n\n[b]\n# Default=1\nDefault=2\n", map[string]string{"b": "2"}},
		"an option before any section":                {"Default=1\n", map[string]string{}},
		"an indented line continues the default":      {"[a]\nDefault=x,\n  y\nType=str\n", map[string]string{"a": "x,y"}},
		"an indented line continues something else":   {"[a]\nDescription[en]=x\n Default=1\n", map[string]string{}},
		"line ends of other systems":                  {"[a]\r\nDefault=1\r\n", map[string]string{"a": "1"}},
		"a section that is not closed":                {"[a\nDefault=1\n", map[string]string{}},
		"other options in another encoding":           {"[a]\nDescription[de]=Gr\xfc\xdfe\nDefault=1\n", map[string]string{"a": "1"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := map[string]string{}
			require.NoError(t, parseDefaults("F", []byte(c.text), got))
			assert.Equal(t, c.want, got)
		})
	}
}

func TestADefaultInAnotherEncodingIsAnError(t *testing.T) {
	err := parseDefaults("F", []byte("[a]\nDefault=Gr\xfc\xdfe\n"), map[string]string{})
	assert.EqualError(t, err, "cannot read F: line 2 is not UTF-8")
}

func FuzzDefaults(f *testing.F) {
	f.Add("[a]\nDefault=1\n  2\n[b.*]\nDefault=3\n")
	f.Add("[a]\ndefault : @%@b@%@\n#x\n[a]\nDefault=\n")
	f.Fuzz(func(t *testing.T, text string) {
		first := map[string]string{}
		if err := parseDefaults("F", []byte(text), first); err != nil {
			var broken *FileError
			require.ErrorAs(t, err, &broken)
			return
		}
		var printed strings.Builder
		for _, key := range slices.Sorted(maps.Keys(first)) {
			require.NoError(t, CheckKey(key))
			require.NoError(t, CheckValue(key, first[key]))
			fmt.Fprintf(&printed, "[%s]\nDefault=%s\n", key, first[key])
		}
		second := map[string]string{}
		require.NoError(t, parseDefaults("F", []byte(printed.String()), second))
		require.Equal(t, first, second)
	})
}

func TestDefaultsReferToOtherVariables(t *testing.T) {
	registry := New(map[Layer]map[string]string{
		Default: {
			"fqdn":    "@%@hostname@%@.@%@domainname@%@",
			"url":     "https://@%@fqdn@%@/",
			"unset":   "<@%@no/such@%@>",
			"circle":  "a@%@circle@%@b",
			"circle1": "1@%@circle2@%@",
			"circle2": "2@%@circle1@%@",
			"open":    "x@%@hostname",
		},
		Normal: {"hostname": "mail", "domainname": "company.my", "plain": "@%@hostname@%@"},
		Forced: {"hostname": "forced"},
	})
	for key, want := range map[string]string{
		"fqdn":    "forced.company.my",
		"url":     "https://forced.company.my/",
		"unset":   "<>",
		"circle":  "ab",
		"circle1": "12",
		"open":    "x@%@hostname",
		"plain":   "@%@hostname@%@", // only defaults are expanded
	} {
		got, ok := registry.Get(key)
		assert.True(t, ok, key)
		assert.Equal(t, want, got, key)
	}
	changed := registry.With(map[string]string{"domainname": "company.local"}, nil)
	got, _ := changed.Get("url")
	assert.Equal(t, "https://forced.company.local/", got)
	assert.Equal(t, []Value{{"forced.company.local", Default}}, changed.Lookup("fqdn"))
}

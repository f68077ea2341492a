package ucr

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

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

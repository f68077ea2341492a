package similar_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/internal/similar"
)

func TestWhatSomebodyMayHaveMeant(t *testing.T) {
	names := []string{"boss", "boss@company.my", "bosse", "employee", "e.mployee@company.my", "employee@company.my", "Müller", "boss"}
	for word, want := range map[string][]string{
		"bos":                 {"boss"},
		"BOSS":                {"boss", "bosse"},
		"boos":                {"boss"},
		"obss":                {"boss"},
		"bsos":                {"boss"},
		"obssx":               nil,
		"boss@company.mu":     {"boss@company.my"},
		"employe@company.my":  {"employee@company.my", "e.mployee@company.my"},
		"Muller":              {"Müller"},
		"somebody else":       nil,
		"":                    nil,
		"x":                   nil,
		"employee@company.de": {"employee@company.my", "e.mployee@company.my"},
	} {
		assert.Equal(t, want, similar.To(word, names), word)
	}
}

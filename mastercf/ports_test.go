package mastercf_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/mastercf"
)

// The names are those of services(5) as Debian has it.
func TestPortOf(t *testing.T) {
	for name, want := range map[string]string{
		"smtp": "25", "smtps": "465", "submissions": "465", "urd": "465", "submission": "587",
		"127.0.0.1:smtp": "25", "[::1]:587": "587", "10025": "10025", "qmqp": "628", "no-such-service": "no-such-service",
	} {
		assert.Equal(t, want, mastercf.PortOf(name), name)
	}
	for _, port := range mastercf.Ports {
		assert.Equal(t, map[int]string{25: "smtp", 465: "smtps", 587: "submission"}[port], mastercf.NameOf(port))
	}
	assert.Equal(t, "10025", mastercf.NameOf(10025))
}

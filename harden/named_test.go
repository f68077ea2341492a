package harden

import (
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
)

// Who is named in a list, or is of this server, is no stranger whose address is forgotten.
func TestWhoIsNoStranger(t *testing.T) {
	s := reporting(t, "")
	base, err := os.ReadFile(s.path("/etc/univention/base.conf"))
	require.NoError(t, err)
	s.write(t, "/etc/univention/base.conf", strings.Replace(string(base), "\nmail/hosteddomains", `
mail/harden/exception/crm/client: 198.51.100.20
mail/harden/exception/crm/reason: test
mail/harden/local-only/destinations: other.example jill@partner.example
mail/harden/protected/list/staff/address: staff@company.my
mail/harden/protected/list/staff/senders: Jane@partner.example other.example
mail/harden/protected/list/staff/variant: senders
mail/hosteddomains`, 1))
	p, err := s.Plan(t.Context(), "")
	require.NoError(t, err)
	strangers := s.keeping(s.ours(p)).Strangers
	for address, stranger := range map[string]bool{
		"boss@company.my": false, "jane@partner.example": false,
		"jill@partner.example": false, "joe@partner.example": true, "x@other.example": true,
	} {
		assert.Equal(t, stranger, strangers.Address(address), address)
	}
	for client, stranger := range map[string]bool{
		"198.51.100.20": false, "::ffff:198.51.100.20": false, "198.51.100.21": true,
		"203.0.113.1": false, "203.0.113.2": true, "10.99.1.60": false,
	} {
		assert.Equal(t, stranger, strangers.Client(netip.MustParseAddr(client)), client)
	}
	assert.Equal(t, "203.0.113.1", s.ours(p).KeyOf("sender-spoofing", evidence.Message{
		Client: netip.MustParseAddr("203.0.113.1"), ClientName: "a.isp.example", Sender: "boss@company.my",
	}).From)
}

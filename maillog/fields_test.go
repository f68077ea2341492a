package maillog

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAPlainAddressIsWhatItIsElsewhere(t *testing.T) {
	for _, text := range []string{
		"0.0.0.0", "203.0.113.66", "255.255.255.255", "256.1.1.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.04", "1..3.4", "1.2.3.",
		"1.2.3.4 ", "1.2.3.1000", "", "::1", "1.2.3.a", ".1.2.3", "00.1.2.3", "999.1.1.1",
	} {
		expected, err := netip.ParseAddr(text)
		address, ok := plainIPv4(text)
		if ok {
			assert.NoError(t, err, text)
			assert.Equal(t, expected, address, text)
		} else {
			assert.False(t, err == nil && expected.Is4(), text)
		}
	}
}

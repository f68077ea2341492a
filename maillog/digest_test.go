package maillog

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Digests of message IDs are kept in a file, so they have to stay the same.
func TestADigestStaysTheSame(t *testing.T) {
	for text, want := range map[string]uint64{
		"": 0x73ab0bc0a1d654da, "abc": 0x9a9790bdc36f65ae, "12345678": 0xd4a5637b9a90bac7, "123456789": 0x496ff59cdb51e0fb,
		"20261130.1@company.my": 0x9713e29989d45a43,
	} {
		assert.Equal(t, want, digest(7, []byte(text)), text)
		assert.Equal(t, want, digest(7, append([]byte(text), "what stands behind it"...)[:len(text)]), text)
	}
}

package maillog

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// fingerprinted are the bytes of a file that its fingerprint is made of, or all there were.
const fingerprinted = 512

// fingerprint is the number of bytes and their digest.
func fingerprint(head []byte) string {
	sum := sha256.Sum256(head)
	return fmt.Sprintf("%d-%s", len(head), hex.EncodeToString(sum[:16]))
}

// matches reports whether a file begins as this one did.
func (f File) matches(head []byte) bool {
	number, _, _ := strings.Cut(f.Fingerprint, "-")
	n, err := strconv.Atoi(number)
	return err == nil && n > 0 && n <= len(head) && fingerprint(head[:n]) == f.Fingerprint
}

// Package mailbox knows mail addresses that need no quoting (RFC 5321, 4.1.2):
//
//	mailbox = dot-string "@" domain
//	plain   = 1*( a printable ASCII character other than <>"\,;:()[] )
//
// Is accepts an address of the directory generously: both halves only have to be plain. Check compares an address that
// somebody typed with the whole grammar, and its error says what is wrong.
package mailbox

import (
	"fmt"
	"strings"
)

// special are the printable characters that a mailbox can hold only in quotes, or not at all.
const special = `<>"\,;:()[]`

// Plain reports whether a word needs no quoting, as a login or as one half of an address.
func Plain(word string) bool {
	return word != "" && !strings.ContainsFunc(word, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(special, r)
	})
}

// Is reports whether a value is a mailbox that an SMTP command can carry unchanged.
func Is(address string) bool {
	local, domain, found := strings.Cut(address, "@")
	return found && Plain(local) && Plain(domain) && !strings.Contains(domain, "@")
}

// Domain is what stands behind the last "@" of an address; a value without one is a domain itself.
func Domain(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// These are the limits of RFC 5321, 4.5.3.1, and of RFC 1035, 2.3.4.
const (
	longestLocal = 64
	longestName  = 253
	longestLabel = 63
)

// Check says what is wrong with an address. It returns nil for a valid one.
func Check(address string) error {
	local, domain, found := strings.Cut(address, "@")
	switch {
	case !found:
		return fmt.Errorf("%q has no @", address)
	case local == "" || domain == "":
		return fmt.Errorf("%q lacks what is before or after the @", address)
	case !Plain(local):
		return fmt.Errorf("%q holds a character that an address cannot have, or only in quotes", address)
	case strings.HasPrefix(local, "."), strings.HasSuffix(local, "."), strings.Contains(local, ".."):
		return fmt.Errorf("%q has a dot too many", address)
	case len(local) > longestLocal:
		return fmt.Errorf("%q is too long before the @", address)
	}
	if err := CheckHost(domain); err != nil {
		return fmt.Errorf("the domain of %q: %w", address, err)
	}
	return nil
}

// CheckHost says what is wrong with a host name (RFC 1123, 2.1). It returns nil for a valid one. Underscores are
// allowed, because they occur.
func CheckHost(name string) error {
	if len(name) > longestName {
		return fmt.Errorf("longer than %d characters", longestName)
	}
	for label := range strings.SplitSeq(name, ".") {
		switch {
		case label == "" || len(label) > longestLabel:
			return fmt.Errorf("%q has a part of no or of more than %d characters", name, longestLabel)
		case strings.HasPrefix(label, "-"), strings.HasSuffix(label, "-"):
			return fmt.Errorf("%q has a part that begins or ends in a hyphen", name)
		case strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "":
			return fmt.Errorf("%q is no host name", name)
		}
	}
	return nil
}

// Bare removes the angle brackets around an address.
func Bare(address string) string {
	if inner, ok := strings.CutPrefix(address, "<"); ok && strings.HasSuffix(inner, ">") {
		return strings.TrimSuffix(inner, ">")
	}
	return address
}

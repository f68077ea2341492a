package hosteddomains

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

const (
	maxName  = 253 // RFC 1035, 3.1: 255 on the wire, with the length bytes and the root
	maxLabel = 63
)

// fault says why a lower-case word is not a domain name; "" when the word is one.
func fault(name string) string {
	if why := badCharacter(name); why != "" {
		return why
	}
	switch {
	case len(name) > maxName:
		return fmt.Sprintf("it has %d characters, at most %d are allowed", len(name), maxName)
	case strings.HasPrefix(name, "."):
		return "it begins with a dot"
	case strings.HasSuffix(name, "."):
		return "it ends with a dot"
	}
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if why := badLabel(label); why != "" {
			return why
		}
	}
	if last := labels[len(labels)-1]; strings.Trim(last, "0123456789") == "" {
		return fmt.Sprintf("its last part %q is a number, as in an IP address", last)
	}
	return ""
}

func badCharacter(name string) string {
	if !utf8.ValidString(name) {
		return "it is not UTF-8"
	}
	for _, r := range name {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '-', r == '.':
		case r == '\n', r == '\r':
			return "it contains a line break"
		case r > 0x7f:
			return notASCII(name, r)
		default:
			return fmt.Sprintf("it contains %q", r)
		}
	}
	return ""
}

// notASCII is the fault of a name that is not ASCII. It shows the A-label form to write, if there is one.
func notASCII(name string, r rune) string {
	ascii, err := idna.Lookup.ToASCII(name)
	if err != nil || ascii == name || fault(ascii) != "" {
		return fmt.Sprintf("it contains %q", r)
	}
	return fmt.Sprintf("it contains %q; write it as %q", r, ascii)
}

func badLabel(label string) string {
	switch {
	case label == "":
		return "it has two dots in a row"
	case len(label) > maxLabel:
		return fmt.Sprintf("its part %q has %d characters, at most %d are allowed", label, len(label), maxLabel)
	case strings.HasPrefix(label, "-"):
		return fmt.Sprintf("its part %q begins with a hyphen", label)
	case strings.HasSuffix(label, "-"):
		return fmt.Sprintf("its part %q ends with a hyphen", label)
	case strings.HasPrefix(label, "xn--") && !isALabel(label):
		return fmt.Sprintf("its part %q is not a valid A-label", label)
	}
	return ""
}

// isALabel says whether a label is the A-label of a U-label (RFC 5891, 5.4).
func isALabel(label string) bool {
	unicode, err := idna.Registration.ToUnicode(label)
	if err != nil || unicode == label {
		return false
	}
	back, err := idna.Registration.ToASCII(unicode)
	return err == nil && back == label
}

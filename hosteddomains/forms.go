package hosteddomains

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"ucs-harden/internal/lexical"
)

// maxForms bounds the forms of one name. A name with more labels of two forms than this allows has only the two forms
// in which all labels are alike.
const maxForms = 16

// Forms are the ways to write a name that a table must have beside each other: with A-labels and with U-labels. The name
// itself is the first.
func Forms(name string) []string { return forms(name) }

// forms are the ways to write a name that a table must have beside each other: each A-label also as its U-label
// (RFC 5890, 2.3.2.1), and the U-label also decomposed (Unicode NFD). Capitals are not among them: Postfix folds them,
// those beyond ASCII too (smtputf8_enable). The name itself is the first.
func forms(name string) []string {
	out := []string{""}
	for i, label := range strings.Split(name, ".") {
		alike := []string{label}
		if unicode := uLabel(label); unicode != label {
			alike = append(alike, unicode)
			if apart := norm.NFD.String(unicode); apart != unicode {
				alike = append(alike, apart)
			}
		}
		if i > 0 {
			for n := range out {
				out[n] += "."
			}
		}
		if len(out)*len(alike) > maxForms {
			return []string{name, toUnicode(name)}
		}
		var next []string
		for _, begin := range out {
			for _, end := range alike {
				next = append(next, begin+end)
			}
		}
		out = next
	}
	return out
}

// uLabel is the U-label of an A-label; any other label stays.
func uLabel(label string) string {
	if strings.HasPrefix(label, "xn--") && isALabel(label) {
		label, _ = idna.Registration.ToUnicode(label)
	}
	return label
}

func toUnicode(name string) string {
	labels := strings.Split(name, ".")
	for i, label := range labels {
		labels[i] = uLabel(label)
	}
	return strings.Join(labels, ".")
}

// ASCII is a domain name as mail/hosteddomains has it: in lower case and with A-labels. A label that is no U-label
// stays.
func ASCII(domain string) string {
	if isASCII(domain) {
		return strings.TrimSuffix(lexical.Lower(domain), ".")
	}
	labels := strings.Split(strings.TrimSuffix(norm.NFC.String(strings.ToLower(domain)), "."), ".")
	for i, label := range labels {
		if ascii, err := idna.Registration.ToASCII(label); err == nil && strings.HasPrefix(ascii, "xn--") {
			labels[i] = ascii
		}
	}
	return strings.Join(labels, ".")
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Match says how the domain of a sender relates to the own names.
type Match int

const (
	// Foreign: none of ours.
	Foreign Match = iota
	// Same: an own name, or an address literal of this server.
	Same
	// Below: a sub-domain of an own name that is no own name itself.
	Below
	// Disguised: it has a character that no U-label may have, see Disguises.
	Disguised
)

// Find tells what the domain of a sender is. own are hosted domains, names and addresses of this server. The tables of
// Table and Patterns decide the same.
func Find(domain string, own []string) Match {
	if isDisguised(domain) {
		return Disguised
	}
	if literal, ok := parseLiteral(domain); ok {
		if slices.Contains(own, literal.String()) {
			return Same
		}
		return Foreign
	}
	name, match := ASCII(domain), Foreign
	for _, ours := range own {
		switch {
		case name == ours:
			return Same
		case below(name, ours):
			match = Below
		}
	}
	return match
}

// below reports whether a name is a sub-domain of another.
func below(name, domain string) bool {
	dot := len(name) - len(domain) - 1
	return dot >= 0 && name[dot] == '.' && name[dot+1:] == domain
}

// Besides are the names that are neither among the domains nor below one of them, in lower case, sorted, each once.
// What is no domain name, such as a lookup table, is left out.
func Besides(domains, names []string) []string {
	var out []string
	for _, name := range names {
		if name = lexical.Lower(name); fault(name) == "" && Find(name, domains) == Foreign {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

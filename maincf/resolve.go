package maincf

import (
	"slices"
	"strings"

	"ucs-harden/internal/lexical"
)

// defaults are Postfix's default values of the parameters that are evaluated here, as "postconf -d" prints them for
// Postfix 3.6 and newer. Older releases mean the same: they know no compatibility level of 3.6. All other parameters
// count as empty while main.cf does not have them.
var defaults = map[string]string{
	"compatibility_level":                       "0",
	"smtpd_delay_reject":                        "yes",
	"smtpd_relay_before_recipient_restrictions": "${{$compatibility_level} <level {3.6} ? {no} : {yes}}",
	"smtpd_relay_restrictions": "${{$compatibility_level} <level {1} ? {} : " +
		"{permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination}}",
}

// Default returns Postfix's default value of a parameter, with its references; "" for most parameters.
func Default(name string) string { return defaults[name] }

// Resolve returns the value of a parameter with all references replaced, and the name of the parameter that holds it. A
// value that is nothing but a reference is held by the other parameter. References of a parameter to itself remain.
func (m File) Resolve(name string) (value, holder string) {
	e := expansion{main: m, open: []string{name}}
	holder = name
	for range len(m) {
		only, ok := e.onlyReference(e.raw(holder))
		if !ok || only == name {
			break
		}
		holder = only
	}
	return e.expand(e.raw(name)), holder
}

// Expand replaces the references in a value to parameters that main.cf has. References to others, whose values are built
// into Postfix, remain.
func (m File) Expand(value string) string { return expansion{main: m, keep: true}.expand(value) }

// expansion replaces references as mac_expand(3) of Postfix does.
type expansion struct {
	main File
	open []string // the parameters that are being replaced
	keep bool     // keep references to parameters that main.cf does not have
}

func (e expansion) raw(name string) string {
	if value, ok := e.main.Get(name); ok {
		return value
	}
	return Default(name)
}

// onlyReference returns the name when a text is nothing but one plain reference.
func (e expansion) onlyReference(text string) (name string, ok bool) {
	text = strings.Trim(text, lexical.Blanks)
	if !strings.HasPrefix(text, "$") {
		return "", false
	}
	inner, rest := reference(text[1:])
	return inner, rest == "" && inner != "" && word(inner) == len(inner)
}

// expand replaces all references in a text. "$$" is one dollar.
func (e expansion) expand(text string) string {
	var out strings.Builder
	for {
		i := strings.IndexByte(text, '$')
		if i < 0 {
			return out.String() + text
		}
		out.WriteString(text[:i])
		text = text[i+1:]
		inner, rest := reference(text)
		switch {
		case strings.HasPrefix(text, "$"):
			out.WriteByte('$')
			rest = text[1:]
		case inner == "":
			out.WriteByte('$')
			rest = text
		default:
			value, ok := e.value(inner)
			if !ok {
				value = "$" + text[:len(text)-len(rest)]
			}
			out.WriteString(value)
		}
		text = rest
	}
}

// reference reads what follows a dollar: name, (inner) or {inner}. inner is "" when no reference follows.
func reference(text string) (inner, rest string) {
	if text == "" {
		return "", text
	}
	if closing, ok := map[byte]byte{'{': '}', '(': ')'}[text[0]]; ok {
		return enclosed(text, text[0], closing)
	}
	n := word(text)
	return text[:n], text[n:]
}

// enclosed reads a text between a pair of brackets, which may be nested. inner is "" when the closing one is missing.
func enclosed(text string, opening, closing byte) (inner, rest string) {
	level := 0
	for i := range len(text) {
		switch text[i] {
		case opening:
			level++
		case closing:
			level--
		}
		if level == 0 {
			return text[1:i], text[i+1:]
		}
	}
	return "", text
}

// word is the length of the parameter name at the beginning of a text.
func word(text string) int {
	for i, c := range []byte(text) {
		if c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return i
		}
	}
	return len(text)
}

// value is the value of a reference without its dollar and brackets. It has none when a parameter refers to itself.
func (e expansion) value(inner string) (value string, ok bool) {
	if inner[0] == '{' {
		return e.comparison(inner)
	}
	n := word(inner)
	name, rest := inner[:n], inner[n:]
	if _, known := e.main.Get(name); e.keep && !known || slices.Contains(e.open, name) {
		return "", false
	}
	now := expansion{e.main, append(slices.Clone(e.open), name), e.keep}.expand(e.raw(name))
	switch {
	case rest == "":
		return now, true
	case rest[0] == '?' || rest[0] == ':':
		return e.choose(now != "", rest), true
	}
	return "", false
}

// choose evaluates "?text", ":text", "?{text}" and "?{text}:{text}". Without braces the text goes to the end.
func (e expansion) choose(yes bool, alternatives string) string {
	first, other := alternatives[1:], ""
	if trimmed := strings.Trim(first, lexical.Blanks); strings.HasPrefix(trimmed, "{") {
		first, other = enclosed(trimmed, '{', '}')
		first = strings.Trim(first, lexical.Blanks)
		other = strings.TrimPrefix(strings.Trim(other, lexical.Blanks), ":")
		if other = strings.Trim(other, lexical.Blanks); strings.HasPrefix(other, "{") {
			other, _ = enclosed(other, '{', '}')
			other = strings.Trim(other, lexical.Blanks)
		}
	}
	if alternatives[0] == ':' {
		yes = !yes
	}
	if yes {
		return e.expand(first)
	}
	return e.expand(other)
}

package maincf

import (
	"cmp"
	"strconv"
	"strings"

	"ucs-harden/internal/lexical"
)

// Expand replaces all references in a value, the conditional forms included, as mac_expand(3) of Postfix does. get
// returns the value of a parameter, "" for one that has none. A reference that leads back to itself becomes empty.
func Expand(value string, get func(name string) string) string {
	return expander{get, 2 * deepest}.text(value)
}

type expander struct {
	get   func(string) string
	depth int // how many references may still follow one another
}

// text expands a text. A dollar sign that begins no reference stays.
func (e expander) text(s string) string {
	if e.depth--; e.depth < 0 {
		return ""
	}
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(s, "$")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		switch {
		case strings.HasPrefix(rest, "$"):
			out.WriteByte('$')
			s = rest[1:]
		case strings.HasPrefix(rest, "{"), strings.HasPrefix(rest, "("):
			n := balanced(rest)
			if n < 0 {
				out.WriteString("$" + rest)
				return out.String()
			}
			out.WriteString(e.body(strings.Trim(rest[1:n-1], lexical.Blanks)))
			s = rest[n:]
		default:
			n := len(rest) - len(strings.TrimLeft(rest, nameLetters))
			if n == 0 {
				out.WriteByte('$')
			} else {
				out.WriteString(e.parameter(rest[:n]))
			}
			s = rest[n:]
		}
	}
}

const nameLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

func (e expander) parameter(name string) string { return e.text(e.get(name)) }

// body expands what stands between the brackets of a reference.
func (e expander) body(s string) string {
	var holds bool
	var rest string
	if strings.HasPrefix(s, "{") {
		left, tail := braced(s)
		tail = strings.TrimLeft(tail, lexical.Blanks)
		operator := tail[:len(tail)-len(strings.TrimLeft(tail, "<>=!lev"))]
		right, tail := braced(strings.TrimLeft(tail[len(operator):], lexical.Blanks))
		holds, rest = compare(e.text(left), operator, e.text(right)), strings.TrimLeft(tail, lexical.Blanks)
		if rest == "" && holds {
			return "true"
		}
	} else {
		n := len(s) - len(strings.TrimLeft(s, nameLetters))
		value := e.parameter(s[:n])
		if holds, rest = value != "", strings.TrimLeft(s[n:], lexical.Blanks); rest == "" {
			return value
		}
	}
	yes, no := branches(rest)
	if holds {
		return e.text(yes)
	}
	return e.text(no)
}

// branches are the texts for a condition that holds, and for one that does not: "?{yes}:{no}", "?yes" or ":no".
func branches(s string) (yes, no string) {
	if s == "" || s[0] != '?' && s[0] != ':' {
		return "", ""
	}
	text := strings.TrimLeft(s[1:], lexical.Blanks)
	if !strings.HasPrefix(text, "{") {
		if s[0] == ':' {
			return "", s[1:]
		}
		return s[1:], ""
	}
	first, rest := braced(text)
	if s[0] == ':' {
		return "", first
	}
	if rest = strings.TrimLeft(rest, lexical.Blanks); strings.HasPrefix(rest, ":") {
		no, _ = braced(strings.TrimLeft(rest[1:], lexical.Blanks))
	}
	return first, no
}

// braced splits a text after its first bracket, whose content loses the blanks at both ends.
func braced(s string) (content, rest string) {
	n := balanced(s)
	if n < 0 {
		return "", s
	}
	return strings.Trim(s[1:n-1], lexical.Blanks), s[n:]
}

// balanced is the length of the bracket at the beginning of a text, or -1.
func balanced(s string) int {
	if s == "" || s[0] != '{' && s[0] != '(' {
		return -1
	}
	opens, closes, level := s[0], map[byte]byte{'{': '}', '(': ')'}[s[0]], 0
	for i := range len(s) {
		switch s[i] {
		case opens:
			level++
		case closes:
			if level--; level == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// compare compares two numbers as numbers, two levels (compatibility_level, postconf(5)) part by part, and everything
// else as strings.
func compare(a, operator, b string) bool {
	operator, levels := strings.CutSuffix(operator, "level")
	order := strings.Compare(a, b)
	x, errX := strconv.ParseInt(a, 10, 64)
	y, errY := strconv.ParseInt(b, 10, 64)
	switch {
	case levels:
		order = compareLevels(a, b)
	case errX == nil && errY == nil:
		order = cmp.Compare(x, y)
	}
	switch operator {
	case "==":
		return order == 0
	case "!=":
		return order != 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	}
	return false
}

func compareLevels(a, b string) int {
	part := func(parts []string, i int) int {
		if i >= len(parts) {
			return 0
		}
		n, _ := strconv.Atoi(parts[i])
		return n
	}
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(as), len(bs)) {
		if order := cmp.Compare(part(as, i), part(bs, i)); order != 0 {
			return order
		}
	}
	return 0
}

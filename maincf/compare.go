package maincf

import "strings"

// compare decides the comparisons in a value whose references have been replaced.
func compare(value string) string {
	var out strings.Builder
	for {
		i := strings.Index(value, "${{")
		if i < 0 {
			return out.String() + value
		}
		inner, rest, ok := braced(value[i+1:])
		if !ok {
			return out.String() + value
		}
		out.WriteString(value[:i])
		if chosen, ok := decide(inner); ok {
			out.WriteString(chosen)
		} else {
			out.WriteString(value[i : len(value)-len(rest)])
		}
		value = rest
	}
}

// decide evaluates "{a} == {b} ? {c} : {d}".
func decide(text string) (chosen string, ok bool) {
	left, text, ok := braced(text)
	text = strings.TrimSpace(text)
	if !ok || len(text) < 2 {
		return "", false
	}
	operator := text[:2]
	right, text, ok := braced(strings.TrimSpace(text[2:]))
	if !ok || operator != "==" && operator != "!=" {
		return "", false
	}
	holds := (left == right) == (operator == "==")
	text, ok = strings.CutPrefix(strings.TrimSpace(text), "?")
	then, text, closed := braced(strings.TrimSpace(text))
	if !ok || !closed {
		return "", false
	}
	otherwise := ""
	if text, ok = strings.CutPrefix(strings.TrimSpace(text), ":"); ok {
		if otherwise, _, ok = braced(strings.TrimSpace(text)); !ok {
			return "", false
		}
	}
	if holds {
		return then, true
	}
	return otherwise, true
}

// braced takes "{text}" off the front, without the blanks beside the braces.
func braced(s string) (text, rest string, ok bool) {
	if !strings.HasPrefix(s, "{") {
		return "", s, false
	}
	level := 0
	for i := range len(s) {
		switch s[i] {
		case '{':
			level++
		case '}':
			if level--; level == 0 {
				return strings.TrimSpace(s[1:i]), s[i+1:], true
			}
		}
	}
	return "", s, false
}

package maincf

import (
	"cmp"
	"strconv"
	"strings"

	"ucs-harden/internal/lexical"
)

// comparison evaluates "{left} operator {right}" with or without "?{text}:{text}" behind it.
func (e expansion) comparison(text string) (value string, ok bool) {
	left, rest := enclosed(text, '{', '}')
	rest = strings.TrimLeft(rest, lexical.Blanks)
	at := strings.IndexByte(rest, '{')
	if at < 0 {
		return "", false
	}
	operator := strings.TrimRight(rest[:at], lexical.Blanks)
	right, rest := enclosed(rest[at:], '{', '}')
	operand := func(text string) string { return e.expand(strings.Trim(text, lexical.Blanks)) }
	yes, ok := compare(operand(left), operator, operand(right))
	if !ok {
		return "", false
	}
	switch rest = strings.TrimLeft(rest, lexical.Blanks); {
	case rest != "" && (rest[0] == '?' || rest[0] == ':'):
		return e.choose(yes, rest), true
	case yes:
		return "true", true
	}
	return "", true
}

// compare evaluates one of the operators of postconf(5): "==", "!=", "<", "<=", ">=", ">", which compare two numbers as
// numbers and all else as text, and the same with "level" behind them, which compare compatibility levels.
func compare(left, operator, right string) (yes, ok bool) {
	order := 0
	operator, levels := strings.CutSuffix(operator, "level")
	a, errA := strconv.Atoi(left)
	b, errB := strconv.Atoi(right)
	switch {
	case levels:
		order = compareLevels(left, right)
	case errA == nil && errB == nil:
		order = cmp.Compare(a, b)
	default:
		order = strings.Compare(left, right)
	}
	answers := map[string]bool{
		"==": order == 0, "!=": order != 0, "<": order < 0, "<=": order <= 0, ">=": order >= 0, ">": order > 0,
	}
	yes, ok = answers[operator]
	return yes, ok
}

// compareLevels compares compatibility levels: major, minor and patch, of which the last two may be absent.
func compareLevels(left, right string) int {
	a, b := strings.Split(left, "."), strings.Split(right, ".")
	for i := range max(len(a), len(b)) {
		number := func(parts []string) int {
			if i >= len(parts) {
				return 0
			}
			n, _ := strconv.Atoi(parts[i])
			return n
		}
		if order := cmp.Compare(number(a), number(b)); order != 0 {
			return order
		}
	}
	return 0
}

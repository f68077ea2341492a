package access

import (
	"slices"
	"strings"
	"unicode"
)

// Compiles reports whether a compiled table can have a name as its key, so that smtpd(8) finds it: the name has ASCII
// characters that print, no quotes, no backslash, and does not begin as a comment. postmap(1) keeps quotes and
// backslashes as parts of the key, and smtpd(8) looks up names without them.
func Compiles(name string) bool {
	return name != "" && name[0] != '#' && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r > '~' || r == '"' || r == '\\'
	})
}

// Pattern is the pattern of a regexp_table(5) that matches a name in any capitals, and nothing else. Postfix folds the
// capitals of ASCII letters there, so each other letter stands for all its forms.
func Pattern(name string) string {
	return "/^" + escaped(name) + "$/"
}

// DomainPattern is the pattern of a regexp_table(5) that matches every address at a domain or one of its sub-domains.
func DomainPattern(domain string) string { return domainBegin + escaped(domain) + "$/" }

// domainBegin is how a DomainPattern begins.
const domainBegin = "/[@.]"

func escaped(name string) string {
	var b strings.Builder
	for _, r := range name {
		switch {
		case r > unicode.MaxASCII:
			forms := lettersLike(r)
			if r == 'ß' {
				forms = append(forms, "ss")
			}
			b.WriteString("(" + strings.Join(forms, "|") + ")")
		case strings.ContainsRune(`/.[]()*+?{}|^$\`, r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// lettersLike are the forms of a letter that differ in their capitals only, the given one first.
func lettersLike(r rune) []string {
	forms := []string{string(r)}
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		forms = append(forms, string(other))
	}
	return forms
}

// ParsePatterns reads the lines that are a Pattern or a DomainPattern and an action, in their order. The keys of the
// entries are the names and the domains. Other lines are left out.
func ParsePatterns(content []byte) []Entry {
	var out []Entry
	for line := range strings.Lines(string(content)) {
		pattern, action, found := strings.Cut(strings.TrimSuffix(line, "\n"), "$/ ")
		body, ours := strings.CutPrefix(pattern, "/^")
		if !ours {
			body, ours = strings.CutPrefix(pattern, domainBegin)
		}
		if !found || !ours {
			continue
		}
		if name, ok := literal(body); ok {
			out = append(out, Entry{Key: name, Action: strings.ReplaceAll(action, "$$", "$")})
		}
	}
	return slices.Clip(out)
}

// literal is the name that a pattern was made from.
func literal(body string) (name string, ok bool) {
	var b strings.Builder
	for len(body) > 0 {
		c := body[0]
		body = body[1:]
		switch c {
		case '\\':
			if body == "" {
				return "", false
			}
			b.WriteByte(body[0])
			body = body[1:]
		case '(':
			forms, rest, closed := strings.Cut(body, ")")
			if !closed {
				return "", false
			}
			first, _, _ := strings.Cut(forms, "|")
			b.WriteString(first)
			body = rest
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), true
}

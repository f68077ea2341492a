package restrictions

import (
	"strings"
)

// Item is one access restriction with its argument.
type Item struct {
	// Key is the last part of the variable that holds the restriction. It is "" when the template adds the restriction.
	Key string
	// Text is the restriction as Postfix reads it, with words separated by one blank: "check_sender_access
	// hash:/etc/postfix/x", "warn_if_reject reject".
	Text string

	spans bool // a word of it comes from a later variable
}

// FromTemplate reports whether the template adds the restriction by itself.
func (i Item) FromTemplate() bool { return i.Key == "" }

// restriction is the meaning of an Item's text.
type restriction struct {
	name   string // in lower case, without warn_if_reject
	args   string // the words after the name
	warned bool   // stands behind warn_if_reject
	fault  string // why smtpd answers 451 4.3.5 here, or ""
}

func (i Item) read() restriction {
	r, _ := next(split([]string{i.Text}))
	return r
}

// Parameters are the main.cf parameters with the lists that smtpd(8) asks about a message (SMTPD_ACCESS_README), in
// their usual order.
var Parameters = []string{
	"smtpd_client_restrictions", "smtpd_helo_restrictions", "smtpd_sender_restrictions", "smtpd_relay_restrictions",
	"smtpd_recipient_restrictions", "smtpd_data_restrictions", "smtpd_end_of_data_restrictions",
}

// Restriction is what smtpd(8) reads: the name in lower case without warn_if_reject, the argument, and whether the
// restriction stands behind warn_if_reject.
func (i Item) Restriction() (name, argument string, warned bool) {
	r := i.read()
	return r.name, r.args, r.warned
}

// Words separates the words of a value, such as a list of lookup tables. A separator inside { } belongs to the word.
func Words(value string) []string {
	var words []string
	for _, t := range split([]string{value}) {
		words = append(words, t.text)
	}
	return words
}

// token is one word, with the indexes of the values in which it begins and ends.
type token struct {
	text        string
	value, ends int
	open        bool // has an unbalanced {
}

const separators = ", \t\r\n"

// split separates words as mystrtokq(3) of Postfix does, across the values as they are joined in main.cf.
func split(values []string) []token {
	var tokens []token
	var cur strings.Builder
	level, begin, end := 0, 0, 0
	flush := func() {
		if cur.Len() > 0 {
			tokens = append(tokens, token{text: cur.String(), value: begin, ends: end, open: level > 0})
			cur.Reset()
		}
	}
	for n, value := range values {
		if n > 0 {
			value = "," + value
		}
		for _, c := range []byte(value) {
			switch {
			case c == '{':
				level++
			case c == '}' && level > 0:
				level--
			case level == 0 && strings.IndexByte(separators, c) >= 0:
				flush()
				continue
			}
			if cur.Len() == 0 {
				begin = n
			}
			end = n
			cur.WriteByte(c)
		}
	}
	flush()
	return tokens
}

// group joins names and their arguments to restrictions. keys holds one key for each value.
func group(tokens []token, keys []string) List {
	var list List
	for len(tokens) > 0 {
		_, n := next(tokens)
		first, last := tokens[0], tokens[n-1]
		texts := make([]string, n)
		for i, t := range tokens[:n] {
			texts[i] = t.text
		}
		list = append(list, Item{
			Key:   keys[first.value],
			Text:  strings.Join(texts, " "),
			spans: last.ends != first.value,
		})
		tokens = tokens[n:]
	}
	return list
}

// next reads the restriction at the beginning of tokens and says how many of them it takes.
func next(tokens []token) (restriction, int) {
	n := 0
	for n < len(tokens) && strings.EqualFold(tokens[n].text, warnPrefix) {
		n++
	}
	r := restriction{warned: n > 0}
	if n == len(tokens) {
		r.fault = "has nothing after warn_if_reject"
		return r, n
	}
	r.name = strings.ToLower(tokens[n].text)
	if tokens[n].open {
		r.fault = "has { without }"
	}
	takes := lookup(r.name).takes
	n++
	if takes == noArgument {
		return r, n
	}
	var arg token
	if n < len(tokens) {
		arg = tokens[n]
	}
	// Postfix does not use up a word that cannot be the argument, but reads it as the next restriction.
	if r.fault = unfit(takes, arg.text); r.fault != "" {
		return r, n
	}
	if arg.open {
		r.fault = "has { without }"
	}
	r.args = arg.text
	return r, n + 1
}

// unfit says why arg cannot be the argument, in the words of smtpd(8). It returns "" when arg can.
func unfit(takes argument, arg string) string {
	switch {
	case takes == tableArgument && !strings.Contains(arg, ":"):
		return "must be followed by type:table"
	case takes == serviceArgument && !strings.Contains(arg, ":"):
		return "must be followed by transport:server"
	case takes == numberArgument && (arg == "" || strings.Trim(arg, "0123456789") != ""):
		return "must be followed by a number"
	case takes == domainArgument && arg == "":
		return "needs a domain name"
	}
	return ""
}

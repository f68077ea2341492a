package evidence

import (
	"fmt"
	"slices"
	"time"
)

// Phrase is a sentence, or a part of one, that can be said in another language: a format of package fmt and its values. It
// is text in English wherever it is printed, and in JSON. The zero value says nothing.
type Phrase struct {
	format string // "": the values as they are
	args   []any  // int64, string, Date, Moment, Decimal, Phrase
}

// Values that each language writes in its own way, all given as in English.
type (
	// Date is a day, YYYY-MM-DD.
	Date string
	// Moment is a time, as time.DateTime.
	Moment string
	// Decimal is a number with a point.
	Decimal string
)

func dateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

func momentOf(t time.Time) Moment { return Moment(t.Format(time.DateTime)) }

// Phrasef makes a phrase. The format is a literal, which a test looks for in every language. Values of other types than
// those above are written as text, so that no phrase changes later.
func Phrasef(format string, args ...any) Phrase {
	p := Phrase{format: format, args: make([]any, len(args))}
	for i, arg := range args {
		switch v := arg.(type) {
		case int:
			p.args[i] = int64(v)
		case int64, string, Date, Moment, Decimal, Phrase:
			p.args[i] = v
		default:
			p.args[i] = fmt.Sprint(v)
		}
	}
	return p
}

// Verbatim is a text that is the same in every language, such as what a program has said.
func Verbatim(text string) Phrase {
	if text == "" {
		return Phrase{}
	}
	return Phrase{args: []any{text}}
}

// Counted is a number with the words for one thing or for many, such as "%d day" and "%d days".
func Counted[N int | int64](n N, one, many string) Phrase {
	if n == 1 {
		return Phrasef(one, int64(n))
	}
	return Phrasef(many, int64(n))
}

// In is the phrase in another language. say translates a format, and value writes a value that is no phrase.
func (p Phrase) In(say func(format string) string, value func(arg any) any) string {
	args := make([]any, len(p.args))
	for i, arg := range p.args {
		if part, ok := arg.(Phrase); ok {
			args[i] = part.In(say, value)
		} else {
			args[i] = value(arg)
		}
	}
	if p.format == "" {
		return fmt.Sprint(args...)
	}
	return fmt.Sprintf(say(p.format), args...)
}

// String is the phrase in English.
func (p Phrase) String() string {
	return p.In(func(format string) string { return format }, func(arg any) any { return arg })
}

// IsZero reports whether the phrase says nothing.
func (p Phrase) IsZero() bool { return p.format == "" && len(p.args) == 0 }

// Map is the phrase with other texts for the names in it. Its own words, numbers and dates stay.
func (p Phrase) Map(change func(text string) string) Phrase {
	p.args = slices.Clone(p.args)
	for i, arg := range p.args {
		switch v := arg.(type) {
		case string:
			p.args[i] = change(v)
		case Phrase:
			p.args[i] = v.Map(change)
		}
	}
	return p
}

// MarshalText is String.
func (p Phrase) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads a phrase from its English text. It stays English in every language.
func (p *Phrase) UnmarshalText(text []byte) error {
	*p = Verbatim(string(text))
	return nil
}

// joined are all phrases that say something, one after the other.
func joined(all ...Phrase) (out Phrase) {
	for _, p := range all {
		switch {
		case p.IsZero():
		case out.IsZero():
			out = p
		default:
			out = Phrasef("%s; %s", out, p)
		}
	}
	return out
}

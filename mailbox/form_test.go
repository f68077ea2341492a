package mailbox_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/mailbox"
)

// The keys are those that a real smtpd(8) looked up for these envelope senders.
func TestForms(t *testing.T) {
	for name, tt := range map[string]struct{ value, key, spoken string }{
		"plain":                        {"Boss@Company.MY", "boss@company.my", "Boss@Company.MY"},
		"a login":                      {"DOMAINADMIN", "domainadmin", "DOMAINADMIN"},
		"a blank in quotes":            {`"quoted one"@company.my`, "quoted one@company.my", `"quoted one"@company.my`},
		"a blank without quotes":       {"quoted one@company.my", "quoted one@company.my", `"quoted one"@company.my`},
		"quotes that nothing needs":    {`"müller"@company.my`, "müller@company.my", "müller@company.my"},
		"umlauts in capitals":          {"MÜLLER@company.my", "müller@company.my", "MÜLLER@company.my"},
		"a sharp s is one letter":      {"MÜẞIG@company.my", "müßig@company.my", "MÜẞIG@company.my"},
		"parentheses":                  {"p(x)@company.my", "p(x)@company.my", `"p(x)"@company.my`},
		"a number sign":                {"#hash@company.my", "#hash@company.my", "#hash@company.my"},
		"an apostrophe":                {"o'brien@company.my", "o'brien@company.my", "o'brien@company.my"},
		"an escaped quote":             {`"q\"x"@company.my`, `q"x@company.my`, `"q\"x"@company.my`},
		"an escaped backslash":         {`"a\\b"@company.my`, `a\b@company.my`, `"a\\b"@company.my`},
		"an @ before the @":            {`"two@part"@company.my`, "two@part@company.my", `"two@part"@company.my`},
		"two dots":                     {"a..b@company.my", "a..b@company.my", `"a..b"@company.my`},
		"a quote that is never closed": {`"x@company.my`, `"x@company.my`, `"\"x"@company.my`},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tt.key, mailbox.Key(tt.value))
			assert.Equal(t, tt.spoken, mailbox.Quote(tt.value))
			assert.Equal(t, mailbox.Unquote(tt.value), mailbox.Unquote(mailbox.Quote(tt.value)))
		})
	}
}

func TestAddressesOfAnyLegalForm(t *testing.T) {
	for value, want := range map[string]bool{
		"boss@company.my": true, `"quoted one"@company.my`: true, "jürgen@company.my": true, "#hash@company.my": true,
		"p(x)@company.my": true, "a+b@company.my": true, "x@münchen.example": true,
		"boss": false, "@company.my": false, "boss@": false, "a\nb@company.my": false, "a\xff@company.my": false,
		"x@two words": false, "x@a,b": false, "": false,
	} {
		assert.Equal(t, want, mailbox.IsAny(value), "%q", value)
	}
}

func FuzzQuote(f *testing.F) {
	for _, seed := range []string{`"a b"@c`, `a"b@c`, `\@c`, "ß@c", `""@c`, "@"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		if !mailbox.IsAny(address) {
			return
		}
		assert.Equal(t, mailbox.Unquote(address), mailbox.Unquote(mailbox.Quote(address)))
	})
}

package ascii_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/internal/ascii"
)

func TestATextInASCII(t *testing.T) {
	for sentence, c := range map[string]struct {
		text, want string
		lost       string
	}{
		"ASCII stays as it is":                        {text: "Costs $5, \"really\"?", want: "Costs $5, \"really\"?"},
		"German letters are written as Germans do":    {text: "Für Größe: Äpfel, ÖL", want: "Fuer Groesse: Aepfel, OeL"},
		"a letter with its marks apart counts as one": {text: "fu\u0308r caf\u0065\u0301", want: "fuer cafe"},
		"other letters lose their marks":              {text: "désolé, señor Dvořák, Ångström", want: "desole, senor Dvorak, Angstroem"},
		"letters that Unicode does not take apart":    {text: "Łódź, smørrebrød, þing", want: "Lodz, smorrebrod, thing"},
		"typographic quotes and dashes":               {text: "„so“ – ‘or’ — «so»…", want: `"so" - 'or' - "so"...`},
		"ligatures and wide letters":                  {text: "oﬃce ＡＢ ½", want: "office AB 1/2"},
		"control characters are blanks":               {text: "a\nb\x00c\u0085d\u00a0e\u2028f", want: "a b c d e f"},
		"invisible characters go":                     {text: "Kon\u00adto\u200b", want: "Konto"},
		"other scripts are named, each letter once":   {text: "да да", want: " ", lost: "да"},
		"a picture is named":                          {text: "stop 🚫", want: "stop ", lost: "🚫"},
		"bytes that are no UTF-8 are named":           {text: "a\xffb", want: "ab", lost: "\ufffd"},
		"a mark alone is named":                       {text: "\u0301", want: "", lost: "\u0301"},
		"no text":                                     {},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, lost := ascii.Of(c.text)
			assert.Equal(t, c.want, got)
			assert.Equal(t, c.lost, string(lost))
		})
	}
}

func FuzzOf(f *testing.F) {
	f.Add("Für „alle“ – да 🚫")
	f.Add("\xff\x00\u0085")
	f.Fuzz(func(t *testing.T, text string) {
		out, _ := ascii.Of(text)
		for _, b := range []byte(out) {
			if b < ' ' || b > '~' {
				t.Fatalf("%q has the byte %#x", out, b)
			}
		}
		again, lost := ascii.Of(out)
		assert.Equal(t, out, again)
		assert.Empty(t, lost)
	})
}

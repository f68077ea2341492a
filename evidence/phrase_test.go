package evidence

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPhraseInAnotherLanguage(t *testing.T) {
	p := Phrasef("%s writes as %s on %d days since %s", "mx.example", Phrasef("%d senders", 3), 5, Date("2026-11-20"))
	assert.Equal(t, "mx.example writes as 3 senders on 5 days since 2026-11-20", p.String())
	german := map[string]string{
		"%s writes as %s on %d days since %s": "%[1]s schreibt seit %[4]s an %[3]d Tagen als %[2]s", "%d senders": "%d Absender",
	}
	say := func(format string) string { return german[format] }
	value := func(arg any) any {
		if day, ok := arg.(Date); ok {
			return "am " + string(day)
		}
		return arg
	}
	assert.Equal(t, "mx.example schreibt seit am 2026-11-20 an 5 Tagen als 3 Absender", p.In(say, value))
}

// A name changes, and nothing else that is spelled like it; the phrase itself stays as it is.
func TestNamesInAPhrase(t *testing.T) {
	p := Phrasef("mail from %s: %s, %s", "mail", Verbatim("mail is down"), Phrasef("mail since %s", Date("mail")))
	changed := p.Map(func(text string) string { return strings.ReplaceAll(text, "mail", "m…") })
	assert.Equal(t, "mail from m…: m… is down, mail since mail", changed.String())
	assert.Equal(t, "mail from mail: mail is down, mail since mail", p.String())
}

// JSON has the English text. A phrase that says nothing is left out.
func TestPhraseInJSON(t *testing.T) {
	fix := Fix{Text: Phrasef("give %s the alias <%s>", "clerk", "100%"), Commands: [][]string{}}
	text, err := json.Marshal(fix)
	require.NoError(t, err)
	assert.JSONEq(t, `{"text": "give clerk the alias <100%>", "commands": [], "clears": 0, "of": 0}`, string(text))
	var read Fix
	require.NoError(t, json.Unmarshal(text, &read))
	assert.Equal(t, fix.Text.String(), read.Text.String())
	assert.True(t, read.Risk.IsZero())
}

func TestJoined(t *testing.T) {
	assert.True(t, joined().IsZero())
	assert.True(t, joined(Phrase{}, Verbatim("")).IsZero())
	assert.Equal(t, "a", joined(Phrase{}, Phrasef("a")).String())
	assert.Equal(t, "a; 1 letter; c", joined(Phrasef("a"), Phrase{}, letters(1), Phrasef("c")).String())
}

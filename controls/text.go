package controls

import (
	"fmt"
	"slices"
	"strings"

	"ucs-harden/findings"
	"ucs-harden/lists"
)

// Each of our refusals and warnings ends with Tag and the name of the control. Tag begins with a byte that is rare in a
// mail log.
const Tag = "#ucs-harden:"

// languageVariable names the language of the refusals, one of Languages. Whoever is refused reads the text, and nobody
// but the administrator knows which language that is.
const languageVariable = modePrefix + "language"

// Languages are those of the texts. The first one counts while languageVariable is not set.
var Languages = []string{"en", "de"}

// Texts are a text in each of the Languages, in ASCII as a reply is.
type Texts map[string]string

// in reports whether something was said in the words of one of the languages.
func (t Texts) in(said string) bool {
	return slices.ContainsFunc(Languages, func(language string) bool { return strings.Contains(said, t[language]) })
}

// say is the text in the language of the refusals.
func (d *Desired) say(t Texts) string { return t[d.language()] }

func (d *Desired) language() string { return LanguageOf(d.facts.Registry.Get) }

// LanguageOf is the language that a registry chooses.
func LanguageOf(get func(string) (string, bool)) string {
	if value, _ := get(languageVariable); slices.Contains(Languages, value) {
		return value
	}
	return Languages[0]
}

// checkLanguage reports a language without texts. A text does not stop an apply, nor keep an account from being stopped.
func (d *Desired) checkLanguage() {
	value, set := d.facts.Registry.Get(languageVariable)
	if set && value != "" && !slices.Contains(Languages, value) {
		Work{Desired: d}.warn(findings.Language.Of(languageVariable),
			fmt.Sprintf("there are no texts in the language %q of %s: refusals are in English", value, languageVariable),
			fmt.Sprintf("ucr set %s=de for German, or =en for English", languageVariable))
	}
}

// text is what a refusal says: the words of the administrator, else those of the control.
func (w Work) text(variable string, preset Texts) string {
	own, named, _ := w.setting(w.facts.Registry, variable)
	if why := lists.NotPrintable(own); why != "" {
		w.warn(findings.Text.Of(named), fmt.Sprintf("%s is not used: %s", named, why),
			"write it with Latin letters; umlauts and accents are replaced")
		own = ""
	}
	if lists.Printable(own) != "" {
		return own
	}
	return w.say(preset)
}

// refusal is the right-hand side of an access(5) table that refuses: the text, more words if there are any, and the tag
// of the control.
func (w Work) refusal(text, more string) string {
	words := []string{"REJECT 5.7.1", lists.Printable(text)}
	if more = lists.Printable(more); more != "" {
		words[1] += ": " + more
	}
	return strings.Join(append(words, Tag+w.name), " ")
}

// thenSync ends the advice to change something that takes effect with a sync.
const thenSync = "; then ucs-harden sync"

func advise(format string, args ...any) []string { return []string{fmt.Sprintf(format, args...)} }

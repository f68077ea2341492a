package manual_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/controls"
	"ucs-harden/findings"
	"ucs-harden/manual"
	"ucs-harden/plan"
)

func variables(t *testing.T) []manual.Variable {
	t.Helper()
	cfg, err := os.ReadFile("../" + manual.Descriptions)
	require.NoError(t, err)
	all, err := manual.Variables(cfg)
	require.NoError(t, err)
	return all
}

// headings are those of a page, of one level.
func headings(page string, level int) (out []string) {
	re := regexp.MustCompile(`(?m)^` + strings.Repeat("#", level) + ` (.+)$`)
	for _, m := range re.FindAllStringSubmatch(page, -1) {
		out = append(out, m[1])
	}
	return out
}

func TestTheDocumentsAreUpToDate(t *testing.T) {
	for name, want := range manual.Documents(variables(t)) {
		got, err := os.ReadFile("../docs/" + name)
		require.NoError(t, err)
		assert.Equal(t, want, string(got), "docs/%s is out of date: make docs", name)
	}
}

func TestEachFindingStandsInItsPage(t *testing.T) {
	var names []string
	for _, k := range findings.All() {
		names = append(names, k.Name)
	}
	for what, page := range map[string]string{
		"the page": manual.Findings().Body, "the document": manual.Documents(variables(t))["findings.md"],
	} {
		assert.Equal(t, names, headings(page, 3), what)
	}
	page := manual.Findings().Body
	for _, k := range findings.All() {
		_, of, _ := strings.Cut(page, "### "+k.Name+"\n")
		of, _, _ = strings.Cut(of, "\n##")
		assert.Contains(t, of, "**What to do:** ", k.Name)
		for _, w := range k.Weights {
			assert.Contains(t, of, string(w), k.Name)
		}
	}
}

func TestEachVariableStandsInItsPage(t *testing.T) {
	page := manual.VariablesPage(variables(t)).Body
	var names []string
	for _, v := range variables(t) {
		names = append(names, v.Name())
		assert.NotContains(t, v.Name(), "*")
	}
	assert.ElementsMatch(t, names, headings(page, 3))
	assert.Contains(t, page, "### mail/harden/sender-spoofing/domain/DOMAIN/mode\n")
	assert.Contains(t, page, "## FOREIGN-SENDER\n")
}

func TestDescriptions(t *testing.T) {
	for sentence, c := range map[string]struct{ cfg, err string }{
		"a variable without an English description": {"[a]\nDescription[de]=x\n", "a has no English one"},
		"a line that is no attribute":               {"[a]\nnothing\n", "line 2 has no attribute"},
		"an attribute of no variable":               {"Type=str\n", "line 1 has no attribute of a variable"},
		"no variable":                               {"\n", "there are none"},
	} {
		_, err := manual.Variables([]byte(c.cfg))
		assert.ErrorContains(t, err, c.err, sentence)
	}
}

// The page about the concepts is written by hand. It has each control and each mode, and no other one.
func TestTheConceptsAreThoseOfTheProgram(t *testing.T) {
	page := manual.Concepts().Body
	under := func(heading string) []string {
		_, part, found := strings.Cut(page, "## "+heading+"\n")
		require.True(t, found, heading)
		part, _, _ = strings.Cut(part, "\n## ")
		return headings(part, 3)
	}
	assert.Equal(t, controls.Names(), under("CONTROLS"))
	assert.Equal(t, []string{string(plan.Off), string(plan.Warn), string(plan.Enforce)}, under("MODES"))
	for _, word := range []string{
		"outside", "inside", "finding", "drift", "plan", "rehearsal", "transaction", "journal", "ledger", "before-image",
	} {
		assert.Contains(t, headings(page, 3), word)
	}
	for _, c := range controls.All() {
		if c.List != nil {
			assert.Contains(t, page, "`ucs-harden-"+c.List.Verb+"`(8)", "the list of %s", c.Name)
		}
	}
}

// The document has the words of the page, in lines that are not too long and do not begin with a mark of Markdown that the
// text does not mean.
func TestTheDocumentsHaveTheWordsOfThePages(t *testing.T) {
	all := variables(t)
	for name, page := range map[string]manual.Page{"findings.md": manual.Findings(), "variables.md": manual.VariablesPage(all)} {
		document := manual.Documents(all)[name]
		_, rest, found := strings.Cut(document, "-->\n\n")
		require.True(t, found, name)
		_, body, _ := strings.Cut(page.Body, "## DESCRIPTION\n\n")
		assert.Equal(t, strings.Fields(strings.ToUpper(body)), strings.Fields(strings.ToUpper(rest)), name)
		for line := range strings.Lines(document) {
			assert.LessOrEqual(t, len([]rune(line)), 130, line)
			assert.NotRegexp(t, `^[-+>] |^[0-9]+[.)] |^\* `, line)
		}
	}
}

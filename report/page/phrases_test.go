package page

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
	"ucs-harden/evidence/evidencetest"
	"ucs-harden/report"
)

// phrase is a format in the source, and how many values it gets; -1 if that is not known there.
type phrase struct {
	format, at string
	values     int
}

// saidIn are where phrases are made.
var saidIn = []string{"../../evidence", "../../harden", "../../fleet"}

// makers are the functions that make phrases: the place of their first format, how many formats they have, and whether the
// values of the format stand behind it.
var makers = map[string]struct {
	first, formats int
	values         bool
}{"Phrasef": {0, 1, true}, "Counted": {1, 2, false}}

// phrases finds all formats in the source.
func phrases(t *testing.T) (all []phrase) {
	t.Helper()
	fset := token.NewFileSet()
	for _, folder := range saidIn {
		paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
		require.NoError(t, err)
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			add := func(format ast.Expr, values int) {
				at := fset.Position(format.Pos()).String()
				text, ok := literal(format)
				if assert.True(t, ok, "%s: a format is a literal, so that it can be looked up", at) {
					all = append(all, phrase{text, at, values})
				}
			}
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					return n.Name.Name != "Counted" // it makes phrases of the formats that it gets
				case *ast.CallExpr:
					maker, ok := makers[name(n.Fun)]
					if !ok {
						break
					}
					if maker.values {
						add(n.Args[0], len(n.Args)-1)
						for _, arg := range n.Args[1:] {
							assert.False(t, isText(arg), "%s: words in a phrase are a phrase", fset.Position(arg.Pos()))
						}
						break
					}
					for _, format := range n.Args[maker.first : maker.first+maker.formats] {
						add(format, 1)
					}
				case *ast.CompositeLit:
					if name(n.Type) == "noun" {
						add(n.Elts[0], 0)
						add(n.Elts[1], 1)
					}
				case *ast.ValueSpec:
					if name(n.Type) == "Unknown" {
						add(n.Values[0], 0)
					}
				}
				return true
			})
		}
	}
	return slices.DeleteFunc(all, func(p phrase) bool { return p.format == "" })
}

// literal is the text of a literal, or of literals that are put together.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		left, ok := literal(e.X)
		right, too := literal(e.Y)
		return left + right, ok && too
	case *ast.SelectorExpr: // the format of a noun
		return "", name(e) == "none" || name(e) == "many"
	}
	return "", false
}

// isText reports whether a value has English words of its own.
func isText(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return e.Kind == token.STRING
	case *ast.BinaryExpr:
		return isText(e.X) || isText(e.Y)
	case *ast.CallExpr:
		return name(e.Fun) == "Count"
	}
	return false
}

func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.IndexExpr:
		return name(e.X)
	}
	return ""
}

var verbs = regexp.MustCompile(`%(?:\[(\d)\])?([sd%])`)

// taken are the numbers of the values that a format takes with their verbs, sorted.
func taken(format string) (all []string) {
	next := 1
	for _, m := range verbs.FindAllStringSubmatch(format, -1) {
		if m[2] == "%" {
			all = append(all, m[2])
			continue
		}
		if m[1] != "" {
			next, _ = strconv.Atoi(m[1])
		}
		all = append(all, strconv.Itoa(next)+m[2])
		next++
	}
	slices.Sort(all)
	return all
}

// Each format gets the values that it takes.
func TestValuesOfPhrases(t *testing.T) {
	all := phrases(t)
	require.Greater(t, len(all), 90)
	for _, p := range all {
		n := len(slices.DeleteFunc(taken(p.format), func(v string) bool { return v == "%" }))
		assert.Equal(t, p.values, n, "%s: %s", p.at, p.format)
		assert.Equal(t, strings.Count(p.format, "%"), len(verbs.FindAllString(p.format, -1))+strings.Count(p.format, "%%"), p.at)
	}
}

// A translation takes the same values.
func TestGermanFormats(t *testing.T) {
	for english, translated := range german() {
		assert.Equal(t, taken(english), taken(translated), english)
	}
}

// Numbers and dates in a sentence are written as everywhere on the page.
func TestGermanPhrases(t *testing.T) {
	v := View{Language: "de"}
	c := evidencetest.Small().Controls[3]
	assert.Equal(t, "das Log zeigt 2,5 von 7 Tagen", v.tell(c.Missing[0]))
	assert.Equal(t, "192.0.2.0/24 ist neu, seit die Gruppe am 20.11.2026 akzeptiert wurde",
		v.tell(evidence.Phrasef("%s is new since it was accepted on %s", "192.0.2.0/24", evidence.Date("2026-11-20"))))
	assert.Equal(t, "das Mail-Log hat seit 20.11.2026 10:00:00 keine Zeile",
		v.tell(evidence.Phrasef("the mail log has no line since %s", evidence.Moment("2026-11-20 10:00:00"))))
	assert.Equal(t, "no answer", v.tell(evidence.Verbatim("no answer")), "what a program has said stays as it is")
	assert.Empty(t, v.tell(evidence.Phrase{}))
}

// A mask hides names, and the sentences stay those of the language.
func TestMaskedPhrases(t *testing.T) {
	masked, err := report.Masked(evidencetest.Small())
	require.NoError(t, err)
	v := View{Language: "de"}
	login := masked.Groups[2]
	assert.Equal(t, "c… schrieb als i…@company.my, eine Adresse, die niemand hat: Es fehlt ein Alias", v.tell(login.Reason))
	assert.Equal(t, "c… den Alias geben und damit auch die E-Mails an die Adresse", v.tell(login.Fixes[0].Text))
	assert.Equal(t, "SPF hat Antworten zu 12 von 14 Clients; die übrigen bekamen keine rechtzeitig, oder es waren zu viele",
		v.tell(masked.Notes[0]))
}

// The reports of the tests have no sentence that the program does not say.
func TestSentencesOfTheTests(t *testing.T) {
	for _, path := range []string{"groups.go", "report.go"} {
		content, err := os.ReadFile(filepath.Join("../../evidence/evidencetest", path))
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`say\(("(?:[^"\\]|\\.)*")(\+\n\t+("(?:[^"\\]|\\.)*"))?`).FindAllStringSubmatch(string(content), -1) {
			format, err := strconv.Unquote(m[1])
			require.NoError(t, err)
			if m[3] != "" {
				more, err := strconv.Unquote(m[3])
				require.NoError(t, err)
				format += more
			}
			assert.Contains(t, german(), format, path)
		}
	}
}

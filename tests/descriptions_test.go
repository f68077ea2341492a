package tests

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/controls"
	"ucs-harden/harden"
)

// descriptions is the file with the descriptions of our registry variables, which ucr and UMC show.
const descriptions = "ucs/etc/univention/registry.info/variables/ucs-harden.cfg"

// description is the description of a registry variable.
type description struct {
	text             map[string]string // by language
	kind, categories string
	regex            *regexp.Regexp // nil: every value
}

var (
	sectionLine     = regexp.MustCompile(`^\[(\S+)\]$`)
	descriptionLine = regexp.MustCompile(`^Description\[(\w+)\]=(\S.*)$`)
	quotedWord      = regexp.MustCompile(`\B'([^']+)'|"([^"]+)"`)
)

// readDescriptions reads the file, and names what is wrong with it: each variable is described once, in each language
// and in no other, with a type and a category. What a description quotes, such as a value or another variable, is the
// same in each language.
func readDescriptions(content string) (map[string]description, []string) {
	described, faults := map[string]description{}, []string{}
	name := ""
	for line := range strings.Lines(content) {
		line = strings.TrimSpace(line)
		d := described[name]
		if m := sectionLine.FindStringSubmatch(line); m != nil {
			name = m[1]
			if _, twice := described[name]; twice {
				faults = append(faults, name+" is described twice")
			}
			d = description{text: map[string]string{}}
		} else if m := descriptionLine.FindStringSubmatch(line); m != nil && name != "" {
			d.text[m[1]] = m[2]
		} else if kind, ok := strings.CutPrefix(line, "Type="); ok {
			d.kind = kind
		} else if expression, ok := strings.CutPrefix(line, "Regex="); ok {
			var err error
			if d.regex, err = regexp.Compile(expression); err != nil || !strings.HasPrefix(expression, "^") || !strings.HasSuffix(expression, "$") {
				faults = append(faults, name+" has an expression that does not fit whole values")
			}
		} else if categories, ok := strings.CutPrefix(line, "Categories="); ok {
			d.categories = categories
		} else if line != "" {
			faults = append(faults, fmt.Sprintf("%s has the line %q", name, line))
		}
		described[name] = d
	}
	delete(described, "")
	for _, name := range slices.Sorted(maps.Keys(described)) {
		d := described[name]
		if !slices.Equal(slices.Sorted(maps.Keys(d.text)), slices.Sorted(slices.Values(controls.Languages))) {
			faults = append(faults, name+" is not described in each language")
		} else if !slices.Equal(quoted(d.text["de"]), quoted(d.text["en"])) {
			faults = append(faults, name+" quotes something else in each language")
		}
		if !slices.Contains([]string{"str", "bool", "pint"}, d.kind) || d.categories != "service-mail" {
			faults = append(faults, name+" has no type or another category")
		}
	}
	return described, faults
}

// quoted are the words that a text quotes, sorted, each once.
func quoted(text string) []string {
	var out []string
	for _, m := range quotedWord.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1]+m[2])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestEveryVariableIsDescribedInBothLanguages(t *testing.T) {
	described, faults := readDescriptions(read(os.DirFS(".."), descriptions))
	assert.Empty(t, faults)
	known := append(controls.Variables(), harden.OtherVariables()...)
	assert.ElementsMatch(t, known, slices.Collect(maps.Keys(described)), "the variables that are read, and those described")
}

// UCR 5.2 refuses a value that does not fit its description, so a description must fit whatever the program reads.
func TestDescriptionsFitWhatTheProgramReads(t *testing.T) {
	described, _ := readDescriptions(read(os.DirFS(".."), descriptions))
	for last, c := range map[string]struct{ right, wrong []string }{
		"mode":             {[]string{"enforce"}, []string{"", "enforec", "Warn", "warn\noff", "offline"}},
		"language":         {controls.Languages, []string{"fr", "english"}},
		"lookup":           {[]string{"synced", "live"}, []string{"sync", "alive"}},
		"variant":          {[]string{"clients", "senders"}, []string{"client"}},
		"expires":          {[]string{"2026-01-31", "2027-12-01"}, []string{"tomorrow", "2026-1-31", "31.01.2026", "2026-13-01", "2026-01-00"}},
		"client":           {[]string{"192.0.2.10", "192.0.2.0/28", "2001:DB8::/32", "[2001:db8::1]", "[2001:db8::]/32"}, []string{"printer", ""}},
		"systems":          {[]string{"", "10.99.1.50 10.99.2.0/28\tfd99:1::50"}, []string{"printer.company.my"}},
		"attribute":        {[]string{"ucsHardenSuspended"}, []string{"", "1st", "a b", "x;lang-de"}},
		"reason-attribute": {[]string{"description"}, []string{"a=b"}},
	} {
		t.Run(last, func(t *testing.T) {
			some := false
			for name, d := range described {
				if !strings.HasSuffix(name, "/"+last) {
					continue
				}
				some = true
				if assert.NotNil(t, d.regex, "%s takes every value", name) {
					for _, value := range c.right {
						assert.True(t, d.regex.MatchString(value), "%s=%s", name, value)
					}
					for _, value := range c.wrong {
						assert.False(t, d.regex.MatchString(value), "%s=%s", name, value)
					}
				}
			}
			assert.True(t, some, "no variable ends in %s", last)
		})
	}
	for _, mode := range []string{"off", "warn", "enforce"} {
		assert.True(t, described["mail/harden/mode"].regex.MatchString(mode), mode)
	}
}

func TestWhatIsWrongWithADescription(t *testing.T) {
	const whole = "[a/b]\nDescription[de]=Etwas, 'warn' oder \"x\".\nDescription[en]=Something, \"x\" or 'warn'.\nType=str\nCategories=service-mail\n"
	for sentence, c := range map[string]struct{ content, fault string }{
		"nothing":                  {whole, ""},
		"German is missing":        {strings.Replace(whole, "[de]=Etwas", "[fr]=Quelque", 1), "a/b is not described in each language"},
		"English is empty":         {strings.Replace(whole, "Something, \"x\" or 'warn'.", "", 1), `a/b has the line "Description[en]="`},
		"another language too":     {whole + "Description[fr]=Quelque\n", "a/b is not described in each language"},
		"a value in one language":  {strings.Replace(whole, "or 'warn'", "or 'watch'", 1), "a/b quotes something else in each language"},
		"the same variable again":  {whole + "\n" + whole, "a/b is described twice"},
		"no type":                  {strings.Replace(whole, "Type=str\n", "", 1), "a/b has no type or another category"},
		"a line that UCR ignores":  {whole + "Describes[de]=Etwas\n", `a/b has the line "Describes[de]=Etwas"`},
		"a line before a variable": {"Type=str\n" + whole, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			_, faults := readDescriptions(c.content)
			if c.fault == "" {
				assert.Empty(t, faults)
			} else {
				assert.Contains(t, faults, c.fault)
			}
		})
	}
}

// variableName finds registry variables of ours in a text. A word in capitals stands for a name.
var variableName = regexp.MustCompile(`mail/harden/(?:[A-Za-z0-9_-]+/|\.\*/)*(?:[a-z0-9-]+|\.\*)?`)

// named are the registry variables in the strings of the program, of its help and messages, and in what the package
// installs. ".*" stands for a part that is not constant.
func named(t *testing.T, project fs.FS) map[string]string {
	t.Helper()
	out := map[string]string{}
	note := func(file, text string) {
		for _, name := range variableName.FindAllString(text, -1) {
			out[regexp.MustCompile(`/[A-Z]+/`).ReplaceAllString(name, "/.*/")] = file
		}
	}
	packages := map[string][]*ast.File{}
	require.NoError(t, fs.WalkDir(project, ".", func(file string, entry fs.DirEntry, err error) error {
		top, _, _ := strings.Cut(file, "/")
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (top == "tests" || strings.HasPrefix(top, ".") && top != "." || entry.Name() == "testdata" || top == "build"):
			return fs.SkipDir
		case entry.IsDir() || strings.HasSuffix(file, "_test.go"):
			return nil
		case strings.HasSuffix(file, ".go"):
			parsed, err := parser.ParseFile(token.NewFileSet(), file, read(project, file), parser.SkipObjectResolution)
			packages[path.Dir(file)] = append(packages[path.Dir(file)], parsed)
			return err
		case top == "ucs" && file != descriptions, top == "debian":
			note(file, read(project, file))
		}
		return nil
	}))
	for folder, files := range packages {
		constants := constantsOf(files)
		for _, file := range files {
			ast.Inspect(file, func(n ast.Node) bool {
				e, ok := n.(ast.Expr)
				if !ok {
					return true
				}
				text, ok := fold(e, constants)
				if ok {
					note(folder, text)
				}
				return !ok
			})
		}
	}
	return out
}

// constantsOf are the constants of a package, by name.
func constantsOf(files []*ast.File) map[string]ast.Expr {
	out := map[string]ast.Expr{}
	for _, file := range files {
		for _, d := range file.Decls {
			general, ok := d.(*ast.GenDecl)
			if !ok || general.Tok != token.CONST {
				continue
			}
			for _, spec := range general.Specs {
				values := spec.(*ast.ValueSpec)
				for i, value := range values.Values {
					out[values.Names[i].Name] = value
				}
			}
		}
	}
	return out
}

// fold is the text of a string expression. What is not constant becomes ".*".
func fold(e ast.Expr, constants map[string]ast.Expr) (text string, ok bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.ParenExpr:
		return fold(e.X, constants)
	case *ast.Ident:
		if value, known := constants[e.Name]; known {
			return fold(value, constants)
		}
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false
		}
		left, leftOK := fold(e.X, constants)
		right, rightOK := fold(e.Y, constants)
		if !leftOK {
			left = ".*"
		}
		if !rightOK {
			right = ".*"
		}
		return left + right, leftOK || rightOK
	}
	return "", false
}

// This test finds what the program reads or tells of without a declaration in a descriptor.
func TestEveryVariableThatIsNamedIsDescribed(t *testing.T) {
	described, _ := readDescriptions(read(os.DirFS(".."), descriptions))
	all := slices.Collect(maps.Keys(described))
	found := named(t, os.DirFS(".."))
	for _, name := range []string{"mail/harden/mode", "mail/harden/suspended/text", "mail/harden/local-only/account/.*", harden.ForeignVariable} {
		assert.Contains(t, found, name, "the search finds what there is")
	}
	for name, file := range found {
		pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(name), `\.\*`, ".*"))
		whole := !strings.HasSuffix(name, "/") && !strings.HasSuffix(name, "/.*")
		is := slices.ContainsFunc(all, func(d string) bool {
			return pattern.FindString(d) == d || !whole && pattern.MatchString(d)
		})
		assert.True(t, is, "%s, in %s, is not described", name, file)
	}
}

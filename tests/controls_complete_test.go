package tests

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/controls"
	"ucs-harden/lists"
	"ucs-harden/plan"
	"ucs-harden/rules"
)

const (
	templates  = "ucs/etc/univention/templates/files"
	registered = "ucs/etc/univention/templates/info/ucs-harden.info"
)

// missing names each piece that a control lacks. rows is the table of rules, project the project's folder, man the
// folder with the man pages. A control needs:
//
//   - the fields of its descriptor, see controls.Control, and those of its list;
//   - its rows in the table of rules, and every row with its name is one of them;
//   - a description of each of its registry variables, in English and in German, see description;
//   - the texts of its refusals, in English and in German, unless it refuses in words of Postfix;
//   - for each of its LDAP maps a template, and the registration of that;
//   - a row in the table of controls in README.md, and a page in docs/controls;
//   - a table of verdicts whose first comment names it ("control NAME", "controls A, B and NAME", "part NAME");
//     one of its refusals stands in a reply of such a table, unless it refuses in words of Postfix;
//   - a man page of the command that keeps its list.
func missing(c controls.Control, rows []rules.Rule, project, man fs.FS) []string {
	if c.Name == "" {
		return []string{"name"}
	}
	return slices.Concat(missingFields(c, rows), missingTexts(c), missingRules(c, rows), missingDescriptions(c, project),
		missingTemplates(c, project), missingDocuments(c, project, man))
}

func missingFields(c controls.Control, rows []rules.Rule) []string {
	refuses := slices.ContainsFunc(rows, func(r rules.Rule) bool { return r.Control == c.Name && r.Effect == rules.Refuse })
	out := absent(map[string]bool{
		"mode variable": c.ModeVariable != "", "desire": c.Desire != nil, "runs": c.Runs != nil,
		"listings": !c.Selective || c.Listings != nil,
		"texts":    !refuses || c.InPostfixWords || len(c.Texts) > 0,
		"refuses":  !refuses || c.InPostfixWords || c.Refuses != nil,
		"advice":   c.InPostfixWords || c.Advice != nil,
	})
	if l := c.List; l != nil {
		out = append(out, absent(map[string]bool{
			"list: prefix": l.Prefix != "", "list: verb": l.Verb != "", "list: short": l.Short != "", "list: long": l.Long != "",
			"list: all": l.All != "", "list: examples": l.Examples != "",
			"list: subject": slices.Contains([]string{lists.Account, lists.Address, lists.Client}, l.Subject),
		})...)
	}
	return out
}

// missingTexts also names the texts that a reply cannot have as they are.
func missingTexts(c controls.Control) []string {
	var out []string
	for i, texts := range c.Texts {
		for _, language := range controls.Languages {
			if text := texts[language]; text == "" || lists.Printable(text) != text {
				out = append(out, fmt.Sprintf("text %d in %s", i+1, language))
			}
		}
		if len(texts) != len(controls.Languages) || texts["en"] == texts["de"] {
			out = append(out, fmt.Sprintf("text %d in each language, and in no other", i+1))
		}
	}
	return out
}

func absent(pieces map[string]bool) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(pieces)), func(name string) bool { return pieces[name] })
}

func missingRules(c controls.Control, rows []rules.Rule) []string {
	var out []string
	for _, name := range c.Rules {
		if !slices.ContainsFunc(rows, func(r rules.Rule) bool { return r.Name == name && r.Control == c.Name }) {
			out = append(out, "row of the rule "+name)
		}
	}
	for _, r := range rows {
		if r.Control == c.Name && !slices.Contains(c.Rules, r.Name) {
			out = append(out, "rule "+r.Name+" in the descriptor")
		}
	}
	if len(c.Rules)+len(out) == 0 {
		out = []string{"rules"}
	}
	return out
}

func missingDescriptions(c controls.Control, project fs.FS) []string {
	var out []string
	described, _ := readDescriptions(read(project, descriptions))
	for _, variable := range c.Patterns() {
		if variable == "" || strings.HasPrefix(variable, ".*") || strings.HasSuffix(variable, "/") {
			continue // missingFields already names the empty field
		}
		for _, language := range controls.Languages {
			if described[variable].text[language] == "" {
				out = append(out, fmt.Sprintf("description of %s in %s", variable, language))
			}
		}
	}
	return out
}

func missingTemplates(c controls.Control, project fs.FS) []string {
	var out []string
	if c.Maps == nil {
		return nil
	}
	for _, file := range c.Maps(live{}) {
		if read(project, templates+file) == "" {
			out = append(out, "template of "+file)
		}
		if !slices.Contains(strings.Split(read(project, registered), "\n"), "File: "+strings.TrimPrefix(file, "/")) {
			out = append(out, "registration of "+file)
		}
	}
	return out
}

// live is a registry in which every variable has the value "live".
type live struct{ controls.Registry }

func (live) Get(string) (string, bool) { return "live", true }

func missingDocuments(c controls.Control, project, man fs.FS) []string {
	var out []string
	page := "docs/controls/" + c.Name + ".md"
	_, table, _ := strings.Cut(read(project, "README.md"), "\n| control | what it is about |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	if !strings.Contains(table, "\n| ["+c.Name+"]("+page+") |") {
		out = append(out, "row in README.md")
	}
	if read(project, page) == "" {
		out = append(out, "page in docs/controls")
	}
	if !tried(c, project) {
		out = append(out, "table of verdicts")
	}
	if c.List != nil && c.List.Verb != "" {
		if page := "ucs-harden-" + c.List.Verb + ".8"; read(man, page) == "" {
			out = append(out, "man page "+page)
		}
	}
	return out
}

// tried reports whether a table of verdicts is about a control.
func tried(c controls.Control, project fs.FS) bool {
	about := regexp.MustCompile(`(?i)\b(?:controls?|part) (?:[a-z-]+(?:, | and ))*` + regexp.QuoteMeta(c.Name) + `(?:[ ,:]|$)`)
	refusal := regexp.MustCompile(`(?m)^reply .*#ucs-harden:` + regexp.QuoteMeta(c.Name) + `$`)
	for _, pattern := range []string{"tests/controls/testdata/*.txt", "tests/verdicts/testdata/*.txt"} {
		files, err := fs.Glob(project, pattern)
		if err != nil {
			panic(err) // cannot happen: the patterns above are valid
		}
		for _, file := range files {
			text := read(project, file)
			var head []string
			for line := range strings.Lines(text) {
				comment, found := strings.CutPrefix(strings.TrimSpace(line), "#")
				if !found {
					break
				}
				head = append(head, strings.TrimSpace(comment))
			}
			if about.MatchString(strings.Join(head, " ")) && (c.InPostfixWords || c.Refuses == nil || refusal.MatchString(text)) {
				return true
			}
		}
	}
	return false
}

// read returns the content of a file, or "" when there is none.
func read(files fs.FS, name string) string {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return ""
	}
	return string(content)
}

func TestEveryControlIsComplete(t *testing.T) {
	man := t.TempDir()
	build := exec.Command("go", "run", "-tags", "man", "ucs-harden/cmd/ucs-harden", "man", man)
	build.Dir = ".."
	said, err := build.CombinedOutput()
	require.NoError(t, err, string(said))
	project := os.DirFS("..")
	owners := map[string]string{}
	for _, c := range controls.All() {
		assert.Empty(t, missing(c, rules.Rules(), project, os.DirFS(man)), c.Name)
		for _, rule := range c.Rules {
			assert.Empty(t, owners[rule], "two controls have the rule %s", rule)
			owners[rule] = c.Name
		}
	}
	for _, r := range rules.Rules() {
		assert.Equal(t, r.Control, owners[r.Name], r.Name)
	}
}

const (
	madeUpMap   = "/etc/postfix/ldap.ucs-harden-made-up"
	madeUpTable = "tests/controls/testdata/made-up.txt"
)

// madeUp is a made-up control with a project that has everything the control needs.
func madeUp() world {
	const prefix = "mail/harden/made-up/"
	c := controls.Control{
		Name: "made-up", ModeVariable: prefix + "mode", DomainModes: prefix + "domain/", Variables: []string{prefix + "text"},
		Rules: []string{"made-up"}, Selective: true,
		List: &lists.List{
			Prefix: prefix + "account/", Verb: "invent", Subject: lists.Account, Groups: true,
			Short: "x", Long: "x", All: "x", Examples: "x",
		},
		Maps:     func(controls.Registry) []string { return []string{madeUpMap} },
		Desire:   func(controls.Work) error { return nil },
		Runs:     func(controls.Running) plan.Mode { return plan.Off },
		Listings: func(controls.Tables, *rules.Listings) {},
		Texts:    []controls.Texts{{"en": "Refused", "de": "Abgewiesen"}},
		Refuses:  func(controls.Check) bool { return true },
		Advice:   func(controls.Refused) []string { return nil },
	}
	rows := []rules.Rule{{Name: "made-up", Control: "made-up", Effect: rules.Refuse}, {Name: "rest"}}
	cfg := ""
	for _, variable := range []string{
		"mode", "domain/.*/mode", "text", "account/.*/account", "account/.*/group", "account/.*/reason", "account/.*/owner", "account/.*/expires",
	} {
		cfg += "[" + prefix + variable + "]\nDescription[de]=Etwas.\nDescription[en]=Something.\nType=str\n\n"
	}
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	project := fstest.MapFS{
		descriptions:               file(cfg),
		templates + madeUpMap:      file("x"),
		registered:                 file("Type: file\nFile: " + madeUpMap[1:] + "\n"),
		"README.md":                file("# x\n\n| control | what it is about |\n|---|---|\n| [made-up](docs/controls/made-up.md) | x |\n\nend\n"),
		"docs/controls/made-up.md": file("x"),
		madeUpTable:                file("# The controls relay and made-up together.\n\nreply no 554 rejected: x #ucs-harden:made-up\n"),
	}
	man := fstest.MapFS{}
	man["ucs-harden-invent.8"] = file("x")
	return world{c, rows, project, man}
}

// world is a control with the project that it belongs to.
type world struct {
	c            controls.Control
	rows         []rules.Rule
	project, man fstest.MapFS
}

// cut removes a part of a file of the project. The part stands after the text behind.
func (w *world) cut(file, behind, part string) {
	before, after, found := strings.Cut(string(w.project[file].Data), behind)
	if !found || !strings.Contains(after, part) {
		panic(file + " does not contain " + part)
	}
	w.project[file] = &fstest.MapFile{Data: []byte(before + behind + strings.Replace(after, part, "", 1))}
}

// This test shows that the check can fail: each piece of a complete control is removed in turn, and exactly that piece
// is reported.
func TestWhatAMadeUpControlLacksIsNamed(t *testing.T) {
	take := map[string]func(*world){
		"name":          func(w *world) { w.c.Name = "" },
		"mode variable": func(w *world) { w.c.ModeVariable = "" },
		"desire":        func(w *world) { w.c.Desire = nil },
		"runs":          func(w *world) { w.c.Runs = nil },
		"listings":      func(w *world) { w.c.Listings = nil },
		"texts":         func(w *world) { w.c.Texts = nil },
		"text 1 in each language, and in no other": func(w *world) { w.c.Texts[0]["fr"] = "Refus" },
		"text 1 in de":                   func(w *world) { w.c.Texts[0]["de"] = "Nicht für alle" },
		"refuses":                        func(w *world) { w.c.Refuses = nil },
		"advice":                         func(w *world) { w.c.Advice = nil },
		"list: prefix":                   func(w *world) { w.c.List.Prefix = "" },
		"list: verb":                     func(w *world) { w.c.List.Verb = "" },
		"list: subject":                  func(w *world) { w.c.List.Subject = "" },
		"list: short":                    func(w *world) { w.c.List.Short = "" },
		"list: long":                     func(w *world) { w.c.List.Long = "" },
		"list: all":                      func(w *world) { w.c.List.All = "" },
		"list: examples":                 func(w *world) { w.c.List.Examples = "" },
		"rules":                          func(w *world) { w.c.Rules, w.rows = nil, w.rows[1:] },
		"row of the rule made-up":        func(w *world) { w.rows = w.rows[1:] },
		"rule made-up in the descriptor": func(w *world) { w.c.Rules = nil },
		"template of " + madeUpMap:       func(w *world) { delete(w.project, templates+madeUpMap) },
		"registration of " + madeUpMap:   func(w *world) { w.cut(registered, "", "File: ") },
		"row in README.md":               func(w *world) { w.cut("README.md", "about |", "| [made-up](docs/controls/made-up.md) | x |\n") },
		"page in docs/controls":          func(w *world) { delete(w.project, "docs/controls/made-up.md") },
		"table of verdicts":              func(w *world) { delete(w.project, madeUpTable) },
	}
	whole := madeUp()
	require.Empty(t, missing(whole.c, whole.rows, whole.project, whole.man))
	for page := range whole.man {
		take["man page "+page] = func(w *world) { delete(w.man, page) }
	}
	for _, variable := range whole.c.Patterns() {
		for language, line := range map[string]string{"de": "Description[de]=Etwas.\n", "en": "Description[en]=Something.\n"} {
			take["description of "+variable+" in "+language] = func(w *world) { w.cut(descriptions, "["+variable+"]\n", line) }
		}
	}
	for piece, without := range take {
		t.Run(piece, func(t *testing.T) {
			w := madeUp()
			without(&w)
			assert.Equal(t, []string{piece}, missing(w.c, w.rows, w.project, w.man))
		})
	}

	t.Run("a table of verdicts about another control", func(t *testing.T) {
		w := madeUp()
		w.cut(madeUpTable, "", " and made-up")
		assert.Equal(t, []string{"table of verdicts"}, missing(w.c, w.rows, w.project, w.man))
	})
	t.Run("a table of verdicts without a refusal", func(t *testing.T) {
		w := madeUp()
		w.cut(madeUpTable, "", ":made-up")
		assert.Equal(t, []string{"table of verdicts"}, missing(w.c, w.rows, w.project, w.man))
	})
	t.Run("a control that refuses in words of Postfix needs less", func(t *testing.T) {
		w := madeUp()
		w.c.InPostfixWords, w.c.Texts, w.c.Refuses, w.c.Advice = true, nil, nil, nil
		w.cut(madeUpTable, "", "#ucs-harden:made-up")
		assert.Empty(t, missing(w.c, w.rows, w.project, w.man))
	})
}

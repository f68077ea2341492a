package tests

import (
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/controls"
	"ucs-harden/tests/documents"
)

const root = ".."

// public are the documents for administrators.
func public(t *testing.T) []documents.Page {
	t.Helper()
	pages, err := documents.Public(root)
	require.NoError(t, err)
	return pages
}

func TestTheReadmeIsShort(t *testing.T) {
	content, err := os.ReadFile(root + "/README.md")
	require.NoError(t, err)
	assert.LessOrEqual(t, strings.Count(string(content), "\n"), 120, "lines of README.md")
}

// Every relative link leads to a file, and to a heading if it names one. A page in docs/ can be reached from README.md.
func TestLinksOfDocuments(t *testing.T) {
	contributing, err := documents.Read(root, "CONTRIBUTING.md", "CHANGELOG.md")
	require.NoError(t, err)
	pages := map[string]documents.Page{}
	for _, p := range append(public(t), contributing...) {
		pages[p.Path] = p
	}
	linked := map[string][]string{}
	for _, p := range pages {
		for _, link := range p.Links {
			if strings.Contains(link, "://") {
				continue
			}
			file, heading, hasHeading := strings.Cut(link, "#")
			target := p.Path
			if file != "" {
				target = path.Join(path.Dir(p.Path), file)
			}
			linked[p.Path] = append(linked[p.Path], target)
			_, err := os.Stat(root + "/" + target)
			if !assert.NoError(t, err, "%s links to %s", p.Path, link) || !hasHeading {
				continue
			}
			assert.Contains(t, pages[target].Anchors, heading, "%s links to %s", p.Path, link)
		}
	}
	reached := []string{"README.md"}
	for i := 0; i < len(reached); i++ {
		for _, next := range linked[reached[i]] {
			if !slices.Contains(reached, next) {
				reached = append(reached, next)
			}
		}
	}
	for name := range pages {
		assert.Contains(t, reached, name, "no way leads from README.md to %s", name)
	}
}

// command is how the examples of these documents begin: with a prompt, or with a program that an administrator runs.
var command = regexp.MustCompile(`^\s*(mail#|inside\$|stranger\$|[$#] |ucs-harden [a-z]|ucr |make |apt(-get)? |udm |postfix |sudo )`)

// Whatever looks like commands is played by tests/cli, or says why not.
func TestEveryExampleIsPlayed(t *testing.T) {
	for _, p := range public(t) {
		for _, b := range p.Blocks {
			why, unplayed := strings.CutPrefix(b.Info, "sh not run: ")
			switch {
			case unplayed:
				assert.Greater(t, len(strings.Fields(why)), 2, "%s: a reason: %s", p.Path, b.Info)
			case b.Info == "console", b.Info == "log":
			case b.Info == "text":
				for line := range strings.Lines(b.Text) {
					assert.NotRegexp(t, command, line, "%s: commands stand in a console block", p.Path)
				}
			default:
				assert.Fail(t, "a block of an unknown kind", "%s: %q, see the comment of package documents:\n%s", p.Path, b.Info, b.Text)
			}
		}
		_, err := p.Steps()
		assert.NoError(t, err)
	}
}

// Each control has a page with its name, which shows its line in the log.
func TestEveryControlHasAPage(t *testing.T) {
	var names []string
	for _, p := range public(t) {
		name, inFolder := strings.CutPrefix(p.Path, "docs/controls/")
		if !inFolder {
			continue
		}
		name = strings.TrimSuffix(name, ".md")
		names = append(names, name)
		control, known := controls.ByName(name)
		if !assert.True(t, known, "%s is a page of a control", p.Path) {
			continue
		}
		assert.Contains(t, p.Text, control.ModeVariable, p.Path)
		for _, variable := range control.Variables {
			assert.Contains(t, p.Text, variable, p.Path)
		}
		logs := ""
		for _, b := range p.Blocks {
			if b.Info == "log" {
				logs += b.Text
			}
		}
		if refuses(control) {
			assert.Regexp(t, `: (warn|reject_warning): `, logs, "%s shows the line of mode warn", p.Path)
			assert.Regexp(t, `: reject: `, logs, "%s shows the line of mode enforce", p.Path)
		}
	}
	assert.ElementsMatch(t, controls.Names(), names)
}

func refuses(c controls.Control) bool { return c.InPostfixWords || c.Refuses != nil }

// Every variable of ours that a document names is described to UCR.
func TestDocumentsNameDescribedVariables(t *testing.T) {
	described, err := os.ReadFile(root + "/ucs/etc/univention/registry.info/variables/ucs-harden.cfg")
	require.NoError(t, err)
	var patterns []*regexp.Regexp
	for _, section := range regexp.MustCompile(`(?m)^\[(.+)\]$`).FindAllStringSubmatch(string(described), -1) {
		patterns = append(patterns, regexp.MustCompile("^"+section[1]+"$"))
	}
	named := regexp.MustCompile(`mail/harden/[A-Za-z0-9_./-]*[A-Za-z0-9]`)
	for _, p := range public(t) {
		for _, variable := range named.FindAllString(p.Text, -1) {
			known := func(re *regexp.Regexp) bool {
				return re.MatchString(strings.ReplaceAll(variable, "CONTROL", "protected"))
			}
			assert.True(t, slices.ContainsFunc(patterns, known), "%s names %s, which is not described", p.Path, variable)
		}
	}
}

// A file or folder of the source that a page names is there.
func TestDocumentsNameFilesOfTheSource(t *testing.T) {
	source := regexp.MustCompile(`^([a-z-]+/)+([a-z0-9_-]+\.[a-z]+)?$|^ucs/[A-Za-z0-9_./-]+$`)
	pages, err := documents.Read(root, "SECURITY.md", "docs/architecture.md")
	require.NoError(t, err)
	named := 0
	for _, p := range pages {
		for _, code := range p.Codes {
			if source.MatchString(code) {
				named++
				_, err := os.Stat(root + "/" + code)
				assert.NoError(t, err, "%s names it", p.Path)
			}
		}
	}
	assert.Positive(t, named)
}

package main

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/harden"
	"ucs-harden/manual"
)

func manualPages(t *testing.T) map[string]manual.Page {
	t.Helper()
	cfg, err := os.ReadFile("../../" + manual.Descriptions)
	require.NoError(t, err)
	variables, err := manual.Variables(cfg)
	require.NoError(t, err)
	out := map[string]manual.Page{}
	for _, p := range pages(testRoot(), variables) {
		require.NotContains(t, out, p.File())
		out[p.File()] = p
	}
	return out
}

// part is what stands below a heading.
func part(text, heading string) string {
	_, text, _ = strings.Cut("\n"+text, "\n"+heading+"\n")
	level, _, _ := strings.Cut(heading, " ")
	end := regexp.MustCompile(`\n#{1,` + string(rune('0'+len(level))) + `} `).FindStringIndex(text)
	if end != nil {
		text = text[:end[0]]
	}
	return text
}

// sections are those that pages of commands have, in this order.
var sections = []string{
	"SYNOPSIS", "DESCRIPTION", "STATES", "COMMANDS", "OPTIONS", "OPTIONS OF EVERY COMMAND", "EXIT STATUS", "FILES", "EXAMPLES",
}

func TestEachCommandHasAPage(t *testing.T) {
	all := manualPages(t)
	everyCommand(t, func(path string, cmd *cobra.Command) {
		top, below, isPart := strings.Cut(path, " ")
		page, found := all["ucs-harden-"+top+".8"]
		if path == "" {
			page, found = all["ucs-harden.8"]
		}
		require.True(t, found, path)
		at := -1
		for _, m := range regexp.MustCompile(`(?m)^## (.+)$`).FindAllStringSubmatch(page.Body, -1) {
			next := slices.Index(sections, m[1])
			require.Greater(t, next, at, "%s: %s", path, m[1])
			at = next
		}
		text := page.Body
		if isPart {
			text = part(page.Body, "### "+top+" "+below)
			require.NotEmpty(t, text, path)
		}
		assert.Contains(t, part(page.Body, "## SYNOPSIS"), "**"+strings.TrimSpace("ucs-harden "+path), path)
		if cmd.HasParent() && cmd.HasSubCommands() {
			return // its parts have options and exit statuses
		}
		for _, e := range endsOf(cmd) {
			assert.Contains(t, text, "**"+strconv.Itoa(e.status)+"**\n: ", path)
		}
		assert.Equal(t, len(endsOf(cmd)), len(regexp.MustCompile(`(?m)^\*\*[0-9]+\*\*$`).FindAllString(text, -1)),
			"%s: no other exit status", path)
		cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if f.Name != "help" && !f.Hidden {
				assert.Contains(t, text, "**--"+f.Name+"**", path)
				assert.Contains(t, part(page.Body, "## SYNOPSIS"), "--"+f.Name, path)
			}
		})
	})
	assert.Contains(t, all["ucs-harden-plan.8"].Body, "**--root**")
	assert.NotContains(t, all["ucs-harden-apply.8"].Body, "**--root**", "apply refuses it")
	commands := 0
	for name := range all {
		if strings.HasSuffix(name, ".8") {
			commands++
		}
	}
	shown := 0
	for _, cmd := range testRoot().Commands() {
		if !cmd.Hidden {
			shown++
		}
	}
	assert.Equal(t, shown+1, commands, "and no command that does not exist")
}

// TestThePagesNameFilesAndPagesThatExist guards against names that nobody checks otherwise.
func TestThePagesNameFilesAndPagesThatExist(t *testing.T) {
	all := manualPages(t)
	for name, page := range all {
		for _, other := range page.SeeAlso {
			base, section, _ := strings.Cut(strings.TrimSuffix(other, ")"), "(")
			if strings.HasPrefix(base, "ucs-harden") {
				assert.Contains(t, all, base+"."+section, name)
			}
			assert.NotEqual(t, name, base+"."+section, "a page does not name itself")
		}
		for _, m := range regexp.MustCompile("`(ucs-harden[a-z-]*)`\\(([0-9])\\)").FindAllStringSubmatch(page.Body, -1) {
			assert.Contains(t, all, m[1]+"."+m[2], name)
		}
		for _, m := range regexp.MustCompile(`ucs-harden ([a-z-]+)`).FindAllStringSubmatch(page.Body, -1) {
			if _, _, err := testRoot().Find([]string{m[1]}); err != nil {
				assert.Contains(t, []string{"has", "does", "needs", "wants", "wrote", "writes", "recover", "hardens", "and", "cannot"}, m[1], name)
			}
		}
	}
	for command, files := range manualFiles {
		_, _, err := testRoot().Find([]string{command})
		assert.NoError(t, err, command)
		for _, f := range files {
			known := []string{harden.StateDir, "/etc/univention", "/etc/postfix"}
			assert.True(t, slices.ContainsFunc(known, func(dir string) bool { return strings.HasPrefix(f.Path, dir) }), f.Path)
		}
	}
	for command := range seeAlso {
		if command != "LIST" {
			_, _, err := testRoot().Find([]string{command})
			assert.NoError(t, err, command)
		}
	}
}

// TestTheExamplesAreReal: each example is a command with options and arguments that it takes.
func TestTheExamplesAreReal(t *testing.T) {
	everyCommand(t, func(path string, cmd *cobra.Command) {
		if cmd.HasParent() && cmd.Parent().HasParent() {
			return // the page of the list has them
		}
		require.NotEmpty(t, cmd.Example, "%s has an example", path)
		for line := range strings.Lines(cmd.Example) {
			for _, command := range strings.Split(line, ";") {
				words := shellWords(command)
				require.Equal(t, "ucs-harden", words[0], line)
				found, rest, err := testRoot().Find(words[1:])
				require.NoError(t, err, line)
				require.NoError(t, found.ParseFlags(rest), line)
				if found.HasParent() {
					assert.NoError(t, found.ValidateArgs(found.Flags().Args()), line)
				}
			}
		}
	})
}

// shellWords are the words of a simple command: quotes hold a word together, and a redirection ends it.
func shellWords(command string) (out []string) {
	for _, m := range regexp.MustCompile(`"([^"]*)"|'([^']*)'|(>)|([^\s>]+)`).FindAllStringSubmatch(command, -1) {
		if m[3] != "" {
			break
		}
		out = append(out, m[1]+m[2]+m[4])
	}
	return out
}

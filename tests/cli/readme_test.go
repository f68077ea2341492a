package cli_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// readme plays the console blocks of README.md on a fresh server, one after another, and compares the real output with
// the output in the README. "mail# " and "stranger$ " are the prompts of the mail server and of the host outside. The
// ID of a change matches any other ID, and a time any other time. A line "…" matches any lines, and "…" at the end of a
// line the rest of that line.
func (s *server) readme(t *testing.T) {
	s.fresh(t)
	content, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	steps := consoleSteps(string(content))
	require.NotEmpty(t, steps, "README.md has no console block")
	for _, step := range steps {
		require.NoError(t, s.BackdatePostfix())
		said := ""
		play := func() bool {
			result, err := s.Host(step.host).Run(t.Context(), "sh", "-c", step.command)
			require.NoError(t, err)
			said = result.Stdout + result.Stderr
			return regexp.MustCompile(step.pattern()).MatchString(said)
		}
		if strings.HasPrefix(step.command, "grep ") { // the log is written a moment later
			s.WaitFor(t, "what the README shows of: "+step.command, play)
			continue
		}
		play()
		assert.Regexp(t, step.pattern(), said, step.command)
	}
}

// consoleStep is one command of a console block and the output that the README shows.
type consoleStep struct {
	host, command string
	shown         []string
}

var prompts = map[string]string{"mail# ": "mail", "stranger$ ": "outside"}

func consoleSteps(markdown string) []consoleStep {
	var steps []consoleStep
	inside := false
lines:
	for line := range strings.Lines(markdown) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "```") {
			inside = line == "```console"
			continue
		}
		if !inside {
			continue
		}
		for prompt, host := range prompts {
			if command, ok := strings.CutPrefix(line, prompt); ok {
				steps = append(steps, consoleStep{host: host, command: command})
				continue lines
			}
		}
		last := &steps[len(steps)-1]
		last.shown = append(last.shown, line)
	}
	return steps
}

// varying matches the parts of an output that differ from run to run, both in the README and in the real output.
var varying = regexp.MustCompile(`\d{8}T\d{6}Z-[0-9a-f]{8}|\d{4}-\d\d-\d\d \d\d:\d\d`)

func (c consoleStep) pattern() string {
	var p strings.Builder
	p.WriteString(`(?s)\A`)
	for _, line := range c.shown {
		if line == "…" {
			p.WriteString(`(?:[^\n]*\n)*?`)
			continue
		}
		start, cut := strings.CutSuffix(line, "…")
		p.WriteString(varying.ReplaceAllStringFunc(regexp.QuoteMeta(start), func(string) string { return `[-0-9a-fTZ: ]+` }))
		if cut {
			p.WriteString(`[^\n]*`)
		}
		p.WriteString(`\n`)
	}
	p.WriteString(`\z`)
	return p.String()
}

func TestConsoleBlocksOfAReadme(t *testing.T) {
	steps := consoleSteps("text\n```console\nmail# ls\na 20261120T223112Z-ec40a44c b\n…\nend…\nstranger$ id\n```\nmail# no\n```sh\nmail# no\n```\n")
	require.Len(t, steps, 2)
	assert.Equal(t, consoleStep{host: "outside", command: "id"}, steps[1])
	for said, want := range map[string]bool{
		"a 20200101T000000Z-00000000 b\nend\n":              true,
		"a 20200101T000000Z-00000000 b\nx\ny\nend of all\n": true,
		"a 20200101T000000Z-00000000 b\n":                   false,
		"a 20200101T000000Z-00000000 c\nend\n":              false,
		"a 20200101T000000Z-00000000 b\nend\nmore\n":        false,
	} {
		assert.Equal(t, want, regexp.MustCompile(steps[0].pattern()).MatchString(said), fmt.Sprintf("%q", said))
	}
}

package cli_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/documents"
	"ucs-harden/tests/lab"
)

// documents plays the console blocks of README.md and of the pages in docs/, one after another, each page on a fresh
// server, and compares the real output with the output in the page.
func (s *server) documents(t *testing.T) {
	pages, err := documents.Public("../..")
	require.NoError(t, err)
	played := 0
	for _, page := range pages {
		steps, err := page.Steps()
		require.NoError(t, err)
		if len(steps) == 0 {
			continue
		}
		played++
		t.Run(page.Path, func(t *testing.T) {
			s.fresh(t)
			s.sh(t, ": >/var/log/mail.log") // a page shows its own lines only
			for _, step := range steps {
				s.play(t, step)
			}
		})
	}
	require.Positive(t, played)
}

func (s *server) play(t *testing.T, step documents.Step) {
	t.Helper()
	require.NoError(t, s.BackdatePostfix())
	said, pattern := "", step.Pattern()
	play := func() bool {
		result, err := s.shell(t, step.Host, step.Command)
		require.NoError(t, err)
		said = result.Stdout + result.Stderr
		return pattern.MatchString(said)
	}
	if strings.HasPrefix(step.Command, "grep ") { // the log is written a moment later
		s.WaitFor(t, "what the page shows of: "+step.Command, play)
		return
	}
	play()
	assert.Regexp(t, pattern, said, step.Command)
	if !strings.Contains(strings.Join(step.Shown, "\n"), "error:") {
		assert.NotRegexp(t, `(?m)^error:`, said, "an error that the page does not show: %s", step.Command)
	}
}

// shell runs a line of a document on a host. Without GORACE, the race detector would delay the end of every run by a
// second.
func (s *server) shell(t *testing.T, host, line string) (lab.Result, error) {
	return s.Host(host).Run(t.Context(), "env", "GORACE=atexit_sleep_ms=0", "sh", "-c", line)
}

// called is a call of ucs-harden as a document shows it, at the beginning of a line or behind a prompt or another call:
// commands, then arguments.
var called = regexp.MustCompile(`(?m)(?:^|# |; )ucs-harden((?: [a-z][a-z-]*)+)([^;|#\n]*)`)

// calls holds every call of ucs-harden in the documents against the help of the command: the command and its options
// exist.
func (s *server) calls(t *testing.T) {
	pages, err := documents.Public("../..")
	require.NoError(t, err)
	help, checked := map[string]string{}, 0
	for _, page := range pages {
		texts := slices.Clone(page.Codes)
		for _, b := range page.Blocks {
			if b.Info == "console" || strings.HasPrefix(b.Info, "sh ") {
				texts = append(texts, b.Text)
			}
		}
		for _, m := range called.FindAllStringSubmatch(strings.Join(texts, "\n"), -1) {
			words := strings.Fields(m[1])
			name := words[0]
			if slices.Contains([]string{"suspend", "restrict", "protect", "send-as"}, name) && len(words) > 1 {
				name += " " + words[1]
			}
			if _, asked := help[name]; !asked {
				result, err := s.shell(t, "mail", "ucs-harden "+name+" --help")
				require.NoError(t, err)
				help[name] = result.Stdout
			}
			checked++
			if !assert.Contains(t, help[name], "\nUsage:\n  ucs-harden "+name, "%s: %s", page.Path, m[0]) {
				continue
			}
			for _, option := range regexp.MustCompile(`--[a-z][a-z-]*`).FindAllString(m[2], -1) {
				assert.Regexp(t, regexp.QuoteMeta(option)+`\b`, help[name], "%s: %s", page.Path, m[0])
			}
		}
	}
	require.Positive(t, checked)
}

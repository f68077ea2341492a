package page

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/controls"
	"ucs-harden/evidence"
	"ucs-harden/fleet"
	"ucs-harden/fleet/fleettest"
	"ucs-harden/maillog"
	"ucs-harden/report"
)

var said = regexp.MustCompile(`(?:say|count \S+|count \([^)]*\)) ("[^"]*")(?: ("[^"]*"))?`)

// Every text of the page is there in German, and no other one.
func TestGermanIsComplete(t *testing.T) {
	texts := map[string]bool{}
	add := func(all ...string) {
		for _, text := range all {
			texts[text] = true
		}
	}
	templates, err := filepath.Glob("files/*.html")
	require.NoError(t, err)
	for _, path := range templates {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, m := range said.FindAllStringSubmatch(string(content), -1) {
			add(strings.Trim(m[1], `"`))
			if m[2] != "" {
				add(strings.Trim(m[2], `"`))
			}
		}
	}
	for verdict, meaning := range meanings {
		add(string(verdict), meaning)
	}
	full := maillog.Coverage{
		Gaps: make([]maillog.Gap, 9), Lost: make([]maillog.Loss, 9), Unreadable: make([]maillog.Unreadable, 9), Unparsed: 2, Ambiguous: 2, Future: 2,
	}
	full.Lost[0].Count = 3
	report.Missing(full, func(format string) string {
		add(format)
		return format
	})
	for _, r := range []*evidence.Report{
		{}, {Groups: []evidence.Group{{Open: true}}}, {Controls: []evidence.Readiness{{Gated: true}}},
		{Coverage: maillog.Coverage{From: time.Now()}},
	} {
		m := View{Report: r}.model()
		add(m.Answer, m.Because)
		for _, f := range m.Figures {
			add(f.Words)
		}
	}
	for _, f := range []*fleet.Fleet{{}, fleettest.Small()} {
		m := FleetView{Fleet: f}.model()
		add(m.Answer)
		for _, f := range m.Figures {
			add(f.Words)
		}
	}
	add("error", "warning", "note")
	add("off", "warn", "enforce", "replay", "open", "reopened", "accepted", "fixed", "nothing to do")
	add("inside", "outside", "protected", "foreign", "yours", "its own", "somebody else's")
	add("stranger", "logged in", "not in mynetworks", "in mynetworks", "domain controller", "named system", "mail server",
		"this server", "stopped account", "suspended account", "local-only account")
	for _, p := range phrases(t) {
		add(p.format)
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(texts)), slices.Collect(maps.Keys(german())))
}

// What is missing in the log takes its values in the order of the language.
func TestGermanLosses(t *testing.T) {
	assert.Contains(t, report.Missing(maillog.Coverage{Lost: []maillog.Loss{{Count: 3}}}, View{Language: "de"}.say)[0], "3 Zeilen verloren")
}

// Each control is drawn with a pattern of its own.
func TestEveryControlHasAPattern(t *testing.T) {
	assert.ElementsMatch(t, controls.Names(), drawn)
	patterns, err := os.ReadFile("files/chart.html")
	require.NoError(t, err)
	assert.Equal(t, len(drawn)+1, strings.Count(string(patterns), "<pattern id="))
}

package evidence_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
	"ucs-harden/tests/verdicts/table"
)

// infrastructure is that of the clients of the table: what stands in the name of a group.
var infrastructure = map[string]string{
	"outside": "foreign.example", "inside": "10.99.1.50", "controller": "10.99.1.10", "loopback": "127.0.0.1",
}

// counted is what the report counts, and what it should: a group, where the knowledge is from, and the port.
type counted struct {
	group  string
	source evidence.Source
	port   string
}

// Every cell of the table of verdicts is a letter. tests/verdicts shows that the mail server answers and logs as the table
// says; here the report has to count each letter that a control speaks of once, in its group, in warn and in enforce.
func TestTheReportCountsEveryCellOfTheTable(t *testing.T) {
	tab := table.Read(t, "../verdicts/testdata/verdicts.txt")
	c := table.NewCompany(t)
	want := map[counted]int64{}
	for _, phase := range []string{"warn", "enforce"} {
		c.Harden(t, "apply --mode "+phase+" --yes --no-evidence")
		played := c.Play(t, tab, phase)
		tab.Compare(t, phase, played)
		for cell, result := range played {
			for _, control := range controls(phase, result) {
				want[counted{name(tab, control, cell), evidence.Source(phase), cell[1]}]++
			}
		}
	}
	require.Greater(t, len(want), 20)

	got := map[counted]int64{}
	letters := map[string]int64{}
	for _, g := range (company{c.Lab}).report(t).Groups {
		for _, k := range g.Kinds {
			letters[fmt.Sprintf("%s at %d", g.ID, k.Port)] += k.Count
		}
		for source, byDay := range g.Days {
			for _, n := range byDay {
				got[counted{g.ID, source, ""}] += n
			}
		}
	}
	byPort, byGroup := map[string]int64{}, map[counted]int64{}
	for of, n := range want {
		byPort[of.group+" at "+of.port] += n
		of.port = ""
		byGroup[of] += n
	}
	assert.Equal(t, text(byGroup), text(got))
	assert.Equal(t, text(byPort), text(letters), "by the port")
}

// controls are those that speak of a letter in a mode, each once.
func controls(phase string, p *table.Played) (controls []string) {
	said := p.Log
	if phase == "enforce" {
		said = nil
		for _, reply := range p.Replies {
			said = append(said, reply.String())
		}
	}
	for _, line := range said {
		for part, control := range map[string]string{
			"#ucs-harden:sender-spoofing":            "sender-spoofing",
			"Sender address rejected: not owned by":  "submission",
			"Sender address rejected: not logged in": "submission",
			"Access denied":                          "submission",
		} {
			// "Relay access denied" is Postfix's own refusal.
			if strings.Contains(line, part) && !strings.Contains(line, "Relay access denied") && !slices.Contains(controls, control) {
				controls = append(controls, control)
			}
		}
	}
	return controls
}

// name is the name of the group of a cell.
func name(tab *table.Table, control string, cell table.Cell) string {
	d := tab.Dialogue("any", cell)
	domain, from := "-", infrastructure[cell[0]]
	if strings.HasSuffix(strings.ToLower(d.MailFrom), "company.my") {
		domain = "company.my"
	}
	if control == "submission" && d.Login != "" {
		from = d.Login
	}
	return control + ":" + domain + ":" + from
}

func text[K comparable](counts map[K]int64) string {
	var lines []string
	for k, n := range counts {
		lines = append(lines, fmt.Sprintf("%v: %d", k, n))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

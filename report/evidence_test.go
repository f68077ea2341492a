package report_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
	"ucs-harden/evidence/evidencetest"
	"ucs-harden/report"
)

// inUTC makes local times those of the reports.
func inUTC(t *testing.T) {
	t.Helper()
	local := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = local })
}

func TestEvidence(t *testing.T) {
	inUTC(t)
	masked, err := report.Masked(evidencetest.Small())
	require.NoError(t, err)
	for _, c := range []struct {
		name   string
		report *evidence.Report
		style  report.Style
	}{
		{"evidence", evidencetest.Small(), report.Style{}},
		{"evidence-80", evidencetest.Small(), report.Style{Width: 80}},
		{"evidence-120", evidencetest.Small(), report.Style{Width: 120}},
		{"evidence-colour-80", evidencetest.Small(), report.Style{Width: 80, Color: true}},
		{"evidence-full", evidencetest.Small(), report.Style{Full: true}},
		{"evidence-masked", masked, report.Style{}},
		{"evidence-many", evidencetest.Large(2_000, 90), report.Style{}},
		{"evidence-nothing", evidencetest.Nothing(), report.Style{}},
		{"evidence-replay", evidencetest.Replay(), report.Style{}},
		{"evidence-empty", &evidence.Report{Source: evidence.FromWarn}, report.Style{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			golden(t, c.name, func(w *bytes.Buffer) error { return report.Evidence(w, c.report, c.style) })
		})
	}
}

// A terminal obeys control characters, and some characters change the order of reading.
func TestEvidenceIsPlain(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, report.Evidence(&out, evidencetest.Hostile(), report.Style{Full: true}))
	for _, r := range out.String() {
		require.True(t, r == '\n' || unicode.IsPrint(r), "%q", r)
	}
}

func TestSparkline(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 2, n, 0, 0, 0, 0, time.UTC) }
	counts := map[string]int64{"2026-02-01": 8, "2026-02-02": 1, "2026-02-04": 4}
	of := func(d string) int64 { return counts[d] }
	for sentence, c := range map[string]struct {
		last, most int
		want       string
	}{
		"the most is a full bar, the least is visible, none is a dot": {4, 10, "█▁.▄"},
		"two days are one bar":        {4, 2, "█▄"},
		"the last bar may be shorter": {5, 2, "█▄"},
	} {
		bars := report.Bars(day(1), day(c.last), c.most, of)
		if c.last == 5 {
			assert.Equal(t, "2026-02-04", bars[1].From, sentence)
			assert.Equal(t, "2026-02-05", bars[1].To, sentence)
		}
		assert.Equal(t, c.want, report.Sparkline(bars), sentence)
	}
	assert.Empty(t, report.Sparkline(nil))
}

// A line with a wrong date does not squeeze all others into one bar.
func TestSpan(t *testing.T) {
	inUTC(t)
	day := func(d time.Time) string { return d.Format(time.DateOnly) }
	r := evidencetest.Small()
	first, last := report.Span(r)
	assert.Equal(t, "2026-11-16 2026-11-30", day(first)+" "+day(last))
	r.PerDay["2999-01-01"] = map[string]int64{"submission": 1}
	r.PerDay["no day"] = map[string]int64{"submission": 1}
	first, last = report.Span(r)
	assert.Equal(t, "2026-11-16 2026-11-30", day(first)+" "+day(last))
	r.PerDay["1970-01-01"] = map[string]int64{"submission": 1}
	first, last = report.Span(r)
	assert.Equal(t, 3*366-1, int(last.Sub(first).Hours()/24))
	first, last = report.Span(&evidence.Report{})
	assert.True(t, first.IsZero() && last.IsZero())
}

func TestThousands(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 9999: "9999", 10000: "10,000", 1234567: "1,234,567"} {
		assert.Equal(t, want, report.Thousands(n))
	}
}

// Nothing of an address is left but its first letter, its domain and its network.
func TestMasked(t *testing.T) {
	r := evidencetest.Small()
	before := r.Groups[2].Kinds[0].Login
	masked, err := report.Masked(r)
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, report.JSON(&out, masked))
	for _, secret := range []string{
		"clerk", "info@", "news@", "scan@", "10.99.1.60", "192.0.2.10\"", "mta10.newsletter", "printer.company.my", "dsl80",
		"orders@", "203.0.113.80", "198.51.100.17", "all@", "192.0.2.45", "boss", "\"admin\"",
	} {
		assert.NotContains(t, out.String(), secret)
	}
	for _, kept := range []string{"newsletter.example", "company.my", "192.0.2.0/24", "i…@company.my", "c…"} {
		assert.Contains(t, out.String(), kept)
	}
	assert.Equal(t, before, r.Groups[2].Kinds[0].Login, "the report itself stays as it is")
	for _, c := range masked.Controls {
		for _, id := range c.Open {
			assert.True(t, strings.HasPrefix(id, c.Control+":"))
		}
	}
}

// Two devices of one network are two groups, also when only the network is shown.
func TestMaskedGroupsHaveNamesOfTheirOwn(t *testing.T) {
	r := evidencetest.Small()
	one := r.Groups[0]
	one.Control, one.Domain, one.From = "sender-spoofing", "company.my", "10.99.1.60"
	one.ID = one.String()
	two := one
	two.From, two.Accepted = "10.99.1.61", &evidence.Acceptance{}
	two.ID = two.String()
	r.Groups, r.Controls = []evidence.Group{one, two}, []evidence.Readiness{{Control: "sender-spoofing", Open: []string{one.ID, two.ID}}}
	masked, err := report.Masked(r)
	require.NoError(t, err)
	assert.Equal(t, []string{"sender-spoofing:company.my:10.99.1.0/24", "sender-spoofing:company.my:10.99.1.0/24#2"}, masked.Controls[0].Open)
	for i, g := range masked.Groups {
		assert.Equal(t, masked.Controls[0].Open[i], g.ID)
		assert.Equal(t, g.ID, g.String())
	}
	assert.Equal(t, evidence.AcceptPrefix+masked.Groups[1].ID, masked.Groups[1].Accepted.ID)
}

// Who is named only in what is to be done is hidden as well.
func TestMaskedFixes(t *testing.T) {
	r := evidencetest.Small()
	g := &r.Groups[2]
	g.Reason = evidence.Phrasef("%s and %s hold the address, as holders and clerk do", "jdoe", "Jane.Roe")
	g.Fixes = []evidence.Fix{{
		Text: evidence.Phrasef("if %s agrees: let %s write as %s", "jdoe", "clerk", evidence.Verbatim("jane.doe@company.my, jane.doe knows")),
		Commands: [][]string{
			{"udm", "users/user", "modify", "--dn", "uid=jdoe,cn=users,dc=company,dc=my"}, {"ucs-harden", "send-as", "add", "clerk", "--as", "Jane.Roe@company.my"},
		},
	}}
	masked, err := report.Masked(r)
	require.NoError(t, err)
	g = &masked.Groups[2]
	assert.Equal(t, "j… and J… hold the address, as holders and clerk do", g.Reason.String(), "its own words are no names")
	assert.Equal(t, "if j… agrees: let c… write as j…@company.my, j… knows", g.Fixes[0].Text.String())
	assert.Equal(t, [][]string{
		{"udm", "users/user", "modify", "--dn", "uid=j…,cn=users,dc=company,dc=my"}, {"ucs-harden", "send-as", "add", "c…", "--as", "J…@company.my"},
	}, g.Fixes[0].Commands)
}

func TestMaskedTexts(t *testing.T) {
	for text, want := range map[string]string{
		"device 10.99.1.50 writes as scan@company.my, seen 812 times until 2026-11-29": "device 10.99.1.0/24 writes as s…@company.my, seen 812 times until 2026-11-29",
		"10.99.0.0/16 and 2001:db8:1:2::3 and 2001:db8::/32 and ::1":                   "10.99.0.0/16 and 2001:db8:1::/48 and 2001:db8::/32 and ::/48",
		"<\"a b\"@company.my>": "<a…@company.my>",
		"from 10.99.1.50/32":   "from 10.99.1.0/24",
		"at 12:30 on port 25":  "at 12:30 on port 25",
	} {
		r := &evidence.Report{Exceptions: []evidence.ExceptionUse{{Reason: text}}}
		masked, err := report.Masked(r)
		require.NoError(t, err)
		assert.Equal(t, want, masked.Exceptions[0].Reason)
	}
}

// A shell reads a command that is folded on a narrow terminal as it was.
func TestFoldedCommands(t *testing.T) {
	inUTC(t)
	r := evidencetest.Small()
	r.Groups = r.Groups[:1]
	argv := []string{"printf", `<%s>`, "it's", "", "a reason of many words, which is 'too long' for a line of eighty columns, isn't it? Yes, ' it is", "x", " y  z "}
	r.Groups[0].Fixes = []evidence.Fix{{Commands: [][]string{argv}}}
	for _, width := range []int{30, 40, 60, 80} {
		var out bytes.Buffer
		require.NoError(t, report.Evidence(&out, r, report.Style{Width: width}))
		_, command, _ := strings.Cut(out.String(), "\n  printf")
		command, _, _ = strings.Cut(command, "\n                  clears")
		said, err := exec.Command("sh", "-c", "printf"+command).Output()
		require.NoError(t, err)
		assert.Equal(t, "<"+strings.Join(argv[2:], "><")+">", string(said), "%d columns: %s", width, command)
	}
}

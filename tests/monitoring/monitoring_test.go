// Package monitoring_test asks promtool(1) about the metrics and the alerts: whether their form is right, and which alert a
// server raises in which state. The alerts are made rules as the listener of UCS's monitoring makes them.
package monitoring_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	alertsFile  = "../../ucs/usr/share/ucs-harden/alerts"
	metricsFile = "../../report/testdata/metrics.txt"
)

// alert is a line of the file of the alerts.
type alert struct{ name, severity, wait, summary, query string }

func alerts(t *testing.T) (all []alert) {
	t.Helper()
	content, err := os.ReadFile(alertsFile)
	require.NoError(t, err)
	for line := range strings.Lines(string(content)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		require.Len(t, fields, 5, line)
		all = append(all, alert{fields[0], fields[1], fields[2], fields[3], fields[4]})
	}
	return all
}

// promtool runs promtool on a file. JSON is YAML as well.
func promtool(t *testing.T, content any, command ...string) (string, error) {
	t.Helper()
	text, err := json.Marshal(content)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "input.yml")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	said, err := exec.CommandContext(t.Context(), "promtool", append(command, file)...).CombinedOutput()
	return string(said), err
}

// rules are the alerts as they are assigned to two servers.
func rules(t *testing.T) map[string]any {
	var groups []any
	for _, a := range alerts(t) {
		groups = append(groups, map[string]any{"name": a.name, "rules": []any{map[string]any{
			"alert": a.name, "for": a.wait, "labels": map[string]string{"severity": a.severity},
			"annotations": map[string]string{"title": a.summary, "description": a.summary},
			"expr":        strings.ReplaceAll(a.query, "%instance%", `instance=~"(mail\\.company\\.my|mail2\\.company\\.my)"`),
		}}})
	}
	return map[string]any{"groups": groups}
}

func TestPromtoolFindsNothingWrongWithTheMetrics(t *testing.T) {
	metrics, err := os.Open(metricsFile)
	require.NoError(t, err)
	defer metrics.Close()
	cmd := exec.CommandContext(t.Context(), "promtool", "check", "metrics")
	cmd.Stdin = metrics
	said, err := cmd.CombinedOutput()
	assert.NoError(t, err)
	assert.Empty(t, string(said))
}

func TestAlertsAreWellFormed(t *testing.T) {
	said, err := promtool(t, rules(t), "check", "rules")
	require.NoError(t, err, said)
	names := map[string]bool{}
	for _, a := range alerts(t) {
		assert.False(t, names[a.name], "%s stands twice", a.name)
		names[a.name] = true
		assert.Regexp(t, `^UCS_HARDEN_[A-Z_]+$`, a.name)
		assert.Contains(t, []string{"warning", "critical"}, a.severity, a.name)
		assert.Contains(t, a.query, "%instance%", a.name)
	}
	metrics, err := os.ReadFile(metricsFile)
	require.NoError(t, err)
	for _, a := range alerts(t) {
		for _, metric := range regexp.MustCompile(`ucs_harden_[a-z_]+`).FindAllString(a.query, -1) {
			assert.Contains(t, string(metrics), "\n"+metric+"{", "%s asks for a metric that nobody writes", a.name)
		}
	}
}

// well is a server with nothing to report, every ten minutes for 6 hours. A value may count on: 0+600x36 is the time.
var well = map[string]string{
	`ucs_harden_up{instance="mail.company.my"}`:                                          "1x36",
	`ucs_harden_collected_timestamp_seconds{instance="mail.company.my"}`:                 "0+600x36",
	`ucs_harden_mode_wanted{instance="mail.company.my",control="sender-spoofing"}`:       "1x36",
	`ucs_harden_mode_running{instance="mail.company.my",control="sender-spoofing"}`:      "1x36",
	`ucs_harden_held{instance="mail.company.my",control="sender-spoofing"}`:              "0x36",
	`ucs_harden_idle{instance="mail.company.my",control="sender-spoofing"}`:              "0x36",
	`ucs_harden_drift{instance="mail.company.my"}`:                                       "0x36",
	`ucs_harden_findings{instance="mail.company.my",severity="error"}`:                   "0x36",
	`ucs_harden_findings{instance="mail.company.my",severity="warning"}`:                 "7x36",
	`ucs_harden_directory_up{instance="mail.company.my"}`:                                "1x36",
	`ucs_harden_postfix_running{instance="mail.company.my"}`:                             "1x36",
	`ucs_harden_interrupted{instance="mail.company.my"}`:                                 "0x36",
	`ucs_harden_confirmation_pending{instance="mail.company.my"}`:                        "0x36",
	`ucs_harden_sync_paused{instance="mail.company.my"}`:                                 "0x36",
	`ucs_harden_sync_partial{instance="mail.company.my"}`:                                "0x36",
	`ucs_harden_sync_failed{instance="mail.company.my"}`:                                 "0x36",
	`ucs_harden_sync_last_timestamp_seconds{instance="mail.company.my"}`:                 "0+600x36",
	`ucs_harden_table_errors{instance="mail.company.my"}`:                                "9x36",
	`ucs_harden_milter_warnings{instance="mail.company.my"}`:                             "9x36",
	`ucs_harden_next_expiry_timestamp_seconds{instance="mail.company.my"}`:               "900000x36",
	`ucs_harden_mode_wanted{instance="elsewhere.company.my",control="sender-spoofing"}`:  "2x36", // not assigned
	`ucs_harden_mode_running{instance="elsewhere.company.my",control="sender-spoofing"}`: "0x36",
}

func TestWhichAlertsAServerRaises(t *testing.T) {
	of := func(metric string) string { return metric + `{instance="mail.company.my"}` }
	about := func(metric string) string { return metric + `{instance="mail.company.my",control="sender-spoofing"}` }
	type change = map[string]string // "" removes the series
	raised := map[string]bool{}
	var tests []any
	for sentence, c := range map[string]struct {
		change change
		raises []string
	}{
		"all is well":       {nil, nil},
		"status fails":      {change{of("ucs_harden_up"): "0x36"}, []string{"UCS_HARDEN_STATUS"}},
		"the check is gone": {change{of("ucs_harden_up"): ""}, []string{"UCS_HARDEN_STATUS_METRIC_MISSING"}},
		"the check does not run any more": {change{of("ucs_harden_collected_timestamp_seconds"): "0x36"},
			[]string{"UCS_HARDEN_STATUS_METRIC_MISSING"}},
		"Postfix lacks what the registry wants":    {change{about("ucs_harden_mode_running"): "0x36"}, []string{"UCS_HARDEN_MODE"}},
		"Postfix has more than the registry wants": {change{about("ucs_harden_mode_running"): "2x36"}, nil},
		"the gate holds a control": {change{about("ucs_harden_mode_wanted"): "2x36", about("ucs_harden_held"): "1x36",
			of("ucs_harden_sync_partial"): "1x36"},
			[]string{"UCS_HARDEN_HELD"}},
		"a list is empty": {change{about("ucs_harden_mode_running"): "0x36", about("ucs_harden_idle"): "1x36"}, nil},
		"somebody rolled back what a policy wants": {
			change{about("ucs_harden_mode_wanted"): "2x36", of("ucs_harden_sync_paused"): "1x36", of("ucs_harden_drift"): "3x36"},
			[]string{"UCS_HARDEN_PAUSED"}},
		"drift":                     {change{of("ucs_harden_drift"): "1x36"}, []string{"UCS_HARDEN_DRIFT"}},
		"drift that a sync removes": {change{of("ucs_harden_drift"): "0x32 1x3"}, nil},
		"a sync failed":             {change{of("ucs_harden_sync_failed"): "1x36"}, []string{"UCS_HARDEN_SYNC"}},
		"no sync for three days":    {change{of("ucs_harden_sync_last_timestamp_seconds"): "-300000x36"}, []string{"UCS_HARDEN_SYNC_WARNING"}},
		"no sync, but all is off": {change{of("ucs_harden_sync_last_timestamp_seconds"): "-300000x36",
			about("ucs_harden_mode_wanted"): "0x36", about("ucs_harden_mode_running"): "0x36"}, nil},
		"an entry was left out":     {change{of("ucs_harden_sync_partial"): "1x36"}, []string{"UCS_HARDEN_PARTIAL"}},
		"an apply waits":            {change{of("ucs_harden_confirmation_pending"): "0x32 1x3"}, []string{"UCS_HARDEN_CONFIRM"}},
		"a crash":                   {change{of("ucs_harden_interrupted"): "1x36"}, []string{"UCS_HARDEN_INTERRUPTED"}},
		"an error":                  {change{`ucs_harden_findings{instance="mail.company.my",severity="error"}`: "1x36"}, []string{"UCS_HARDEN_FINDINGS"}},
		"Postfix is down":           {change{of("ucs_harden_postfix_running"): "0x36"}, []string{"UCS_HARDEN_POSTFIX"}},
		"slapd is down":             {change{of("ucs_harden_directory_up"): "0x36", of("ucs_harden_drift"): ""}, []string{"UCS_HARDEN_LDAP"}},
		"a table fails just now":    {change{of("ucs_harden_table_errors"): "9x32 12x3"}, []string{"UCS_HARDEN_TABLES"}},
		"a mode changed":            {change{of("ucs_harden_table_errors"): "9x32 0x3", of("ucs_harden_milter_warnings"): "9x32 0x3"}, nil},
		"a milter fails just now":   {change{of("ucs_harden_milter_warnings"): "9x32 12x3"}, []string{"UCS_HARDEN_MILTERS"}},
		"an exception expires soon": {change{of("ucs_harden_next_expiry_timestamp_seconds"): "500000x36"}, []string{"UCS_HARDEN_EXPIRY"}},
	} {
		series := maps.Clone(well)
		for name, values := range c.change {
			require.Contains(t, well, name, sentence)
			if series[name] = values; values == "" {
				delete(series, name)
			}
		}
		var input, expected []any
		for _, name := range slices.Sorted(maps.Keys(series)) {
			input = append(input, map[string]string{"series": name, "values": series[name]})
		}
		for _, a := range alerts(t) {
			fires := []any{}
			if slices.Contains(c.raises, a.name) {
				raised[a.name] = true
				labels := map[string]string{"severity": a.severity, "instance": "mail.company.my"}
				if a.name == "UCS_HARDEN_MODE" || a.name == "UCS_HARDEN_HELD" {
					labels["control"] = "sender-spoofing"
				}
				if a.name == "UCS_HARDEN_FINDINGS" {
					labels["severity"] = "warning"
				}
				if sentence == "the check is gone" {
					delete(labels, "instance") // nobody says which server it is
				}
				fires = append(fires, map[string]any{"exp_labels": labels,
					"exp_annotations": map[string]string{"title": a.summary, "description": a.summary}})
			}
			expected = append(expected, map[string]any{"eval_time": "350m", "alertname": a.name, "exp_alerts": fires})
		}
		tests = append(tests, map[string]any{"name": sentence, "interval": "10m", "input_series": input, "alert_rule_test": expected})
	}
	file := filepath.Join(t.TempDir(), "rules.yml")
	text, err := json.Marshal(rules(t))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, text, 0o600))
	said, err := promtool(t, map[string]any{"rule_files": []string{file}, "evaluation_interval": "10m", "tests": tests}, "test", "rules")
	require.NoError(t, err, said)
	for _, a := range alerts(t) {
		assert.True(t, raised[a.name], "no state raises %s", a.name)
	}
}

// The page for administrators has a row for every metric and for every alert, and for nothing else.
func TestTheDocumentNamesAllOfThem(t *testing.T) {
	page, err := os.ReadFile("../../docs/monitoring.md")
	require.NoError(t, err)
	rows := map[string]string{} // what stands in the second column, by the first
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Za-z_]+)` \\| ([^|]*?) ?\\|").FindAllStringSubmatch(string(page), -1) {
		rows[row[1]] = row[2]
	}
	want := map[string]string{}
	for _, a := range alerts(t) {
		want[a.name] = a.severity
	}
	metrics, err := os.ReadFile(metricsFile)
	require.NoError(t, err)
	for _, sample := range regexp.MustCompile(`(?m)^([a-z_]+)\{instance="[^"]*"((?:,[a-z]+="[^"]*")*)\}`).FindAllStringSubmatch(string(metrics), -1) {
		var labels []string
		for _, l := range regexp.MustCompile(`,([a-z]+)=`).FindAllStringSubmatch(sample[2], -1) {
			labels = append(labels, "`"+l[1]+"`")
		}
		want[sample[1]] = strings.Join(labels, ", ")
	}
	assert.Equal(t, want, rows)
}

// Package monitoring_test asks promtool(1) about the metrics, and holds the page for administrators against them.
package monitoring_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	metricsFile = "../../report/testdata/metrics.txt"
	pageFile    = "../../docs/monitoring.md"
)

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

// rows are the rows of the page about what begins with a prefix: what stands in the second column, by the first.
func rows(t *testing.T, prefix string) map[string]string {
	t.Helper()
	page, err := os.ReadFile(pageFile)
	require.NoError(t, err)
	all := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `("+prefix+"[A-Za-z_]+)` \\| ([^|]*?) ?\\|").FindAllStringSubmatch(string(page), -1) {
		all[row[1]] = row[2]
	}
	return all
}

// The page has a row for every metric, with its labels, and for nothing else.
func TestThePageNamesAllMetrics(t *testing.T) {
	metrics, err := os.ReadFile(metricsFile)
	require.NoError(t, err)
	want := map[string]string{}
	for _, sample := range regexp.MustCompile(`(?m)^([a-z_]+)\{instance="[^"]*"((?:,[a-z]+="[^"]*")*)\}`).FindAllStringSubmatch(string(metrics), -1) {
		var labels []string
		for _, l := range regexp.MustCompile(`,([a-z]+)=`).FindAllStringSubmatch(sample[2], -1) {
			labels = append(labels, "`"+l[1]+"`")
		}
		want[sample[1]] = strings.Join(labels, ", ")
	}
	assert.Equal(t, want, rows(t, "ucs_harden_"))
}

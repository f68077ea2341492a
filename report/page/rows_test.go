package page

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence/evidencetest"
)

// The highest bar of each row is as high as the row, however few letters it has.
func TestRows(t *testing.T) {
	c := View{Report: evidencetest.Small()}.perDay()
	rows := c.rows()
	require.Len(t, rows, 3)
	for i, want := range []struct {
		name, day string
		most      int64
	}{{"sender-spoofing", "2026-11-29", 460}, {"submission", "2026-11-27", 7}, {"protected", "2026-11-28", 7}} {
		row := rows[i]
		assert.Equal(t, want.name, row.Name)
		assert.Equal(t, want.most, row.Most)
		assert.Equal(t, want.day, row.At.From)
		var total, bars int64
		for _, b := range c.Bars {
			total += b.Counts[i]
			if b.Counts[i] > 0 {
				bars++
			}
		}
		assert.Equal(t, row.Total, total)
		heights := regexp.MustCompile(`v-([0-9.]+)h`).FindAllStringSubmatch(row.Path, -1)
		assert.Len(t, heights, int(bars))
		highest := 0.0
		for _, h := range heights {
			highest = max(highest, value(t, h[1]))
		}
		assert.InDelta(t, rowHeight, highest, 0.1)
	}
}

// One control alone needs no row.
func TestNoRows(t *testing.T) {
	assert.Empty(t, chart{Series: []series{{Name: "relay"}}}.rows())
	assert.Empty(t, View{Report: evidencetest.Nothing()}.perDay().rows())
}

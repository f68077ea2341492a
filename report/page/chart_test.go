package page

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence/evidencetest"
)

// Bars stay within the chart, and are as high as their letters are many.
func TestBars(t *testing.T) {
	for _, days := range []int{1, 14, 90, 400} {
		t.Run(fmt.Sprint(days), func(t *testing.T) {
			c := View{Report: evidencetest.Large(500, days)}.perDay()
			require.NotEmpty(t, c.Bars)
			assert.LessOrEqual(t, len(c.Bars), mostBars)
			var total int64
			for _, b := range c.Bars {
				total += b.Count
				bottom := float64(c.Base)
				for _, p := range b.Parts {
					x, y, w, h := value(t, p.X), value(t, p.Y), value(t, p.Width), value(t, p.Height)
					assert.GreaterOrEqual(t, x, 0.0)
					assert.LessOrEqual(t, x+w, float64(chartWidth)+0.1)
					assert.InDelta(t, bottom, y+h, 0.2, "a part stands on the part below")
					bottom = y
				}
				assert.GreaterOrEqual(t, bottom, 0.0)
			}
			assert.Equal(t, c.Total, total)
		})
	}
}

func value(t *testing.T, text string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return x
}

func TestNiceStep(t *testing.T) {
	for most, want := range map[int64]int64{1: 1, 4: 1, 5: 2, 9: 5, 21: 10, 460: 200, 1_000_000: 500_000} {
		assert.Equal(t, want, niceStep(most, plotHeight), "%d", most)
	}
}

func TestAnswerOf(t *testing.T) {
	ok, refused := verdict{"ok", "ok"}, verdict{"554", "no"}
	for field, want := range map[string]answer{
		"":          {None: true},
		"ok":        {Today: ok, Plan: ok},
		"ok → 554":  {Today: ok, Plan: refused, Changes: true},
		"ok → 554*": {Today: ok, Plan: refused, Changes: true, Most: true},
		"451 → log": {Today: verdict{"451", "later"}, Plan: verdict{"log", "log"}, Changes: true},
		"no → ok":   {Today: verdict{"no", "no"}, Plan: ok, Changes: true},
	} {
		assert.Equal(t, want, answerOf(field), field)
	}
}

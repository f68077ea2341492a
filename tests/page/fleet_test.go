package page

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/fleet/fleettest"
	"ucs-harden/report/page"
)

// Everybody can read the page of a fleet, too.
func TestLooksOfAFleet(t *testing.T) {
	for sentence, c := range map[string]struct {
		language string
		as       look
	}{
		"a fleet in light colours":          {"en", look{width: 1200}},
		"a fleet narrow and dark in German": {"de", look{width: 400, dark: true}},
		"a fleet on paper":                  {"en", look{width: 718, paper: true}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			var content bytes.Buffer
			require.NoError(t, page.WriteFleet(&content, page.FleetView{Fleet: fleettest.Small(), Language: c.language}))
			b := openContent(t, content.Bytes(), c.as)
			assert.LessOrEqual(t, eval[int64](b, "document.documentElement.scrollWidth"), c.as.width, "nothing stands beside the screen")
			assert.Empty(t, eval[[]string](b, beside), "nothing stands beside the screen")
			assert.Empty(t, eval[[]string](b, faint), "text that is hard to read")
			p := survey(b.picture(sentence))
			assert.Equal(t, c.as.dark, p.dark > 0.5, "%+v", p)
			assert.Greater(t, p.ink, 0.005, "the page is blank: %+v", p)
			assert.Empty(t, b.console(), "the console")
			assert.Empty(t, b.network(), "the network")
		})
	}
}

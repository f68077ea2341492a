package report_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/fleet"
	"ucs-harden/fleet/fleettest"
	"ucs-harden/harden"
	"ucs-harden/report"
)

func TestFleet(t *testing.T) {
	local := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = local })
	f := fleettest.Small()
	for name, style := range map[string]report.Style{
		"fleet-pipe": {}, "fleet-120": {Width: 120, Full: true}, "fleet-60": {Width: 60},
		"fleet-colour-100": {Width: 100, Color: true},
	} {
		golden(t, name, func(w *bytes.Buffer) error { return report.Fleet(w, f, style) })
	}
}

// What another machine calls itself cannot move the cursor, and does not make a line of its own.
func TestHostileFleet(t *testing.T) {
	evil := "evil\x1b[2J\r\n\u202egnp.\x9b"
	st := fleettest.With(fleettest.Held(evil), func(st *harden.Status) {
		st.Version, st.Silent, st.Interrupted = evil, evil, evil
		st.Sync.Last = &harden.SyncRun{Result: "failed", Error: evil, Hint: evil}
		st.Drift = []string{evil}
	})
	f := fleet.Read([]fleet.Source{
		fleettest.From(evil, fleettest.Text(st)),
		fleettest.From(evil, strings.ReplaceAll(fleettest.Failed, "permission", `\u001b[31m`)),
		fleettest.From(evil),
	}, fleet.Options{Now: fleettest.Now})
	for _, width := range []int{0, 40, 200} {
		var out bytes.Buffer
		require.NoError(t, report.Fleet(&out, f, report.Style{Width: width, Full: true}))
		assert.NotRegexp(t, "[\x00-\x09\x0b-\x1f\x7f-\u009f\u202e]", out.String())
		for line := range strings.Lines(out.String()) {
			assert.NotRegexp(t, "^(gnp|\u202e)", line)
		}
	}
}

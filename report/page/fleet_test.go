package page_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/fleet"
	"ucs-harden/fleet/fleettest"
	"ucs-harden/harden"
	"ucs-harden/report/page"
)

func writtenFleet(t *testing.T, v page.FleetView) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, page.WriteFleet(&out, v))
	return out.String()
}

func TestFleetPages(t *testing.T) {
	none := read()
	for sentence, v := range map[string]page.FleetView{
		"of many states": {Fleet: fleettest.Small()}, "in German": {Fleet: fleettest.Small(), Language: "de"},
		"of no server":    {Fleet: none},
		"of many servers": {Fleet: manyServers()}, "of hostile names": {Fleet: hostileFleet()},
	} {
		t.Run(sentence, func(t *testing.T) {
			text := writtenFleet(t, v)
			all := elements(t, text)
			assert.Less(t, len(text), 1<<20, "bytes")
			wellFormed(t, text)
			allowsOnlyItself(t, all)
			linksLeadSomewhere(t, all)
			for _, r := range text {
				require.True(t, r == '\n' || unicode.IsPrint(r), "%q", r)
			}
		})
	}
}

// Each server is a row, with what runs and what is wanted; what is wrong stands below with what to do.
func TestFleetPage(t *testing.T) {
	all := elements(t, writtenFleet(t, page.FleetView{Fleet: fleettest.Small()}))
	rows := named(all, "tr")
	require.Len(t, rows, 8)
	assert.Contains(t, content(rows[4]), "mail2.company.myheld back")
	assert.Contains(t, content(rows[4]), "warn→enforce")
	assert.Contains(t, content(rows[6]), "ready to enforce")
	assert.Equal(t, "Is every server as planned? No.", content(named(all, "h1")[0]))
	german := content(elements(t, writtenFleet(t, page.FleetView{Fleet: fleettest.Small(), Language: "de"}))[0])
	assert.Contains(t, german, "sender-spoofing soll auf enforce stehen und bleibt auf warn: 2 Gruppen von E-Mails, die")
	assert.Contains(t, german, "sein Status ist 9")
	well := read(fleettest.From("a", fleettest.Text(fleettest.Well("a"))))
	all = elements(t, writtenFleet(t, page.FleetView{Fleet: well}))
	assert.Equal(t, "Is every server as planned? Yes.", content(named(all, "h1")[0]))
}

func TestHostileFleetIsText(t *testing.T) {
	text := writtenFleet(t, page.FleetView{Fleet: hostileFleet()})
	all := elements(t, text)
	assert.Len(t, named(all, "script"), 1)
	assert.Empty(t, named(all, "img"))
	assert.Contains(t, text, "&lt;script&gt;alert(1)")
}

func read(sources ...fleet.Source) *fleet.Fleet {
	return fleet.Read(sources, fleet.Options{Now: fleettest.Now})
}

func hostileFleet() *fleet.Fleet {
	evil := "<script>alert(1)</script><img src=x onerror=alert(2)>\u202e\x1b\"'"
	st := fleettest.With(fleettest.Held(evil), func(st *harden.Status) {
		st.Version, st.Silent, st.Interrupted = evil, evil, evil
		st.Sync.Last = &harden.SyncRun{Result: evil, Error: evil, Hint: evil}
		st.Drift = []string{evil}
	})
	return read(fleettest.From(evil, fleettest.Text(st)), fleettest.From(evil, evil))
}

func manyServers() *fleet.Fleet {
	var all strings.Builder
	for i := range 700 {
		all.WriteString(fleettest.Text(fleettest.Held(fmt.Sprintf("mail%d.company.my", i))))
	}
	return read(fleettest.From("all.json", all.String()))
}

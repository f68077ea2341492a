package evidence

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is kept of a replay names no sender and no client outside, and an acceptance sees the same clients in it.
func TestAShortReport(t *testing.T) {
	g := group("sender-spoofing", "company.my", "newsletter.example", Provider, 100)
	g.Kinds = []Distinct{
		{Client: addr("203.0.113.7"), Sender: "jane@company.my"}, {Client: addr("203.0.113.8"), Sender: "joe@company.my"},
		{Client: addr("::ffff:10.99.1.50")}, {Login: "boss", Client: addr("198.51.100.1")}, {Client: addr("2001:db8:1:2::3")},
	}
	g.Samples = []Sample{letter(ago(1), "203.0.113.7", "jane@company.my", "boss@company.my")}
	r := reportOf(logFor(8), g, group("sender-spoofing", "company.my", "203.0.113.0/24", Forged, 9))
	content, err := json.Marshal(r.Short())
	require.NoError(t, err)
	for _, gone := range []string{"jane@", "joe@", "203.0.113.7", "203.0.113.8", "198.51.100.1", "2001:db8:1:2"} {
		assert.NotContains(t, string(content), gone)
	}
	var again Report
	require.NoError(t, json.Unmarshal(content, &again))
	require.Len(t, again.Groups, 1)
	assert.Equal(t, clientsOf(g.Cell), clientsOf(again.Groups[0].Cell))
	assert.Equal(t, r.Groups[0].Count, again.Groups[0].Count)
	again.Settle([]Acceptance{Accepting(g, "root", ago(1))})
	assert.False(t, again.Groups[0].Open)
	assert.Equal(t, r.Coverage.Days, again.Coverage.Days)
	assert.Len(t, r.Groups, 2, "the report itself stays as it is")
	assert.Len(t, r.Groups[0].Samples, 1)
}

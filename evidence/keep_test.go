package evidence

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func letter(at time.Time, client, sender, recipient string) Sample {
	return Sample{Time: at, Source: FromWarn, Client: addr(client), Sender: sender, Recipient: recipient, Helo: "pc-of-jane", MessageID: "<1@jane>"}
}

var newsletter = Key{"sender-spoofing", "company.my", "newsletter.example"}

func TestMergeIsTheSameAsReadingAtOnce(t *testing.T) {
	letters := []Sample{
		letter(ago(3), "203.0.113.7", "news@company.my", "a@company.my"), letter(ago(2), "203.0.113.7", "news@company.my", "b@company.my"),
		letter(ago(1), "203.0.113.8", "news@company.my", "a@company.my"), letter(ago(0), "203.0.113.7", "news@company.my", "c@company.my"),
	}
	atOnce, first, second := NewDigest(), NewDigest(), NewDigest()
	for i, s := range letters {
		part := first
		if i >= 2 {
			part = second
		}
		for _, d := range []*Digest{atOnce, part} {
			d.Add(newsletter, s, i == 3)
			d.use("news", s.Time)
		}
	}
	first.Merge(second)
	a, b := atOnce.Cells[newsletter.String()], first.Cells[newsletter.String()]
	assert.Equal(t, a.Kinds, b.Kinds)
	assert.Equal(t, a.Days, b.Days)
	assert.Equal(t, [2]time.Time{a.First, a.Last}, [2]time.Time{b.First, b.Last})
	assert.ElementsMatch(t, a.Samples, b.Samples)
	assert.Equal(t, atOnce.Uses, first.Uses)
	assert.Equal(t, int64(4), b.Letters())
}

func TestACopySharesNothing(t *testing.T) {
	d := NewDigest()
	d.Add(newsletter, letter(ago(1), "203.0.113.7", "news@company.my", "a@company.my"), false)
	d.use("news", ago(1))
	before, err := json.Marshal(d)
	require.NoError(t, err)
	c := d.Clone()
	c.Add(newsletter, letter(ago(0), "203.0.113.7", "news@company.my", "b@company.my"), true)
	c.use("news", ago(0))
	c.Administrator["2026-11-30"]++
	after, err := json.Marshal(d)
	require.NoError(t, err)
	assert.JSONEq(t, string(before), string(after))
}

func TestForget(t *testing.T) {
	made := func() *Digest {
		d := NewDigest()
		d.Add(newsletter, letter(ago(10), "203.0.113.7", "old@company.my", "a@company.my"), false)
		d.Add(newsletter, letter(ago(10), "203.0.113.7", "news@company.my", "a@company.my"), false)
		d.Add(newsletter, letter(ago(1), "203.0.113.7", "news@company.my", "a@company.my"), false)
		d.Add(Key{"submission", "company.my", "boss"}, letter(ago(10), "203.0.113.9", "x@company.my", "a@company.my"), false)
		d.use("scanner", ago(10))
		d.Administrator["2026-11-20"], d.Administrator["2026-11-29"] = 1, 2
		return d
	}
	d := made()
	d.Forget("2026-11-25")
	require.Len(t, d.Cells, 1)
	c := d.Cells[newsletter.String()]
	assert.Equal(t, int64(1), c.Letters())
	assert.Equal(t, "2026-11-29", c.First.Format(time.DateOnly))
	assert.Len(t, c.Kinds, 1, "a kind without a letter since is gone")
	assert.Len(t, c.Samples, 1)
	assert.Empty(t, d.Uses)
	assert.Equal(t, map[string]int64{"2026-11-29": 2}, d.Administrator)

	d = made()
	d.ForgetFrom("2026-11-25")
	assert.Len(t, d.Cells, 2)
	assert.Equal(t, int64(2), d.Cells[newsletter.String()].Letters())
	assert.Equal(t, "2026-11-20", d.Cells[newsletter.String()].Last.Format(time.DateOnly))
	assert.Equal(t, map[string]int64{"2026-11-20": 1}, d.Administrator)
}

func TestMaskTakesAwayWhoAStrangerIs(t *testing.T) {
	d := NewDigest()
	add := func(days float64, client, sender, recipient string) {
		d.Add(newsletter, letter(ago(days), client, sender, recipient), false)
	}
	add(40, "203.0.113.7", "jane@foreign.example", "boss@company.my")
	add(40, "203.0.113.8", "joe@foreign.example", "boss@company.my")
	add(40, "10.99.1.50", "scan@company.my", "you@foreign.example")
	add(2, "203.0.113.9", "jim@foreign.example", "boss@company.my")
	d.Mask(ago(30).Format(time.DateOnly), Strangers{
		Address: func(a string) bool { return !strings.HasSuffix(a, "@company.my") },
		Client:  func(a netip.Addr) bool { return !a.IsPrivate() },
	})
	content, err := json.Marshal(d)
	require.NoError(t, err)
	for _, gone := range []string{"jane@foreign.example", "joe@", "you@", "203.0.113.7", "203.0.113.8"} {
		assert.NotContains(t, string(content), gone)
	}
	for _, stays := range []string{"jim@foreign.example", "203.0.113.9", "boss@company.my", "scan@company.my", "10.99.1.50"} {
		assert.Contains(t, string(content), stays)
	}
	kinds := map[string]int64{}
	for _, k := range d.Cells[newsletter.String()].Kinds {
		kinds[k.Client.String()+" "+k.Sender+" "+k.Recipient] = k.Count
	}
	assert.Equal(t, map[string]int64{
		"203.0.113.0 @foreign.example boss@company.my": 2, "10.99.1.50 scan@company.my @foreign.example": 1,
		"203.0.113.9 jim@foreign.example boss@company.my": 1,
	}, kinds, "kinds that nothing tells apart any more are one")
	for _, s := range d.Cells[newsletter.String()].Samples {
		assert.Equal(t, s.Time.Before(ago(30)), s.Helo == "" && s.MessageID == "")
	}
}

// A flood of forged mail from everywhere pushes out neither a device nor a provider that writes every day.
func TestAFloodIsBounded(t *testing.T) {
	d := NewDigest()
	printer := Key{"sender-spoofing", "company.my", "10.99.1.50"}
	for day := range 5 {
		d.Add(newsletter, letter(ago(float64(day)), "203.0.113.7", "news@company.my", "a@company.my"), false)
	}
	d.Add(printer, letter(ago(4), "10.99.1.50", "scan@company.my", "a@company.my"), false)
	const flood = 3 * MaxCells
	for i := range flood {
		client := fmt.Sprintf("198.%d.%d.9", 18+i/250/250, i/250%250)
		d.Add(Key{"sender-spoofing", "company.my", fmt.Sprintf("net%d.example", i)}, letter(ago(0), client, fmt.Sprintf("u%d@company.my", i), "a@company.my"), false)
	}
	assert.LessOrEqual(t, len(d.Cells), MaxCells+MaxCells/4+2)
	d.Bound(MaxCells)
	assert.LessOrEqual(t, len(d.Cells), MaxCells+1)
	assert.Contains(t, d.Cells, newsletter.String())
	assert.Contains(t, d.Cells, printer.String())
	sum := int64(0)
	for _, c := range d.Cells {
		sum += c.Letters()
	}
	assert.Equal(t, int64(flood+6), sum, "no letter is lost")
	others := d.Cells[Key{"sender-spoofing", "company.my", TheOthers}.String()]
	require.NotNil(t, others)
	assert.Empty(t, others.Kinds)
	assert.Equal(t, others.Letters(), others.Others)
}

func TestTheKindsOfAllCellsTogetherAreBounded(t *testing.T) {
	d := NewDigest()
	for i := range 400 {
		for j := range MaxDistinct {
			d.Add(Key{"sender-spoofing", "company.my", fmt.Sprintf("n%d.example", i)},
				letter(ago(0), "203.0.113.7", fmt.Sprintf("u%d@company.my", j), "a@company.my"), false)
		}
	}
	d.Bound(MaxCells)
	kinds, letters := 0, int64(0)
	for _, c := range d.Cells {
		kinds += len(c.Kinds)
		letters += c.Others
		for _, k := range c.Kinds {
			letters += k.Count
		}
	}
	assert.LessOrEqual(t, kinds, MaxKinds)
	assert.Equal(t, int64(400*MaxDistinct), letters)
}

package harden

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
	"ucs-harden/index"
	"ucs-harden/lists"
)

func TestAnExceptionIsUnusedWhenLongEnoughALogShowsNoUse(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days) }
	used := func(days int) evidence.Use {
		return evidence.Use{Days: map[string]int64{ago(days).Format(time.DateOnly): 2, ago(days + 1).Format(time.DateOnly): 3}, Last: ago(days)}
	}
	for sentence, c := range map[string]struct {
		use    evidence.Use
		since  time.Time
		unused bool
		uses   int64
	}{
		"nothing is known":                  {evidence.Use{}, time.Time{}, false, 0},
		"the log is young":                  {evidence.Use{}, ago(44), false, 0},
		"the log is old, and shows no use":  {evidence.Use{}, ago(45), true, 0},
		"it was used lately":                {used(3), ago(90), false, 5},
		"it was used 45 days ago":           {used(45), ago(90), true, 5},
		"the use is known, its log is gone": {used(3), time.Time{}, false, 5},
	} {
		got := exceptionUse(lists.Entry{Name: "a", Client: "192.0.2.1"}, c.use, c.since, now)
		assert.Equal(t, c.unused, got.Unused, sentence)
		assert.Equal(t, c.uses, got.Uses, sentence)
		assert.Equal(t, c.uses > 0, got.Last != nil, sentence)
	}
}

func TestTheUsesAreThoseOfTheIndex(t *testing.T) {
	s := &Server{Root: t.TempDir(), Observer: &observer{}}
	uses, since, until := s.uses(t.Context())
	assert.Empty(t, uses)
	assert.True(t, since.IsZero() && until.IsZero(), "no log was read")
	i, first, last := index.New(), time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	i.Log.From, i.Log.To = first, last
	i.Digest.Uses["scanner"] = &evidence.Use{Name: "scanner", Days: map[string]int64{"2026-11-20": 1}, Last: last}
	require.NoError(t, os.MkdirAll(s.index().Dir, 0o700))
	require.NoError(t, s.index().Save(i))
	uses, since, until = s.uses(t.Context())
	assert.Equal(t, last, uses["scanner"].Last)
	assert.Equal(t, []time.Time{first, last}, []time.Time{since, until})
}

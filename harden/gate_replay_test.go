package harden

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
)

// A control that is held in warn is asked about by every status, plan and sync. The log is not replayed each time.
func TestAReplayIsRemembered(t *testing.T) {
	open := groupOf(evidence.Unclear, 11, "198.51.100.20")
	long := func(groups ...evidence.Group) *evidence.Report {
		r := replayOf(groups...)
		r.Coverage.Bytes = muchUnread + 1
		return r
	}
	look, sync, apply := ApplyOptions{look: true}, ApplyOptions{Request: Request{sync: true}}, ApplyOptions{}
	for sentence, c := range map[string]struct {
		first    ApplyOptions
		replayed *evidence.Report // the first time
		between  func(s *Server, now *time.Time)
		then     ApplyOptions
		replays  int
		refused  bool // the second time, when nothing is open any more
	}{
		"status after sync":                       {sync, replayOf(open), nil, look, 1, true},
		"sync after sync":                         {sync, replayOf(open), nil, sync, 1, true},
		"sync after apply":                        {apply, replayOf(open), nil, sync, 1, true},
		"status after status, of a long log":      {look, long(open), nil, look, 1, true},
		"status after status, of a short log":     {look, replayOf(open), nil, look, 2, false},
		"apply asks anew":                         {sync, replayOf(open), nil, apply, 2, false},
		"a sync enforces nothing by what is kept": {sync, replayOf(), nil, sync, 2, false},
		"status looks at what is kept":            {sync, replayOf(), nil, look, 1, false},
		"a sync on the next day": {sync, replayOf(open), func(_ *Server, now *time.Time) {
			*now = now.Add(20*time.Hour + time.Minute)
		}, sync, 2, false},
		"the registry has changed": {sync, replayOf(open), func(s *Server, _ *time.Time) {
			setModes(s, "mail/harden/exception/crm/client: 198.51.100.20")
		}, sync, 2, false},
		"the group was accepted": {sync, replayOf(open), func(s *Server, _ *time.Time) {
			a := evidence.Accepting(open, "root", monday)
			require.NoError(t, s.changeAccepted(t.Context(), func([]evidence.Acceptance) []evidence.Acceptance { return []evidence.Acceptance{a} }))
		}, look, 1, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			now, report := monday, c.replayed
			e := &told{
				watched:  func() *evidence.Report { return nineDays() },
				replayed: func() *evidence.Report { return report },
			}
			s := gated(t, e)
			s.Now = func() time.Time { return now }
			s.asked(t, c.first)
			report = replayOf()
			if c.between != nil {
				c.between(s, &now)
			}
			a := s.asked(t, c.then)
			assert.Equal(t, c.replays, e.replays)
			assert.Equal(t, c.refused, len(a.refused()) > 0, "%+v", a.of)
		})
	}
}

// What is kept of a replay is gone a day later.
func TestWhatAReplaySaidIsForgotten(t *testing.T) {
	s, now, kept := keeping(t, "mail/harden/mode: warn")
	p, err := s.Plan(t.Context(), "")
	require.NoError(t, err)
	s.keepReplay(t.Context(), p, "a plan", replayOf(groupOf(evidence.Unclear, 11, "198.51.100.20")), false)
	s.synced(t)
	assert.Contains(t, kept(), "replay.json")
	*now = now.AddDate(0, 0, 1)
	s.synced(t)
	assert.NotContains(t, kept(), "replay.json")
}

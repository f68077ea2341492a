package harden

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/controls"
	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/transaction"
)

// stampedServer is a server whose time passes only while it sleeps. at is called after each sleep.
func stampedServer(t *testing.T, at func(s *Server, slept time.Duration)) (*Server, *time.Duration) {
	s, _ := archived(t)
	slept := new(time.Duration)
	began := time.Now()
	s.Now = func() time.Time { return began.Add(*slept) }
	s.Sleep = func(ctx context.Context, d time.Duration) error {
		*slept += d
		if at != nil {
			at(s, *slept)
		}
		return ctx.Err()
	}
	return s, slept
}

// stamp makes a stamp that was touched at a time.
func (s *Server) stamp(t *testing.T, path string, touched time.Time) {
	t.Helper()
	s.write(t, path, "")
	require.NoError(t, os.Chtimes(s.path(path), touched, touched))
}

func TestHowLongABurstIsWaitedFor(t *testing.T) {
	for sentence, c := range map[string]struct {
		stamps  map[string]time.Duration // how old they are
		touches []time.Duration          // when the first is touched again
		want    time.Duration
	}{
		"without a stamp, not at all":               {},
		"a fresh stamp, until nothing has come":     {stamps: map[string]time.Duration{Wanted: 0}, want: settleQuiet},
		"one that is three seconds old, the rest":   {stamps: map[string]time.Duration{Wanted: 3 * time.Second}, want: 2 * time.Second},
		"an old one, not at all":                    {stamps: map[string]time.Duration{Wanted: time.Hour}},
		"of two, the newer one counts":              {stamps: map[string]time.Duration{Wanted: time.Hour, WantedByListener: time.Second}, want: 4 * time.Second},
		"of one of the future and an old one, that": {stamps: map[string]time.Duration{Wanted: time.Hour, WantedByListener: -time.Hour}, want: settleQuiet},
		"one of the future, as if it were fresh":    {stamps: map[string]time.Duration{Wanted: -time.Hour}, want: settleQuiet},
		"touched again, from then on":               {stamps: map[string]time.Duration{Wanted: 0}, touches: []time.Duration{4 * time.Second}, want: 9 * time.Second},
		"touched again and again, but not for ever": {stamps: map[string]time.Duration{Wanted: 0}, touches: []time.Duration{4e9, 8e9, 12e9, 16e9, 19e9, 24e9}, want: settleMost},
	} {
		t.Run(sentence, func(t *testing.T) {
			s, slept := stampedServer(t, func(s *Server, slept time.Duration) {
				for _, at := range c.touches {
					if at == slept {
						s.stamp(t, Wanted, s.Clock())
					}
				}
			})
			for path, age := range c.stamps {
				s.stamp(t, path, s.Clock().Add(-age))
			}
			require.NoError(t, s.settle(t.Context()))
			assert.InDelta(t, c.want, *slept, float64(settleStep))
			assert.Len(t, s.stamps(), len(c.stamps), "the stamps are still there")
		})
	}
}

func TestAnInterruptEndsTheWait(t *testing.T) {
	s, _ := stampedServer(t, nil)
	s.stamp(t, Wanted, s.Clock())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Sync(ctx, SyncOptions{Settle: true})
	require.ErrorIs(t, err, context.Canceled)
	assert.True(t, outcome.IsUnchanged(err))
	assert.Len(t, s.stamps(), 1, "the change is still announced")
}

// The folder of the listener belongs to another user, who may put anything there.
func TestAStampIsNeverFollowed(t *testing.T) {
	s, _ := stampedServer(t, nil)
	s.stamp(t, Wanted, time.Now())
	s.write(t, "/etc/precious", "precious")
	link := s.path(WantedByListener)
	require.NoError(t, os.MkdirAll(filepath.Dir(link), 0o755))
	require.NoError(t, os.Symlink(s.path("/etc/precious"), link))
	require.NotNil(t, s.announced())
	assert.True(t, s.takeStamps())
	assert.Empty(t, s.stamps())
	assert.FileExists(t, s.path("/etc/precious"))
	assert.False(t, s.takeStamps(), "there is none any more")

	require.NoError(t, os.Mkdir(link, 0o755))
	assert.True(t, s.takeStamps())
	assert.NoDirExists(t, link)

	require.NoError(t, os.MkdirAll(filepath.Join(link, "precious"), 0o755))
	assert.True(t, s.takeStamps())
	assert.NoDirExists(t, link, "it would start one sync after the other")
	aside, err := filepath.Glob(link + "-*/precious")
	require.NoError(t, err)
	assert.Len(t, aside, 1, "it is only moved")

	require.NoError(t, os.Symlink(s.path("/etc/precious"), s.path(Wanted)))
	s.announce()
	content, err := os.ReadFile(s.path("/etc/precious"))
	require.NoError(t, err)
	assert.Equal(t, "precious", string(content))
}

func TestAChangeIsAnnouncedAgain(t *testing.T) {
	s, _ := stampedServer(t, nil)
	s.announce()
	info, err := os.Lstat(s.path(Wanted))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode())
	s.stamp(t, Wanted, time.Now().Add(-time.Hour))
	s.announce()
	require.NotNil(t, s.announced())
	assert.WithinDuration(t, time.Now(), *s.announced(), time.Minute)
}

// What fails and is taken back is tried again later and later, and at once if it is another plan.
func TestWhenASyncTriesAgain(t *testing.T) {
	s, _ := stampedServer(t, nil)
	now := time.Now()
	s.Now = func() time.Time { return now }
	setModes(s, "mail/harden/mode: warn")
	p, err := s.Plan(t.Context(), "")
	require.NoError(t, err)
	require.NoError(t, s.tooEarly(p), "the first time")
	s.rememberUndone(p, errors.New("nothing was changed yet"))
	require.NoError(t, s.tooEarly(p), "it was not taken back")
	failed := fmt.Errorf("%w: no answer on port 25", transaction.ErrRolledBack)
	for _, wait := range []time.Duration{25 * time.Minute, 50 * time.Minute, 100 * time.Minute} {
		s.rememberUndone(p, failed)
		for _, early := range []time.Duration{0, wait - time.Second} {
			now = s.syncRecord().Undone.Time.Add(early)
			var again *AgainError
			require.ErrorAs(t, s.tooEarly(p), &again)
			require.ErrorContains(t, again, "no answer on port 25")
			assert.True(t, outcome.IsUnchanged(s.tooEarly(p)))
		}
		now = now.Add(time.Second)
		require.NoError(t, s.tooEarly(p))
	}
	for range 20 {
		s.rememberUndone(p, failed)
	}
	assert.Equal(t, lastAgain, s.syncRecord().Undone.next().Sub(s.syncRecord().Undone.Time))
	require.Error(t, s.tooEarly(p))
	now = now.Add(-time.Hour)
	require.NoError(t, s.tooEarly(p), "somebody has set the clock back")
	now = now.Add(time.Hour)

	s.note(nil, failed, SyncOptions{})
	require.Error(t, s.tooEarly(p), "how a sync ended does not change that")
	setModes(s, "mail/harden/mode: warn\nmail/harden/relay/mode: off")
	other, err := s.Plan(t.Context(), "")
	require.NoError(t, err)
	require.NoError(t, s.tooEarly(other))
	s.note(&Applied{}, nil, SyncOptions{})
	require.NoError(t, s.tooEarly(p), "a sync has done everything")
}

// A sync that a change has started waits for the end of an apply, which announces the change again.
func TestASyncIsPutOffWhileAnApplyWaits(t *testing.T) {
	s, _ := stampedServer(t, nil)
	waits := fmt.Errorf("cannot sync: %w until noon", transaction.ErrWaiting)
	assert.Nil(t, s.postpone(errors.New("another error")))
	assert.Nil(t, s.postpone(fmt.Errorf("%w, and %w", waits, transaction.ErrUnwatched)), "nobody would end it")
	assert.Nil(t, s.announced())

	s.write(t, StateDir+"/journal.json", `{"id": "20261120T225558Z-377bc6a9", "kind": "confirm"}`)
	done := s.postpone(waits)
	require.NotNil(t, done)
	require.NotNil(t, done.Waiting)
	assert.Equal(t, "20261120T225558Z-377bc6a9", done.Waiting.ID)
	assert.Empty(t, s.stamps(), "nothing starts a sync")
	assert.NotNil(t, s.announced(), "but status knows")

	require.NoError(t, os.Remove(s.path(StateDir+"/journal.json")))
	s.announceNow()
	assert.Len(t, s.stamps(), 1)
	assert.True(t, s.takeStamps())
	s.announceNow()
	assert.Empty(t, s.stamps(), "nothing was put off")

	done = s.postpone(waits)
	require.NotNil(t, done)
	assert.Nil(t, done.Waiting)
	assert.Len(t, s.stamps(), 1, "the apply has ended meanwhile")
}

// While every control is off, a sync writes nothing but that an earlier failure is over.
func TestASyncWhileEverythingIsOff(t *testing.T) {
	s, _ := stampedServer(t, nil)
	setModes(s, "mail/harden/mode: off")
	s.stamp(t, Wanted, time.Now())
	before := tree(t, s.Root)
	done, err := s.Sync(t.Context(), SyncOptions{})
	require.NoError(t, err)
	assert.False(t, done.Changed)
	delete(before, Wanted)
	assert.Equal(t, before, tree(t, s.Root))

	require.NoError(t, s.saveSyncRecord(syncRecord{Schema: syncSchema, Last: &SyncRun{Result: SyncFailed, Exit: 1, Error: "x"}}))
	_, err = s.Sync(t.Context(), SyncOptions{})
	require.NoError(t, err)
	assert.Equal(t, SyncUnchanged, s.syncRecord().Last.Result)
	assert.NotNil(t, s.syncRecord().Succeeded)
}

func TestWhatIsNotIdle(t *testing.T) {
	for sentence, change := range map[string]func(t *testing.T, s *Server){
		"a control is on": func(_ *testing.T, s *Server) { setModes(s, "mail/harden/relay/mode: warn") },
		"a mode is none":  func(_ *testing.T, s *Server) { setModes(s, "mail/harden/mode: on") },
		"an account is stopped": func(_ *testing.T, s *Server) {
			setModes(s, "mail/harden/mode: off\nmail/harden/suspended/account/x/account: x\nmail/harden/suspended/account/x/mode: enforce")
		},
		"the ledger has something": func(t *testing.T, s *Server) {
			setModes(s, "mail/harden/mode: off")
			s.write(t, ledgerFile, `{"schema": 1, "files": ["/etc/postfix/ucs-harden/x"]}`)
		},
		"the ledger is lost, and a file is there": func(t *testing.T, s *Server) {
			setModes(s, "mail/harden/mode: off")
			s.write(t, "/etc/postfix/ucs-harden/domain-part.regexp", "/x/ x\n")
		},
		"a change was interrupted": func(t *testing.T, s *Server) {
			setModes(s, "mail/harden/mode: off")
			s.write(t, StateDir+"/journal.json", `{"id": "20261120T225558Z-377bc6a9", "kind": "apply"}`)
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			s, _ := stampedServer(t, nil)
			change(t, s)
			assert.Nil(t, s.idle(t.Context()))
		})
	}
}

// tree are the files below a folder, with their contents.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		out[path[len(root):]] = string(content)
		return err
	}))
	return out
}

func TestWhenSyncsWait(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 11, 20, 12, minute, 0, 0, time.UTC) }
	record := func(id string, state transaction.State, ended int, urgent bool) transaction.Record {
		return transaction.Record{ID: id, State: state, Ended: at(ended), Manifest: &transaction.Manifest{Urgent: urgent}}
	}
	for sentence, c := range map[string]struct {
		records []transaction.Record
		want    string
	}{
		"nothing was ever taken back": {[]transaction.Record{record("a", transaction.Applied, 1, false)}, ""},
		"the last apply was taken back": {[]transaction.Record{
			record("a", transaction.Applied, 1, false), record("b", transaction.RolledBack, 3, false),
		}, "b"},
		"an older apply was taken back, and a newer one stays": {[]transaction.Record{
			record("a", transaction.RolledBack, 3, false), record("b", transaction.Applied, 2, false),
		}, "a"},
		"an apply after that": {[]transaction.Record{
			record("a", transaction.RolledBack, 3, false), record("b", transaction.Applied, 4, false),
		}, ""},
		"an apply after that waits to be confirmed": {[]transaction.Record{
			record("a", transaction.RolledBack, 3, false), {ID: "b", State: transaction.Waiting},
		}, ""},
		"an apply after that was not confirmed": {[]transaction.Record{
			record("a", transaction.RolledBack, 3, false), record("b", transaction.Unconfirmed, 4, false),
		}, "a"},
		"an apply after that has failed": {[]transaction.Record{
			record("a", transaction.RolledBack, 3, false), record("b", transaction.Undone, 4, false),
		}, "a"},
		"an account was stopped after that": {[]transaction.Record{
			record("a", transaction.RolledBack, 3, false), record("b", transaction.Applied, 4, true),
		}, "a"},
		"an apply that was not confirmed": {[]transaction.Record{record("a", transaction.Unconfirmed, 3, false)}, ""},
		"of several, the last one that was taken back": {[]transaction.Record{
			record("a", transaction.RolledBack, 5, false), record("b", transaction.RolledBack, 4, false),
		}, "a"},
	} {
		t.Run(sentence, func(t *testing.T) {
			s, _ := stampedServer(t, nil)
			pause := s.pauseIn(c.records)
			if c.want == "" {
				assert.Nil(t, pause)
				return
			}
			require.NotNil(t, pause)
			assert.Equal(t, c.want, pause.ID)
			require.NoError(t, s.saveSyncRecord(syncRecord{Schema: syncSchema, Resumed: pause.ID}))
			assert.Nil(t, s.pauseIn(c.records), "somebody has ended it")
		})
	}
}

func TestTheSameCauseIsSaidOnce(t *testing.T) {
	found := []plan.Finding{
		{Control: "relay", Text: "relay stays as it runs (off)" + controls.UntilMended + "no mode"},
		{Control: "suspended", Text: "suspended stays as it runs (warn)" + controls.UntilMended + "no mode"},
		{Control: "protected", Text: "protected stays as it runs (off)" + controls.UntilMended + "held:\n  x"},
		{Text: "the directory does not answer"},
	}
	assert.Equal(t, "relay stays as it runs (off) until this is mended: no mode; suspended stays as it runs (warn), too; "+
		"protected stays as it runs (off) until this is mended: held; the directory does not answer", textsOf(found))
	done := &Applied{Kept: found}
	require.EqualError(t, done.staysAsItRuns("protected"), "protected stays as it runs (off) until this is mended: held")
	require.NoError(t, done.staysAsItRuns("local-only"))
}

func TestHowASyncIsWrittenDown(t *testing.T) {
	kept := []plan.Finding{{ID: "stays:relay", Text: "relay stays", Hint: "mend it"}}
	skipped := []plan.Finding{{ID: "no-group:x", Text: "no group", Hint: "name another"}}
	judge := SyncOptions{Judge: func(err error) (int, string) {
		if outcome.ClassOf(err) == outcome.NoEvidence {
			return 5, "wait"
		}
		return 1, "a hint"
	}}
	for sentence, c := range map[string]struct {
		done      *Applied
		err       error
		want      SyncRun
		succeeded bool
	}{
		"something was changed": {&Applied{ID: "a", Changed: true}, nil, SyncRun{Result: SyncDone, Change: "a"}, true},
		"nothing was to do":     {&Applied{}, nil, SyncRun{Result: SyncUnchanged}, true},
		"it failed":             {nil, errors.New("cannot"), SyncRun{Result: SyncFailed, Exit: 1, Error: "cannot", Hint: "a hint"}, false},
		"something blocks it": {
			&Applied{Skipped: skipped}, errors.New("blocked"),
			SyncRun{Result: SyncFailed, Exit: 1, Error: "blocked", Hint: "a hint"}, false,
		},
		"it waits": {&Applied{Paused: &Pause{ID: "a"}}, nil, SyncRun{Result: SyncPaused}, false},
		"an entry was left out": {
			&Applied{ID: "a", Changed: true, Skipped: skipped}, nil,
			SyncRun{Result: SyncPartly, Change: "a", Error: "left out: no group", Hint: "name another"}, false,
		},
		"a control stays as it runs": {
			&Applied{Kept: kept, Skipped: skipped}, nil,
			SyncRun{Result: SyncPartly, Exit: 1, Error: "not everything is as the registry wants it, but the rest is: relay stays", Hint: "a hint"}, false,
		},
		"a control stays in warn": {
			&Applied{Held: outcome.As(outcome.NoEvidence, errors.New("too early"))}, nil,
			SyncRun{Result: SyncPartly, Exit: 5, Error: "too early", Hint: "wait"}, false,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			s, _ := stampedServer(t, nil)
			s.note(c.done, c.err, judge)
			r := s.syncRecord()
			c.want.Time = r.Last.Time
			assert.Equal(t, c.want, *r.Last)
			assert.Equal(t, c.succeeded, r.Succeeded != nil)
			info, err := os.Stat(s.path(syncFile))
			require.NoError(t, err)
			assert.Equal(t, os.FileMode(0o600), info.Mode())
		})
	}
}

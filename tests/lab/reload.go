package lab

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ReloadPostfix makes Postfix use its changed files, and returns when it does. `postfix reload` only tells master(8),
// and a connection that comes while master reloads can keep the next one waiting until it ends.
func (l *Lab) ReloadPostfix(t testing.TB) {
	t.Helper()
	run := func(argv ...string) Result {
		result, err := l.Mail().Run(t.Context(), argv...)
		require.NoError(t, err)
		return result
	}
	// master(8) wakes the queue manager after a reload. One that a second reload ends at once may have taken the call, so
	// it is called again.
	qmgr := func() string {
		found := run("pgrep", "--exact", "qmgr").Stdout
		if found == "" {
			run("postqueue", "-f")
		}
		return found
	}
	require.NoError(t, l.BackdatePostfix())
	var before string
	l.WaitFor(t, "a queue manager", func() bool { before = qmgr(); return before != "" })
	reload := run("postfix", "reload")
	require.Zero(t, reload.Code, reload.Stderr)
	// One that master was just starting when it was told to reload may stay, so that master is told again.
	again := time.Now().Add(5 * time.Second)
	l.WaitFor(t, "a new queue manager", func() bool {
		if now := qmgr(); now != "" && now != before {
			return true
		}
		if time.Now().After(again) {
			again = time.Now().Add(5 * time.Second)
			run("postfix", "reload")
		}
		return false
	})
	l.WaitFor(t, "a service that master starts when asked", func() bool { return run("postqueue", "-p").Code == 0 })
	l.Settled(t)
}

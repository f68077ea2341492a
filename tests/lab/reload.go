package lab

import (
	"testing"

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
	qmgr := func() string { return run("pgrep", "--exact", "qmgr").Stdout }
	require.NoError(t, l.BackdatePostfix())
	var before string
	l.WaitFor(t, "a queue manager", func() bool { before = qmgr(); return before != "" })
	reload := run("postfix", "reload")
	require.Zero(t, reload.Code, reload.Stderr)
	l.WaitFor(t, "a new queue manager", func() bool { now := qmgr(); return now != "" && now != before })
	l.WaitFor(t, "a service that master starts when asked", func() bool { return run("postqueue", "-p").Code == 0 })
}

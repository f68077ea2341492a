package deadline

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/internal/run/runtest"
)

const someChange = "20261120T120000Z-0a1b2c3d"

// fake is a Deadline whose programs and processes are not started but recorded.
type fake struct {
	Deadline
	programs *runtest.Fake
	spawned  []string
	pair     bool
}

func newFake(systemd bool) *fake {
	f := &fake{programs: runtest.New()}
	f.Deadline = Deadline{
		runner: f.programs, self: "/usr/sbin/ucs-harden", systemd: systemd,
		spawn: func(argv []string) (<-chan struct{}, error) {
			f.spawned = append(f.spawned, strings.Join(argv, " "))
			f.pair = true
			return nil, nil
		},
		watched: func() bool { return f.pair },
		debug:   func(error, string) {},
	}
	return f
}

func (f *fake) ran() []string {
	var out []string
	for _, c := range f.programs.Calls() {
		out = append(out, strings.Join(c.Argv, "|"))
	}
	return out
}

const (
	isActive = "systemctl|--quiet|is-active|ucs-harden-confirm-" + someChange + ".timer|" +
		"ucs-harden-confirm-" + someChange + ".service"
	pair = "/usr/sbin/ucs-harden watch"
)

// The options are those of systemd-run(1). --unit names the timer and its service. --property is for the service, which
// runs the command at the end.
func TestSetWithSystemd(t *testing.T) {
	f := newFake(true)
	f.programs.Fail(3, "", "systemctl", "--quiet", "is-active").Reply("", "systemd-run")
	require.NoError(t, f.Set(t.Context(), someChange, 90*time.Second))
	assert.Equal(t, []string{isActive, strings.Join([]string{
		"systemd-run", "--quiet", "--collect", "--unit=ucs-harden-confirm-" + someChange,
		"--description=Take back the apply " + someChange + " unless it is confirmed",
		"--on-active=90s", "--timer-property=AccuracySec=1s",
		"--property=Restart=on-failure", "--property=RestartSec=3s",
		"/usr/sbin/ucs-harden", "watch", "--alone",
	}, "|")}, f.ran())
	assert.Empty(t, f.spawned)
}

// recover and every refused apply call Set again. This must not create more timers.
func TestSetWhereATimerWaits(t *testing.T) {
	f := newFake(true)
	f.programs.Reply("", "systemctl", "--quiet", "is-active")
	require.NoError(t, f.Set(t.Context(), someChange, time.Minute))
	assert.Equal(t, []string{isActive}, f.ran())
	assert.Empty(t, f.spawned)
}

func TestSetWhereSystemdRefuses(t *testing.T) {
	f := newFake(true)
	f.programs.Fail(3, "", "systemctl").Fail(1, "Failed to connect to bus", "systemd-run")
	require.NoError(t, f.Set(t.Context(), someChange, time.Minute))
	assert.Equal(t, []string{pair}, f.spawned)
}

func TestSetWithoutSystemd(t *testing.T) {
	f := newFake(false)
	require.NoError(t, f.Set(t.Context(), someChange, time.Minute))
	require.NoError(t, f.Set(t.Context(), someChange, time.Minute))
	assert.Equal(t, []string{pair}, f.spawned, "one pair is enough")
	assert.Empty(t, f.ran())
}

func TestNoWatcherStarts(t *testing.T) {
	f := newFake(false)
	f.spawn = func([]string) (<-chan struct{}, error) { return nil, errors.New("out of processes") }
	require.EqualError(t, f.Set(t.Context(), someChange, time.Minute), "out of processes")

	ended := make(chan struct{})
	close(ended)
	f.spawn = func([]string) (<-chan struct{}, error) { return ended, nil }
	require.EqualError(t, f.Set(t.Context(), someChange, time.Minute), "the watching process ended at once")

	f.spawn = func([]string) (<-chan struct{}, error) { return nil, nil } // it hangs
	ctx, cancel := context.WithTimeout(t.Context(), 10*startPoll)
	defer cancel()
	require.Error(t, f.Set(ctx, someChange, time.Minute))
}

// A timer of less than a second would be rounded down to zero.
func TestTheShortestTimer(t *testing.T) {
	assert.Contains(t, newFake(true).timer(someChange, time.Millisecond), "--on-active=1s")
}

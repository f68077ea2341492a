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

// post is a Deadline on a machine of its own.
type post struct {
	Deadline
	programs *runtest.Fake
	spawned  []string
	pair     bool
}

func newPost(systemd bool) *post {
	p := &post{programs: runtest.New()}
	p.Deadline = Deadline{
		runner: p.programs, self: "/usr/sbin/ucs-harden", systemd: systemd,
		spawn: func(argv []string) (<-chan struct{}, error) {
			p.spawned = append(p.spawned, strings.Join(argv, " "))
			p.pair = true
			return nil, nil
		},
		watched: func() bool { return p.pair },
		debug:   func(error, string) {},
	}
	return p
}

func (p *post) ran() []string {
	var out []string
	for _, c := range p.programs.Calls() {
		out = append(out, strings.Join(c.Argv, "|"))
	}
	return out
}

const (
	isActive = "systemctl|--quiet|is-active|ucs-harden-confirm-" + someChange + ".timer|ucs-harden-confirm-" + someChange + ".service"
	pair     = "/usr/sbin/ucs-harden watch"
)

// The options are those of systemd-run(1): a timer of this name, which starts
// what follows; properties are those of the service.
func TestSetWithSystemd(t *testing.T) {
	p := newPost(true)
	p.programs.Fail(3, "", "systemctl", "--quiet", "is-active").Reply("", "systemd-run")
	require.NoError(t, p.Set(t.Context(), someChange, 90*time.Second))
	assert.Equal(t, []string{isActive, strings.Join([]string{
		"systemd-run", "--quiet", "--collect", "--unit=ucs-harden-confirm-" + someChange,
		"--description=Take back the apply " + someChange + " unless it is confirmed",
		"--on-active=90s", "--timer-property=AccuracySec=1s",
		"--property=Restart=on-failure", "--property=RestartSec=3s",
		"/usr/sbin/ucs-harden", "watch", "--alone",
	}, "|")}, p.ran())
	assert.Empty(t, p.spawned)
}

// recover and every refused apply arm anew: that must not pile up timers.
func TestSetWhereATimerWaits(t *testing.T) {
	p := newPost(true)
	p.programs.Reply("", "systemctl", "--quiet", "is-active")
	require.NoError(t, p.Set(t.Context(), someChange, time.Minute))
	assert.Equal(t, []string{isActive}, p.ran())
	assert.Empty(t, p.spawned)
}

func TestSetWhereSystemdRefuses(t *testing.T) {
	p := newPost(true)
	p.programs.Fail(3, "", "systemctl").Fail(1, "Failed to connect to bus", "systemd-run")
	require.NoError(t, p.Set(t.Context(), someChange, time.Minute))
	assert.Equal(t, []string{pair}, p.spawned)
}

func TestSetWithoutSystemd(t *testing.T) {
	p := newPost(false)
	require.NoError(t, p.Set(t.Context(), someChange, time.Minute))
	require.NoError(t, p.Set(t.Context(), someChange, time.Minute))
	assert.Equal(t, []string{pair}, p.spawned, "one pair is enough")
	assert.Empty(t, p.ran())
}

func TestNobodyTakesThePost(t *testing.T) {
	p := newPost(false)
	p.spawn = func([]string) (<-chan struct{}, error) { return nil, errors.New("out of processes") }
	require.EqualError(t, p.Set(t.Context(), someChange, time.Minute), "out of processes")

	ended := make(chan struct{})
	close(ended)
	p.spawn = func([]string) (<-chan struct{}, error) { return ended, nil }
	require.EqualError(t, p.Set(t.Context(), someChange, time.Minute), "the watching process ended at once")

	p.spawn = func([]string) (<-chan struct{}, error) { return nil, nil } // and it hangs
	ctx, cancel := context.WithTimeout(t.Context(), 10*startPoll)
	defer cancel()
	require.Error(t, p.Set(ctx, someChange, time.Minute))
}

// A timer of less than a second would be none.
func TestTheShortestTimer(t *testing.T) {
	assert.Contains(t, newPost(true).timer(someChange, time.Millisecond), "--on-active=1s")
}

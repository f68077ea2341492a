package lab

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// PathUnit is a path unit with its service, as systemd would run them on the mail server.
type PathUnit struct {
	host  *Host
	paths []string // PathExists=
	argv  []string // ExecStart=

	mutex   sync.Mutex
	running bool
	runs    []ServiceRun
}

// ServiceRun is one run of a service.
type ServiceRun struct {
	Began, Ended time.Time
	Result       Result
	Err          error
}

// WatchPaths plays systemd for NAME.path and NAME.service of debian/ until the test ends: it starts the service when a
// file exists that the path unit names, and looks again when the service has ended (systemd.path(5)). It knows no other
// settings.
func (l *Lab) WatchPaths(t testing.TB, name string) *PathUnit {
	t.Helper()
	u := &PathUnit{host: l.Mail(), paths: unitSettings(t, name+".path", "PathExists")}
	commands := unitSettings(t, name+".service", "ExecStart")
	require.Len(t, commands, 1)
	u.argv = strings.Fields(commands[0])
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	t.Cleanup(func() {
		stop()
		<-ended
	})
	go func() {
		defer close(ended)
		u.watch(ctx)
	}()
	return u
}

// Runs are the runs that have ended, oldest first.
func (u *PathUnit) Runs() []ServiceRun {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	return append([]ServiceRun(nil), u.runs...)
}

// Idle reports whether the service does not run and nothing would start it.
func (u *PathUnit) Idle() bool {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	return !u.running && !u.wanted()
}

func (u *PathUnit) wanted() bool {
	for _, path := range u.paths {
		if _, err := os.Lstat(u.host.Path(path)); err == nil {
			return true
		}
	}
	return false
}

func (u *PathUnit) watch(ctx context.Context) {
	for tick := time.Tick(20 * time.Millisecond); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
		u.mutex.Lock()
		u.running = u.wanted()
		u.mutex.Unlock()
		if !u.running {
			continue
		}
		run := ServiceRun{Began: time.Now()}
		run.Result, run.Err = u.host.Run(ctx, u.argv...)
		run.Ended = time.Now()
		u.mutex.Lock()
		u.runs, u.running = append(u.runs, run), false
		u.mutex.Unlock()
	}
}

// unitSettings are the values of a setting in a unit of debian/, which must have one.
func unitSettings(t testing.TB, unit, setting string) []string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(filepath.Dir(shippedDir()), "debian", "ucs-harden."+unit))
	require.NoError(t, err)
	var values []string
	for line := range strings.Lines(string(content)) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), setting+"="); ok {
			values = append(values, value)
		}
	}
	require.NotEmpty(t, values, fmt.Sprintf("%s has no %s=", unit, setting))
	return values
}

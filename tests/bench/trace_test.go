package bench

import (
	"errors"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// trace is one run of ucs-harden -v. It holds the total time, and the time in which at least one program that it
// started was running, in seconds.
type trace struct {
	total, busy float64
	programs    []string
	peak        int64              // peak of the memory of ucs-harden itself, in KiB
	seconds     map[string]float64 // by program
}

func (t trace) count(begin string) int {
	n := 0
	for _, p := range t.programs {
		if strings.HasPrefix(p, begin+" ") {
			n++
		}
	}
	return n
}

var ended = regexp.MustCompile(`^time="([^"]+)" .*msg="program (?:ended|failed)" argv="?\[([^\]]*)\]"?.* seconds=([0-9.e-]+)`)

// traced runs ucs-harden in the lab, with the domain controllers of a file.
func traced(b *testing.B, l *lab.Lab, code int, args ...string) trace {
	b.Helper()
	return run(b, l, code, append([]string{"--ldif", "/root/controllers.ldif"}, args...)...)
}

// run runs ucs-harden in the lab and reads from its log when each program ran. The programs of a dry run overlap, so
// their times cannot be added up.
func run(b *testing.B, l *lab.Lab, code int, args ...string) trace {
	b.Helper()
	require.NoError(b, l.BackdatePostfix())
	cmd := l.Mail().Command(b.Context(), append([]string{"ucs-harden", "-v"}, args...)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	begin := time.Now()
	err := cmd.Run()
	t := trace{total: time.Since(begin).Seconds(), seconds: map[string]float64{}}
	if exit := new(exec.ExitError); !errors.As(err, &exit) {
		require.NoError(b, err)
	}
	require.Equal(b, code, cmd.ProcessState.ExitCode(), stderr.String())
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		t.peak = usage.Maxrss
	}
	type span struct{ from, to float64 }
	var spans []span
	for line := range strings.Lines(stderr.String()) {
		m := ended.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, m[1])
		require.NoError(b, err)
		took, err := strconv.ParseFloat(m[3], 64)
		require.NoError(b, err)
		to := at.Sub(begin).Seconds()
		spans = append(spans, span{to - took, to})
		t.programs = append(t.programs, m[2])
		program, _, _ := strings.Cut(m[2], " ")
		t.seconds[program] += took
	}
	slices.SortFunc(spans, func(a, b span) int { return int((a.from - b.from) * 1e9) })
	end := 0.0
	for _, s := range spans {
		if s.to > end {
			t.busy += s.to - max(s.from, end)
			end = s.to
		}
	}
	return t
}

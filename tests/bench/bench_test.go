// Package bench measures what the README promises about time and memory. In one run, it compares each value with what a
// user would compare it with. It does not judge: `make bench` prints the values for a person to read.
package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

const (
	domains     = 5000
	controllers = 500
)

// BenchmarkVersion starts, in turn, the installed program and a Go program that only prints a word.
func BenchmarkVersion(b *testing.B) {
	ours := lab.Build(b)
	trivial := filepath.Join(b.TempDir(), "trivial")
	source := trivial + ".go"
	require.NoError(b, os.WriteFile(source, []byte("package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"x\") }\n"), 0o600))
	said, err := exec.CommandContext(b.Context(), "go", "build", "-o", trivial, source).CombinedOutput()
	require.NoError(b, err, string(said))

	var ratios []float64
	for b.Loop() {
		ratios = append(ratios, seconds(b, ours, "version")/seconds(b, trivial))
	}
	b.ReportMetric(median(ratios), "×trivial")
}

func seconds(b *testing.B, argv ...string) float64 {
	begin := time.Now()
	require.NoError(b, exec.CommandContext(b.Context(), argv[0], argv[1:]...).Run())
	return time.Since(begin).Seconds()
}

// company is a lab with 5,000 mail domains, and with 500 domain controllers in an LDIF file.
func company(b *testing.B) *lab.Lab {
	b.Helper()
	l := lab.New(b, lab.Options{Patient: true})
	l.InstallProgram(b)
	names := make([]string, domains)
	for i := range names {
		names[i] = fmt.Sprintf("d%04d.example.my", i)
	}
	l.UCR(b, "set", "mail/hosteddomains="+strings.Join(names, " "))
	var ldif strings.Builder
	for i := range controllers {
		fmt.Fprintf(&ldif, "dn: cn=dc%d,cn=dc,cn=computers,dc=company,dc=my\nobjectClass: univentionDomainController\ncn: dc%d\naRecord: 10.%d.%d.7\n\n", i, i, i/250, i%250)
	}
	require.NoError(b, l.Mail().WriteFile("/root/controllers.ldif", []byte(ldif.String()), 0o600))
	require.NoError(b, l.BackdatePostfix())
	return l
}

// BenchmarkPlan measures a plan on a copy of /etc, which differs from a plan on the live server only in that no ucr
// filter runs. It compares the plan's time with the time of these dry runs on the live server.
func BenchmarkPlan(b *testing.B) {
	l := company(b)
	copied, err := l.Mail().Run(b.Context(), "cp", "-a", "--parents", "/etc/univention", "/etc/postfix", "/srv")
	require.NoError(b, err)
	require.Zero(b, copied.Code, copied.Stderr)
	var own, ratios []float64
	var peak int64
	for b.Loop() {
		cmd := l.Mail().Command(b.Context(), "ucs-harden", "plan", "--root", "/srv", "--ldif", "/root/controllers.ldif", "--mode", "warn")
		begin := time.Now()
		err := cmd.Run()
		took := time.Since(begin).Seconds()
		var exit *exec.ExitError
		require.ErrorAs(b, err, &exit)
		require.Equal(b, 2, exit.ExitCode())
		if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			peak = max(peak, usage.Maxrss)
		}
		rendering := traced(b, l, 2, "plan", "--mode", "warn").busy
		own = append(own, took)
		ratios = append(ratios, took/rendering)
	}
	b.ReportMetric(median(own)*1000, "own-ms")
	b.ReportMetric(float64(peak)/1024, "MiB")
	b.ReportMetric(median(ratios), "×dry-run")
}

// BenchmarkApply compares an apply with the programs that it must run, and shows how much the rehearsal, which is
// optional, adds.
func BenchmarkApply(b *testing.B) {
	l := company(b)
	var added, ratios, rehearsed []float64
	var sets, unsets int
	for b.Loop() {
		whole := traced(b, l, 0, "apply", "--mode", "warn", "--yes")
		traced(b, l, 0, "rollback")
		t := traced(b, l, 0, "apply", "--mode", "warn", "--yes", "--no-rehearsal")
		rehearsed = append(rehearsed, whole.total-t.total)
		added = append(added, t.total-t.busy)
		ratios = append(ratios, t.total/t.busy)
		sets, unsets = max(sets, t.count("ucr set")), max(unsets, t.count("ucr unset"))
		traced(b, l, 0, "rollback")
	}
	b.ReportMetric(median(added)*1000, "added-ms")
	b.ReportMetric(median(ratios), "×programs")
	b.ReportMetric(median(rehearsed)*1000, "rehearsal-ms")
	b.ReportMetric(float64(sets), "ucr-set")
	b.ReportMetric(float64(unsets), "ucr-unset")
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

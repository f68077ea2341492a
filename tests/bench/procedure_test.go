package bench

import (
	_ "embed"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// byHand is the published procedure, as an administrator pastes it into a shell.
//
//go:embed testdata/by-hand
var byHand []byte

// BenchmarkAgainstTheProcedure compares plan with the commit that UCR needs for the same files, and an apply of warn,
// its rehearsal included, with the published procedure by hand. In the lab ucr costs as much as the real one.
func BenchmarkAgainstTheProcedure(b *testing.B) {
	l := lab.New(b, lab.Options{Patient: true, SlowUCR: true})
	l.InstallProgram(b)
	require.NoError(b, l.Mail().WriteFile("/root/by-hand", byHand, 0o755))
	var plans, applies, commits, procedures []float64
	for b.Loop() {
		commits = append(commits, timed(b, l, "ucr", "commit", "/etc/postfix/main.cf", "/etc/postfix/master.cf"))
		plans = append(plans, timed(b, l, "ucs-harden", "plan", "--mode", "warn"))
		applies = append(applies, timed(b, l, "ucs-harden", "apply", "--mode", "warn", "--yes"))
		timed(b, l, "ucs-harden", "rollback")
		before := registry(b, l)
		procedures = append(procedures, timed(b, l, "/root/by-hand"))
		require.NoError(b, l.Mail().WriteFile("/etc/univention/base.conf", before, 0o644))
		timed(b, l, "ucr", "commit", "/etc/postfix/main.cf", "/etc/postfix/master.cf")
	}
	b.ReportMetric(median(commits), "s/commit")
	b.ReportMetric(median(procedures), "s/by-hand")
	b.ReportMetric(median(plans), "s/plan")
	b.ReportMetric(median(applies), "s/apply")
	b.ReportMetric(median(plans)/median(commits), "×commit")
	b.ReportMetric(median(applies)/median(procedures), "×by-hand")
}

func registry(b *testing.B, l *lab.Lab) []byte {
	b.Helper()
	content, err := l.Mail().ReadFile("/etc/univention/base.conf")
	require.NoError(b, err)
	return content
}

// timed runs a program on the mail server, whose files are as old as on a server in use, and returns the seconds.
func timed(b *testing.B, l *lab.Lab, argv ...string) float64 {
	b.Helper()
	require.NoError(b, l.BackdatePostfix())
	begin := time.Now()
	result, err := l.Mail().Run(b.Context(), argv...)
	took := time.Since(begin).Seconds()
	require.NoError(b, err)
	require.Contains(b, []int{0, 2}, result.Code, "%s\n%s%s", argv, result.Stdout, result.Stderr) // 2: changes pending
	return took
}

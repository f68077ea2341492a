package bench

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/require"

	"ucs-harden/maillog/logtest"
)

var mib = flag.Int64("mib", 1024, "the size of the log that is read, in MiB")

const (
	readings = 5
	partMiB  = 32 // of the log, for pflogsumm: all of it would take minutes
)

// BenchmarkMailLog reads a generated log of 1 GiB, about 7 million lines of 84 days, as report (hits, without the refusals
// that are not ours) and replay (letters) read it. In every round it also lets rg(1) count the lines with the needles that
// make a hit ours or a refusal, and zcat's work be done by the same decompressor without us. It prints medians as ratios:
// how many times as long as rg it took, how many times as fast as pflogsumm(1) it was, which reads only a part of the log
// and whose time is scaled. Reading uses all processors, rg one. What it costs is the ratio of the times of processors
// (cpu-…×rg), which other programs on the machine change less.
// All files are in the page cache.
func BenchmarkMailLog(b *testing.B) {
	log := filepath.Join(b.TempDir(), "mail.log")
	counts := generate(b, log)
	part := firstMiB(b, log, min(partMiB, *mib))
	packed := compress(b, log)
	r := buildReader(b)

	for b.Loop() {
		var rg, summ, hits, letters, bare, unpacked measures
		for range readings {
			rg.add(measured(b, exec.CommandContext(b.Context(),
				"rg", "--no-mmap", "-c", "-F", "-e", "#ucs-harden:", "-e", ": reject: ", "-e", ": reject_warning: ", log)))
			hits.add(r.read(b, "hits", log, counts.Tagged))
			letters.add(r.read(b, "letters", log, counts.Letters))
			bare.add(r.read(b, "bare", packed, counts.Bytes))
			unpacked.add(r.read(b, "hits", packed, counts.Tagged))
			summ.add(measured(b, exec.CommandContext(b.Context(), "pflogsumm", part)))
		}
		scaled := median(summ.seconds) * float64(counts.Bytes) / float64(min(partMiB, *mib)<<20)
		b.ReportMetric(median(hits.seconds), "s-report")
		b.ReportMetric(median(letters.seconds), "s-replay")
		b.ReportMetric(median(hits.seconds)/median(rg.seconds), "report×rg")
		b.ReportMetric(median(letters.seconds)/median(rg.seconds), "replay×rg")
		b.ReportMetric(median(hits.processors)/median(rg.processors), "cpu-report×rg")
		b.ReportMetric(median(letters.processors)/median(rg.processors), "cpu-replay×rg")
		b.ReportMetric(scaled/median(hits.seconds), "pflogsumm×report")
		b.ReportMetric(scaled/median(letters.seconds), "pflogsumm×replay")
		b.ReportMetric(median(unpacked.seconds)/median(bare.seconds), "gz×gunzip")
		b.ReportMetric(median(hits.peaks), "MiB-report")
		b.ReportMetric(median(letters.peaks), "MiB-replay")
	}
}

// measure is what a program took: the time, that of the processors, and the peak of its memory in MiB.
type measure struct{ seconds, processors, peak float64 }

type measures struct{ seconds, processors, peaks []float64 }

func (m *measures) add(one measure) {
	m.seconds = append(m.seconds, one.seconds)
	m.processors = append(m.processors, one.processors)
	m.peaks = append(m.peaks, one.peak)
}

// measured runs a program.
func measured(b *testing.B, cmd *exec.Cmd) measure {
	b.Helper()
	begin := time.Now()
	require.NoError(b, cmd.Run())
	took := time.Since(begin).Seconds()
	return measure{seconds: took, processors: (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()}
}

// readLog is the program readlog.
type readLog string

func buildReader(b *testing.B) readLog {
	b.Helper()
	path := filepath.Join(b.TempDir(), "readlog")
	said, err := exec.CommandContext(b.Context(), "go", "build", "-o", path, "./readlog").CombinedOutput()
	require.NoError(b, err, string(said))
	return readLog(path)
}

// read reads a log, in which there is as much as is expected.
func (r readLog) read(b *testing.B, what, path string, expected int64) measure {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), string(r), what, path)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	m := measured(b, cmd)
	var n, kib int64
	_, err := fmt.Sscan(out.String(), &n, &kib)
	require.NoError(b, err, out.String())
	require.Equal(b, expected, n)
	m.peak = float64(kib) / 1024
	return m
}

func generate(b *testing.B, path string) logtest.Counts {
	b.Helper()
	file, err := os.Create(path)
	require.NoError(b, err)
	counts, err := logtest.Write(file, logtest.Options{Bytes: *mib << 20, Begin: time.Now().AddDate(0, 0, -85)})
	require.NoError(b, err)
	require.NoError(b, file.Close())
	return counts
}

func firstMiB(b *testing.B, path string, n int64) string {
	b.Helper()
	in, err := os.Open(path)
	require.NoError(b, err)
	defer in.Close()
	out, err := os.Create(path + ".part")
	require.NoError(b, err)
	_, err = io.CopyN(out, in, n<<20)
	require.NoError(b, err)
	require.NoError(b, out.Close())
	return path + ".part"
}

func compress(b *testing.B, path string) string {
	b.Helper()
	in, err := os.Open(path)
	require.NoError(b, err)
	defer in.Close()
	out, err := os.Create(path + ".gz")
	require.NoError(b, err)
	z := gzip.NewWriter(out)
	_, err = io.Copy(z, in)
	require.NoError(b, err)
	require.NoError(b, z.Close())
	require.NoError(b, out.Close())
	return path + ".gz"
}

package bench

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
	"ucs-harden/maillog"
	"ucs-harden/maillog/logtest"
)

var mib = flag.Int64("mib", 1024, "the size of the log that is read, in MiB")

const (
	readings  = 5
	partMiB   = 32 // of the log, for pflogsumm: all of it would take minutes
	readerVar = "BENCH_READ_LOG"
)

// BenchmarkMailLog reads a generated log of 1 GiB, about 7 million lines of 84 days, as report (hits, without the refusals
// that are not ours) and replay (letters) read it. In every round it also lets rg(1) count the lines with the needles that make a hit ours or a refusal, and
// zcat's work be done by the same decompressor without us. It prints medians as ratios: how many times as long as rg it
// took, how many times as fast as pflogsumm(1) it was, which reads only a part of the log and whose time is scaled.
// All files are in the page cache. The reader is a process of its own, so that its peak memory is that of reading.
func BenchmarkMailLog(b *testing.B) {
	log := filepath.Join(b.TempDir(), "mail.log")
	counts := generate(b, log)
	part := firstMiB(b, log, min(partMiB, *mib))
	packed := compress(b, log)

	for b.Loop() {
		var rg, summ, hits, letters, bare, unpacked, hitsPeak, lettersPeak []float64
		for range readings {
			rg = append(rg, seconds(b, "rg", "--no-mmap", "-c", "-F", "-e", "#ucs-harden:", "-e", ": reject: ", "-e", ": reject_warning: ", log))
			took, peak := reader(b, "hits", log, counts.Tagged)
			hits, hitsPeak = append(hits, took), append(hitsPeak, peak)
			took, peak = reader(b, "letters", log, counts.Letters)
			letters, lettersPeak = append(letters, took), append(lettersPeak, peak)
			took, _ = reader(b, "bare", packed, counts.Bytes)
			bare = append(bare, took)
			took, _ = reader(b, "hits", packed, counts.Tagged)
			unpacked = append(unpacked, took)
			summ = append(summ, seconds(b, "pflogsumm", part))
		}
		scaled := median(summ) * float64(counts.Bytes) / float64(min(partMiB, *mib)<<20)
		b.ReportMetric(median(hits), "s-report")
		b.ReportMetric(median(letters), "s-replay")
		b.ReportMetric(median(hits)/median(rg), "report×rg")
		b.ReportMetric(median(letters)/median(rg), "replay×rg")
		b.ReportMetric(scaled/median(hits), "pflogsumm×report")
		b.ReportMetric(scaled/median(letters), "pflogsumm×replay")
		b.ReportMetric(median(unpacked)/median(bare), "gz×gunzip")
		b.ReportMetric(median(hitsPeak), "MiB-report")
		b.ReportMetric(median(lettersPeak), "MiB-replay")
	}
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

// reader runs this test as another process, which reads a log. It returns the seconds and the peak memory in MiB.
func reader(b *testing.B, what, path string, expected int64) (float64, float64) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), readerVar+"="+what+" "+path)
	begin := time.Now()
	out, err := cmd.Output()
	took := time.Since(begin).Seconds()
	require.NoError(b, err)
	require.Equal(b, strconv.FormatInt(expected, 10), string(out))
	usage, _ := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return took, float64(usage.Maxrss) / 1024
}

func TestMain(m *testing.M) {
	what, path, found := strings.Cut(os.Getenv(readerVar), " ")
	if !found {
		flag.Parse()
		os.Exit(m.Run())
	}
	if err := read(what, path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(what, path string) error {
	n := int64(0)
	logs, o := []maillog.Source{{Path: path}}, maillog.Options{Now: time.Now()}
	var err error
	switch what {
	case "hits":
		o.Plain = evidence.Ours{}.Plain
		_, err = maillog.Hits(context.Background(), logs, o, func(maillog.Hit) { n++ })
	case "letters":
		debug.SetGCPercent(400) // as replay does
		_, err = maillog.Letters(context.Background(), logs, o, func(maillog.Letter) { n++ })
	case "bare":
		n, err = decompress(path)
	}
	if err == nil {
		fmt.Print(n)
	}
	return err
}

func decompress(path string) (int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		return 0, err
	}
	return io.Copy(io.Discard, z)
}

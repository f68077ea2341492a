package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
	"ucs-harden/maillog/logtest"
	"ucs-harden/tests/lab"
)

var mib = flag.Int64("mib", 1024, "the size of the log that is read, in MiB")

const (
	readings = 5
	partMiB  = 32 // of the log, for pflogsumm: all of it would take minutes
)

// BenchmarkMailLog lets the commands report and replay read a generated log of 1 GiB, about 7 million lines of 84 days, on
// a server of which only the files are there; no Postfix is asked. The same reading without the answers of the commands
// is measured as well (hits and letters). In every round rg(1) counts the lines with the needles that make a hit ours or a
// refusal, and a .gz is unpacked by the same decompressor and by nobody else. It prints medians as ratios: how many times
// as long as rg it took, how many times as fast as pflogsumm(1) it was, which reads only a part of the log and whose time
// is scaled. Reading uses all processors, rg one. What it costs is the ratio of the times of processors (cpu-…×rg), which
// other programs on the machine change less. All files are in the page cache.
func BenchmarkMailLog(b *testing.B) {
	log := filepath.Join(b.TempDir(), "mail.log")
	counts := generate(b, log)
	part := firstMiB(b, log, min(partMiB, *mib))
	packed := compress(b, log)
	m := buildReaders(b)

	for b.Loop() {
		var rg, summ, report, replay, hits, letters, bare, unpacked measures
		for range readings {
			rg.add(m.only(b, "rg", "--no-mmap", "-c", "-F", "-e", "#ucs-harden:", "-e", ": reject: ", "-e", ": reject_warning: ", log))
			report.add(m.report(b, log, counts.Tagged))
			replay.add(m.replay(b, log, counts.Letters))
			hits.add(m.read(b, "hits", log, counts.Tagged))
			letters.add(m.read(b, "letters", log, counts.Letters))
			bare.add(m.read(b, "bare", packed, counts.Bytes))
			unpacked.add(m.report(b, packed, counts.Tagged))
			summ.add(m.only(b, "pflogsumm", part))
		}
		scaled := median(summ.seconds) * float64(counts.Bytes) / float64(min(partMiB, *mib)<<20)
		for _, c := range []struct {
			name string
			*measures
		}{{"report", &report}, {"replay", &replay}, {"hits", &hits}, {"letters", &letters}} {
			b.ReportMetric(median(c.seconds)/median(rg.seconds), c.name+"×rg")
			b.ReportMetric(median(c.processors)/median(rg.processors), "cpu-"+c.name+"×rg")
			b.ReportMetric(scaled/median(c.seconds), "pflogsumm×"+c.name)
			b.ReportMetric(median(c.peaks), "MiB-"+c.name)
		}
		b.ReportMetric(median(rg.seconds), "s-rg")
		b.ReportMetric(median(unpacked.seconds)/median(bare.seconds), "gz×gunzip")
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

// readers are the programs that read a log.
type readers struct{ program, readlog, root, ldif string }

func buildReaders(b *testing.B) readers {
	b.Helper()
	dir := b.TempDir()
	r := readers{lab.Build(b), filepath.Join(dir, "readlog"), filepath.Join(dir, "root"), "../lab/files/directory.ldif"}
	said, err := exec.CommandContext(b.Context(), "go", "build", "-o", r.readlog, "./readlog").CombinedOutput()
	require.NoError(b, err, string(said))
	files, err := txtar.ParseFile("../../harden/testdata/server.txtar")
	require.NoError(b, err)
	require.NoError(b, txtar.Write(files, r.root))
	return r
}

// run runs a program. GNU time tells the peak of its memory: the kernel tells the parent of a program no less than the
// parent's own memory, and that of time is small.
func (r readers) run(b *testing.B, argv ...string) (m measure, stdout []byte) {
	b.Helper()
	peak := filepath.Join(b.TempDir(), "peak")
	cmd := exec.CommandContext(b.Context(), "time", slices.Concat([]string{"--quiet", "-f", "%M", "-o", peak}, argv)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	begin := time.Now()
	err := cmd.Run()
	m.seconds = time.Since(begin).Seconds()
	if outcome := new(exec.ExitError); !errors.As(err, &outcome) || outcome.ExitCode() != 2 { // a group is open
		require.NoError(b, err)
	}
	m.processors = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	kib, err := os.ReadFile(peak)
	require.NoError(b, err)
	n, err := strconv.ParseFloat(strings.TrimSpace(string(kib)), 64)
	require.NoError(b, err)
	m.peak = n / 1024
	return m, out.Bytes()
}

func (r readers) only(b *testing.B, argv ...string) measure {
	b.Helper()
	m, _ := r.run(b, argv...)
	return m
}

// report is the command, which counts as many letters as are expected.
func (r readers) report(b *testing.B, log string, expected int64) measure {
	b.Helper()
	m, said := r.run(b, r.program, "report", "--json", "--root", r.root, "--ldif", r.ldif, log)
	var answer evidence.Report
	require.NoError(b, json.Unmarshal(said, &answer))
	var n int64
	for _, g := range answer.Groups {
		n += g.Count
	}
	require.Equal(b, expected, n)
	return m
}

// replay is the command, which judges as many letters as are expected.
func (r readers) replay(b *testing.B, log string, expected int64) measure {
	b.Helper()
	m, said := r.run(b, r.program, "replay", "--no-postfix", "--json", "--root", r.root, "--ldif", r.ldif, log)
	var answer evidence.Report
	require.NoError(b, json.Unmarshal(said, &answer))
	require.Equal(b, expected, answer.Replayed.Letters)
	return m
}

// read is the program readlog, which finds as much as is expected.
func (r readers) read(b *testing.B, what, path string, expected int64) measure {
	b.Helper()
	m, said := r.run(b, r.readlog, what, path)
	n, err := strconv.ParseInt(string(said), 10, 64)
	require.NoError(b, err)
	require.Equal(b, expected, n)
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

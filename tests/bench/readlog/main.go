// Command readlog reads a mail log as report (hits) and replay (letters) read it, or only decompresses it (bare), and prints
// how many there were and the peak of its memory in KiB. It is a program of its own, so that its time and its memory are
// those of reading. The kernel tells the parent of a program no less than the parent's own memory.
//
//	readlog hits|letters|bare FILE
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"ucs-harden/evidence"
	"ucs-harden/maillog"
)

func main() {
	n, err := read(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	peak, err := peak()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Print(n, " ", peak)
}

// peak is the largest resident size of this process, in KiB.
func peak() (kib int64, err error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, line, _ := strings.Cut(string(status), "VmHWM:")
	_, err = fmt.Sscan(line, &kib)
	return kib, err
}

func read(what, path string) (n int64, err error) {
	logs, o := []maillog.Source{{Path: path}}, maillog.Options{Now: time.Now()}
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
	return n, err
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

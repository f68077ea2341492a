// Command readlog reads a mail log as report (hits) and replay (letters) read it, or only decompresses it (bare), and prints
// how many there were, or how many bytes. It is a program of its own, so that its time and its memory are those of reading.
//
//	readlog hits|letters|bare FILE
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
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
	fmt.Print(n)
}

func read(what, path string) (n int64, err error) {
	logs, o := []maillog.Source{{Path: path}}, maillog.Options{Now: time.Now()}
	switch what {
	case "hits":
		o.Plain = evidence.Ours{}.Plain
		_, err = maillog.Hits(context.Background(), logs, o, func(maillog.Hit) { n++ })
	case "letters":
		debug.SetGCPercent(200) // as replay does
		_, err = maillog.Letters(context.Background(), logs, o, func(*maillog.Letter) { n++ })
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

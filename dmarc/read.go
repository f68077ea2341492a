package dmarc

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/gzip"
)

// Unreadable is a file without a report that can be used, and why.
type Unreadable struct {
	Path string
	Err  error
}

// Read reads a file, or all files of a folder without those in folders below it, and adds up what they say. A file that
// cannot be used does not keep the others from counting; the error is about the path itself.
func Read(ctx context.Context, path string) (*Sums, []Unreadable, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read DMARC reports: %w", err)
	}
	files := []string{path}
	if info.IsDir() {
		if files, err = filesIn(path); err != nil {
			return nil, nil, fmt.Errorf("cannot read DMARC reports: %w", err)
		}
	}
	sums := NewSums()
	var bad []Unreadable
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		reports, err := readFile(file)
		for _, r := range reports {
			sums.Add(r)
		}
		if err != nil {
			bad = append(bad, Unreadable{file, err})
		}
	}
	return sums, bad, nil
}

func filesIn(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			out = append(out, filepath.Join(folder, e.Name()))
		}
	}
	if len(out) > most.files {
		return nil, fmt.Errorf("%s: %w: more than %d files", folder, ErrTooLarge, most.files)
	}
	return out, nil
}

func readFile(path string) ([]*Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, fs.ErrInvalid)
	}
	return Unpack(f)
}

// Unpack reads the reports in a file: XML, gzip or zip. What it is, its first bytes tell.
func Unpack(r io.Reader) ([]*Report, error) {
	limited := &io.LimitedReader{R: r, N: most.file + 1}
	in := bufio.NewReader(limited)
	begin, err := in.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var out []*Report
	switch {
	case bytes.HasPrefix(begin, []byte{0x1f, 0x8b}):
		out, err = unzip1(in)
	case bytes.HasPrefix(begin, []byte("PK\x03\x04")):
		out, err = unzip(in)
	default:
		out, err = one(in)
	}
	if limited.N <= 0 {
		return nil, ErrTooLarge
	}
	return out, err
}

func one(r io.Reader) ([]*Report, error) {
	report, err := Parse(r)
	if err != nil {
		return nil, err
	}
	return []*Report{report}, nil
}

func unzip1(r io.Reader) ([]*Report, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotReport, err)
	}
	return one(z)
}

// unzip reads every file in an archive. The bound of the XML counts for all of them together.
func unzip(r io.Reader) ([]*Report, error) {
	packed, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotReport, err)
	}
	if len(z.File) > most.entries {
		return nil, ErrTooLarge
	}
	all := &io.LimitedReader{N: most.xml}
	var out []*Report
	for _, file := range z.File {
		if file.FileInfo().IsDir() {
			continue
		}
		content, err := file.Open()
		if err != nil {
			return out, fmt.Errorf("%w: %w", ErrNotReport, err)
		}
		all.R = content
		report, err := Parse(all)
		_ = content.Close()
		switch {
		case all.N <= 0:
			return nil, ErrTooLarge
		case err != nil:
			return out, err
		}
		out = append(out, report)
	}
	if len(out) == 0 {
		return nil, ErrNotReport
	}
	return out, nil
}

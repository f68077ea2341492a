package maillog

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/klauspost/compress/gzip"
)

// opened is a source that is open. It stays the same when its file gets another name.
type opened struct {
	File
	file    *os.File
	stream  io.Reader // set where the content has to be read in order
	packed  bool
	size    int64 // of the file
	written time.Time
	// from is where reading begins; what stands before fresh was read before.
	from, fresh int64
	stamped     int64
	lines       int64
	err         error
}

// warmUp is what is read again before the new part of a file, so that the sessions that are open there are known.
const warmUp = 256 << 10

// open opens a source. The file is not read if skip is true.
func open(s Source, o Options) (f *opened, skip bool, err error) {
	if s.Stream != nil {
		stream, err := unpacked(s.Stream)
		return &opened{File: File{Path: s.Path}, stream: stream, written: o.Now}, false, err
	}
	file, err := os.Open(s.Path)
	if err != nil {
		return nil, false, err
	}
	f = &opened{File: File{Path: s.Path}, file: file}
	if err := f.prepare(o); err != nil {
		file.Close()
		return nil, false, err
	}
	return f, !o.Since.IsZero() && f.written.Before(o.Since), nil
}

func (f *opened) prepare(o Options) error {
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return &os.PathError{Op: "read", Path: f.Path, Err: syscall.EISDIR}
	}
	f.size, f.written = info.Size(), info.ModTime()
	if !o.Now.IsZero() && f.written.After(o.Now) {
		f.written = o.Now
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		f.Inode = stat.Ino
	}
	var magic [9]byte
	n, err := f.file.ReadAt(magic[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !info.Mode().IsRegular() || isExport(magic[:n]) || isPacked(magic[:n]) {
		f.packed = isPacked(magic[:n])
		if f.stream, err = unpacked(f.file); err != nil {
			return err
		}
	}
	if !info.Mode().IsRegular() {
		return nil
	}
	if err := f.recognize(o.Known); err != nil {
		return err
	}
	if f.stream == nil && f.from == 0 && !o.Since.IsZero() {
		f.from = f.begin(o.Since.Unix())
	}
	return nil
}

// begin is a place in a file before which all lines are older, found by halves.
func (f *opened) begin(since int64) int64 {
	const near = 1 << 20
	c := calendar{written: f.written, location: time.Local}
	block := make([]byte, 64<<10)
	older, newer := int64(0), f.size
	for newer-older > near {
		middle := older + (newer-older)/2
		n, _ := f.file.ReadAt(block, middle)
		at, found := c.first(block[:n])
		if !found {
			break
		}
		if at.sec < since {
			older = middle
		} else {
			newer = middle
		}
	}
	return older
}

// recognize finds what was read before. A file is known again by its first bytes: rotation changes its name, and
// compression its inode too.
func (f *opened) recognize(known []File) error {
	if len(known) == 0 {
		return nil
	}
	head, err := f.head()
	if err != nil {
		return err
	}
	length := f.size
	if f.packed {
		if length, err = f.unpackedSize(); err != nil {
			return err
		}
	}
	for _, k := range known {
		if !k.matches(head) || k.Offset > length || k.Offset < f.fresh {
			continue
		}
		f.fresh, f.Fingerprint = k.Offset, k.Fingerprint
	}
	f.from = max(0, f.fresh-warmUp)
	f.Offset = f.fresh
	return nil
}

// whole reports whether all was read before.
func (f *opened) whole() bool {
	if f.fresh == 0 {
		return false
	}
	if f.packed {
		size, err := f.unpackedSize()
		return err == nil && size == f.fresh
	}
	return f.stream == nil && f.size == f.fresh
}

// head is the beginning of the content.
func (f *opened) head() ([]byte, error) {
	b := make([]byte, fingerprinted)
	var from io.Reader = io.NewSectionReader(f.file, 0, f.size)
	if f.packed {
		z, err := gzip.NewReader(from)
		if err != nil {
			return nil, err
		}
		from = z
	}
	n, err := io.ReadFull(from, b)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	return b[:n], nil
}

// unpackedSize is the size that gzip(1) wrote at the end of the file, which is right for files below 4 GiB.
func (f *opened) unpackedSize() (int64, error) {
	var b [4]byte
	if _, err := f.file.ReadAt(b[:], f.size-4); err != nil {
		return 0, err
	}
	return int64(binary.LittleEndian.Uint32(b[:])), nil
}

func isPacked(b []byte) bool { return len(b) > 1 && b[0] == 0x1f && b[1] == 0x8b }

func isExport(b []byte) bool {
	return bytes.HasPrefix(b, []byte("__CURSOR=")) || bytes.HasPrefix(b, []byte("__REALTIM"))
}

// unpacked gives the lines of a stream, which may be compressed, or an export of the journal.
func unpacked(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	magic, err := b.Peek(9)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if isPacked(magic) {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, fmt.Errorf("cannot decompress: %w", err)
		}
		return z, nil
	}
	if isExport(magic) {
		return newJournal(b), nil
	}
	return b, nil
}

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"ucs-harden/internal/durable"
	"ucs-harden/outcome"
)

// pageMode is the mode of a page: it names people.
const pageMode = 0o600

// writablePage returns an error if a page cannot be written to a file, before anything is read. It is not written through a
// symbolic link: who may write to the folder could choose another file.
func writablePage(file string) error {
	if file == "" {
		return nil
	}
	const another = "name another file with --html"
	dir, err := os.Stat(filepath.Dir(file))
	switch {
	case err != nil:
		return outcome.Advise(outcome.Unchanged(fmt.Errorf("cannot write the page: %w", err)), another)
	case !dir.IsDir():
		return outcome.Advise(outcome.Unchanged(fmt.Errorf("cannot write the page: %s is no folder", filepath.Dir(file))), another)
	}
	info, err := os.Lstat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return outcome.Advise(outcome.Unchanged(fmt.Errorf("cannot write the page: %w", err)), another)
	case !info.Mode().IsRegular():
		return outcome.Advise(outcome.Unchanged(fmt.Errorf("cannot write the page: %s is no regular file", file)), another)
	}
	return nil
}

// writePrivately writes a file that only its owner may read. Others see the old file, or the new one as a whole.
func writePrivately(file string, write func(io.Writer) error) error {
	fail := func(err error) error { return fmt.Errorf("cannot write %s: %w", file, err) }
	dir := filepath.Dir(file)
	f, err := renameio.NewPendingFile(file, renameio.WithTempDir(dir), renameio.WithStaticPermissions(pageMode))
	if err != nil {
		return fail(err)
	}
	defer func() { _ = f.Cleanup() }() // it only removes what was not finished
	w := bufio.NewWriter(f)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return fail(err)
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return fail(err)
	}
	return durable.SyncDir(dir)
}

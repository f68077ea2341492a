package postfix

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// compiledSuffix is what postmap(1) adds to the name of a table's source. hash and btree share one name. Postfix reads
// cidr and regexp from the source.
var compiledSuffix = map[string]string{
	"hash": ".db", "btree": ".db", "lmdb": ".lmdb", "cdb": ".cdb", "cidr": "", "regexp": "",
}

// ErrType is the error of a table type that Postfix neither reads from its source nor compiles into one file.
var ErrType = errors.New("not a lookup table type that is one file")

// CompiledName is the file that Postfix reads for the table typ:path: the
// source's name and .db, .lmdb or .cdb, or the source itself.
func CompiledName(typ, path string) (string, error) {
	suffix, ok := compiledSuffix[typ]
	if !ok {
		return "", fmt.Errorf("%s: %w", typ, ErrType)
	}
	return path + suffix, nil
}

// Staged is a table that is built beside its place and not yet in it.
type Staged struct {
	source, compiled part
}

// part is one file of a table.
type part struct {
	temporary, target string
	mode              fs.FileMode
	uid, gid          int
}

// tempMark is in the name of every file that BuildTable makes before Install.
const tempMark = ".ucs-harden-"

// BuildTable makes the table typ:path from content, the source as access(5)
// and postmap(1) describe it, beside its place:
//
//  1. refuse a target that exists and is not a regular file, and content in which a key occurs twice (postmap would
//     keep the first without a word);
//  2. write the source under a temporary name in the same folder, with mode and
//     owner of the present file, or 0644 root:root;
//  3. compile it there, where Postfix does not look;
//  4. query every key from it and compare the answers with content.
//
// Of a table that Postfix reads from its source (cidr_table(5), regexp_table(5)), postmap(1) reads the source once, in
// place of 3 and 4.
//
// A failure removes the temporary files and leaves the table in place as it was. Both files are synced when BuildTable
// returns.
func (p Postfix) BuildTable(ctx context.Context, typ, path string, content []byte) (*Staged, error) {
	fail := func(err error) (*Staged, error) {
		return nil, fmt.Errorf("cannot build the table %s:%s: %w", typ, path, err)
	}
	compiled, err := CompiledName(typ, path)
	if err != nil {
		return fail(err)
	}
	if !filepath.IsAbs(path) || filepath.Clean(path) != path {
		return fail(errors.New("its path is not absolute and clean"))
	}
	want := &table{}
	if compiled != path {
		if want, err = parseTable(content); err != nil {
			return fail(err)
		}
	}
	s := &Staged{}
	if s.source, err = present(path, part{mode: 0o644}); err != nil {
		return fail(err)
	}
	if s.compiled, err = present(compiled, s.source); err != nil {
		return fail(err)
	}
	random := make([]byte, 8)
	rand.Read(random) // crypto/rand never fails
	dir, base := filepath.Split(path)
	s.source.temporary = fmt.Sprintf("%s.%s%s%x", dir, base, tempMark, random)
	s.compiled.temporary = s.source.temporary + compiledSuffix[typ]

	if err := write(s.source.temporary, content); err != nil {
		return fail(err)
	}
	prove := p.compile
	if compiled == path {
		prove = p.try
	}
	if err := prove(ctx, typ, s, want); err != nil {
		return fail(both(err, s.Discard()))
	}
	return s, nil
}

// present takes mode and owner from an existing file, else from or.
func present(path string, or part) (part, error) {
	or.target = path
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return or, nil
	}
	if err != nil {
		return part{}, err
	}
	if !info.Mode().IsRegular() {
		return part{}, fmt.Errorf("%s exists and is not a regular file", path)
	}
	stat := info.Sys().(*syscall.Stat_t)
	return part{target: path, mode: info.Mode().Perm(), uid: int(stat.Uid), gid: int(stat.Gid)}, nil
}

// write makes a new file. It belongs to root until it is compiled: postmap gives up the rights of root for those of the
// owner of its source.
func write(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

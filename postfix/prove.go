package postfix

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"ucs-harden/internal/run"
)

// compile makes and proves the compiled file, and brings both files to disk
// with mode and owner.
func (p Postfix) compile(ctx context.Context, typ string, s *Staged, want *table) error {
	name := typ + ":" + s.source.temporary
	res, err := p.tool(ctx, nil, "postmap", name)
	if err != nil {
		return err
	}
	if err := s.complaint(res.Stderr); err != nil {
		return err
	}
	if len(want.keys) > 0 {
		res, err := p.tool(ctx, []byte(strings.Join(want.keys, "\n")+"\n"), "postmap", "-q", "-", name)
		if err != nil {
			return fmt.Errorf("cannot query the compiled table: %w", err)
		}
		if !bytes.Equal(res.Stdout, want.answers()) {
			return errors.New("the compiled table does not answer what its source says")
		}
	}
	return errors.Join(s.source.settle(), s.compiled.settle())
}

// try lets Postfix read a table that is not compiled. It leaves out a line that
// it does not understand, and warns.
func (p Postfix) try(ctx context.Context, typ string, s *Staged, _ *table) error {
	res, err := p.tool(ctx, []byte("ucs-harden\n"), "postmap", "-q", "-", typ+":"+s.source.temporary)
	said := res.Stderr
	if failed := (*run.Error)(nil); errors.As(err, &failed) && failed.ExitCode == notFound {
		said, err = []byte(failed.Stderr), nil
	}
	if err := errors.Join(err, s.complaint(said)); err != nil {
		return err
	}
	return s.source.settle()
}

// notFound is the exit code of a postmap -q that has no answer.
const notFound = 1

// complaint is what a Postfix program says about the table. Other warnings may
// speak of main.cf; those that name the table are about an entry that is left out.
func (s *Staged) complaint(stderr []byte) error {
	for line := range strings.Lines(string(stderr)) {
		if strings.Contains(line, s.source.temporary) {
			return fmt.Errorf("postmap says: %s", strings.TrimSpace(line))
		}
	}
	return nil
}

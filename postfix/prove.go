package postfix

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"ucs-harden/internal/run"
)

// compile makes the compiled file and checks it. Then it gives both files their mode and owner, and syncs them.
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

// try lets Postfix read a table that is not compiled. Postfix warns of a line that it does not understand, and leaves
// the line out.
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

// notFound is the exit code of postmap -q for a key that the table does not have.
const notFound = 1

// complaint is what a Postfix program says about the table: that it leaves an entry out. Other warnings may be about
// main.cf.
func (s *Staged) complaint(stderr []byte) error {
	for line := range strings.Lines(string(stderr)) {
		if strings.Contains(line, s.source.temporary) {
			return fmt.Errorf("postmap says: %s", strings.TrimSpace(line))
		}
	}
	return nil
}

package harden

import (
	"context"
	"errors"
	"io"

	"ucs-harden/deadline"
	"ucs-harden/transaction"
)

// deadline sets, clears and watches the deadline of an apply that waits to be confirmed.
func (s *Server) deadline() *deadline.Deadline {
	return deadline.New(s.Runner, s.store(), func(err error, what string) {
		s.Observer.Debug(what, map[string]any{"error": err})
	})
}

// Watch takes an apply back at its deadline. role says which watcher this process is. If taking back fails, Watch calls
// failed and tries again.
func (s *Server) Watch(ctx context.Context, role deadline.Role, started io.Reader, failed func(error)) error {
	return s.deadline().Watch(ctx, role, started, func(ctx context.Context) error {
		back, err := s.takeBack(ctx)
		if back {
			s.uphold(ctx)
		}
		if err != nil && !errors.Is(err, deadline.ErrBusy) && !deadline.Expected(err) {
			failed(err)
		}
		return err
	})
}

// takeBack takes back whatever is under way and due. It reports whether there was something.
func (s *Server) takeBack(ctx context.Context) (back bool, err error) {
	release, err := transaction.Lock(lockFile)
	if err != nil {
		return false, deadline.ErrBusy
	}
	defer release()
	_, back, err = s.recoverAll(ctx)
	if back && errors.Is(err, transaction.ErrNothing) {
		err = nil
	}
	return back, err
}

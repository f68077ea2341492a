package harden

import (
	"context"
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
		release, err := transaction.Lock(lockFile)
		if err != nil {
			return deadline.ErrBusy
		}
		defer release()
		j, err := s.machine().Recover(ctx)
		if err == nil {
			s.deadline().Clear(ctx, j.ID)
			s.Observer.Recovered(j)
		} else if !deadline.Expected(err) {
			failed(err)
		}
		return err
	})
}

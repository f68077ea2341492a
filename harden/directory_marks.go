package harden

import (
	"context"
	"errors"
	"fmt"

	"ucs-harden/controls"
	"ucs-harden/directory"
	"ucs-harden/identity"
	"ucs-harden/owners"
	"ucs-harden/ucr"
)

// suspended reads who is marked as suspended. A mark that cannot be read looks like none, so the accounts that were marked
// when the tables were written are kept until the directory says that they are not marked any more.
func (s *Server) suspended(ctx context.Context, reg *ucr.Registry, q controls.Questions, p *controls.People) (err error) {
	m := q.Suspended
	mark := directory.Mark{
		Attribute: m.Attribute, Value: m.Value, Group: p.Groups[m.Group], ReasonAttribute: m.ReasonAttribute,
	}
	p.Suspended, err = s.marked(ctx, reg, mark)
	if p.MarksUnknown = errors.Is(err, directory.ErrNoMark); err != nil {
		if p.MarksUnknown {
			return nil // the control keeps what the tables have
		}
		return err
	}
	marked := owners.SetOf(p.Suspended...)
	var missing []string // marked before, and not now
	for _, login := range q.Known {
		if !marked.Has(identity.Account{UID: login}) {
			missing = append(missing, login)
		}
	}
	if m.Group != "" && mark.Group == "" {
		p.Unread = fmt.Sprintf("the group %q does not exist", m.Group)
		found, err := s.lookup(ctx, reg, missing...)
		if err != nil {
			return err
		}
		p.Kept = controls.IsKnownMarked(missing, found)
		return nil
	}
	if s.Directory != nil || !s.Live() {
		return nil // a file cannot say whether it holds everything
	}
	unread, err := s.unread(ctx, reg, mark, missing)
	if err != nil {
		return err
	}
	for _, u := range unread {
		switch was := controls.IsKnownMarked(missing, []identity.Account{u.Account}); {
		case len(was) == 0: // another one has the login as a mail address
		case u.Why == "":
			p.Suspended = append(p.Suspended, u.Account)
		default:
			p.Kept, p.Unread = append(p.Kept, u.Account), u.Why
		}
	}
	if p.Unread == "" {
		p.Unread, err = s.marksReadable(ctx, reg, mark)
	}
	return err
}

// unread asks of which accounts with one of the names the directory does not tell whether they are marked.
func (s *Server) unread(
	ctx context.Context, reg *ucr.Registry, m directory.Mark, names []string,
) ([]directory.Unread, error) {
	if len(names) == 0 {
		return nil, nil
	}
	return consult(ctx, s, reg, question[[]directory.Unread]{
		about: "marks",
		server: func(ctx context.Context, c directory.Config) ([]directory.Unread, error) {
			return directory.UnreadMarks(ctx, c, m, names...)
		},
	})
}

// marksReadable asks whether marks can be read at all.
func (s *Server) marksReadable(ctx context.Context, reg *ucr.Registry, m directory.Mark) (why string, err error) {
	return consult(ctx, s, reg, question[string]{
		about: "marks",
		server: func(ctx context.Context, c directory.Config) (string, error) {
			return directory.MarksReadable(ctx, c, m)
		},
	})
}

package harden

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"ucs-harden/controls"
	"ucs-harden/directory"
	"ucs-harden/identity"
	"ucs-harden/outcome"
	"ucs-harden/ucr"
)

// question is one question to the directory. The answer comes from the LDAP server or from an LDIF export.
type question[T any] struct {
	about  string // for messages
	export func(io.Reader) (T, error)
	server func(context.Context, directory.Config) (T, error)
}

// consult answers a question from the export if there is one, otherwise from the LDAP server.
func consult[T any](ctx context.Context, s *Server, reg *ucr.Registry, q question[T]) (T, error) {
	var none T
	defer s.progress("asking the directory for " + q.about)()
	switch {
	case s.Directory != nil:
		answer, err := q.export(bytes.NewReader(s.Directory.Content))
		if err != nil {
			return none, &ExportError{s.Directory.Name, err}
		}
		return answer, nil
	case !s.Live():
		return none, outcome.As(outcome.Usage, &ArchivedError{q.about})
	}
	config, err := directory.ConfigFrom(reg.Get, s.Root)
	if err != nil {
		return none, &DirectoryError{err}
	}
	answer, err := q.server(ctx, config)
	if err != nil {
		return none, &DirectoryError{err}
	}
	return answer, nil
}

// ask puts the questions of the controls to the directory. It keeps a fingerprint of each answer.
func (s *Server) ask(ctx context.Context, r *reader, f *facts) error {
	if f.asked.Controllers {
		hosts, err := consult(ctx, s, f.registry, question[[]identity.Host]{
			"the domain controllers", directory.ControllersFromLDIF, directory.DomainControllers,
		})
		if err != nil {
			return err
		}
		f.Controllers = hosts
		for _, h := range hosts {
			r.answer("domain controller "+h.Name, []any{h.Addresses, h.Invalid})
		}
	}
	if f.asked.Servers {
		if err := s.surroundings(ctx, r, f); err != nil {
			return err
		}
	}
	if f.asked.Suspended != nil {
		f.asked.Known = controls.KnownMarked(func(path string) []byte { return f.Disk[path] })
	}
	var err error
	if f.People, err = s.people(ctx, f.registry, f.asked); err != nil {
		return err
	}
	r.answer("accounts, groups and lists of the directory", f.People)
	return nil
}

// askAnyhow is ask for a sync, which goes on without the directory. What it does not know stays as it was at the last
// sync. known are facts that were read before, or nil.
func (s *Server) askAnyhow(ctx context.Context, r *reader, f, known *facts) error {
	var silent *DirectoryError
	err := error(nil)
	if known != nil && known.silence != nil {
		err = known.silence
	} else if err = s.ask(ctx, r, f); !errors.As(err, &silent) || ctx.Err() != nil {
		return err
	}
	f.Silent, f.silence, f.People, f.Controllers = true, err, controls.People{}, nil
	if f.asked.Servers {
		return s.knownSurroundings(ctx, r, f)
	}
	return nil
}

// stopPatience is how long the directory has to answer while an account waits to be stopped.
const stopPatience = 10 * time.Second

// askStopped asks who the accounts are that are stopped in every mode. If the directory does not answer, or not in time,
// what is known without it counts. known are facts that were read before.
func (s *Server) askStopped(ctx context.Context, f *facts, known *facts) {
	if known != nil {
		f.People, f.Silent = known.People, known.Silent
		return
	}
	if f.request.blind {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, stopPatience)
	defer cancel()
	f.asked = controls.AskStopped(f.Registry)
	var err error
	if f.People, err = s.people(ctx, f.registry, f.asked); err != nil {
		f.People, f.Silent = controls.People{}, true
		s.Observer.Debug("the directory does not answer", map[string]any{"error": err.Error()})
	}
}

// people answers the questions of the controls about accounts, groups and mailing lists.
func (s *Server) people(ctx context.Context, reg *ucr.Registry, q controls.Questions) (p controls.People, err error) {
	if len(q.Names) > 0 {
		if p.Accounts, err = s.lookup(ctx, reg, q.Names...); err != nil {
			return p, err
		}
	}
	p.Groups, p.Members = map[string]string{}, map[string][]identity.Account{}
	for _, name := range q.Groups {
		dn, err := s.group(ctx, reg, name)
		if errors.Is(err, directory.ErrNoGroup) {
			continue // the control reports a missing group as a finding
		}
		if err != nil {
			return p, err
		}
		p.Groups[name] = dn
		if !slices.Contains(q.Members, name) {
			continue
		}
		if p.Members[dn], err = s.marked(ctx, reg, directory.Mark{Group: dn}); err != nil {
			return p, err
		}
	}
	// An archive without an export can still be planned on if nothing needs the directory.
	if q.Suspended != nil && (s.Live() || s.Directory != nil || !q.Aside) {
		if err := s.suspended(ctx, reg, q, &p); err != nil {
			return p, err
		}
	}
	wanted := directory.Wanted{Groups: q.Sharing.Groups, Lists: q.Sharing.Lists, All: q.Sharing.All}
	if len(wanted.Groups)+len(wanted.Lists) > 0 || wanted.All {
		if p.Sharing, err = s.members(ctx, reg, wanted); err != nil {
			return p, err
		}
	}
	if p.Holders, err = s.holders(ctx, reg, p); err != nil {
		return p, err
	}
	if q.Owners && (s.Live() || s.Directory != nil) {
		owners, err := consult(ctx, s, reg, question[[]identity.Account]{
			"the owners of addresses", directory.OwnersFromLDIF, directory.Owners,
		})
		if err != nil {
			return p, err
		}
		p.Owners = owners
	}
	if q.Lists {
		lists, err := consult(ctx, s, reg, question[[]directory.List]{
			"the mailing lists", directory.ListsInLDIF, directory.Lists,
		})
		if err != nil {
			return p, err
		}
		for _, l := range lists {
			p.Lists = append(p.Lists, l.Address)
		}
	}
	return p, nil
}

// holders returns who else has an address of the accounts that the answers are about. One more question finds them all.
func (s *Server) holders(ctx context.Context, reg *ucr.Registry, p controls.People) ([]identity.Account, error) {
	addresses := p.Addresses()
	if len(addresses) == 0 {
		return nil, nil
	}
	return s.lookup(ctx, reg, addresses...)
}

func (s *Server) group(ctx context.Context, reg *ucr.Registry, name string) (dn string, err error) {
	return consult(ctx, s, reg, question[string]{
		"a group",
		func(ldif io.Reader) (string, error) { return directory.GroupInLDIF(ldif, name) },
		func(ctx context.Context, c directory.Config) (string, error) { return directory.Group(ctx, c, name) },
	})
}

func (s *Server) marked(ctx context.Context, reg *ucr.Registry, m directory.Mark) ([]identity.Account, error) {
	return consult(ctx, s, reg, question[[]identity.Account]{
		"accounts",
		func(ldif io.Reader) ([]identity.Account, error) { return directory.MarkedInLDIF(ldif, m) },
		func(ctx context.Context, c directory.Config) ([]identity.Account, error) {
			return directory.Marked(ctx, c, m)
		},
	})
}

// members returns groups and mailing lists with their members.
func (s *Server) members(ctx context.Context, reg *ucr.Registry, w directory.Wanted) ([]identity.Group, error) {
	return consult(ctx, s, reg, question[[]identity.Group]{
		"the members of groups and lists",
		func(ldif io.Reader) ([]identity.Group, error) { return directory.MembersInLDIF(ldif, w) },
		func(ctx context.Context, c directory.Config) ([]identity.Group, error) {
			return directory.Members(ctx, c, w)
		},
	})
}

// lookup returns the accounts that have one of the names.
func (s *Server) lookup(ctx context.Context, reg *ucr.Registry, names ...string) ([]identity.Account, error) {
	return consult(ctx, s, reg, question[[]identity.Account]{
		"accounts",
		func(ldif io.Reader) ([]identity.Account, error) { return directory.LookupInLDIF(ldif, names...) },
		func(ctx context.Context, c directory.Config) ([]identity.Account, error) {
			return directory.Lookup(ctx, c, names...)
		},
	})
}

// rehearsedUsers is the number of mail users that a rehearsal uses as logins and senders.
const rehearsedUsers = 5

// users returns the mail users for a rehearsal.
func (s *Server) users(ctx context.Context, reg *ucr.Registry) ([]identity.Account, error) {
	return consult(ctx, s, reg, question[[]identity.Account]{
		"mail users",
		func(ldif io.Reader) ([]identity.Account, error) { return directory.UsersFromLDIF(ldif, rehearsedUsers) },
		func(ctx context.Context, c directory.Config) ([]identity.Account, error) {
			return directory.MailUsers(ctx, c, rehearsedUsers)
		},
	})
}

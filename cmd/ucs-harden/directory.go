package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"ucs-harden/controls"
	"ucs-harden/directory"
	"ucs-harden/identity"
	"ucs-harden/ucr"
)

// exportCommand writes what --ldif reads.
const exportCommand = "univention-ldapsearch -LLL '(|(objectClass=univentionDomainController)(objectClass=univentionMail)(objectClass=univentionMailList)(objectClass=univentionGroup))'"

// readExport reads what --ldif names, also when nothing will be asked of it: a
// name that is wrong is better known at once. It reads once, so that the file may
// be a pipe.
func (g *global) readExport() error {
	if g.ldif == "" {
		return nil
	}
	content, err := os.ReadFile(g.ldif)
	if err != nil {
		return &failure{code: exitError, hint: "look at the name given with --ldif", err: unchanged(fmt.Errorf("cannot read the directory: %w", err))}
	}
	g.export = content
	return nil
}

// question is one question to the directory, or to the file that stands for it.
type question[T any] struct {
	about  string
	file   func(io.Reader) (T, error)
	server func(context.Context, directory.Config) (T, error)
}

// consult puts a question.
func consult[T any](ctx context.Context, g *global, reg *ucr.Registry, q question[T]) (T, error) {
	var none T
	switch {
	case g.ldif != "":
		answer, err := q.file(bytes.NewReader(g.export))
		if err != nil {
			return none, &failure{code: exitError, hint: "export it again: " + exportCommand, err: fmt.Errorf("cannot use %s: %w", g.ldif, err)}
		}
		return answer, nil
	case !g.live():
		return none, &failure{code: exitUsage, hint: "export it where the server runs: " + exportCommand + " > directory.ldif; then add --ldif directory.ldif",
			err: fmt.Errorf("cannot ask the directory of an archived server for %s", q.about)}
	}
	config, err := directory.ConfigFrom(reg.Get, g.root)
	if err == nil {
		g.busy("asking LDAP for " + q.about)
		none, err = q.server(ctx, config)
		g.idle()
	}
	if err != nil {
		return none, &advice{hint: "univention-ldapsearch -LLL -s base dn must work on this server; or give the directory as a file: --ldif FILE", err: err}
	}
	return none, nil
}

// controllers are the domain controllers.
func (g *global) controllers(ctx context.Context, reg *ucr.Registry) ([]identity.Host, error) {
	return consult(ctx, g, reg, question[[]identity.Host]{"the domain controllers", directory.ControllersFromLDIF, directory.DomainControllers})
}

// people answers what the controls ask of accounts, groups and lists.
func (g *global) people(ctx context.Context, reg *ucr.Registry, q controls.Questions) (p controls.People, err error) {
	if len(q.Names) > 0 {
		users, err := g.lookup(ctx, reg, q.Names...)
		if err != nil {
			return p, err
		}
		p.Accounts = users
	}
	p.Groups, p.Members = map[string]string{}, map[string][]identity.Account{}
	for _, name := range q.Groups {
		dn, err := g.group(ctx, reg, name)
		if errors.Is(err, directory.ErrNoGroup) {
			continue // the control has a finding for it
		}
		if err != nil {
			return p, err
		}
		p.Groups[name] = dn
		if !slices.Contains(q.Members, name) {
			continue
		}
		if p.Members[dn], err = g.marked(ctx, reg, directory.Mark{Group: dn}); err != nil {
			return p, err
		}
	}
	// An archive without its directory can be planned on as far as nothing needs that.
	if m := q.Suspended; m != nil && (g.live() || g.ldif != "" || !q.Aside) {
		mark := directory.Mark{Attribute: m.Attribute, Value: m.Value, Group: p.Groups[m.Group], ReasonAttribute: m.ReasonAttribute}
		if p.Suspended, err = g.marked(ctx, reg, mark); err != nil {
			return p, err
		}
	}
	if q.Lists {
		lists, err := consult(ctx, g, reg, question[[]directory.List]{"the mailing lists", directory.ListsInLDIF, directory.Lists})
		if err != nil {
			return p, err
		}
		for _, l := range lists {
			p.Lists = append(p.Lists, l.Address)
		}
	}
	return p, nil
}

func (g *global) group(ctx context.Context, reg *ucr.Registry, name string) (dn string, err error) {
	return consult(ctx, g, reg, question[string]{
		"a group",
		func(ldif io.Reader) (string, error) { return directory.GroupInLDIF(ldif, name) },
		func(ctx context.Context, c directory.Config) (string, error) { return directory.Group(ctx, c, name) },
	})
}

func (g *global) marked(ctx context.Context, reg *ucr.Registry, m directory.Mark) ([]identity.Account, error) {
	return consult(ctx, g, reg, question[[]identity.Account]{
		"accounts",
		func(ldif io.Reader) ([]identity.Account, error) { return directory.MarkedInLDIF(ldif, m) },
		func(ctx context.Context, c directory.Config) ([]identity.Account, error) {
			return directory.Marked(ctx, c, m)
		},
	})
}

// lookup are those who have one of the names.
func (g *global) lookup(ctx context.Context, reg *ucr.Registry, names ...string) ([]identity.Account, error) {
	return consult(ctx, g, reg, question[[]identity.Account]{
		"accounts",
		func(ldif io.Reader) ([]identity.Account, error) { return directory.LookupInLDIF(ldif, names...) },
		func(ctx context.Context, c directory.Config) ([]identity.Account, error) {
			return directory.Lookup(ctx, c, names...)
		},
	})
}

// users are a few mail users.
func (g *global) users(ctx context.Context, reg *ucr.Registry) ([]identity.Account, error) {
	return consult(ctx, g, reg, question[[]identity.Account]{
		"mail users",
		func(ldif io.Reader) ([]identity.Account, error) {
			return directory.UsersFromLDIF(ldif, rehearsedUsers)
		},
		func(ctx context.Context, c directory.Config) ([]identity.Account, error) {
			return directory.MailUsers(ctx, c, rehearsedUsers)
		},
	})
}

package harden

import (
	"context"

	"ucs-harden/postfix"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
)

// machine is the live server, as a transaction needs it.
func (s *Server) machine() *transaction.Machine {
	return s.machineWith(s.livePostfix(), s.verification())
}

func (s *Server) livePostfix() *livePostfix {
	return &livePostfix{server: s, Postfix: postfix.Postfix{Runner: s.Runner}}
}

func (s *Server) machineWith(live *livePostfix, v transaction.Verification) *transaction.Machine {
	return &transaction.Machine{
		Store:        s.store(),
		Registry:     liveRegistry{s, s.ucr()},
		Postfix:      live,
		Verification: v,
		Progress: func(step string) {
			s.Observer.Debug("step begins", map[string]any{"step": step})
			s.Observer.Progress(stepNames[step])
		},
		After: s.After,
	}
}

// stepNames say what is going on.
var stepNames = map[string]string{
	"backup": "backing up", "files": "compiling tables", "maps": "rendering the LDAP map",
	"set": "ucr set", "unset-overrides": "taking back options of master.cf", "unset": "ucr unset", "classes": "restriction classes",
	"commit": "ucr commit", "check": "postfix check", "reload": "postfix reload",
	"verify": "verifying", "remove": "removing what is obsolete",
}

// liveRegistry changes the registry through the ucr program.
type liveRegistry struct {
	server *Server
	ucr.Program
}

func (r liveRegistry) Normal() (func(string) (string, bool), error) {
	reg, err := ucr.Load(r.Root)
	if err != nil {
		return nil, err
	}
	return reg.Normal, nil
}

func (r liveRegistry) Render(ctx context.Context, next transaction.Next, file string) ([]byte, error) {
	reg, err := ucr.Load(r.Root)
	if err != nil {
		return nil, err
	}
	return r.server.renderWith(ctx, next.Classes, reg.With(next.Set, next.Unset), file)
}

func (r liveRegistry) Canonical(file string, content []byte) []byte { return canonical(file, content) }

// livePostfix drives the server's Postfix.
type livePostfix struct {
	server *Server
	postfix.Postfix
	stopped bool // as Running has found it
}

func (p *livePostfix) InstallTable(ctx context.Context, typ, path string, content []byte) error {
	staged, err := p.BuildTable(ctx, typ, path, content)
	if err != nil {
		return err
	}
	if err := staged.Install(); err != nil {
		_ = staged.Discard() // the failure that counts is the one above
		return err
	}
	return nil
}

func (*livePostfix) Compiled(typ, path string) (string, error) {
	return postfix.CompiledName(typ, path)
}

func (*livePostfix) RemoveLeftovers(path string) error { return postfix.RemoveLeftovers(path) }

func (p *livePostfix) Check(ctx context.Context) error {
	warnings, err := p.Postfix.Check(ctx)
	for _, w := range warnings {
		p.server.Observer.Debug("postfix check", map[string]any{"warning": w})
	}
	return err
}

// Running remembers the answer, for what is said at the end.
func (p *livePostfix) Running(ctx context.Context) (bool, error) {
	running, err := p.Postfix.Running(ctx)
	p.stopped = err == nil && !running
	return running, err
}

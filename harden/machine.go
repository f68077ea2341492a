package harden

import (
	"context"

	"ucs-harden/controls"
	"ucs-harden/postfix"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
)

// ownChange tells the registry's handler of the package (ucs/etc/univention/templates/scripts/ucs-harden-sync) that it
// need not announce a change: the plan of the transaction has the variables already.
const ownChange = "UCS_HARDEN_CHANGE=yes"

// machine gives a transaction access to the live server.
func (s *Server) machine() *transaction.Machine {
	return s.machineWith(s.livePostfix(), s.verification())
}

func (s *Server) livePostfix() *livePostfix {
	return &livePostfix{server: s, Postfix: postfix.Postfix{Runner: s.Runner}}
}

func (s *Server) machineWith(live *livePostfix, v transaction.Verification) *transaction.Machine {
	registry := s.ucr()
	registry.Env = []string{ownChange}
	return &transaction.Machine{
		Store:        s.store(),
		Registry:     liveRegistry{s, registry},
		Postfix:      live,
		Verification: v,
		By:           s.By,
		Lasting:      controls.IsStopped,
		Progress: func(step string) {
			s.Observer.Debug("step begins", map[string]any{"step": step})
			s.Observer.Progress(stepNames[step])
		},
		After: s.After,
	}
}

// stepNames are the progress texts of the steps of a transaction.
var stepNames = map[string]string{
	transaction.StepBackup:         "backing up",
	transaction.StepFiles:          "compiling tables",
	transaction.StepMaps:           "rendering the LDAP map",
	transaction.StepSet:            "ucr set",
	transaction.StepUnsetOverrides: "taking back options of master.cf",
	transaction.StepUnset:          "ucr unset",
	transaction.StepClasses:        "restriction classes",
	transaction.StepCommit:         "ucr commit",
	transaction.StepCheck:          "postfix check",
	transaction.StepReload:         "postfix reload",
	transaction.StepVerify:         "verifying",
	transaction.StepRemove:         "removing what is obsolete",
}

// liveRegistry changes the registry through the ucr program.
type liveRegistry struct {
	server *Server
	ucr.Program
}

func (r liveRegistry) Normal() (transaction.Values, error) {
	reg, err := ucr.Load(r.Root)
	if err != nil {
		return nil, err
	}
	return reg.NormalValues(), nil
}

func (r liveRegistry) Set(
	ctx context.Context, values map[string]string, seen transaction.Values,
) (transaction.Others, error) {
	return r.SetSeen(ctx, values, seen)
}

func (r liveRegistry) Restore(
	ctx context.Context, values map[string]string, seen transaction.Values,
) (transaction.Others, error) {
	return r.Program.Restore(ctx, values, seen)
}

func (r liveRegistry) Unset(
	ctx context.Context, keys []string, seen transaction.Values,
) (transaction.Others, error) {
	return r.UnsetSeen(ctx, keys, seen)
}

func (r liveRegistry) Render(ctx context.Context, next transaction.Next, file string) ([]byte, error) {
	reg, err := ucr.Load(r.Root)
	if err != nil {
		return nil, err
	}
	contents, err := r.server.renderWith(ctx, next.Classes, reg.With(next.Set, next.Unset), file)
	if err != nil {
		return nil, err
	}
	return contents[0], nil
}

func (r liveRegistry) Canonical(file string, content []byte) []byte { return canonical(file, content) }

// livePostfix drives the server's Postfix.
type livePostfix struct {
	server *Server
	postfix.Postfix
	stopped bool // the last answer of Running was no
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

// Running remembers the answer for Applied.Stopped.
func (p *livePostfix) Running(ctx context.Context) (bool, error) {
	running, err := p.Postfix.Running(ctx)
	p.stopped = err == nil && !running
	return running, err
}

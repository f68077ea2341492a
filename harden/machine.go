package harden

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"ucs-harden/plan"
	"ucs-harden/ports"

	"ucs-harden/postfix"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
)

// machine is the live server, as a transaction needs it.
func (s *Server) machine() *transaction.Machine { return s.machineWith(s.livePostfix()) }

func (s *Server) livePostfix() *livePostfix {
	return &livePostfix{server: s, Postfix: postfix.Postfix{Runner: s.Runner}}
}

func (s *Server) machineWith(live *livePostfix) *transaction.Machine {
	return &transaction.Machine{
		Store:    s.store(),
		Registry: liveRegistry{s, s.ucr()},
		Postfix:  live,
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

// Verify asks postconf what the configuration means now.
func (p *livePostfix) Verify(ctx context.Context, want plan.Expectation) error {
	names := slices.AppendSeq(slices.Collect(maps.Keys(want.Main)), maps.Keys(want.Holds))
	got, err := p.Param(ctx, names...)
	if err != nil {
		return err
	}
	overrides, err := p.Overrides(ctx)
	if err != nil {
		return err
	}
	says := map[string]string{}
	for _, o := range overrides {
		says[o.Service+"/"+o.Type+"/"+o.Parameter] = o.Value
	}
	wrong := mismatches(want, func(name string) string { return got[name] }, func(entry, parameter string) string { return says[entry+"/"+parameter] })
	if len(wrong) == 0 {
		return nil
	}
	m := wrong[0]
	if m.holds {
		return fmt.Errorf("cannot verify: postconf says %s = %q, wanted was %q in it", m.name, m.got, m.want)
	}
	return fmt.Errorf("cannot verify: postconf says %s = %q, wanted was %q", m.name, m.got, m.want)
}

// ports are those that master.cf opens now. The plan has read the files; what changed since shows in the next step.
func (p *livePostfix) ports() []ports.Port {
	main, errMain := p.server.read(transaction.MainCF)
	master, errMaster := p.server.read(transaction.MasterCF)
	c, err := parseConfiguration(main, master)
	if errMain != nil || errMaster != nil || err != nil {
		return nil
	}
	return ports.Of(c.maincf, c.mastercf)
}

// Greetings are the ports that greet on this machine, with what they offer. When Postfix does not run, who greets there
// is somebody else.
func (p *livePostfix) Greetings(ctx context.Context) []transaction.Port {
	if running, err := p.Running(ctx); err != nil || !running {
		return nil
	}
	return ports.Offers(ctx, p.ports())
}

// Greet compares what the ports offer now with what they did before, as far as the change leaves that alone, and with
// what is expected of them.
func (p *livePostfix) Greet(ctx context.Context, before []transaction.Port, want plan.Expectation) error {
	return ports.Verify(ctx, p.ports(), before, want)
}

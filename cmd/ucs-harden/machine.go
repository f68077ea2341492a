package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"ucs-harden/maincf"
	"ucs-harden/plan"
	"ucs-harden/ports"
	"ucs-harden/postfix"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
)

// machine is the live server, as a transaction needs it.
func (g *global) machine() *transaction.Machine {
	m := &transaction.Machine{
		Store:    transaction.Store{Dir: stateDir},
		Registry: liveRegistry{g, g.ucr()},
		Postfix:  livePostfix{g, postfix.Postfix{Runner: g.runner}},
		Progress: func(step string) {
			g.log.WithField("step", step).Debug("step begins")
			g.busy(stepNames[step])
		},
	}
	m.After = afterStep(m)
	return m
}

// stepNames say what is going on, should it take longer than a second.
var stepNames = map[string]string{
	transaction.StepBackup: "backing up", transaction.StepFiles: "compiling tables", transaction.StepMaps: "rendering the LDAP map",
	transaction.StepSet: "ucr set", transaction.StepUnsetOverrides: "taking back options of master.cf", transaction.StepUnset: "ucr unset",
	transaction.StepClasses: "restriction classes", transaction.StepCommit: "ucr commit", transaction.StepCheck: "postfix check",
	transaction.StepReload: "postfix reload", transaction.StepVerify: "verifying", transaction.StepRemove: "removing what is obsolete",
}

// liveRegistry changes the registry through the ucr program.
type liveRegistry struct {
	g *global
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
	return r.g.renderWith(ctx, next.Classes, reg.With(next.Set, next.Unset), file)
}

func (r liveRegistry) Canonical(file string, content []byte) []byte { return canonical(file, content) }

// livePostfix drives the server's Postfix.
type livePostfix struct {
	g *global
	postfix.Postfix
}

func (p livePostfix) InstallTable(ctx context.Context, typ, path string, content []byte) error {
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

func (livePostfix) Compiled(typ, path string) (string, error) { return postfix.CompiledName(typ, path) }

func (livePostfix) RemoveLeftovers(path string) error { return postfix.RemoveLeftovers(path) }

func (p livePostfix) Check(ctx context.Context) error {
	warnings, err := p.Postfix.Check(ctx)
	for _, w := range warnings {
		p.g.log.WithField("warning", w).Debug("postfix check")
	}
	return err
}

// Running remembers the answer, for the words at the end.
func (p livePostfix) Running(ctx context.Context) (bool, error) {
	running, err := p.Postfix.Running(ctx)
	p.g.stopped = err == nil && !running
	return running, err
}

// Verify asks postconf what the configuration means now.
func (p livePostfix) Verify(ctx context.Context, want plan.Expectation) error {
	names := make([]string, 0, len(want.Main))
	for _, expected := range []map[string]string{want.Main, want.Holds} {
		names = slices.AppendSeq(names, maps.Keys(expected))
	}
	got, err := p.Param(ctx, names...)
	if err != nil {
		return err
	}
	for name, value := range want.Main {
		if !sameList(got[name], value) {
			return fmt.Errorf("cannot verify: postconf says %s = %q, wanted was %q", name, got[name], value)
		}
	}
	for name, word := range want.Holds {
		if !holds(got[name], word) {
			return fmt.Errorf("cannot verify: postconf says %s = %q, wanted was %q in it", name, got[name], word)
		}
	}
	overrides, err := p.Overrides(ctx)
	if err != nil {
		return err
	}
	says := map[string]string{}
	for _, o := range overrides {
		says[o.Service+"/"+o.Type+"/"+o.Parameter] = o.Value
	}
	for entry, parameters := range want.Master {
		for name, value := range parameters {
			if says[entry+"/"+name] != value {
				return fmt.Errorf("cannot verify: postconf says %s/%s = %q, wanted was %q", entry, name, says[entry+"/"+name], value)
			}
		}
	}
	return nil
}

// ports are those that master.cf opens now. Files that cannot be read open none:
// the plan has read them; what changed since will show in the next step.
func (p livePostfix) ports() []ports.Port {
	master, err := p.g.masterCF()
	if err != nil {
		return nil
	}
	content, err := p.g.read(transaction.MainCF)
	if err != nil {
		content = nil
	}
	main, err := maincf.Parse(content)
	if err != nil {
		main = nil
	}
	return ports.Of(main, master)
}

// Greetings are the ports of master.cf that greet on this machine, with what
// they offer. When Postfix does not run, who greets there is somebody else.
func (p livePostfix) Greetings(ctx context.Context) []transaction.Port {
	if running, err := p.Postfix.Running(ctx); err != nil || !running {
		return nil
	}
	return ports.Offers(ctx, p.ports())
}

// Greet compares what the ports offer now with what they did before, and with
// what is expected of them.
func (p livePostfix) Greet(ctx context.Context, before []transaction.Port, want plan.Expectation) error {
	return ports.Verify(ctx, p.ports(), before, want)
}

// lock takes the lock, makes sure of root, and finishes what a crash left.
func (g *global) lock(ctx context.Context, what string) (release func(), err error) {
	if err := g.needRoot(what); err != nil {
		return nil, err
	}
	release, err = transaction.Lock(lockFile)
	if err != nil {
		return nil, unchanged(fmt.Errorf("cannot %s: %w", what, err))
	}
	switch j, err := g.machine().Recover(ctx); {
	case err == nil:
		g.disarm(ctx, j.ID)
		g.complain("%s\n", recovered(j))
	case isNothing(err):
	case errors.Is(err, transaction.ErrWaiting) && what == "rollback":
	case errors.Is(err, transaction.ErrWaiting):
		release()
		if unwatched := g.arm(ctx, j.ID, j.Left(transaction.Now())); unwatched != nil {
			err = fmt.Errorf("%w, and nobody watches the deadline (%w)", err, unwatched)
		}
		return nil, unchanged(fmt.Errorf("cannot %s: %w", what, err))
	default:
		release()
		return nil, fmt.Errorf("cannot %s: %w", what, err)
	}
	return release, nil
}

package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"ucs-harden/plan"
	"ucs-harden/postfix"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
)

// machine is the live server, as a transaction needs it.
func (g *global) machine() *transaction.Machine {
	m := &transaction.Machine{
		Store:    transaction.Store{Dir: stateDir},
		Registry: liveRegistry{g.ucr()},
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
	"backup": "backing up", "files": "compiling tables", "maps": "rendering the LDAP map",
	"set": "ucr set", "unset-overrides": "taking back options of master.cf", "unset": "ucr unset",
	"commit": "ucr commit", "check": "postfix check", "reload": "postfix reload",
	"verify": "verifying", "remove": "removing what is obsolete",
}

// liveRegistry changes the registry through the ucr program.
type liveRegistry struct{ ucr.Program }

func (r liveRegistry) Normal() (func(string) (string, bool), error) {
	reg, err := ucr.Load(r.Root)
	if err != nil {
		return nil, err
	}
	return reg.Normal, nil
}

func (r liveRegistry) Render(ctx context.Context, set map[string]string, unset []string, file string) ([]byte, error) {
	reg, err := ucr.Load(r.Root)
	if err != nil {
		return nil, err
	}
	return r.Program.Render(ctx, reg.With(set, unset), file)
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

// Verify asks postconf what the configuration means now.
func (p livePostfix) Verify(ctx context.Context, want plan.Expectation) error {
	names := make([]string, 0, len(want.Main))
	for name := range want.Main {
		names = append(names, name)
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

// greetTimeout is how long a port may take to greet: a new smtpd has to start,
// and one that fails is started again.
const greetTimeout = 20 * time.Second

// probeTimeout is how long a port may take to show that it is in use at all.
const probeTimeout = 5 * time.Second

// Greetings are the ports of master.cf that greet on this machine.
func (p livePostfix) Greetings(ctx context.Context) []string {
	var out []string
	for _, addr := range p.addresses() {
		probe, cancel := context.WithTimeout(ctx, probeTimeout)
		if _, err := postfix.Greet(probe, addr, implicitTLS(addr)); err == nil {
			out = append(out, addr)
		}
		cancel()
	}
	return out
}

func (livePostfix) Greet(ctx context.Context, addrs []string) error {
	for _, addr := range addrs {
		probe, cancel := context.WithTimeout(ctx, greetTimeout)
		_, err := postfix.Greet(probe, addr, implicitTLS(addr))
		cancel()
		if err != nil {
			return fmt.Errorf("cannot verify: %s greeted before and does not now: %w", addr, err)
		}
	}
	return nil
}

func implicitTLS(addr string) bool { return strings.HasSuffix(addr, ":465") }

// addresses are where the inet services that speak SMTP listen. A service
// without an address of its own listens where inet_interfaces says; loopback
// is tried then, and a server that does not listen there has no greeting to
// lose.
func (p livePostfix) addresses() []string {
	file, err := p.g.masterCF()
	if err != nil {
		return nil // the plan has read the file; what changed since will show in the next step
	}
	var out []string
	for _, s := range file.Services {
		if s.Type != "inet" || s.Command != "smtpd" && s.Command != "postscreen" {
			continue
		}
		host, port, err := net.SplitHostPort(s.Name)
		if err != nil {
			host, port = "127.0.0.1", s.Name
		}
		out = append(out, net.JoinHostPort(host, portNumber(port)))
	}
	return out
}

// portNumber knows the three names that master.cf of UCS uses; services(5) of
// a small system may not.
func portNumber(name string) string {
	switch name {
	case "smtp":
		return "25"
	case "smtps", "submissions":
		return "465"
	case "submission":
		return "587"
	}
	return name
}

// lock takes the lock, makes sure of root, and finishes what a crash left.
func (g *global) lock(ctx context.Context, what string) (release func(), err error) {
	if err := g.needRoot(what); err != nil {
		return nil, err
	}
	release, err = transaction.Lock(lockFile)
	if err != nil {
		return nil, fmt.Errorf("cannot %s: %w; nothing was changed", what, err)
	}
	m := g.machine()
	if j, err := m.Recover(ctx); err == nil {
		g.complain("an interrupted %s (%s) was taken back first\n", j.Kind, j.ID)
	} else if !isNothing(err) {
		release()
		return nil, err
	}
	return release, nil
}

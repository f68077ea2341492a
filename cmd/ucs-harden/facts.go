package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"ucs-harden/controls"
	"ucs-harden/ledger"
	"ucs-harden/maincf"
	"ucs-harden/mastercf"
	"ucs-harden/plan"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
)

const ledgerFile = stateDir + "/ledger.json"

// registry lets the controls see the registry as they want to see it.
type registry struct{ *ucr.Registry }

func (r registry) IsTrue(key string) bool { return r.Registry.IsTrue(key, false) }

func (r registry) Stronger(key string) (layer, value string, ok bool) {
	v, ok := r.Registry.Stronger(key)
	return v.Layer.String(), v.Text, ok
}

func (r registry) Keys(prefix string) []string {
	vars := r.Prefix(prefix)
	keys := make([]string, len(vars))
	for i, v := range vars {
		keys[i] = v.Key
	}
	return keys
}

// read reads a file below the root; nil when there is none. What we rewrite
// must not be a symbolic link: it would lead elsewhere.
func (g *global) read(path string) ([]byte, error) {
	info, err := os.Lstat(g.path(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("cannot use %s: %w", path, transaction.ErrNotRegular)
	}
	content, err := os.ReadFile(g.path(path))
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, err)
	}
	return append([]byte{}, content...), nil
}

// facts reads all that the controls look at. The directory is asked only when
// a control needs it.
func (g *global) facts(ctx context.Context, reg *ucr.Registry, mode plan.Mode) (*controls.Facts, error) {
	f := &controls.Facts{Registry: registry{reg}}
	states, _, err := controls.Modes(f.Registry, mode)
	if err != nil {
		return nil, &advice{hint: "ucr set that variable to off, warn or enforce", err: err}
	}
	f.Today = today()
	questions := controls.Ask(f.Registry, states)
	known, err := g.read(ledgerFile)
	if err != nil && (g.live() || !errors.Is(err, fs.ErrPermission)) {
		return nil, err
	}
	if f.Ledger, err = ledger.Parse(known); err != nil {
		return nil, err
	}
	master, err := g.masterCF()
	if err != nil {
		return nil, err
	}
	f.Services = overridesOf(master)
	if f.MXAuth, err = g.mxAuth(master); err != nil {
		return nil, err
	}
	if questions.Controllers {
		if f.Controllers, err = g.controllers(ctx, reg); err != nil {
			return nil, err
		}
	}
	if f.People, err = g.people(ctx, reg, questions); err != nil {
		return nil, err
	}
	if f.Disk, err = g.disk(f.Ledger); err != nil {
		return nil, err
	}
	if info, err := os.Lstat(g.path(controls.Folder)); err != nil || !info.IsDir() {
		f.NoFolder = true
	}
	if f.Maps, err = g.maps(ctx, reg, controls.Maps(f.Registry, states), f.Ledger); err != nil {
		return nil, err
	}
	return f, nil
}

// disk are the generated files as they are: the sender table, which may have
// been made by hand, everything in our folder, and what the ledger names.
func (g *global) disk(ledger ledger.Ledger) (map[string][]byte, error) {
	paths := append([]string{controls.SenderTable}, ledger.Files...)
	entries, err := os.ReadDir(g.path(controls.Folder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot look into %s: %w", controls.Folder, err)
	}
	for _, e := range entries {
		paths = append(paths, controls.Folder+"/"+e.Name())
	}
	out := map[string][]byte{}
	for _, path := range paths {
		if !controls.Generated(path) {
			continue
		}
		content, err := g.read(path)
		if err != nil {
			return nil, err
		}
		if content != nil {
			out[path] = content
		}
	}
	return out, nil
}

// overridesOf are the -o overrides of the inet services that smtpd(8) serves.
func overridesOf(master *mastercf.File) map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, name := range []string{"smtp", "smtps", "submission"} {
		s := master.Service(name, "inet")
		if s == nil {
			continue
		}
		out[name] = map[string]string{}
		for _, o := range s.Options() {
			out[name][o.Name] = o.Value
		}
	}
	return out
}

// mxAuth reports whether port 25 offers AUTH, by its overrides or by main.cf.
func (g *global) mxAuth(master *mastercf.File) (bool, error) {
	if service := smtpdOf(master, 25); service != nil {
		if value, ok := service.Option("smtpd_sasl_auth_enable"); ok {
			return value == "yes", nil
		}
	}
	content, err := g.read(transaction.MainCF)
	if err != nil {
		return false, err
	}
	main, err := maincf.Parse(content)
	if err != nil {
		return false, fmt.Errorf("cannot read %s: %w", transaction.MainCF, err)
	}
	value, _ := main.Get("smtpd_sasl_auth_enable")
	return value == "yes", nil
}

func (g *global) masterCF() (*mastercf.File, error) {
	content, err := g.read(transaction.MasterCF)
	if err != nil {
		return nil, err
	}
	if content == nil {
		return nil, missingRendered(transaction.MasterCF)
	}
	return mastercf.Parse(content)
}

// maps compares the LDAP maps that are wanted with what UCR would render now.
// Of those that are only ours to remove it is enough to know whether they exist.
func (g *global) maps(ctx context.Context, reg *ucr.Registry, wanted []string, ledger ledger.Ledger) (map[string]controls.MapFact, error) {
	out := map[string]controls.MapFact{}
	for _, path := range ledger.Files {
		_, err := os.Lstat(g.path(path))
		out[path] = controls.MapFact{Present: err == nil}
	}
	for _, path := range wanted {
		m, err := g.mapFact(ctx, reg, path)
		if err != nil {
			return nil, err
		}
		out[path] = m
	}
	return out, nil
}

func (g *global) mapFact(ctx context.Context, reg *ucr.Registry, path string) (m controls.MapFact, err error) {
	program, target := g.ucr(), strings.TrimPrefix(path, "/")
	m.Registered = program.Registered(target)
	_, missing := os.Lstat(g.path(path))
	m.Present = missing == nil
	now, err := g.read(path)
	if err != nil && (g.live() || !errors.Is(err, fs.ErrPermission)) {
		return m, err
	}
	switch {
	case now == nil || !m.Registered:
	case !g.live():
		m.Current = true
	default:
		next, err := program.RenderFile(ctx, reg, target)
		if err != nil {
			return m, err
		}
		m.Current = ucr.SameRendering(now, next)
	}
	return m, nil
}

// ucr is the program that writes the registry and renders templates.
func (g *global) ucr() ucr.Program { return ucr.Program{Runner: g.runner, Root: g.root} }

// state is the fingerprint of everything a plan is made from, as it is now.
func (g *global) state(reg *ucr.Registry, f *controls.Facts) (plan.State, error) {
	s := plan.State{}
	disk, err := g.disk(f.Ledger)
	if err != nil {
		return nil, err
	}
	for _, prefix := range []string{"mail/", "ldap/", "hostname", "domainname"} {
		for _, v := range reg.Prefix(prefix) {
			var all bytes.Buffer
			for _, value := range reg.Lookup(v.Key) {
				fmt.Fprintf(&all, "%s %s\n", value.Layer, value.Text)
			}
			s.Add("variable "+v.Key, all.Bytes())
		}
	}
	paths := []string{transaction.MainCF, transaction.MasterCF, transaction.MainCF + ".local", transaction.MasterCF + ".local", ledgerFile}
	for path := range disk {
		paths = append(paths, path)
	}
	for _, file := range []string{"main.cf.d", "master.cf.d"} {
		templates, err := filepath.Glob(g.path("/etc/univention/templates/files/etc/postfix/" + file + "/*"))
		if err != nil {
			return nil, fmt.Errorf("cannot list the templates: %w", err)
		}
		for _, t := range templates {
			paths = append(paths, "/"+strings.TrimPrefix(strings.TrimPrefix(t, g.path("/")), "/"))
		}
	}
	for _, path := range paths {
		content, err := g.read(path)
		if err != nil && (g.live() || !errors.Is(err, fs.ErrPermission)) {
			return nil, err
		}
		s.Add("file "+path, content)
	}
	for _, h := range f.Controllers {
		s.Add("domain controller "+h.Name, fmt.Append(nil, h.Addresses, h.Invalid))
	}
	s.Add("accounts, groups and lists of the directory", fmt.Append(nil, f.People))
	return s, nil
}

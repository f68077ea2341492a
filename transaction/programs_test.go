package transaction_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"ucs-harden/internal/writable"
	"ucs-harden/plan"
	"ucs-harden/transaction"
)

// How a call of a program goes wrong.
type kind string

const (
	failBefore kind = "fails without an effect"
	failHalf   kind = "fails half way"
	failAfter  kind = "fails after its effect"
	silent     kind = "exits 0 without an effect"
	replog     kind = "ucr writes the registry, renders nothing and fails"
	crashHalf  kind = "dies with us half way"
	crashAfter kind = "dies with us after its effect"
	cancel     kind = "is interrupted"
)

// fault is the one thing that goes wrong: at the n-th call (from 1), or, when
// it lasts, at every call from there on.
type fault struct {
	call   int
	kind   kind
	lasts  bool
	cancel context.CancelFunc
	half   bool
}

var errInjected = errors.New("injected")

// call is how every program runs: the world is looked at before and after,
// and the fault strikes if it is its turn.
func (w *world) call(ctx context.Context, name string, effect func() error) error {
	w.observe("before " + name)
	defer w.observe("after " + name)
	w.calls = append(w.calls, name)
	if w.meddle != nil {
		n := len(w.calls)
		w.meddle(n, false)
		defer func() { w.meddle(n, true) }()
	}
	var k kind
	if n := len(w.calls); n == w.fault.call || w.fault.lasts && w.fault.call > 0 && n > w.fault.call {
		k = w.fault.kind
	}
	if k == cancel {
		w.fault.cancel()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	switch k {
	case failBefore:
		return errInjected
	case silent:
		return nil
	}
	if k == replog && name != "ucr set" && name != "ucr unset" {
		k = ""
	}
	w.fault.half = k == failHalf || k == replog || k == crashHalf
	err := effect()
	switch {
	case k == crashHalf || k == crashAfter:
		runtime.Goexit()
	case err == nil && (k == failHalf || k == failAfter):
		err = errInjected
	}
	return err
}

// halfWay stands between two parts of an effect.
func (w *world) halfWay(what string) bool {
	w.observe(what)
	return w.fault.half
}

// registryProgram is ucr: set writes base.conf, then renders what depends on
// it, in any order.
type registryProgram struct{ *world }

func (r registryProgram) Normal() (transaction.Values, error) { return r.registry(), nil }

func (r registryProgram) Writable() error { return writable.Replace(r.path(baseConf)) }

func (r registryProgram) Set(ctx context.Context, values map[string]string, seen transaction.Values) (transaction.Others, error) {
	return r.change(ctx, "ucr set", values, nil, seen)
}

func (r registryProgram) Restore(ctx context.Context, values map[string]string, seen transaction.Values) (transaction.Others, error) {
	return r.change(ctx, "ucr set", values, nil, seen)
}

func (r registryProgram) Unset(ctx context.Context, keys []string, seen transaction.Values) (transaction.Others, error) {
	return r.change(ctx, "ucr unset", nil, keys, seen)
}

func (r registryProgram) change(
	ctx context.Context, name string, set map[string]string, unset []string, seen transaction.Values,
) (transaction.Others, error) {
	if len(set)+len(unset) == 0 {
		return nil, nil
	}
	others := transaction.Others{}
	err := r.call(ctx, name, func() error {
		before := r.registry()
		for _, key := range append(slices.Collect(maps.Keys(set)), unset...) {
			if value, ok := before[key]; !ok && seen[key] != "" {
				others[key] = nil
			} else if ok && value != seen[key] {
				others[key] = &value
			}
		}
		r.writeRegistry(changed(before, set, unset))
		if r.halfWay("registry written, nothing rendered") {
			return errInjected
		}
		files := []string{transaction.MainCF, transaction.MasterCF}
		rand.Shuffle(2, func(i, j int) { files[i], files[j] = files[j], files[i] })
		for _, file := range files {
			if !bytes.Equal(canonical(file, r.rendering(before, file, false)), canonical(file, r.rendering(r.registry(), file, false))) {
				r.commit(file)
				r.observe(name + " has rendered " + file)
			}
		}
		return nil
	})
	if err != nil {
		return others, err
	}
	now := r.registry()
	for key, value := range set {
		if now[key] != value {
			return others, fmt.Errorf("%s: not written", key)
		}
	}
	for _, key := range unset {
		if _, ok := now[key]; ok {
			return others, fmt.Errorf("%s: not unset", key)
		}
	}
	return others, nil
}

func changed(vars, set map[string]string, unset []string) map[string]string {
	next := maps.Clone(vars)
	maps.Copy(next, set)
	for _, key := range unset {
		delete(next, key)
	}
	return next
}

// commit gives the file the template's mode, whatever it had, as that of UCR does.
func (w *world) commit(file string) {
	mode := fs.FileMode(0o644)
	if file == loginMap {
		mode = 0o440
	}
	temp := file + ".rendering"
	w.write(temp, w.rendering(w.registry(), file, file != loginMap), mode)
	if err := os.Rename(w.path(temp), w.path(file)); err != nil {
		panic(err)
	}
}

func (r registryProgram) Commit(ctx context.Context, files ...string) error {
	return r.call(ctx, "ucr commit", func() error {
		for _, file := range files {
			r.commit(file)
			if r.halfWay("one file committed") {
				return errInjected
			}
		}
		return nil
	})
}

func (r registryProgram) Render(ctx context.Context, next transaction.Next, file string) ([]byte, error) {
	var out []byte
	err := r.call(ctx, "ucr filter", func() error {
		part := string(r.read(classes))
		if next.Classes != nil {
			part = *next.Classes
		}
		out = r.renderingWith(part, changed(r.registry(), next.Set, next.Unset), "/"+file, false)
		return nil
	})
	return out, err
}

func (registryProgram) Canonical(file string, content []byte) []byte { return canonical(file, content) }

// postfixProgram is postmap, postconf and postfix.
type postfixProgram struct{ *world }

func compiledForm(content []byte) []byte { return append([]byte("compiled:\n"), content...) }

func (p postfixProgram) InstallTable(ctx context.Context, _, path string, content []byte) error {
	name := strings.TrimPrefix(path, p.root)
	err := p.call(ctx, "postmap", func() error {
		p.write(filepath.Dir(name)+"/.leftover", content, 0o600)
		if p.halfWay("table half built") {
			return errInjected
		}
		p.write(name+".db", compiledForm(content), 0o644)
		p.write(name, content, 0o644)
		return os.Remove(p.path(filepath.Dir(name) + "/.leftover"))
	})
	if err == nil && !bytes.Equal(p.read(name+".db"), compiledForm(content)) {
		err = errors.New("the compiled table does not answer what its source says")
	}
	return err
}

func (postfixProgram) Compiled(_, path string) (string, error) { return path + ".db", nil }

func (p postfixProgram) RemoveLeftovers(path string) error {
	if err := os.Remove(filepath.Join(filepath.Dir(path), ".leftover")); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (p postfixProgram) Check(ctx context.Context) error {
	return p.call(ctx, "postfix check", func() error { return nil })
}

func (p postfixProgram) Running(ctx context.Context) (bool, error) {
	err := p.call(ctx, "postfix status", func() error { return nil })
	return err == nil && !p.stopped, err
}

func (p postfixProgram) Reload(ctx context.Context) error {
	return p.call(ctx, "postfix reload", func() error { p.load(); return nil })
}

func (p postfixProgram) Configured(ctx context.Context, want plan.Expectation) error {
	return p.call(ctx, "postconf", func() error {
		got := parameters(p.read(transaction.MainCF))
		for name, value := range want.Main {
			if got[name] != value {
				return fmt.Errorf("%s is %q", name, got[name])
			}
		}
		return nil
	})
}

func (p postfixProgram) Greetings(context.Context) []transaction.Port {
	if p.stopped {
		return nil
	}
	return []transaction.Port{{Service: "smtp/inet", Addr: "127.0.0.1:25"}}
}

func (p postfixProgram) Greet(ctx context.Context, _ []transaction.Port, _ plan.Expectation) error {
	return p.call(ctx, "greeting", func() error {
		return errors.Join(servable(p.world, p.loaded)...)
	})
}

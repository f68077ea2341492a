package transaction

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ucs-harden/plan"
)

// target is the state that drive brings the machine to.
type target struct {
	variables map[string]*string
	// origins are the values that may be overwritten: those at the other end of the change, and what a forced rollback
	// found. A variable with another value was changed by someone else.
	origins map[string][]*string
	// others are values of someone else that come back in place of those before the change.
	others Others
	// needed are files that stay though they were not there before: see Kept.
	needed []string
	// registry is the registry that the dry runs were made from.
	registry Values
	files    []fileTarget
	rendered []renderedTarget
	expect   plan.Expectation
	// ports must greet at the end; they tell what was offered before.
	ports []Port
	// back: the target is the state before the change. forced: files of someone else may be overwritten.
	back, forced bool
	// reload even when nothing on disk differs: an earlier run may have been interrupted between writing and reloading.
	reload bool
}

// fileTarget is the target of a generated file.
type fileTarget struct {
	File
	// build is the content of a table; postmap(1) compiles it.
	build []byte
	// restore are before-images, used when build is nil and commit is not set.
	restore, restoreCompiled snapshot
	// commit: UCR renders the file.
	commit bool
}

// renderedTarget is the target of main.cf or master.cf.
type renderedTarget struct {
	path string
	// expected is the dry run. exact, if present, is the file byte by byte.
	expected []byte
	exact    snapshot
	// turned are the logical lines that the change adds and removes.
	turned Turned
}

// afterwards is the target of an apply.
func afterwards(p *plan.Plan, m *Manifest, registry Values, ports []Port) target {
	t := target{
		variables: m.after(), origins: origins(m.before()), registry: registry, expect: p.Expect, ports: ports, reload: true,
	}
	for i, f := range p.Files {
		ft := fileTarget{File: m.Files[i]}
		switch {
		case f.Action == plan.Remove:
		case f.Kind == plan.Table:
			ft.build = []byte(*f.After)
		case f.Kind == plan.Map:
			ft.commit = true
		case f.Kind == plan.Include:
			ft.restore = public([]byte(*f.After))
		default:
			ft.restore = private([]byte(*f.After))
		}
		t.files = append(t.files, ft)
	}
	for i, r := range p.Rendered.Files() {
		t.rendered = append(t.rendered, renderedTarget{path: r.Path, expected: r.Next, turned: m.Rendered[i].Turned})
	}
	return t
}

func origins(values map[string]*string) map[string][]*string {
	out := map[string][]*string{}
	for key, value := range values {
		out[key] = []*string{value}
	}
	return out
}

// beforehand is the target of the way back. It needs a dry run of UCR only where variables or rendered files differ
// from what they were. So a change that failed early can be taken back even if UCR was the cause of the failure.
//
// others are values of someone else that the change has overwritten. They come back in place of the values before the
// change. With forced, what someone else has changed since is overwritten. What lasts stays as it is, see leaves.
func (m *Machine) beforehand(ctx context.Context, c *Manifest, others Others, j Journal) (target, error) {
	t := target{variables: c.before(), origins: origins(c.after()), others: others, back: true}
	for key, value := range others {
		t.origins[key] = append(t.origins[key], t.variables[key])
		t.variables[key] = value
	}
	leaves := m.leaves(c, j.Kind)
	classes, err := m.images(c, &t, leaves)
	if err != nil {
		return t, err
	}
	if t.registry, err = m.Registry.Normal(); err != nil {
		return t, err
	}
	if leaves {
		if err := m.leave(c, &t); err != nil {
			return t, err
		}
	}
	if j.Forced {
		t.force()
	}
	if classes, err = m.keepNeeded(&t, classes); err != nil {
		return t, err
	}
	return t, m.renderedBefore(ctx, c, &t, classes)
}

// images reads the before-images of the generated files, and returns the restriction classes among them.
func (m *Machine) images(c *Manifest, t *target, leaves bool) (classes *string, err error) {
	for _, f := range c.Files {
		ft := fileTarget{File: f}
		if ft.restore, err = m.Store.image(c.ID, f.Before); err != nil {
			return nil, err
		}
		if ft.restoreCompiled, err = m.Store.image(c.ID, f.CompiledBefore); err != nil {
			return nil, err
		}
		switch f.Kind {
		case plan.Include:
			if leaves {
				if ft.restore, err = m.classesLeft(f.Path, ft.restore); err != nil {
					return nil, err
				}
			}
			text := string(ft.restore.content)
			classes = &text
		case plan.Ledger:
			if ft.restore, err = m.ledgerBefore(c, f, ft.restore, leaves); err != nil {
				return nil, err
			}
		case plan.Table, plan.Map:
		}
		t.files = append(t.files, ft)
	}
	return classes, nil
}

// renderedBefore tells what main.cf and master.cf were.
func (m *Machine) renderedBefore(ctx context.Context, c *Manifest, t *target, classes *string) error {
	diff := t.difference(t.registry)
	for _, r := range c.Rendered {
		rt := renderedTarget{path: r.Path, turned: r.Turned}
		before, err := m.Store.image(c.ID, r.Before)
		if err != nil {
			return err
		}
		now, err := look(m.path(r.Path))
		if err != nil {
			return err
		}
		if diff.none() && now.same(before) {
			rt.expected, rt.exact = before.content, before
			t.rendered = append(t.rendered, rt)
			continue
		}
		next := Next{Set: diff.set, Unset: diff.unset, Classes: classes}
		if rt.expected, err = m.Registry.Render(ctx, next, strings.TrimPrefix(r.Path, "/")); err != nil {
			return fmt.Errorf("cannot tell what %s was: %w", r.Path, err)
		}
		if r.Current == hash(m.Registry.Canonical(r.Path, rt.expected)) {
			rt.exact = before
		}
		stays := logicalLines(m.Registry.Canonical(r.Path, rt.expected))
		rt.turned.Added = slices.DeleteFunc(slices.Clone(r.Added), func(line string) bool { return stays[line] })
		t.rendered = append(t.rendered, rt)
	}
	return nil
}

// force makes the values that the registry holds now overwritable.
func (t *target) force() {
	t.forced = true
	for key := range t.variables {
		t.origins[key] = append(t.origins[key], t.registry.value(key))
	}
}

package transaction

import (
	"context"
	"fmt"
	"strings"

	"ucs-harden/plan"
)

// target is the state that drive brings the machine to.
type target struct {
	variables map[string]*string
	files     []fileTarget
	rendered  []renderedTarget
	expect    plan.Expectation
	// ports must greet at the end; they tell what was offered before.
	ports []Port
	// back: the target is the state before the change.
	back bool
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
}

// afterwards is the target of an apply.
func afterwards(p *plan.Plan, m *Manifest, ports []Port) target {
	t := target{variables: m.after(), expect: p.Expect, ports: ports, reload: true}
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
	for _, r := range p.Rendered.Files() {
		t.rendered = append(t.rendered, renderedTarget{path: r.Path, expected: r.Next})
	}
	return t
}

// beforehand is the target of the way back. It needs a dry run of UCR only where variables or rendered files differ
// from what they were. So a change that failed early can be taken back even if UCR was the cause of the failure.
func (m *Machine) beforehand(ctx context.Context, c *Manifest) (target, error) {
	t := target{variables: c.before(), back: true}
	var classes *string
	for _, f := range c.Files {
		ft := fileTarget{File: f}
		var err error
		if ft.restore, err = m.Store.image(c.ID, f.Before); err != nil {
			return t, err
		}
		if ft.restoreCompiled, err = m.Store.image(c.ID, f.CompiledBefore); err != nil {
			return t, err
		}
		if f.Kind == plan.Include {
			text := string(ft.restore.content)
			classes = &text
		}
		t.files = append(t.files, ft)
	}
	get, err := m.Registry.Normal()
	if err != nil {
		return t, err
	}
	set, unset := missing(t.variables, get)
	for _, r := range c.Rendered {
		rt := renderedTarget{path: r.Path}
		before, err := m.Store.image(c.ID, r.Before)
		if err != nil {
			return t, err
		}
		now, err := look(m.path(r.Path))
		if err != nil {
			return t, err
		}
		if len(set)+len(unset) == 0 && now.same(before) {
			rt.expected, rt.exact = before.content, before
			t.rendered = append(t.rendered, rt)
			continue
		}
		next := Next{Set: set, Unset: unset, Classes: classes}
		if rt.expected, err = m.Registry.Render(ctx, next, strings.TrimPrefix(r.Path, "/")); err != nil {
			return t, fmt.Errorf("cannot tell what %s was: %w", r.Path, err)
		}
		if r.Current == hash(m.Registry.Canonical(r.Path, rt.expected)) {
			rt.exact = before
		}
		t.rendered = append(t.rendered, rt)
	}
	return t, nil
}

// missing tells which variables still have to be set or unset.
func missing(want map[string]*string, get func(string) (string, bool)) (set map[string]string, unset []string) {
	set = map[string]string{}
	for key, value := range want {
		now, ok := get(key)
		switch {
		case value == nil && ok:
			unset = append(unset, key)
		case value != nil && (!ok || now != *value):
			set[key] = *value
		}
	}
	return set, unset
}

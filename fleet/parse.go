package fleet

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"ucs-harden/harden"
	"ucs-harden/internal/lazyregexp"
	"ucs-harden/plan"
)

var (
	controlName = lazyregexp.New(`^[a-z][a-z0-9-]{0,39}$`)
	modeName    = lazyregexp.New(`^[a-z]{1,20}$`)
)

var errForeign = errors.New(`it is nothing that "ucs-harden status --json" prints`)

// parse reads one object.
func parse(raw json.RawMessage) (d document, err error) {
	var kind struct {
		Schema    *int            `json:"schema"`
		Controls  json.RawMessage `json:"controls"`
		Running   json.RawMessage `json:"running"`
		Readiness json.RawMessage `json:"readiness"`
		Error     *string         `json:"error"`
	}
	if json.Unmarshal(raw, &kind) != nil || kind.Schema == nil {
		return d, errForeign
	}
	isStatus := kind.Controls != nil && kind.Running != nil && kind.Readiness != nil
	switch {
	case kind.Error == nil && !isStatus:
		return d, errForeign
	case isStatus && *kind.Schema < oldestSchema:
		return d, fmt.Errorf("its schema is %d, and %d is the oldest that can be read", *kind.Schema, oldestSchema)
	}
	if err := json.Unmarshal(raw, &d.status); err != nil {
		if *kind.Schema > harden.StatusSchema {
			return d, fmt.Errorf("its schema is %d, and this program knows %d: %w",
				*kind.Schema, harden.StatusSchema, err)
		}
		return d, fmt.Errorf("%w: %w", errForeign, err)
	}
	return d, d.bound()
}

// bound cuts what is long, and returns an error if a name is none.
func (d *document) bound() error {
	if len(d.Controls) > mostControls {
		return fmt.Errorf("%w: %d controls", errForeign, len(d.Controls))
	}
	for i, c := range d.Controls {
		modes := []plan.Mode{c.After}
		for _, m := range c.Domains {
			modes = append(modes, m)
		}
		if m := d.Running[c.Name]; m != "" {
			modes = append(modes, m)
		}
		for _, m := range modes {
			if !modeName.MatchString(string(m)) {
				return fmt.Errorf("%w: a mode is called %q", errForeign, clip(string(m)))
			}
		}
		if !controlName.MatchString(c.Name) {
			return fmt.Errorf("%w: a control is called %q", errForeign, clip(c.Name))
		}
		for _, earlier := range d.Controls[:i] {
			if earlier.Name == c.Name {
				return fmt.Errorf("%w: it names %s twice", errForeign, c.Name)
			}
		}
	}
	d.differences = len(d.Drift)
	d.Drift = d.Drift[:min(len(d.Drift), mostListed)]
	for i := range d.Drift {
		d.Drift[i] = clip(d.Drift[i])
	}
	d.Time = known(d.Time)
	for _, text := range []*string{&d.Server, &d.Version, &d.Silent, &d.Interrupted, &d.Error, &d.Hint} {
		*text = clip(*text)
	}
	if p := d.Sync.Paused; p != nil {
		p.ID, p.By = clip(p.ID), clip(p.By)
	}
	if l := d.Sync.Last; l != nil {
		l.Result, l.Change, l.Error, l.Hint = clip(l.Result), clip(l.Change), clip(l.Error), clip(l.Hint)
	}
	if w := d.Waiting; w != nil {
		w.ID = clip(w.ID)
	}
	if e := d.Expires; e != nil {
		e.List, e.Name, e.Date = clip(e.List), clip(e.Name), clip(e.Date)
	}
	return nil
}

// known is nil for the zero time.
func known(t *time.Time) *time.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	return t
}

// clip is a text of at most mostText characters.
func clip(text string) string {
	n := 0
	for at := range text {
		if n == mostText {
			return text[:at] + "…"
		}
		n++
	}
	return text
}

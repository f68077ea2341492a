package postfix

import (
	"context"
	"fmt"
	"strings"
)

// Param returns main.cf parameters as they are defined, from one run of postconf. "$name" is not expanded, and each
// run of blanks in a value is one blank. A name that postconf does not know is absent. Postconf does not know a
// parameter of the administrator's own as long as no service and no other parameter refers to it.
func (p Postfix) Param(ctx context.Context, names ...string) (map[string]string, error) {
	values := make(map[string]string, len(names))
	if len(names) == 0 {
		return values, nil // postconf without a name prints all parameters
	}
	for _, name := range names {
		if !parameterName(name) {
			return nil, fmt.Errorf("cannot ask postconf for %q: not the name of a main.cf parameter", name)
		}
	}
	res, err := p.tool(ctx, nil, "postconf", names...)
	if err != nil {
		return nil, fmt.Errorf("cannot read main.cf parameters: %w", err)
	}
	for line := range strings.Lines(string(res.Stdout)) {
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("cannot read main.cf parameters: postconf printed %q", line)
		}
		values[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	return values, nil
}

func parameterName(name string) bool {
	return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// Override is one -o override of a service entry, the one that counts.
type Override struct{ Service, Type, Parameter, Value string }

// Overrides returns all -o overrides as postconf -P prints them.
func (p Postfix) Overrides(ctx context.Context) ([]Override, error) {
	res, err := p.tool(ctx, nil, "postconf", "-P")
	if err != nil {
		return nil, fmt.Errorf("cannot read the overrides of the service entries: %w", err)
	}
	var overrides []Override
	for line := range strings.Lines(string(res.Stdout)) {
		left, value, ok := strings.Cut(line, "=")
		// A service of type unix may have slashes in its name, so the parts are taken from the end.
		left, parameter, ok2 := cutLast(strings.TrimSpace(left))
		service, typ, ok3 := cutLast(left)
		if !ok || !ok2 || !ok3 {
			return nil, fmt.Errorf("cannot read the overrides of the service entries: postconf printed %q", line)
		}
		overrides = append(overrides, Override{service, typ, parameter, strings.TrimSpace(value)})
	}
	return overrides, nil
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '/')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

package ucr

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ucs-harden/internal/run"
)

// changeTimeout is generous, because the handlers of all packages that watch a variable run inside ucr set.
const changeTimeout = 120 * time.Second

// Runner runs programs: run.System, or a fake in tests.
type Runner interface {
	Run(ctx context.Context, c run.Cmd) (run.Result, error)
}

// Program changes the registry and renders its templates through the ucr program.
type Program struct {
	Runner Runner
	Root   string // ucr's files are read back from below this folder; "" is "/"
}

// OverriddenError says that a stronger layer holds a variable, so that setting the variable has no effect. Written says
// that ucr has set the variable in the normal layer all the same, because the stronger layer got it only during the
// change.
type OverriddenError struct {
	Key     string
	Layer   Layer
	Value   string
	Written bool
}

func (e *OverriddenError) Error() string {
	return fmt.Sprintf("cannot set registry variable %s: the layer %s (%s) holds it as %s",
		quote(e.Key), e.Layer, e.Layer.File(), quote(e.Value))
}

// NotWrittenError says that ucr ended well, but base.conf does not hold the requested value of a variable. Missing
// means that base.conf does not hold the variable at all.
type NotWrittenError struct {
	Key, Want, Got string
	Missing        bool
	Said           string // ucr's warnings, shortened if long
}

func (e *NotWrittenError) Error() string {
	got := "is " + quote(e.Got)
	if e.Missing {
		got = "is not set"
	}
	return fmt.Sprintf("cannot set registry variable %s to %s: afterwards it %s%s",
		quote(e.Key), quote(e.Want), got, because(e.Said))
}

// NotUnsetError says that ucr ended well but base.conf still holds a variable.
type NotUnsetError struct {
	Key, Got string
	Said     string // ucr's warnings, shortened if long
}

func (e *NotUnsetError) Error() string {
	return fmt.Sprintf("cannot unset registry variable %s: afterwards it is still %s%s",
		quote(e.Key), quote(e.Got), because(e.Said))
}

func because(said string) string {
	if said == "" {
		return ""
	}
	return "; ucr said: " + said
}

// Set sets variables in the normal layer:
//  1. It refuses keys and values that ucr would refuse or alter (*InvalidError), changes that do not fit into one
//     command line (*TooLongError), and variables that a stronger layer holds (*OverriddenError). Nothing is changed
//     then.
//  2. It runs ucr set once, with all variables sorted by key. It runs nothing when there are none. ucr renders the
//     files that depend on the variables before it ends. When ucr fails (*run.Error), the variables may have been
//     written or not: ucr first writes all of them at once, so they stay written when a handler fails.
//  3. It reads the registry back from disk. For the first variable that does not hold its value in the normal layer, it
//     returns *OverriddenError or *NotWrittenError.
func (p Program) Set(ctx context.Context, vars map[string]string) error {
	return p.set(ctx, vars, true)
}

// Restore sets variables as Set does, to bring back earlier values of the normal layer. It also sets a variable that a
// stronger layer holds, because that layer may have got the variable meanwhile.
func (p Program) Restore(ctx context.Context, vars map[string]string) error {
	return p.set(ctx, vars, false)
}

func (p Program) set(ctx context.Context, vars map[string]string, effective bool) error {
	if len(vars) == 0 {
		return nil
	}
	keys := slices.Sorted(maps.Keys(vars))
	assignments := make([]string, len(keys))
	for i, key := range keys {
		if err := CheckKey(key); err != nil {
			return err
		}
		if err := CheckValue(key, vars[key]); err != nil {
			return err
		}
		assignments[i] = key + "=" + vars[key]
	}
	if err := checkSize(keys, assignments); err != nil {
		return err
	}
	before, err := Load(p.Root)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if value, ok := before.Stronger(key); ok && effective {
			return &OverriddenError{Key: key, Layer: value.Layer, Value: value.Text}
		}
	}
	result, err := p.change(ctx, "set", assignments)
	if err != nil {
		return fmt.Errorf("cannot set registry variables: %w", err)
	}
	after, err := Load(p.Root)
	if err != nil {
		return fmt.Errorf("cannot check what ucr set: %w", err)
	}
	for _, key := range keys {
		if got, ok := after.Normal(key); !ok || got != vars[key] {
			return &NotWrittenError{Key: key, Want: vars[key], Got: got, Missing: !ok, Said: said(result)}
		}
		if value, ok := after.Stronger(key); ok && effective {
			return &OverriddenError{Key: key, Layer: value.Layer, Value: value.Text, Written: true}
		}
	}
	return nil
}

// Unset removes variables from the normal layer with one call of ucr unset. It runs nothing when there are none. It is
// no error when the normal layer does not hold a variable, or when another layer holds it too. Unset refuses the same
// keys and sizes as Set, and reads the registry back: *NotUnsetError for the first variable that base.conf still holds.
func (p Program) Unset(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	keys = slices.Compact(slices.Sorted(slices.Values(keys)))
	for _, key := range keys {
		if err := CheckKey(key); err != nil {
			return err
		}
	}
	if err := checkSize(keys, keys); err != nil {
		return err
	}
	result, err := p.change(ctx, "unset", keys)
	if err != nil {
		return fmt.Errorf("cannot unset registry variables: %w", err)
	}
	after, err := Load(p.Root)
	if err != nil {
		return fmt.Errorf("cannot check what ucr unset: %w", err)
	}
	for _, key := range keys {
		if got, ok := after.Normal(key); ok {
			return &NotUnsetError{Key: key, Got: got, Said: said(result)}
		}
	}
	return nil
}

func (p Program) change(ctx context.Context, action string, arguments []string) (run.Result, error) {
	return p.Runner.Run(ctx, run.Cmd{Argv: append([]string{"ucr", action}, arguments...), Timeout: changeTimeout})
}

// Commit renders files (like "/etc/postfix/main.cf") from the registry. ucr exits with 0 even when a template fails;
// Commit reports the traceback as *TemplateError. To know whether a file has the right content, compare it with Render.
func (p Program) Commit(ctx context.Context, files ...string) error {
	if len(files) == 0 {
		return nil // ucr commit without a file would render all files
	}
	result, err := p.change(ctx, "commit", files)
	if err != nil {
		return fmt.Errorf("cannot render configuration files: %w", err)
	}
	if failed(result) {
		return &TemplateError{Template: strings.Join(files, ", "), Said: exception(result)}
	}
	return nil
}

// said gives ucr's warnings as one line, shortened if long, without the lines that name the rendered files.
func said(result run.Result) string {
	const most = 500
	text := strings.Join(remarks(result), "; ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// exception gives the last line of a traceback, which names the cause, shortened if long.
func exception(result run.Result) string {
	all := remarks(result)
	return said(run.Result{Stderr: []byte(all[len(all)-1])})
}

func remarks(result run.Result) []string {
	var lines []string
	for line := range strings.SplitSeq(strings.ToValidUTF8(string(result.Stderr), "?"), "\n") {
		line = strings.Join(strings.Fields(line), " ")
		switch kind, _, _ := strings.Cut(line, ": "); kind {
		case "", "File", "Multifile", "Script", "Module":
		default:
			lines = append(lines, line)
		}
	}
	return lines
}

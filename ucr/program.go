package ucr

import (
	"context"
	"errors"
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

// NotWrittenError says that ucr ended but base.conf does not hold the requested value of a variable. Missing means that
// base.conf does not hold the variable at all. Other variables of the same call may have been written.
type NotWrittenError struct {
	Key, Want, Got string
	Missing        bool
	Said           string // ucr's errors and warnings, shortened if long
	Failure        error  // the exit status of ucr, a *run.Error; nil when it was 0
}

func (e *NotWrittenError) Unwrap() error { return e.Failure }

func (e *NotWrittenError) Error() string {
	got := "is " + quote(e.Got)
	if e.Missing {
		got = "is not set"
	}
	said := because(e.Said)
	if said == "" && e.Failure != nil {
		said = "; " + e.Failure.Error()
	}
	return fmt.Sprintf("cannot set registry variable %s to %s: afterwards it %s%s",
		quote(e.Key), quote(e.Want), got, said)
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
//     files that depend on the variables before it ends.
//  3. It reads the registry back from disk, whatever the exit status of ucr was. For the first variable that does not
//     hold its value in the normal layer, it returns *OverriddenError or *NotWrittenError, which tells what ucr said of
//     it. UCS 5.2 refuses a value that does not fit the description of its variable, writes the others and exits
//     with 2.
//  4. If everything is written but ucr failed all the same, it returns *run.Error. The rendered files may then be the
//     old ones: when ucr cannot write its replog, it ends after base.conf was written and before any handler ran.
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
	result, failure := p.change(ctx, "set", assignments)
	if failure != nil && !answered(failure) {
		return fmt.Errorf("cannot set registry variables: %w", failure)
	}
	after, err := Load(p.Root)
	if err != nil {
		return errors.Join(failure, fmt.Errorf("cannot check what ucr set: %w", err))
	}
	for _, key := range keys {
		if got, ok := after.Normal(key); !ok || got != vars[key] {
			return &NotWrittenError{Key: key, Want: vars[key], Got: got, Missing: !ok, Said: saidOf(result, key), Failure: failure}
		}
		if value, ok := after.Stronger(key); ok && effective {
			return &OverriddenError{Key: key, Layer: value.Layer, Value: value.Text, Written: true}
		}
	}
	if failure != nil {
		return fmt.Errorf("cannot set registry variables: %w%s", failure, because(said(result)))
	}
	return nil
}

// answered reports whether ucr ran to its end and exited with a status of its own. It is false when ucr could not be
// started or was killed.
func answered(err error) bool {
	var failure *run.Error
	return errors.As(err, &failure) && failure.ExitCode > 0
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
		return fmt.Errorf("cannot unset registry variables: %w%s", err, because(said(result)))
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

// saidOf gives what ucr said of one variable, or everything that it said when no line names the variable.
func saidOf(result run.Result, key string) string {
	var lines []string
	for _, line := range remarks(result) {
		if strings.Contains(line, "'"+key+"'") {
			lines = append(lines, line)
		}
	}
	if lines == nil {
		return said(result)
	}
	return said(run.Result{Stderr: []byte(strings.Join(lines, "\n"))})
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

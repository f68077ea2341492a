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
	// Env is added to the environment of ucr set, unset and commit. Handlers of type script see it.
	Env []string
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

// UnseenError says that someone else wrote the registry in the same moment as ucr, and that what he wrote was gone before
// it could be read. ucr has written everything.
type UnseenError struct{}

func (*UnseenError) Error() string {
	return "someone else has written the registry in the same moment; his values may be lost"
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
	_, err := p.set(ctx, vars, nil, true)
	return err
}

// SetSeen is Set for a caller that has looked at the normal layer and saw these values. ucr cannot compare before it
// writes, so SetSeen returns the values that someone else wrote in the meantime and that ucr has overwritten; nil for a
// variable that he had unset. It returns *UnseenError, after everything was written, if such a value cannot be told.
func (p Program) SetSeen(ctx context.Context, vars, seen map[string]string) (map[string]*string, error) {
	return p.set(ctx, vars, seen, true)
}

// Restore sets variables as SetSeen does, to bring back earlier values of the normal layer. It also sets a variable that a
// stronger layer holds, because that layer may have got the variable meanwhile.
func (p Program) Restore(ctx context.Context, vars, seen map[string]string) (map[string]*string, error) {
	return p.set(ctx, vars, seen, false)
}

func (p Program) set(ctx context.Context, vars, seen map[string]string, effective bool) (map[string]*string, error) {
	if len(vars) == 0 {
		return nil, nil
	}
	keys := slices.Sorted(maps.Keys(vars))
	assignments := make([]string, len(keys))
	for i, key := range keys {
		if err := CheckKey(key); err != nil {
			return nil, err
		}
		if err := CheckValue(key, vars[key]); err != nil {
			return nil, err
		}
		assignments[i] = key + "=" + vars[key]
	}
	if err := checkSize(keys, assignments); err != nil {
		return nil, err
	}
	before, err := Load(p.Root)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		if value, ok := before.Stronger(key); ok && effective {
			return nil, &OverriddenError{Key: key, Layer: value.Layer, Value: value.Text}
		}
	}
	result, others, failure := p.changeSeen(ctx, "set", keys, assignments, vars, seen)
	if failure != nil && !answered(failure) {
		return others, fmt.Errorf("cannot set registry variables: %w", failure)
	}
	after, err := Load(p.Root)
	if err != nil {
		return others, errors.Join(failure, fmt.Errorf("cannot check what ucr set: %w", err))
	}
	for _, key := range keys {
		if got, ok := after.Normal(key); !ok || got != vars[key] {
			return others, &NotWrittenError{Key: key, Want: vars[key], Got: got, Missing: !ok, Said: saidOf(result, key), Failure: failure}
		}
		if value, ok := after.Stronger(key); ok && effective {
			return others, &OverriddenError{Key: key, Layer: value.Layer, Value: value.Text, Written: true}
		}
	}
	if failure != nil {
		return others, fmt.Errorf("cannot set registry variables: %w%s", failure, because(said(result)))
	}
	return others, nil
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
	_, err := p.UnsetSeen(ctx, keys, nil)
	return err
}

// UnsetSeen is to Unset as SetSeen is to Set.
func (p Program) UnsetSeen(ctx context.Context, keys []string, seen map[string]string) (map[string]*string, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	keys = slices.Compact(slices.Sorted(slices.Values(keys)))
	for _, key := range keys {
		if err := CheckKey(key); err != nil {
			return nil, err
		}
	}
	if err := checkSize(keys, keys); err != nil {
		return nil, err
	}
	result, others, err := p.changeSeen(ctx, "unset", keys, keys, nil, seen)
	if err != nil {
		return others, fmt.Errorf("cannot unset registry variables: %w%s", err, because(said(result)))
	}
	after, err := Load(p.Root)
	if err != nil {
		return others, fmt.Errorf("cannot check what ucr unset: %w", err)
	}
	for _, key := range keys {
		if got, ok := after.Normal(key); ok {
			return others, &NotUnsetError{Key: key, Got: got, Said: said(result)}
		}
	}
	return others, nil
}

func (p Program) change(ctx context.Context, action string, arguments []string) (run.Result, error) {
	argv := append([]string{"ucr", action}, arguments...)
	return p.Runner.Run(ctx, run.Cmd{Argv: argv, Env: p.Env, Timeout: changeTimeout})
}

// changeSeen runs ucr and watches base.conf. It returns what someone else had written since the caller has looked. Where
// base.conf cannot be watched, such as when there are too many watches, it runs ucr all the same.
func (p Program) changeSeen(
	ctx context.Context, action string, keys, arguments []string, want, seen map[string]string,
) (run.Result, map[string]*string, error) {
	if seen == nil {
		result, err := p.change(ctx, action, arguments)
		return result, nil, err
	}
	w, unwatched := startWatch(p.Root)
	if unwatched != nil {
		result, err := p.change(ctx, action, arguments)
		return result, nil, err
	}
	now, err := Load(p.Root) // what was written before the watch began
	if err != nil {
		w.end()
		return run.Result{}, nil, err
	}
	result, failure := p.change(ctx, action, arguments)
	versions, complete := w.end()
	versions = append([]map[string]string{now.layers[Normal]}, versions...)
	others := overwritten(keys, want, seen, versions)
	if failure == nil && !complete && !differBeside(keys, versions) {
		failure = &UnseenError{}
	}
	return result, others, failure
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

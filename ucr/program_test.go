package ucr

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/internal/run"
)

func TestSetIsOneSortedCall(t *testing.T) {
	p, fake := newServer(t, map[string]string{"base.conf": header + "b: 1\nk: stays"})
	require.NoError(t, p.Set(t.Context(), map[string]string{
		"r/9": "permit_mynetworks", "r/10": "$submission_recipient_restrictions", "b": "", "u": "Grüße, 'x' = \"y\"",
	}))
	calls := fake.Calls()
	require.Len(t, calls, 1)
	assert.Equal(t, []string{
		"ucr", "set", "b=", "r/10=$submission_recipient_restrictions", "r/9=permit_mynetworks", "u=Grüße, 'x' = \"y\"",
	}, calls[0].Argv)
	assert.GreaterOrEqual(t, calls[0].Timeout, 2*time.Minute, "the handlers of all packages run inside ucr set")
	assert.Empty(t, calls[0].Env)
	assert.Equal(t, header+"b: \nk: stays\nr/10: $submission_recipient_restrictions\nr/9: permit_mynetworks\nu: Grüße, 'x' = \"y\"", content(t, p, "base.conf"))
}

// Handlers of type script inherit the environment of ucr.
func TestTheEnvironmentOfChanges(t *testing.T) {
	p, fake := newServer(t, map[string]string{"base.conf": header + "a: 1\nb: 1"})
	p.Env = []string{"WHO=us"}
	require.NoError(t, p.Set(t.Context(), map[string]string{"a": "2"}))
	require.NoError(t, p.Unset(t.Context(), []string{"b"}))
	calls := fake.Calls()
	require.Len(t, calls, 2)
	for _, call := range calls {
		assert.Equal(t, []string{"WHO=us"}, call.Env, call.Argv)
	}
}

func TestNothingToChangeRunsNothing(t *testing.T) {
	p, fake := newServer(t, nil)
	require.NoError(t, p.Set(t.Context(), nil))
	require.NoError(t, p.Unset(t.Context(), nil))
	require.NoError(t, p.Commit(t.Context()))
	assert.Empty(t, fake.Calls())
}

func TestSetRefusesBeforeAnythingRuns(t *testing.T) {
	big := strings.Repeat("x", 100<<10)
	for sentence, c := range map[string]struct {
		set  map[string]string
		want string
	}{
		"an empty key":         {map[string]string{"": "v"}, `cannot set registry variable "": the key is empty`},
		"a key with a bracket": {map[string]string{"a": "v", "k(k": "v"}, `cannot set registry variable "k(k": the key contains '('`},
		"a key with =":         {map[string]string{"k=k": "v"}, `cannot set registry variable "k=k": the key contains '='`},
		"a key that ucr would set only when it is unset": {map[string]string{"k?": "v"}, `cannot set registry variable "k?": the key contains '?'`},
		"a key with a section sign":                      {map[string]string{"k§": "v"}, `cannot set registry variable "k§": the key contains '§'`},
		"a key with a line break":                        {map[string]string{"k\nk": "v"}, `cannot set registry variable "k\nk": the key contains '\n'`},
		"a key with colon and blank":                     {map[string]string{"k: k": "v"}, `cannot set registry variable "k: k": the key contains ": "`},
		"a key that looks like an option":                {map[string]string{"--force": "v"}, `cannot set registry variable "--force": the key begins with "-", which ucr takes for an option`},
		"a key in Latin-1":                               {map[string]string{"k\xfc": "v"}, `cannot set registry variable "k\xfc": the key is not UTF-8 text`},
		"a value with a line break":                      {map[string]string{"k": "a\nb"}, `cannot set registry variable "k": the value contains a line break, which ucr deletes`},
		"a value with a carriage return":                 {map[string]string{"k": "a\rb"}, `cannot set registry variable "k": the value contains a line break, which ucr deletes`},
		"a value with a leading blank":                   {map[string]string{"k": " a"}, `cannot set registry variable "k": the value begins or ends with white space, which ucr deletes`},
		"a value with a trailing tab":                    {map[string]string{"k": "a\t"}, `cannot set registry variable "k": the value begins or ends with white space, which ucr deletes`},
		"a value with a NUL byte":                        {map[string]string{"k": "a\x00"}, `cannot set registry variable "k": the value is not UTF-8 text`},
		"a value in Latin-1":                             {map[string]string{"k": "\xfc"}, `cannot set registry variable "k": the value is not UTF-8 text`},
		"an argument of 128 KiB":                         {map[string]string{"k": strings.Repeat("x", 128<<10-2)}, `cannot set registry variable "k": key and value have 131072 bytes, the system allows 131071`},
		"2 MiB of arguments":                             {map[string]string{"a": big, "b": big, "c": big, "d": big, "e": big, "f": big, "g": big, "h": big, "i": big, "j": big, "k": big, "l": big, "m": big, "n": big, "o": big, "p": big, "q": big, "r": big, "s": big, "t": big}, `cannot change the registry in one step: 2048`},
		"a variable that a policy holds":                 {map[string]string{"a": "v", "p": "v"}, `cannot set registry variable "p": the layer ldap (base-ldap.conf) holds it as "policy"`},
		"a variable that is forced":                      {map[string]string{"f": "v"}, `cannot set registry variable "f": the layer forced (base-forced.conf) holds it as "forced"`},
		"a forced variable, same value":                  {map[string]string{"f": "forced"}, `cannot set registry variable "f": the layer forced (base-forced.conf) holds it as "forced"`},
	} {
		t.Run(sentence, func(t *testing.T) {
			p, fake := newServer(t, map[string]string{
				"base.conf": header + "a: 1", "base-ldap.conf": "p: policy\nf: policy", "base-forced.conf": "f: forced",
			})
			err := p.Set(t.Context(), c.set)
			require.Error(t, err)
			assert.True(t, strings.HasPrefix(err.Error(), c.want), err.Error())
			assert.Empty(t, fake.Calls())
			assert.Equal(t, header+"a: 1", content(t, p, "base.conf"))
		})
	}
}

func TestErrorsHaveTypes(t *testing.T) {
	p, _ := newServer(t, map[string]string{"base.conf": "a: 1", "base-schedule.conf": "s: later"})
	var invalid *InvalidError
	require.ErrorAs(t, p.Set(t.Context(), map[string]string{"k": "a\nb"}), &invalid)
	assert.Equal(t, "k", invalid.Key)
	var long *TooLongError
	require.ErrorAs(t, p.Set(t.Context(), map[string]string{"k": strings.Repeat("x", 1<<18)}), &long)
	assert.Equal(t, TooLongError{"k", 1<<18 + 2, 131071}, *long)
	var overridden *OverriddenError
	require.ErrorAs(t, p.Set(t.Context(), map[string]string{"s": "x"}), &overridden)
	assert.Equal(t, OverriddenError{Key: "s", Layer: Schedule, Value: "later"}, *overridden)
	require.ErrorAs(t, p.Unset(t.Context(), []string{"a", "a=b"}), &invalid)
	assert.Equal(t, "a=b", invalid.Key)
}

func TestTheLongestArgumentIsAccepted(t *testing.T) {
	p, _ := newServer(t, map[string]string{"base.conf": "a: 1"})
	require.NoError(t, p.Set(t.Context(), map[string]string{"k": strings.Repeat("x", 128<<10-3)}))
}

func TestTheSystemAcceptsWhatCheckSizeDoes(t *testing.T) {
	argv := []string{"true"}
	for checkSize(argv[1:], append(argv[1:], strings.Repeat("x", maxArgument))) == nil {
		argv = append(argv, strings.Repeat("x", maxArgument))
	}
	require.Greater(t, len(argv), 10)
	_, err := run.System{}.Run(t.Context(), run.Cmd{Argv: argv})
	require.NoError(t, err)
	_, err = run.System{}.Run(t.Context(), run.Cmd{Argv: []string{"true", strings.Repeat("x", maxArgument+1)}})
	require.ErrorContains(t, err, "argument list too long")
}

// In each of these cases ucr exits with 0, as the real one does.
func TestSetNoticesWhatUcrDoesNotSay(t *testing.T) {
	const warning = "W: Value \"x\" is not valid for a\nMultifile: /etc/postfix/main.cf\n"
	for sentence, c := range map[string]struct {
		meddle func(t *testing.T, p Program, argv []string) string // returns stderr
		want   error
	}{
		"the write is swallowed": {
			func(*testing.T, Program, []string) string { return "" },
			&NotWrittenError{Key: "a", Want: "x", Got: "1"},
		},
		"a new variable is refused with a warning": {
			func(t *testing.T, p Program, argv []string) string {
				edit(t, p.Root, "set", argv[2:3])
				return warning
			},
			&NotWrittenError{Key: "b", Want: "y", Missing: true, Said: `W: Value "x" is not valid for a`},
		},
		"another value is written": {
			func(t *testing.T, p Program, argv []string) string {
				edit(t, p.Root, "set", []string{"a=x", "b=Y"})
				return ""
			},
			&NotWrittenError{Key: "b", Want: "y", Got: "Y"},
		},
		"a policy arrives meanwhile": {
			func(t *testing.T, p Program, argv []string) string {
				edit(t, p.Root, "set", argv[2:])
				require.NoError(t, os.WriteFile(filepath.Join(p.Root, "etc/univention/base-ldap.conf"), []byte("b: policy"), 0o600))
				return ""
			},
			&OverriddenError{Key: "b", Layer: LDAP, Value: "policy", Written: true},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			p, fake := newServer(t, map[string]string{"base.conf": header + "a: 1"})
			fake.Handle(func(_ context.Context, cmd run.Cmd) (run.Result, error) {
				return run.Result{Stderr: []byte(c.meddle(t, p, cmd.Argv))}, nil
			}, "ucr", "set")
			assert.Equal(t, c.want, p.Set(t.Context(), map[string]string{"a": "x", "b": "y"}))
		})
	}
}

func TestMessagesOfWritesThatFailed(t *testing.T) {
	assert.EqualError(t, &NotWrittenError{Key: "a", Want: "x", Got: "1", Said: "W: no"}, `cannot set registry variable "a" to "x": afterwards it is "1"; ucr said: W: no`)
	assert.EqualError(t, &NotWrittenError{Key: "a", Want: "x", Missing: true}, `cannot set registry variable "a" to "x": afterwards it is not set`)
	assert.EqualError(t, &NotUnsetError{Key: "a", Got: "1"}, `cannot unset registry variable "a": afterwards it is still "1"`)
	long := (&NotWrittenError{Key: "a", Want: strings.Repeat("ü", 10_000), Got: strings.Repeat("x", 10_000)}).Error()
	assert.Less(t, len(long), 400)
	assert.Contains(t, long, "(20000 bytes)")
}

func TestUcrsWordsAreBounded(t *testing.T) {
	text := said(run.Result{Stderr: []byte("File: /a\nW: the point\n" + strings.Repeat("W: é\xff\n\n", 1000) + "Script: x\n")})
	assert.LessOrEqual(t, len(text), 510)
	assert.True(t, strings.HasPrefix(text, "W: the point; W: é?; "), text)
	assert.NotContains(t, text, "\n")
}

func TestAMissingUcrIsReported(t *testing.T) {
	p, _ := newServer(t, map[string]string{"base.conf": "a: 1"})
	p.Runner = run.System{Path: t.TempDir()}
	for action, err := range map[string]error{
		"set registry variables":     p.Set(t.Context(), map[string]string{"a": "2"}),
		"unset registry variables":   p.Unset(t.Context(), []string{"a"}),
		"render configuration files": p.Commit(t.Context(), "/etc/postfix/main.cf"),
	} {
		require.ErrorIs(t, err, run.ErrNotFound)
		assert.EqualError(t, err, "cannot "+action+": cannot run ucr: program not found")
	}
	assert.Equal(t, "a: 1", content(t, p, "base.conf"))
}

func TestRestoreBringsBackWhatAStrongerLayerHides(t *testing.T) {
	p, fake := newServer(t, map[string]string{"base.conf": header + "f: changed", "base-forced.conf": "f: forced"})
	_, err := p.Restore(t.Context(), map[string]string{"f": "before"}, nil)
	require.NoError(t, err)
	assert.Equal(t, header+"f: before", content(t, p, "base.conf"))

	fake.Reply("", "ucr", "set")
	var notWritten *NotWrittenError
	_, err = p.Restore(t.Context(), map[string]string{"f": "again"}, nil)
	require.ErrorAs(t, err, &notWritten)
	assert.Equal(t, "before", notWritten.Got)
}

// UCS 5.2: of several values, ucr refuses those that do not fit the description of their variable, writes the others,
// and exits with 2. When it cannot write its replog, it exits with 1 after base.conf was written.
func TestTheExitStatusOfSetDoesNotTellWhatWasWritten(t *testing.T) {
	const refused = "E: Value 'y' incompatible for 'b'\nE: Value 'z' incompatible for 'c'\n"
	for sentence, c := range map[string]struct {
		status  int
		stderr  string
		written []string // the arguments that ucr writes all the same
		want    string
	}{
		"one value is refused, the error names it and what ucr said of it": {
			2, refused, []string{"a=2", "c=z"},
			`cannot set registry variable "b" to "y": afterwards it is not set; ucr said: E: Value 'y' incompatible for 'b'`,
		},
		"nothing is written": {
			1, "E: permission denied\n", nil,
			`cannot set registry variable "a" to "2": afterwards it is "1"; ucr said: E: permission denied`,
		},
		"nothing is written, and ucr says nothing": {
			1, "", nil,
			`cannot set registry variable "a" to "2": afterwards it is "1"; ucr set a=2 b=y c=z: exit status 1`,
		},
		"everything is written, but no handler has run": {
			1, "E: exception occurred while writing to replication log: No space left on device\nE: your request could not be fulfilled\n", []string{"a=2", "b=y", "c=z"},
			"cannot set registry variables: ucr set a=2 b=y c=z: exit status 1: E: your request could not be fulfilled; " +
				"ucr said: E: exception occurred while writing to replication log: No space left on device; E: your request could not be fulfilled",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			p, fake := newServer(t, map[string]string{"base.conf": header + "a: 1"})
			fake.Handle(func(_ context.Context, cmd run.Cmd) (run.Result, error) {
				edit(t, p.Root, "set", c.written)
				return run.Result{Stderr: []byte(c.stderr)}, &run.Error{Argv: cmd.Argv, ExitCode: c.status, Stderr: strings.TrimSpace(c.stderr), Err: fmt.Errorf("exit status %d", c.status)}
			}, "ucr", "set")
			err := p.Set(t.Context(), map[string]string{"a": "2", "b": "y", "c": "z"})
			require.EqualError(t, err, c.want)
			var failure *run.Error
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, c.status, failure.ExitCode)
		})
	}
}

func TestSetNeedsAReadableRegistryBeforeAndAfter(t *testing.T) {
	p, fake := newServer(t, nil)
	require.ErrorIs(t, p.Set(t.Context(), map[string]string{"a": "2"}), ErrNoRegistry)
	assert.Empty(t, fake.Calls())

	p, fake = newServer(t, map[string]string{"base.conf": "a: 1"})
	fake.Handle(func(context.Context, run.Cmd) (run.Result, error) {
		return run.Result{}, os.Truncate(filepath.Join(p.Root, "etc/univention/base.conf"), 0)
	}, "ucr")
	err := p.Set(t.Context(), map[string]string{"a": "2"})
	require.ErrorIs(t, err, ErrNoRegistry)
	assert.Contains(t, err.Error(), "cannot check what ucr set: ")
	assert.ErrorIs(t, p.Unset(t.Context(), []string{"a"}), ErrNoRegistry)
}

func TestUnsetIsOneSortedCall(t *testing.T) {
	p, fake := newServer(t, map[string]string{"base.conf": header + "a: 1\nb: 2\nc: 3\nf: x", "base-forced.conf": "f: forced"})
	require.NoError(t, p.Unset(t.Context(), []string{"c", "none", "a", "c", "f"}))
	assert.Equal(t, []string{"ucr unset a c f none"}, fake.Lines())
	assert.Equal(t, header+"b: 2", content(t, p, "base.conf"))
}

func TestUnsetNoticesWhatUcrDoesNotSay(t *testing.T) {
	p, fake := newServer(t, map[string]string{"base.conf": "a: 1"})
	fake.Handle(func(context.Context, run.Cmd) (run.Result, error) {
		return run.Result{Stderr: []byte("W: read-only\n")}, nil
	}, "ucr", "unset")
	assert.Equal(t, &NotUnsetError{Key: "a", Got: "1", Said: "W: read-only"}, p.Unset(t.Context(), []string{"a", "b"}))
}

func TestCommitNamesTheFilesAndNoticesATraceback(t *testing.T) {
	p, fake := newServer(t, nil)
	fake.Reply("", "ucr", "commit")
	require.NoError(t, p.Commit(t.Context(), "/etc/postfix/main.cf", "/etc/postfix/master.cf"))
	assert.Equal(t, []string{"ucr commit /etc/postfix/main.cf /etc/postfix/master.cf"}, fake.Lines())

	fake.Handle(func(context.Context, run.Cmd) (run.Result, error) {
		return run.Result{Stderr: []byte(traceback)}, nil
	}, "ucr", "commit")
	err := p.Commit(t.Context(), "/etc/postfix/main.cf")
	var broken *TemplateError
	require.ErrorAs(t, err, &broken)
	assert.Equal(t, TemplateError{"/etc/postfix/main.cf", "NameError: name 'x' is not defined"}, *broken)
}

const traceback = "Multifile: /etc/postfix/main.cf\nTraceback (most recent call last):\n  File \"<stdin>\", line 6, in <module>\nNameError: name 'x' is not defined\n"

package cli_test

import (
	"errors"
	"io/fs"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"ucs-harden/tests/lab"
	"ucs-harden/tests/schema"
)

type command = func(ts *testscript.TestScript, neg bool, args []string)

type snapshotKey struct{}

func (s *server) commands(t *testing.T) map[string]command {
	all := map[string]command{
		"exit": func(ts *testscript.TestScript, _ bool, args []string) {
			status, err := strconv.Atoi(args[0])
			ts.Check(err)
			s.run(ts, status, args[1:])
		},
		"ucr": func(ts *testscript.TestScript, _ bool, args []string) {
			s.run(ts, 0, append([]string{"mail", "ucr"}, args...))
			ts.Check(s.BackdatePostfix())
		},
		"replace": s.replace,
		"completes": func(ts *testscript.TestScript, _ bool, args []string) {
			if len(args) < 3 {
				ts.Fatalf("completes SHELL LINE TEXT…")
			}
			s.completes(t.Context(), ts, args[0], args[1], args[2:])
		},
		"hide": func(ts *testscript.TestScript, _ bool, args []string) {
			away := args[0] + ".hidden"
			s.must(ts, "mv", args[0], away)
			ts.Defer(func() { s.must(ts, "mv", away, args[0]) })
		},
		"down": func(ts *testscript.TestScript, _ bool, args []string) {
			for _, name := range args {
				ts.Check(s.Stop(t.Context(), lab.Service(name)))
				ts.Defer(func() { ts.Check(s.Start(t.Context(), lab.Service(name))) })
			}
		},
		"directory": func(ts *testscript.TestScript, _ bool, args []string) {
			result, err := s.Mail().RunInput(t.Context(), ts.ReadFile(args[0]), "env", "LDAPTLS_CACERT=/etc/univention/ssl/ucsCA/CAcert.pem",
				"ldapmodify", "-x", "-ZZ", "-H", "ldap://mail.company.my:7389", "-D", "cn=admin,dc=company,dc=my", "-w", "lab-admin")
			ts.Check(err)
			if result.Code != 0 {
				ts.Fatalf("ldapmodify: %s", result.Stderr)
			}
		},
		"full": func(ts *testscript.TestScript, _ bool, args []string) {
			s.must(ts, "mount", "-t", "tmpfs", "-o", "size=4096", "full", args[0])
			ts.Defer(func() { s.must(ts, "umount", args[0]) })
			s.must(ts, "sh", "-c", "head -c 4096 /dev/zero >"+args[0]+"/filler")
		},
		"snapshot": func(ts *testscript.TestScript, _ bool, _ []string) {
			snapshot, err := s.Snapshot(watched...)
			ts.Check(err)
			*remembered(ts) = snapshot.Without(unwatched...)
		},
		"unchanged": func(ts *testscript.TestScript, _ bool, _ []string) {
			snapshot, err := s.Snapshot(watched...)
			ts.Check(err)
			if *remembered(ts) == nil {
				ts.Fatalf("no snapshot was taken before")
			}
			if diff := remembered(ts).Diff(snapshot.Without(unwatched...)); diff != nil {
				ts.Fatalf("this has changed:\n%s", strings.Join(diff, "\n"))
			}
		},
		"old": func(ts *testscript.TestScript, _ bool, _ []string) { ts.Check(s.BackdatePostfix()) },
	}
	for _, name := range []string{"mail", "outside", "terminal", "answer"} {
		all[name] = func(ts *testscript.TestScript, _ bool, args []string) { s.run(ts, 0, append([]string{name}, args...)) }
	}
	for name, do := range all {
		all[name] = func(ts *testscript.TestScript, neg bool, args []string) {
			if neg {
				ts.Fatalf("use exit N, not !, with %s", name)
			}
			do(ts, false, args)
		}
	}
	return all
}

func remembered(ts *testscript.TestScript) *lab.Snapshot {
	return ts.Value(snapshotKey{}).(*lab.Snapshot)
}

// run runs "mail PROGRAM ARG…" and the similar commands.
func (s *server) run(ts *testscript.TestScript, want int, args []string) {
	var err error
	switch args[0] {
	case "mail", "outside":
		argv := s.argv(args[0], args[1:])
		err = ts.Exec(argv[0], argv[1:]...)
	case "terminal":
		err = s.onTerminal(ts.Stdout(), "", args[1:])
	case "answer":
		err = s.onTerminal(ts.Stdout(), args[1], args[2:])
	default:
		ts.Fatalf("exit N mail|outside|terminal|answer …, not %s", args[0])
	}
	got := 0
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, wanted %d", got, want)
	}
	if args[0] == "mail" {
		ts.Check(schema.Check(args[1:], ts.ReadFile("stdout"), got))
	}
	if args[0] == "mail" && strings.Contains(strings.Join(args, " "), "ucs-harden ") && got != 0 {
		// Errors after the beginning say themselves what was changed. A wrong command line is about itself.
		// A sync that leaves a control in warn, or as it runs, has done the rest.
		says := func(text string) bool { return strings.Contains(ts.ReadFile("stderr"), text) }
		silent := got == 3 || got == 4 || got == 5 && says("stay in warn") || got == 1 && says("but the rest is") || got == 64 && says("hint: did you mean: -")
		ts.Check(judge(ts.ReadFile("stderr"), !silent && slices.ContainsFunc(args, changes)))
	}
}

func changes(word string) bool { return word == "apply" || word == "sync" }

// wellSaid is the only form of an error: warnings, if there are any, one line of error, and one hint.
var wellSaid = regexp.MustCompile(`\A(?:warning: [^\n]+\n)*error: [^\n]+\nhint: [^\n]+\n\z`)

// judge checks the text of an error as an administrator would read it. Standard error is empty for a plan with findings
// and a status with drift, because these outputs explain themselves.
func judge(stderr string, changes bool) error {
	switch {
	case stderr == "":
		return nil
	case !wellSaid.MatchString(stderr):
		return errors.New("not one line of error and one hint")
	case strings.Contains(stderr, "hint: ucs-harden -v"):
		return errors.New("the hint is the last resort")
	case strings.Count(stderr, "cannot ") > 2:
		return errors.New("a chain of cannots")
	case changes && !strings.Contains(stderr, "nothing was changed\n") && !strings.Contains(stderr, "help shows"):
		return errors.New("it does not say that nothing was changed")
	}
	return nil
}

// argv is the command line of a program on a host, with the lab's environment. Without GORACE, the race detector would
// delay the end of every run by a second.
func (s *server) argv(host string, argv []string) []string {
	return append(append([]string{"env", "-i", "GORACE=atexit_sleep_ms=0"}, lab.Environment...), s.Host(host).Argv(argv...)...)
}

func (s *server) replace(ts *testscript.TestScript, _ bool, args []string) {
	mode := uint64(0o644)
	if len(args) == 3 {
		var err error
		mode, err = strconv.ParseUint(args[2], 8, 32)
		ts.Check(err)
	}
	ts.Check(s.Mail().WriteFile(args[0], []byte(ts.ReadFile(args[1])), fs.FileMode(mode)))
	ts.Check(s.BackdatePostfix())
}

func (s *server) must(ts *testscript.TestScript, argv ...string) {
	out, err := exec.Command("env", s.argv("mail", argv)[1:]...).CombinedOutput()
	if err != nil {
		ts.Fatalf("%s: %s", strings.Join(argv, " "), out)
	}
}

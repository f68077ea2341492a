package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"

	"ucs-harden/internal/run/runtest"
	"ucs-harden/tests/schema"
)

// The scripts in testdata/script run the program on an archived server (testdata/server.txtar). There it needs neither
// root nor Postfix nor UCR. The first line of each script says what the script guards. These commands are added to
// those of testscript:
//
//	exit N PROGRAM ARG…     run the program; its exit status must be N, and what it prints with --json must fit its schema
//	nobody N PROGRAM ARG…   the same as user nobody
//	screen N COLUMNS PROGRAM ARG…
//	                        the same on a terminal with so many columns; no line may be wider
//	keys FILE               the keys of the JSON on stdout, written as paths, must be exactly those in FILE
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		Setup:               archivedServer,
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exit": func(ts *testscript.TestScript, neg bool, args []string) {
				status, argv := statusAndArgv(ts, "exit", neg, args)
				expectStatus(ts, status, ts.Exec(argv[0], argv[1:]...))
				ts.Check(schema.Check(argv, ts.ReadFile("stdout"), status))
			},
			"nobody": asNobody,
			"screen": onScreen,
			"keys":   compareKeys,
			"pipe":   makePipe,
		},
	})
}

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ucs-harden": main})
}

func archivedServer(env *testscript.Env) error {
	env.Setenv("GORACE", "atexit_sleep_ms=0") // otherwise the race detector delays the end of every run by a second
	archive, err := txtar.ParseFile("testdata/server.txtar")
	if err != nil {
		return err
	}
	if err := txtar.Write(archive, env.WorkDir); err != nil {
		return err
	}
	// The user nobody must be able to read the archive.
	for dir := env.WorkDir; strings.HasPrefix(dir, os.TempDir()) && dir != os.TempDir(); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			return err
		}
	}
	return nil
}

func statusAndArgv(ts *testscript.TestScript, name string, neg bool, args []string) (int, []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: %s STATUS PROGRAM ARG…", name)
	}
	status, err := strconv.Atoi(args[0])
	ts.Check(err)
	return status, args[1:]
}

func expectStatus(ts *testscript.TestScript, want int, err error) {
	got := 0
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, wanted %d", got, want)
	}
}

// asNobody starts the test binary under the name ucs-harden, which makes it the program; see TestMain. It is started as
// /proc/self/exe, because the user nobody may not enter its folder.
func asNobody(ts *testscript.TestScript, neg bool, args []string) {
	status, argv := statusAndArgv(ts, "nobody", neg, args)
	cmd := exec.Command("/proc/self/exe", argv[1:]...)
	cmd.Args[0] = argv[0]
	cmd.Env = []string{"GORACE=" + ts.Getenv("GORACE")}
	cmd.Dir, cmd.Stdout, cmd.Stderr = "/", ts.Stdout(), ts.Stderr()
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	expectStatus(ts, status, cmd.Run())
}

// onScreen starts the test binary as asNobody does, on a terminal of a width.
func onScreen(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: screen STATUS COLUMNS PROGRAM ARG…")
	}
	status, argv := statusAndArgv(ts, "screen", neg, append(args[:1:1], args[2:]...))
	columns, err := strconv.Atoi(args[1])
	ts.Check(err)
	keyboard, screen, err := runtest.OpenTerminal()
	ts.Check(err)
	defer keyboard.Close()
	ts.Check(runtest.Resize(screen, 24, columns))
	cmd := exec.Command("/proc/self/exe", argv[1:]...)
	cmd.Args[0] = argv[0]
	cmd.Env = []string{"GORACE=" + ts.Getenv("GORACE"), "TERM=xterm-256color", "NO_COLOR=" + ts.Getenv("NO_COLOR")}
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), screen, screen, screen
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	ts.Check(cmd.Start())
	_ = screen.Close()
	said, _ := io.ReadAll(keyboard) // reading ends with EIO
	text := strings.ReplaceAll(string(said), "\r\n", "\n")
	fmt.Fprint(ts.Stdout(), text)
	expectStatus(ts, status, cmd.Wait())
	for line := range strings.Lines(escapes.ReplaceAllString(text, "")) {
		if line = strings.TrimSuffix(line, "\n"); utf8.RuneCountInString(line) > columns {
			ts.Fatalf("wider than %d columns: %s", columns, line)
		}
	}
}

var escapes = regexp.MustCompile(`\x1b\[[0-9;]*[A-Za-z]`)

// makePipe makes a named pipe.
func makePipe(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: pipe FILE")
	}
	ts.Check(syscall.Mkfifo(ts.MkAbs(args[0]), 0o600))
}

func compareKeys(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: keys FILE")
	}
	var value any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &value))
	found := map[string]bool{}
	collectKeys("", value, found)
	got := strings.Join(slices.Sorted(maps.Keys(found)), "\n")
	if want := strings.TrimSpace(ts.ReadFile(args[0])); got != want {
		ts.Fatalf("the keys are not those of %s:\n%s", args[0], got)
	}
}

// collectKeys collects the paths of all values in JSON. "[]" stands for the elements of an array, "{}" for the keys of
// a map whose keys are data.
func collectKeys(path string, value any, found map[string]bool) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			if dataKeys[path] {
				key = "{}"
			}
			collectKeys(path+"."+key, inner, found)
		}
	case []any:
		for _, inner := range v {
			collectKeys(path+"[]", inner, found)
		}
	default:
		kind := fmt.Sprintf("%T", v)
		kind = strings.NewReplacer("float64", "number", "<nil>", "null").Replace(kind)
		found[strings.TrimPrefix(path, ".")+" "+kind] = true
	}
}

// dataKeys are the maps whose keys are data.
var dataKeys = map[string]bool{
	".state": true, ".expect.main": true, ".expect.master": true, ".expect.master.{}": true,
}

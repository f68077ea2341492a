package lab

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// sourceDir is tests/lab in the source tree. ucs/root is read from there, because go:embed does not keep the executable
// bit.
func sourceDir() string {
	_, path, _, _ := runtime.Caller(0)
	return filepath.Dir(path)
}

// shippedDir is ucs/ in the source tree: the files that the package installs, in the folders where it installs them.
func shippedDir() string { return filepath.Join(filepath.Dir(filepath.Dir(sourceDir())), "ucs") }

var builds sync.Map // flags → func() (string, error)

// Build compiles cmd/ucs-harden once per process for each set of flags, and returns the path of the program, in
// build/lab/ of the source tree. Common flags: none (static, as it is shipped) or "-race".
func Build(t testing.TB, flags ...string) string {
	t.Helper()
	once, _ := builds.LoadOrStore(strings.Join(flags, " "), sync.OnceValues(func() (string, error) { return build(flags) }))
	path, err := once.(func() (string, error))()
	require.NoError(t, err)
	return path
}

func build(flags []string) (string, error) {
	top := filepath.Dir(filepath.Dir(sourceDir()))
	dir := filepath.Join(top, "build", "lab")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "ucs-harden"+strings.Join(flags, ""))
	// Another test process may build or run the same program, so the new file replaces the old one by rename.
	private := path + "." + strconv.Itoa(os.Getpid())
	defer os.Remove(private)
	argv, env := append([]string{"build", "-o", private}, flags...), os.Environ()
	if len(flags) == 0 { // as debian/rules does, so that what is compiled for one serves the other
		argv, env = append(argv, "-trimpath"), append(env, "CGO_ENABLED=0")
	}
	cmd := exec.Command("go", append(argv, "./cmd/ucs-harden")...)
	cmd.Dir, cmd.Env = top, env
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build ucs-harden: %w\n%s", err, bytes.TrimSpace(said))
	}
	return path, os.Rename(private, path)
}

// Install installs a program as /usr/bin/ucs-harden of the mail server.
func (l *Lab) Install(binary string) error {
	content, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	return l.Mail().WriteFile("/usr/bin/ucs-harden", content, 0o755)
}

// InstallDeb installs a Debian package on the mail server with dpkg --install, these further options, and the package's
// maintainer scripts.
func (l *Lab) InstallDeb(ctx context.Context, deb string, options ...string) (Result, error) {
	content, err := os.ReadFile(deb)
	if err != nil {
		return Result{}, err
	}
	there := "/tmp/" + filepath.Base(deb)
	if err := l.Mail().WriteFile(there, content, 0o644); err != nil {
		return Result{}, err
	}
	argv := append([]string{"env", "DEBIAN_FRONTEND=noninteractive", "dpkg"}, options...)
	return l.Mail().Run(ctx, append(argv, "--install", there)...)
}

// UCR runs `ucr` on the mail server and returns its output. An exit code other than 0 ends the test. An exit code of 0
// does not mean that ucr did what it was asked: it may only warn.
func (l *Lab) UCR(t testing.TB, args ...string) string {
	t.Helper()
	result, err := l.Mail().Run(t.Context(), append([]string{"ucr"}, args...)...)
	require.NoError(t, err)
	require.Zero(t, result.Code, "ucr %s: %s", strings.Join(args, " "), result.Stderr)
	return result.Stdout
}

// AddMainCF adds lines to main.cf.local of the mail server, which overrides the rest of main.cf, and makes UCR render
// main.cf.
func (l *Lab) AddMainCF(t testing.TB, lines ...string) {
	t.Helper()
	const local = "/etc/postfix/main.cf.local"
	content, err := l.Mail().ReadFile(local)
	require.NoError(t, err)
	for _, line := range lines {
		content = append(content, line+"\n"...)
	}
	require.NoError(t, l.Mail().WriteFile(local, content, 0o644))
	l.UCR(t, "commit", "/etc/postfix/main.cf")
}

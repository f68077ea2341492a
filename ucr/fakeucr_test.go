package ucr

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ucs-harden/internal/run"
	"ucs-harden/internal/run/runtest"
)

// newServer returns a Program for a root with these files. Its ucr set and ucr unset edit base.conf there as ucr does,
// with layers and warnings.
func newServer(t *testing.T, files map[string]string) (Program, *runtest.Fake) {
	t.Helper()
	root := tree(t, files)
	fake := runtest.New()
	fake.Handle(func(_ context.Context, c run.Cmd) (run.Result, error) {
		return edit(t, root, c.Argv[1], c.Argv[2:]), nil
	}, "ucr")
	return Program{Runner: fake, Root: root}, fake
}

func edit(t *testing.T, root, action string, arguments []string) run.Result {
	t.Helper()
	path := filepath.Join(root, "etc/univention/base.conf")
	vars := lines(t, path)
	forced := lines(t, filepath.Join(root, "etc/univention/base-forced.conf"))
	var stdout, stderr strings.Builder
	for _, argument := range arguments {
		key, value, _ := strings.Cut(argument, "=")
		_, had := vars[key]
		switch {
		case action == "set":
			vars[key] = value
			fmt.Fprintf(&stdout, "Setting %s\n", key)
			if _, ok := forced[key]; ok {
				fmt.Fprintf(&stderr, "W: %s is overridden by scope \"forced\"\n", key)
			}
		case had:
			delete(vars, key)
			fmt.Fprintf(&stdout, "Unsetting %s\n", key)
		default:
			fmt.Fprintf(&stderr, "W: The config registry variable '%s' does not exist\n", key)
		}
	}
	stderr.WriteString("Multifile: /etc/postfix/main.cf\n")
	var list []string
	for _, key := range slices.Sorted(maps.Keys(vars)) {
		list = append(list, key+": "+vars[key])
	}
	content := []byte("# univention_ base.conf\n\n" + strings.Join(list, "\n"))
	for _, file := range []string{path + ".bak", path} {
		require.NoError(t, os.WriteFile(file+".temp", content, 0o600))
		require.NoError(t, os.Rename(file+".temp", file))
	}
	return run.Result{Stdout: []byte(stdout.String()), Stderr: []byte(stderr.String())}
}

func lines(t *testing.T, path string) map[string]string {
	t.Helper()
	content, err := os.ReadFile(path)
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	vars := map[string]string{}
	for line := range strings.SplitSeq(string(content), "\n") {
		if key, value, ok := strings.Cut(line, ": "); ok {
			vars[key] = strings.Trim(value, " ")
		}
	}
	return vars
}

// content returns a file of the root, to prove that the file did not change.
func content(t *testing.T, p Program, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(p.Root, "etc/univention", name))
	require.NoError(t, err)
	return string(data)
}

// Package python_test checks the Python of the package that other programs of UCS load: its types, with mypy(1), and what
// it does, with the tests test_*.py. The base classes are the stand-ins of tests/lab/ucs.
package python_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// standIns are the base classes, shipped the files of the package.
var standIns, shipped = absolute("../lab/ucs/root/usr/lib/python3/dist-packages"), absolute("../../ucs")

func absolute(path string) string {
	full, err := filepath.Abs(path)
	if err != nil {
		panic(err)
	}
	return full
}

func run(t *testing.T, argv ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), "UCS="+shipped, "PYTHONPATH="+standIns, "MYPYPATH="+standIns, "PYTHONDONTWRITEBYTECODE=1",
		"TMPDIR="+t.TempDir())
	said, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", said)
}

func TestUnits(t *testing.T) {
	t.Parallel()
	run(t, "python3", "-m", "unittest", "discover", "--start-directory", ".")
}

// UCS 5.0 has Python 3.7. mypy reads the language of that version and none of its modules.
func TestTypes(t *testing.T) {
	t.Parallel()
	modules := []string{filepath.Join(shipped, "usr/share/univention-monitoring-client/scripts/check_ucs_harden")}
	for _, folder := range []string{
		"usr/lib/univention-directory-listener/system", "usr/lib/python3/dist-packages/univention/management",
	} {
		require.NoError(t, filepath.WalkDir(filepath.Join(shipped, folder), func(path string, d fs.DirEntry, err error) error {
			if err == nil && filepath.Ext(path) == ".py" {
				modules = append(modules, path)
			}
			return err
		}))
	}
	require.NotEmpty(t, modules)
	for _, path := range modules {
		run(t, "mypy", "--strict", "--python-version=3.7", "--namespace-packages", "--explicit-package-bases",
			"--follow-imports=silent", "--cache-dir="+t.TempDir(), path)
	}
}

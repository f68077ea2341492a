package lab

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Packages are the Debian packages that tests and lab need.
func Packages() []string {
	content, err := files.ReadFile("packages.txt")
	if err != nil {
		panic(err)
	}
	return strings.Fields(string(content))
}

// EnsureInstalled says what is missing to bring a lab up here; nil when nothing is.
var EnsureInstalled = sync.OnceValue(func() error {
	if os.Geteuid() != 0 {
		return errors.New("cannot make network and mount namespaces: the lab needs root")
	}
	said, err := exec.Command("dpkg-query", "--show", "--showformat", "${db:Status-Status} ${Package}\n").Output()
	if err != nil {
		return fmt.Errorf("cannot ask dpkg-query for the installed packages: %w", err)
	}
	lines := strings.Split(string(said), "\n")
	missing := slices.DeleteFunc(Packages(), func(name string) bool { return slices.Contains(lines, "installed "+name) })
	if len(missing) > 0 {
		return fmt.Errorf("the lab needs packages that are not installed; run: apt-get install --no-install-recommends %s", strings.Join(missing, " "))
	}
	return nil
})

// Require fails the test when the lab cannot be brought up here; it never skips.
func Require(t testing.TB) {
	t.Helper()
	require.NoError(t, EnsureInstalled())
}

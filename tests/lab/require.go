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

// Packages are the Debian packages that the tests and the lab need.
func Packages() []string {
	content, err := files.ReadFile("packages.txt")
	if err != nil {
		panic(err)
	}
	return strings.Fields(string(content))
}

// EnsureInstalled returns an error that names what this machine lacks to bring up a lab. It returns nil when nothing is
// missing.
var EnsureInstalled = sync.OnceValue(func() error {
	if os.Geteuid() != 0 {
		return errors.New("cannot make network and mount namespaces: the lab needs root")
	}
	said, err := exec.Command("dpkg-query", "--show", "--showformat", "${db:Status-Status} ${Package}\n").Output()
	if err != nil {
		return fmt.Errorf("cannot ask dpkg-query for the installed packages: %w", err)
	}
	return missing(Packages(), string(said))
})

// missing compares the needed packages with the output of dpkg-query: a line "STATUS NAME" for each package.
func missing(needed []string, said string) error {
	lines := strings.Split(said, "\n")
	lacking := slices.DeleteFunc(needed, func(name string) bool { return slices.Contains(lines, "installed "+name) })
	if len(lacking) == 0 {
		return nil
	}
	return fmt.Errorf("the lab needs packages that are not installed; run: apt-get install --no-install-recommends %s",
		strings.Join(lacking, " "))
}

// Require fails the test when the lab cannot be brought up on this machine. It never skips.
func Require(t testing.TB) {
	t.Helper()
	require.NoError(t, EnsureInstalled())
}

// Package debianroot makes fresh Debian 12 systems in folders: mmdebstrap(1), a quicker debootstrap(8), builds one tree
// per machine and list of packages (include.txt), and every test gets a writable root of its own over it. A test that
// needs a further package in the root adds its name to include.txt.
//
// The tree lies below /var/cache/ucs-harden-tests. Building it takes a minute and needs root and the Debian archive; it
// is built once, also when several test processes ask at the same time. Nothing in it runs: policy-rc.d forbids the
// packages to start their daemons.
//
// A root is an overlay(5) whose upper layer is in memory. It disappears with the test. If the test process was killed,
// the next test process removes what it left.
package debianroot

import (
	_ "embed"
	"fmt"
	"hash/fnv"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	cache   = "/var/cache/ucs-harden-tests"
	release = "bookworm"
)

//go:embed include.txt
var include string

// Tree returns the folder of the built tree. Nobody may change it: it is the lower layer of all roots.
func Tree(t testing.TB) string {
	t.Helper()
	tree, err := build()
	require.NoError(t, err)
	return tree
}

// New returns the folder of a fresh writable system, which is removed when the test ends. Whatever the test started
// below it must have ended by then.
func New(t testing.TB) string {
	t.Helper()
	tree := Tree(t)
	dir, err := os.MkdirTemp(cache, fmt.Sprintf("root.%d.", os.Getpid()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, remove(dir)) })
	run(t, "mount", "-t", "tmpfs", "-o", "mode=755", "debianroot", dir)
	for _, part := range []string{"upper", "work", "root"} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, part), 0o755))
	}
	run(t, "mount", "-t", "overlay", "-o",
		fmt.Sprintf("lowerdir=%s,upperdir=%[2]s/upper,workdir=%[2]s/work", tree, dir), "debianroot", dir+"/root")
	return filepath.Join(dir, "root")
}

func run(t testing.TB, argv ...string) {
	t.Helper()
	said, err := exec.Command(argv[0], argv[1:]...).CombinedOutput()
	require.NoError(t, err, "%s: %s", argv, said)
}

// remove unmounts and removes the folder of a root.
func remove(dir string) error {
	for _, mounted := range []string{dir + "/root", dir} {
		if err := syscall.Unmount(mounted, syscall.MNT_DETACH); err != nil && err != syscall.EINVAL && err != syscall.ENOENT {
			return fmt.Errorf("cannot unmount %s: %w", mounted, err)
		}
	}
	// Only the empty folder is left; if not, something is still mounted and must not be deleted.
	return os.Remove(dir)
}

// build makes the tree if this machine does not have it.
var build = sync.OnceValues(func() (string, error) {
	packages := strings.Fields(include)
	sum := fnv.New32a()
	fmt.Fprint(sum, recipe, packages)
	tree := filepath.Join(cache, fmt.Sprintf("%s-%08x", release, sum.Sum32()))
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("cannot make a Debian root: %w", err)
	}
	removeLeft()
	lock, err := os.Create(tree + ".lock")
	if err != nil {
		return "", fmt.Errorf("cannot make a Debian root: %w", err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("cannot wait for another test that makes the Debian root: %w", err)
	}
	if _, err := os.Stat(tree); err == nil {
		return tree, nil
	}
	unfinished := tree + ".unfinished"
	if err := os.RemoveAll(unfinished); err != nil {
		return "", fmt.Errorf("cannot make a Debian root: %w", err)
	}
	argv := []string{"-euc", recipe, "debianroot", release, unfinished, strings.Join(packages, ",")}
	if said, err := exec.Command("/bin/sh", argv...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot make a Debian root: %w\n%s", err, last(string(said), 20))
	}
	return tree, os.Rename(unfinished, tree)
})

// recipe builds the tree $2 of the release $1 with the packages $3 from the archive that apt uses on this machine.
const recipe = `
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
archive=$(apt-get indextargets --format '$(SITE)' 'Identifier: Packages' "Codename: $1" 'Component: main' | head -n 1)
mmdebstrap --variant=minbase --include="$3" "$1" "$2" "${archive:-http://deb.debian.org/debian}"
printf '#!/bin/sh\nexit 101\n' >"$2/usr/sbin/policy-rc.d"
chmod 755 "$2/usr/sbin/policy-rc.d"
`

// removeLeft removes the roots of test processes that were killed.
func removeLeft() {
	roots, _ := filepath.Glob(filepath.Join(cache, "root.*"))
	for _, dir := range roots {
		pid, err := strconv.Atoi(strings.Split(filepath.Base(dir), ".")[1])
		if err == nil && syscall.Kill(pid, 0) == syscall.ESRCH {
			_ = remove(dir)
		}
	}
}

func last(text string, lines int) string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

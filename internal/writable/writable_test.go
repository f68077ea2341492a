package writable_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"ucs-harden/internal/writable"
)

// TestWhatStopsRoot makes a file unwritable in each way that stops root as well.
func TestWhatStopsRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("run this test as root: chattr(1) and mount(8) need it")
	}
	run := func(argv ...string) {
		t.Helper()
		out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput()
		require.NoError(t, err, "%s: %s", argv, out)
	}
	for sentence, c := range map[string]struct {
		stop            func(dir, file string) (undo []string)
		replace, append string // why not; "" if it can be written
	}{
		"nothing stops it": {stop: func(string, string) []string { return nil }},
		"the file is immutable": {
			func(_, file string) []string { run("chattr", "+i", file); return []string{"chattr", "-i", file} },
			"immutable (chattr +i)", "immutable (chattr +i)",
		},
		"text may only be appended": {
			func(_, file string) []string { run("chattr", "+a", file); return []string{"chattr", "-a", file} },
			"append-only (chattr +a)", "",
		},
		"the folder is immutable": {
			func(dir, _ string) []string { run("chattr", "+i", dir); return []string{"chattr", "-i", dir} },
			"immutable (chattr +i)", "",
		},
		"the file is mounted": {
			func(_, file string) []string { run("mount", "--bind", file, file); return []string{"umount", file} },
			"a mount point, which cannot be replaced", "",
		},
		"the file system is read-only": {
			func(dir, _ string) []string {
				run("mount", "--bind", dir, dir)
				run("mount", "-o", "remount,bind,ro", dir)
				return []string{"umount", dir}
			},
			"read-only file system", "read-only file system",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "file")
			require.NoError(t, os.WriteFile(file, []byte("x"), 0o600))
			if undo := c.stop(dir, file); undo != nil {
				defer run(undo...)
			}
			says(t, c.replace, writable.Replace(file))
			says(t, c.append, writable.Append(file))
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Equal(t, "x", string(content))
		})
	}
}

func says(t *testing.T, why string, err error) {
	t.Helper()
	if why == "" {
		require.NoError(t, err)
		return
	}
	var e *writable.Error
	require.ErrorAs(t, err, &e)
	assert.ErrorContains(t, err, why)
}

func TestFilesThatDoNotExist(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, writable.Replace(filepath.Join(dir, "new")))
	require.NoError(t, writable.Replace(filepath.Join(dir, "not/yet/there")))
	require.NoError(t, writable.Append(filepath.Join(dir, "new")))
	require.Error(t, writable.Append(filepath.Join(dir, "not/there")), "nobody creates the folder of a log")
}

func TestReserve(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reserve")
	require.NoError(t, writable.Reserve(path, 1<<20))
	var stat unix.Stat_t
	require.NoError(t, unix.Stat(path, &stat))
	assert.GreaterOrEqual(t, stat.Blocks*512, int64(1<<20), "the space is taken, not only promised")
	var disk unix.Statfs_t
	require.NoError(t, unix.Statfs(path, &disk))
	require.ErrorIs(t, writable.Reserve(path, int64(disk.Blocks)*disk.Bsize*2), unix.ENOSPC)
	assert.NoFileExists(t, path)
}

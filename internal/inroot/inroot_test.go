package inroot_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/internal/inroot"
)

// archive is a root with files, links and a pipe; secret is outside of it.
func archive(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	root := filepath.Join(dir, "root")
	require.NoError(t, os.MkdirAll(filepath.Join(root, "etc/postfix"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "secret"), []byte("secret"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(root, "etc/postfix/main.cf"), []byte("x = y\n"), 0o600))
	require.NoError(t, syscall.Mkfifo(filepath.Join(root, "etc/pipe"), 0o600))
	for link, to := range map[string]string{
		"etc/same": "postfix/main.cf", "etc/up": "../../secret", "etc/absolute": filepath.Join(dir, "secret"), "etc/out": "../..", "etc/gone": "nothing",
	} {
		require.NoError(t, os.Symlink(to, filepath.Join(root, link)))
	}
	return root
}

func TestNothingOutsideIsRead(t *testing.T) {
	root := archive(t)
	for path, want := range map[string]string{
		"/etc/postfix/main.cf": "x = y\n", "etc/postfix/main.cf": "x = y\n", "/etc/same": "x = y\n", "/../etc/same": "x = y\n",
		"/etc/up": "", "/etc/absolute": "", "/etc/out/secret": "", "/etc/pipe": "", "/etc/gone": "", "/etc/postfix": "", "/../secret": "", "/nothing": "",
	} {
		content, err := inroot.ReadFile(root, path)
		assert.Equal(t, want, string(content), path)
		assert.Equal(t, want == "", err != nil, "%s: %v", path, err)
	}
	_, err := inroot.ReadFile(root, "/etc/pipe")
	require.ErrorIs(t, err, inroot.ErrNotRegular)
	_, err = inroot.ReadFile(root, "/etc/gone")
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = inroot.Stat(root, "/etc/up")
	require.Error(t, err)
	info, err := inroot.Lstat(root, "/etc/up")
	require.NoError(t, err)
	assert.Equal(t, fs.ModeSymlink, info.Mode().Type())
	names, err := inroot.Names(root, "/etc")
	require.NoError(t, err)
	assert.Equal(t, []string{"absolute", "gone", "out", "pipe", "postfix", "same", "up"}, names)
	_, err = inroot.Names(root, "/etc/out")
	require.Error(t, err)
	_, err = inroot.ReadFile(filepath.Join(root, "nowhere"), "/etc")
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestTheLiveRoot(t *testing.T) {
	root := archive(t)
	for _, live := range []string{"", "/"} {
		content, err := inroot.ReadFile(live, filepath.Join(root, "etc/up"))
		require.NoError(t, err, "on a live server, links lead where they lead")
		assert.Equal(t, "secret", string(content))
		_, err = inroot.ReadFile(live, filepath.Join(root, "etc/pipe"))
		require.ErrorIs(t, err, inroot.ErrNotRegular)
	}
}

func TestReadPlain(t *testing.T) {
	root := archive(t)
	content, err := inroot.ReadPlain(filepath.Join(root, "etc/postfix/main.cf"))
	require.NoError(t, err)
	assert.Equal(t, "x = y\n", string(content))
	for _, path := range []string{"etc/same", "etc/pipe", "etc/postfix"} {
		_, err := inroot.ReadPlain(filepath.Join(root, path))
		require.ErrorIs(t, err, inroot.ErrNotRegular, path)
	}
}

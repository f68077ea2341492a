package transaction_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/outcome"
	"ucs-harden/transaction"
)

func TestLockIsForOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	release, err := transaction.Lock(path)
	require.NoError(t, err)
	_, err = transaction.Lock(path)
	require.ErrorIs(t, err, transaction.ErrLocked)
	assert.Equal(t, outcome.Locked, outcome.ClassOf(err))
	assert.ErrorContains(t, err, "(process "+strconv.Itoa(os.Getpid())+")")
	release()
	release, err = transaction.Lock(path)
	require.NoError(t, err)
	release()
}

func TestLockOfAnotherProcessEndsWithIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	self, err := os.Executable()
	require.NoError(t, err)
	other := exec.Command(self)
	other.Env = append(os.Environ(), holdLock+"="+path)
	_, err = other.StdinPipe()
	require.NoError(t, err)
	out, err := other.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, other.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "locked\n", line)

	_, err = transaction.Lock(path)
	require.ErrorIs(t, err, transaction.ErrLocked)
	assert.ErrorContains(t, err, "(process "+strconv.Itoa(other.Process.Pid)+")")

	require.NoError(t, other.Process.Kill())
	require.Error(t, other.Wait())
	release, err := transaction.Lock(path)
	require.NoError(t, err)
	release()
}

func TestLockFollowsNoLink(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "precious"), []byte("content"), 0o600))
	require.NoError(t, os.Symlink("precious", filepath.Join(dir, "lock")))
	_, err := transaction.Lock(filepath.Join(dir, "lock"))
	require.Error(t, err)
	content, err := os.ReadFile(filepath.Join(dir, "precious"))
	require.NoError(t, err)
	assert.Equal(t, "content", string(content))
}

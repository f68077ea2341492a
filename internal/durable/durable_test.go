package durable_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/internal/durable"
)

// Only a power cut shows the effect of SyncDir. The test checks that SyncDir accepts a folder and names a missing one.
func TestSyncDir(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, durable.SyncDir(dir))
	err := durable.SyncDir(filepath.Join(dir, "nowhere"))
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.ErrorContains(t, err, "cannot open "+dir+"/nowhere: ")
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	path, other := filepath.Join(dir, "state"), filepath.Join(dir, "other")
	require.NoError(t, os.WriteFile(other, []byte("theirs"), 0o644))
	require.NoError(t, os.Symlink(other, path))
	require.NoError(t, durable.Replace(path, []byte("ours"), 0o600))
	info, err := os.Lstat(path)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode(), "a link is replaced, not followed")
	content, err := os.ReadFile(other)
	require.NoError(t, err)
	assert.Equal(t, "theirs", string(content))

	missing := filepath.Join(dir, "nowhere", "state")
	assert.ErrorContains(t, durable.Replace(missing, nil, 0o600), "cannot write "+missing+": ")
	names, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, names, 2, "nothing else is left behind")
}

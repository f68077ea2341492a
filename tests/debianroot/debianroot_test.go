package debianroot_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/debianroot"
)

func TestEveryRootIsFreshAndItsOwn(t *testing.T) {
	var first string
	t.Run("a test that changes its root", func(t *testing.T) {
		first = debianroot.New(t)
		said, err := exec.Command("chroot", first, "dpkg-query", "-W", "-f", "${Version}", "postfix").CombinedOutput()
		require.NoError(t, err, "%s", said)
		assert.NotEmpty(t, said, "Postfix is installed")
		require.NoError(t, os.Remove(filepath.Join(first, "etc/postfix/main.cf")))
		require.NoError(t, os.WriteFile(filepath.Join(first, "etc/changed"), nil, 0o644))

		second := debianroot.New(t)
		assert.FileExists(t, filepath.Join(second, "etc/postfix/main.cf"))
		assert.NoFileExists(t, filepath.Join(second, "etc/changed"))
	})
	assert.NoDirExists(t, filepath.Dir(first), "the root is gone with its test")
}

package lab

import (
	"context"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAHost(t *testing.T) {
	l := New(t, Options{Services: []Service{}})
	h := l.Mail()

	t.Run("a program's output, exit code and environment", func(t *testing.T) {
		result, err := h.RunInput(t.Context(), "in", "sh", "-c", "cat; echo $LC_ALL >&2; pwd; exit 3")
		require.NoError(t, err)
		assert.Equal(t, Result{Stdout: "in/\n", Stderr: "C\n", Code: 3}, result)
	})
	t.Run("a program that does not exist", func(t *testing.T) {
		result, err := h.Run(t.Context(), "no-such-program")
		require.NoError(t, err)
		assert.Equal(t, 127, result.Code, "nsenter(1) follows the shell")
	})
	t.Run("a cancelled program is gone with its children", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cmd := h.Command(ctx, "sh", "-c", "sleep 1000 & wait")
		require.NoError(t, cmd.Start())
		sleeping := func() bool {
			result, err := h.Run(t.Context(), "pgrep", "-x", "sleep")
			require.NoError(t, err)
			return result.Code == 0
		}
		l.WaitFor(t, "sleep", sleeping)
		cancel()
		require.Error(t, cmd.Wait())
		l.WaitFor(t, "its end", func() bool { return !sleeping() })
	})
	t.Run("paths follow links as on the host", func(t *testing.T) {
		require.NoError(t, h.WriteFile("/run/there", []byte("text"), 0o600))
		content, err := h.ReadFile("/var/run/there")
		require.NoError(t, err)
		assert.Equal(t, "text", string(content))
		require.NoError(t, os.Symlink("../run/there", h.Path("/etc/link")))
		content, err = h.ReadFile("/etc/link")
		require.NoError(t, err)
		assert.Equal(t, "text", string(content))
		require.NoError(t, h.WriteFile("/etc/link", []byte("own"), 0o600), "a link is replaced")
		content, err = h.ReadFile("/run/there")
		require.NoError(t, err)
		assert.Equal(t, "text", string(content))
	})
	t.Run("a full disk", func(t *testing.T) {
		require.NoError(t, h.LimitDisk(8192))
		require.ErrorIs(t, h.WriteFile("/etc/big", make([]byte, 100_000), 0o600), syscall.ENOSPC)
		require.NoError(t, h.UnlimitDisk())
		require.NoError(t, h.WriteFile("/etc/big", make([]byte, 100_000), 0o600))
	})
	t.Run("a package is installed on the host only", func(t *testing.T) {
		require.NoError(t, h.WriteFile("/root/p/DEBIAN/control", []byte("Package: lab-probe\nVersion: 1\nArchitecture: all\nMaintainer: lab <root@localhost>\nDescription: probe\n"), 0o644))
		require.NoError(t, h.WriteFile("/root/p/etc/lab-probe", []byte("x"), 0o644))
		require.NoError(t, h.must(t.Context(), "", "dpkg-deb", "--build", "/root/p", "/root/lab-probe.deb"))
		result, err := l.InstallDeb(t.Context(), h.Path("/root/lab-probe.deb"))
		require.NoError(t, err)
		require.Zero(t, result.Code, result.Stderr)
		content, err := h.ReadFile("/etc/lab-probe")
		require.NoError(t, err)
		assert.Equal(t, "x", string(content))
		_, err = os.Stat("/etc/lab-probe")
		require.ErrorIs(t, err, os.ErrNotExist)
	})
	t.Run("services are known by their pid", func(t *testing.T) {
		require.False(t, l.Running(Rsyslog))
		require.ErrorContains(t, l.Stop(t.Context(), Rsyslog), "cannot stop rsyslog: it does not run")
		require.NoError(t, l.Start(t.Context(), Rsyslog))
		require.ErrorContains(t, l.Start(t.Context(), Rsyslog), "cannot start rsyslog: it is running")
		require.NoError(t, h.must(t.Context(), "", "logger", "-p", "mail.info", "-t", "probe", "hello"))
		l.WaitFor(t, "the line", func() bool { return strings.HasSuffix(l.MailLog(), " mail probe: hello\n") })
		require.NoError(t, l.Kill(t.Context(), Rsyslog))
		require.False(t, l.Running(Rsyslog))
		require.NoError(t, l.Start(t.Context(), Rsyslog), "after a crash")
	})
}

func TestASnapshotSeesEveryDifferenceThatAReaderSees(t *testing.T) {
	l := New(t, Options{Services: []Service{}})
	h := l.Mail()
	write := func(name, content string) { require.NoError(t, h.WriteFile("/srv/lab/"+name, []byte(content), 0o644)) }
	for _, name := range []string{"same", "content", "mode", "owner", "gone", "kind", "sub/below"} {
		write(name, "1")
	}
	require.NoError(t, os.Symlink("same", h.Path("/srv/lab/link")))
	before, err := l.Snapshot("/srv/lab", "/srv/none")
	require.NoError(t, err)
	again, err := l.Snapshot("/srv/lab", "/srv/none")
	require.NoError(t, err)
	require.Nil(t, before.Diff(again))

	write("content", "2")
	write("new", "1")
	require.NoError(t, os.Chmod(h.Path("/srv/lab/mode"), 0o600))
	require.NoError(t, os.Chown(h.Path("/srv/lab/owner"), 0, 4))
	require.NoError(t, os.Remove(h.Path("/srv/lab/gone")))
	require.NoError(t, os.Remove(h.Path("/srv/lab/kind")))
	require.NoError(t, syscall.Mkfifo(h.Path("/srv/lab/kind"), 0o644))
	require.NoError(t, os.Remove(h.Path("/srv/lab/link")))
	require.NoError(t, os.Symlink("mode", h.Path("/srv/lab/link")))
	write("sub/below", "changed")
	after, err := l.Snapshot("/srv/lab", "/srv/none")
	require.NoError(t, err)
	// The sums are the first digits of sha256sum(1) for "1", "2" and "changed".
	assert.Equal(t, []string{
		"~ /srv/lab/content: file 0644 0:0 6b86b273ff34 → file 0644 0:0 d4735e3a265e",
		"- /srv/lab/gone: file 0644 0:0 6b86b273ff34",
		"~ /srv/lab/kind: file 0644 0:0 6b86b273ff34 → pipe 0644 0:0",
		"~ /srv/lab/link: link 0777 0:0 -> same → link 0777 0:0 -> mode",
		"~ /srv/lab/mode: file 0644 0:0 6b86b273ff34 → file 0600 0:0 6b86b273ff34",
		"+ /srv/lab/new: file 0644 0:0 6b86b273ff34",
		"~ /srv/lab/owner: file 0644 0:0 6b86b273ff34 → file 0644 0:4 6b86b273ff34",
		"~ /srv/lab/sub/below: file 0644 0:0 6b86b273ff34 → file 0644 0:0 d67e2e944994",
	}, before.Diff(after))
	assert.Len(t, before.Without("/srv/lab/sub", "/srv/lab/mode").Diff(after.Without("/srv/lab/sub", "/srv/lab/mode")), 6)
}

package postfix_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ucs-harden/internal/run"
	"ucs-harden/postfix"
	"ucs-harden/smtp"
)

// master is enough of master.cf to answer MAIL and RCPT.
const master = `%s inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
local unix - n n - - local
error unix - - n - - error
`

const servable = "smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination\n"

// mainCF is what main.cf begins with.
const mainCF = `compatibility_level = 0
queue_directory = %s/queue
data_directory = %s/data
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
syslog_name = pftest
myhostname = mail.company.my
mydestination = company.my
alias_maps =
local_recipient_maps =
`

// instance is a private Postfix with folders of its own, on a free loopback
// port, not yet started; it is stopped when the test ends.
type instance struct {
	postfix.Postfix
	addr string
	main string // what main.cf begins with
}

func newInstance(t *testing.T, more string) *instance {
	t.Helper()
	// Not t.TempDir: its parents' names are too long for some of the sockets below.
	dir, err := os.MkdirTemp("", "pf")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	require.NoError(t, os.Chmod(dir, 0o755))
	for _, name := range []string{"etc", "queue", "data"} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o755))
	}
	owner, err := user.Lookup("postfix")
	require.NoError(t, err)
	uid, err := strconv.Atoi(owner.Uid)
	require.NoError(t, err)
	require.NoError(t, os.Chown(filepath.Join(dir, "data"), uid, -1))

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := listener.Addr().String()
	require.NoError(t, listener.Close())

	i := &instance{
		Postfix: postfix.Postfix{Runner: run.System{}, ConfigDir: filepath.Join(dir, "etc")},
		addr:    addr,
		main:    fmt.Sprintf(mainCF, dir, dir),
	}
	i.write(t, "master.cf", fmt.Sprintf(master, addr))
	i.write(t, "main.cf", i.main+more)
	return i
}

// write replaces a configuration file by one a minute old: every Postfix
// program waits for a fresh main.cf.
func (i *instance) write(t *testing.T, name, content string) {
	t.Helper()
	path := filepath.Join(i.ConfigDir, name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	old := time.Now().Add(-time.Minute)
	require.NoError(t, os.Chtimes(path, old, old))
}

// start runs the instance until the test ends.
func (i *instance) start(t *testing.T) {
	t.Helper()
	command := func(what string) error {
		_, err := run.System{}.Run(context.Background(), run.Cmd{Argv: []string{"postfix", "-c", i.ConfigDir, what}})
		return err
	}
	require.NoError(t, command("start"))
	t.Cleanup(func() { require.NoError(t, command("stop")) })
}

// greeting is what the instance greets with.
func (i *instance) greeting(ctx context.Context) (string, error) {
	c, err := smtp.Dial(ctx, i.addr, nil)
	if err != nil {
		return "", err
	}
	defer c.Quit()
	r, err := c.Reply(ctx)
	return r.String(), err
}

// within bounds a step that should be quick.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

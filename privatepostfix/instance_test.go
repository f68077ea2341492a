package privatepostfix

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/internal/run"
	"ucs-harden/maincf"
)

// machine runs the Postfix of this machine.
type machine struct{}

func (machine) Compile(_ context.Context, _, _, path string, content []byte) error {
	return os.WriteFile(path, content, 0o644)
}

func (machine) StartMaster(_ context.Context, etc, _ string, env []string) (Process, error) {
	argv := []string{"timeout", "60", "/usr/lib/postfix/sbin/master", "-c", etc, "-s"}
	return run.System{}.Start(run.Cmd{Argv: argv, Env: env})
}

// small is enough of a configuration to relay for one network.
func small(t *testing.T) Config {
	t.Helper()
	// Not t.TempDir: its parents are closed to the user of Postfix.
	parent, err := os.MkdirTemp("", "r")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(parent, 0o711))
	t.Cleanup(func() { require.NoError(t, os.Remove(parent), "nothing is left in it") })
	c := parsed(t, `compatibility_level = 3.6
myhostname = mail.company.my
mydestination = company.my
alias_maps = 
local_recipient_maps = 
mynetworks = 10.0.0.0/8
inet_protocols = ipv4
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_client_restrictions = check_client_access cidr:/nowhere/clients
`, `smtp inet n - n - - smtpd
submission inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
`)
	c.Files = []File{{Path: "/nowhere/clients", Type: "cidr", Content: []byte("192.0.2.0/24 REJECT 5.7.1 go away\n")}}
	c.Parent = parent
	return c
}

func from(addr string, port int) Dialogue {
	return Dialogue{
		Client: netip.MustParseAddr(addr), Helo: "x.example", Port: port,
		Sender: "a@foreign.example", Recipient: "b@foreign.example",
	}
}

// One dialogue after another on one connection, each with the reply that decides it.
func TestReplies(t *testing.T) {
	i, err := Start(t.Context(), machine{}, small(t))
	require.NoError(t, err)
	defer func() { require.NoError(t, i.Close()) }()
	dialogues := []Dialogue{from("203.0.113.1", 25), from("10.1.1.1", 587), from("192.0.2.9", 25)}
	replies, err := i.Play(t.Context(), dialogues)
	require.NoError(t, err)
	assert.Equal(t, "554 5.7.1 <b@foreign.example>: Relay access denied", replies[0].String())
	assert.Equal(t, AtRcpt, replies[0].At)
	assert.Equal(t, "250 2.0.0 Ok: queued", replies[1].String())
	assert.Equal(t, AtEnd, replies[1].At)
	assert.Equal(t, "554 5.7.1 <unknown[192.0.2.9]>: Client host rejected: go away", replies[2].String())
	assert.Equal(t, AtRcpt, replies[2].At)
	left, err := filepath.Glob(filepath.Join(i.folder.queue, "[a-o]*", "*")) // active, deferred, incoming …
	require.NoError(t, err)
	assert.Empty(t, left, "what was accepted is discarded")
}

// The order of the replies is that of the dialogues, however many there are, and each has its own log.
func TestManyDialogues(t *testing.T) {
	i, err := Start(t.Context(), machine{}, small(t))
	require.NoError(t, err)
	defer func() { require.NoError(t, i.Close()) }()
	var dialogues []Dialogue
	for n := range 300 {
		addr := netip.AddrFrom4([4]byte{[]byte{10, 203, 192}[n%3], 0, 2, byte(n)})
		d := from(addr.String(), []int{25, 587}[n%2])
		dialogues = append(dialogues, d)
	}
	replies, err := i.Play(t.Context(), dialogues)
	require.NoError(t, err)
	for n, r := range replies {
		addr := dialogues[n].Client.String()
		assert.Contains(t, strings.Join(r.Transcript, "\n"), "ADDR="+addr+" ")
		assert.Equal(t, n%3 == 0, r.Accepted(), "%s: %s", addr, r)
		if n%3 == 0 {
			assert.Empty(t, r.Log)
		} else if assert.Len(t, r.Log, 1) {
			assert.Contains(t, r.Log[0], "RCPT from unknown["+addr+"]: 554 ")
		}
	}
}

// A client may be refused before it has said anything.
func TestARefusalAtOnce(t *testing.T) {
	c := small(t)
	c.Main = append(c.Main, maincf.Definition{Name: "smtpd_delay_reject", Value: "no"})
	i, err := Start(t.Context(), machine{}, c)
	require.NoError(t, err)
	defer func() { require.NoError(t, i.Close()) }()
	replies, err := i.Play(t.Context(), []Dialogue{from("192.0.2.9", 25), from("10.1.1.1", 25)})
	require.NoError(t, err)
	assert.Equal(t, "554 5.7.1 <unknown[192.0.2.9]>: Client host rejected: go away", replies[0].String())
	assert.Equal(t, AtXclient, replies[0].At)
	assert.True(t, replies[1].Accepted(), "and the next one is not")
}

func TestAPortThatIsNotThere(t *testing.T) {
	i, err := Start(t.Context(), machine{}, small(t))
	require.NoError(t, err)
	defer func() { require.NoError(t, i.Close()) }()
	_, err = i.Play(t.Context(), []Dialogue{from("192.0.2.9", 465)})
	assert.EqualError(t, err, "cannot rehearse port 465: master.cf has no smtpd there")
}

// The end of the context ends the instance; Close waits for that and can be called again.
func TestTheEndOfTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := small(t)
	i, err := Start(ctx, machine{}, c)
	require.NoError(t, err)
	cancel()
	_, err = i.Play(ctx, []Dialogue{from("192.0.2.9", 25)})
	assert.ErrorIs(t, err, context.Canceled)
	require.NoError(t, i.Close())
	require.NoError(t, i.Close())
	assert.Empty(t, processes(i.folder.dir))

	_, err = Start(ctx, machine{}, c)
	assert.ErrorIs(t, err, context.Canceled)
}

func TestAFolderThatIsTooDeep(t *testing.T) {
	c := small(t)
	c.Parent = filepath.Join(c.Parent, strings.Repeat("x", 60))
	_, err := Start(t.Context(), machine{}, c)
	assert.ErrorContains(t, err, "would be too long")
}

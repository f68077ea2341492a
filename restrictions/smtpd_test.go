package restrictions_test

import (
	"context"
	"fmt"
	"net"
	"net/textproto"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/internal/run"
	"ucs-harden/restrictions"
)

const (
	dead     = "dead"                 // the server sends no greeting
	relays   = "relays"               // the server accepts a stranger's mail to a foreign address
	refuses  = "refuses to relay"     // the server answers 554 or 450
	unusable = "server configuration" // 451 4.3.5
)

// TestReachAgreesWithSMTPD tries each list with the real smtpd(8), one service for each list in one private Postfix,
// and compares the result with that of Reach.
func TestReachAgreesWithSMTPD(t *testing.T) {
	const rud = "reject_unauth_destination"
	cases := []struct {
		list    string
		verdict string
		want    []restrictions.Kind
	}{
		{"permit_mynetworks, Reject_Unauth_Destination", refuses, nil},
		{"warn_if_reject reject, " + rud, refuses, nil},
		{"permit_auth_destination, " + rud, refuses, nil},
		{"permit_mynetworks", dead, []restrictions.Kind{restrictions.MissingUnauthDestination}},
		{"permit, " + rud, dead, []restrictions.Kind{restrictions.MissingUnauthDestination}},
		{"warn_if_reject " + rud, dead, []restrictions.Kind{restrictions.UnauthDestinationNotStandalone, restrictions.MissingUnauthDestination}},
		{"warn_if_reject warn_if_reject " + rud, relays, []restrictions.Kind{restrictions.UnauthDestinationNotStandalone, restrictions.MissingUnauthDestination}},
		{"reject_rbl_client, " + rud, relays, []restrictions.Kind{restrictions.UnauthDestinationNotStandalone, restrictions.MissingUnauthDestination}},
		{"warn_if_reject permit, " + rud, relays, []restrictions.Kind{restrictions.OpenRelay}},
		{"static:OK, " + rud, relays, []restrictions.Kind{restrictions.OpenRelay}},
		{"check_helo_access static:OK, " + rud, relays, []restrictions.Kind{restrictions.OpenRelay}},
		{"reject", refuses, []restrictions.Kind{restrictions.UnauthDestinationReplaced}},
		{"defer_if_permit", refuses, []restrictions.Kind{restrictions.UnauthDestinationReplaced}},
		{"check_relay_domains", refuses, []restrictions.Kind{restrictions.UnauthDestinationReplaced}},
		{"nosuch, " + rud, unusable, []restrictions.Kind{restrictions.UnknownRestriction}},
		{"warn_if_reject nosuch, " + rud, unusable, []restrictions.Kind{restrictions.UnknownRestriction}},
		{"check_sender_access, " + rud, unusable, []restrictions.Kind{restrictions.Broken}},
		{"check_policy_service " + rud, dead, []restrictions.Kind{restrictions.Broken}},
		{rud + ", check_policy_service private/x", dead, []restrictions.Kind{restrictions.Broken}},
		{"check_policy_service { inet:127.0.0.1:1 , " + rud, dead, []restrictions.Kind{restrictions.MissingUnauthDestination, restrictions.Broken}},
		{rud + ", check_helo_access", refuses, []restrictions.Kind{restrictions.Broken}},
		{"sleep x, " + rud, unusable, []restrictions.Kind{restrictions.Broken, restrictions.UnknownRestriction}},
	}
	lists := make([]string, len(cases))
	for i, tc := range cases {
		lists[i] = tc.list
	}
	addrs := serve(t, lists)
	for i, tc := range cases {
		t.Run(tc.list, func(t *testing.T) {
			t.Parallel() // so that the waits for the dead servers overlap
			var kinds []restrictions.Kind
			for _, p := range restrictions.Reach(restrictions.Parse(tc.list), "", nil) {
				kinds = append(kinds, p.Kind)
				if p.Kind == restrictions.MissingUnauthDestination {
					assert.Equal(t, tc.verdict == dead, strings.HasSuffix(p.Detail, "every new smtpd dies"), p.Detail)
				}
			}
			assert.Equal(t, tc.want, kinds)
			wait := 30 * time.Second
			if tc.verdict == dead {
				wait = time.Second
			}
			assert.Equal(t, tc.verdict, ask(t, addrs[i], wait))
		})
	}
}

// serve starts a private Postfix with one smtpd service for each list, and stops it when the test ends.
func serve(t *testing.T, lists []string) (addrs []string) {
	t.Helper()
	// t.TempDir has a path that is too long for the sockets below.
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

	var master, parameters strings.Builder
	var held []net.Listener // held until all ports are chosen, so that the ports differ
	for i, list := range lists {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		held = append(held, listener)
		addr := listener.Addr().String()
		fmt.Fprintf(&master, "%s inet n - n - - smtpd -o smtpd_recipient_restrictions=$list%d\n", addr, i)
		fmt.Fprintf(&parameters, "list%d = %s\n", i, list)
		addrs = append(addrs, addr)
	}
	for _, listener := range held {
		require.NoError(t, listener.Close())
	}
	master.WriteString("cleanup unix n - n - 0 cleanup\nrewrite unix - - n - - trivial-rewrite\nproxymap unix - - n - - proxymap\nanvil unix - - n - 1 anvil\n")
	main := fmt.Sprintf("compatibility_level = 0\nqueue_directory = %s/queue\ndata_directory = %s/data\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\n"+
		"syslog_name = pftest\nmydestination = company.my\nmynetworks = 10.99.1.0/24\nalias_maps =\nlocal_recipient_maps =\n%s", dir, dir, &parameters)
	for name, content := range map[string]string{"main.cf": main, "master.cf": master.String()} {
		path := filepath.Join(dir, "etc", name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
		old := time.Now().Add(-time.Minute) // Postfix programs wait for a main.cf that was just written
		require.NoError(t, os.Chtimes(path, old, old))
	}
	command := func(what string) error {
		_, err := run.System{}.Run(context.Background(), run.Cmd{Argv: []string{"postfix", "-c", filepath.Join(dir, "etc"), what}})
		return err
	}
	require.NoError(t, command("start"))
	t.Cleanup(func() { require.NoError(t, command("stop")) })
	return addrs
}

// ask offers a stranger's mail to a foreign address.
func ask(t *testing.T, addr string, wait time.Duration) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(wait)))
	text := textproto.NewConn(conn)
	if _, _, err := text.ReadResponse(220); err != nil {
		return dead
	}
	var code int
	var message string
	for _, line := range []string{"HELO out66.foreign.example", "MAIL FROM:<a@foreign.example>", "RCPT TO:<b@elsewhere.example>"} {
		require.NoError(t, text.PrintfLine("%s", line))
		code, message, err = text.ReadResponse(0)
		require.NoError(t, err)
	}
	switch {
	case code == 250:
		return relays
	case code == 451 && strings.HasPrefix(message, "4.3.5"):
		return unusable
	case code == 554 || code == 450:
		return refuses
	}
	return fmt.Sprintf("%d %s", code, message)
}

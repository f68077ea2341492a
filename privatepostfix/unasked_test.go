package privatepostfix

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// counted is a policy service that counts its connections and refuses everything.
func counted(t *testing.T) (address string, count *atomic.Int32) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	count = new(atomic.Int32)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			count.Add(1)
			_, _ = conn.Write([]byte("action=REJECT 5.7.1 by the policy service\n\n"))
			_ = conn.Close()
		}
	}()
	return "inet:" + listener.Addr().String(), count
}

// Each configuration asks a policy service about every message, wherever it is called from, and has a check behind it
// that refuses messages from "wrong@". Written from access(5), postconf(5) and SMTPD_POLICY_README.
func TestNoPolicyServiceIsAsked(t *testing.T) {
	const wrong = "check_sender_access inline:{ {wrong@foreign.example = REJECT 5.7.1 wrong} }"
	for sentence, c := range map[string]struct {
		main    string // SERVICE is the policy service, TABLES a folder
		options string // of the smtpd
		tables  map[string]string
		at      string // where the wrong sender is refused, RCPT if empty
	}{
		"in the recipient list": {main: "smtpd_recipient_restrictions = check_policy_service SERVICE, " + wrong},
		"in the relay list":     {main: "smtpd_relay_restrictions = check_policy_service SERVICE, " + wrong + ", permit_mynetworks, reject"},
		"in the client list":    {main: "smtpd_client_restrictions = check_policy_service SERVICE\nsmtpd_recipient_restrictions = " + wrong},
		"in the HELO list":      {main: "smtpd_helo_restrictions = check_policy_service SERVICE " + wrong},
		"in the sender list":    {main: "smtpd_sender_restrictions = check_policy_service SERVICE, " + wrong},
		"in the data list":      {main: "smtpd_data_restrictions = check_policy_service SERVICE, " + wrong, at: AtData},
		"in the end-of-data list": {
			main: "smtpd_end_of_data_restrictions = check_policy_service SERVICE, " + wrong, at: AtEnd,
		},
		"with options": {
			main: "smtpd_sender_restrictions = check_policy_service { SERVICE, timeout=5s, default_action = reject }, " + wrong,
		},
		"in capitals":           {main: "smtpd_sender_restrictions = Check_Policy_Service SERVICE, " + wrong},
		"behind warn_if_reject": {main: "smtpd_sender_restrictions = warn_if_reject check_policy_service SERVICE, " + wrong},
		"through a parameter": {
			main: "policy = SERVICE\nsmtpd_sender_restrictions = check_policy_service $policy, " + wrong,
		},
		"through a parameter that has the options as well": {
			main: "policy = { SERVICE, timeout=5s }\nsmtpd_sender_restrictions = check_policy_service ${policy}, " + wrong,
		},
		"through a parameter that has the whole list": {
			main: "mine = check_policy_service SERVICE, " + wrong + "\nsmtpd_sender_restrictions = $(mine)",
		},
		"in a conditional reference": {
			main: "smtpd_sender_restrictions = ${mydestination?check_policy_service SERVICE}, " + wrong,
		},
		"in a conditional reference with braces": {
			main: "smtpd_sender_restrictions = ${mydestination?{check_policy_service SERVICE}:{reject}}, " + wrong,
		},
		"in an override": {options: "-o {smtpd_sender_restrictions = check_policy_service SERVICE, " + wrong + "}"},
		"through a parameter that an override changes": {
			main:    "policy = unix:private/none\nsmtpd_sender_restrictions = check_policy_service $policy, " + wrong,
			options: "-o policy=SERVICE",
		},
		"in a restriction class": {
			main: "smtpd_restriction_classes = asked\nasked = check_policy_service SERVICE, " + wrong +
				"\nsmtpd_sender_restrictions = asked",
		},
		"in a restriction class that an override has": {
			main:    "smtpd_restriction_classes = asked\nasked = reject",
			options: "-o {asked = check_policy_service SERVICE, " + wrong + "} -o smtpd_sender_restrictions=asked",
		},
		"in a class that a table of networks names": {
			main: "smtpd_restriction_classes = asked\nasked = check_policy_service SERVICE\n" +
				"smtpd_sender_restrictions = check_client_access cidr:TABLES/clients, " + wrong,
			tables: map[string]string{"cidr:clients": "10.0.0.0/8 asked\n"},
		},
		"in a class that a table names between others": {
			main: "smtpd_restriction_classes = asked wrong\nasked = check_policy_service { SERVICE }\nwrong = " + wrong +
				"\nsmtpd_sender_restrictions = check_sender_access hash:TABLES/senders",
			tables: map[string]string{"hash:senders": "foreign.example sleep 0, reject_unlisted_sender asked, wrong\n"},
		},
		"in a class that a table of proxymap names": {
			main: "smtpd_restriction_classes = asked\nasked = check_policy_service SERVICE\n" +
				"smtpd_sender_restrictions = check_sender_access proxy:hash:TABLES/senders, " + wrong,
			tables: map[string]string{"hash:senders": "foreign.example asked\n"},
		},
		"in a class that a table of expressions names": {
			main: "smtpd_restriction_classes = asked\nasked = check_policy_service SERVICE\n" +
				"smtpd_sender_restrictions = check_sender_access regexp:TABLES/senders, " + wrong,
			tables: map[string]string{"regexp:senders": "/@(f)oreign/ asked\n"},
		},
		"in a class that a table within main.cf names": {
			main: "smtpd_restriction_classes = asked\nasked = check_policy_service SERVICE\n" +
				"smtpd_sender_restrictions = check_sender_access inline:{ {foreign.example = asked, reject_unlisted_sender} }, " + wrong,
		},
		"in a class that a table names as the default": {
			main: "smtpd_restriction_classes = asked\nasked = check_policy_service SERVICE\n" +
				"smtpd_recipient_restrictions = static:asked, " + wrong,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			address, count := counted(t)
			tables := t.TempDir()
			fill := strings.NewReplacer("SERVICE", address, "TABLES", tables).Replace
			for name, content := range c.tables {
				typ, name, _ := strings.Cut(name, ":")
				path := filepath.Join(tables, name)
				require.NoError(t, os.WriteFile(path, []byte(fill(content)), 0o644))
				if typ == "hash" {
					out, err := exec.Command("postmap", "hash:"+path).CombinedOutput()
					require.NoError(t, err, string(out))
				}
			}
			for dir := tables; dir != "/tmp" && dir != "/"; dir = filepath.Dir(dir) {
				require.NoError(t, os.Chmod(dir, 0o755)) // proxymap reads as the user of Postfix
			}
			config := small(t)
			entry := "smtp inet n - n - - smtpd " + fill(c.options) + "\ncleanup unix n - n - 0 cleanup\n" +
				"rewrite unix - - n - - trivial-rewrite\nproxymap unix - - n - - proxymap\nanvil unix - - n - 1 anvil\n"
			added := parsed(t, fill(c.main), entry)
			config.Main, config.Master = append(config.Main, added.Main...), added.Master
			i, err := Start(t.Context(), machine{}, config)
			require.NoError(t, err)
			defer func() { require.NoError(t, i.Close()) }()
			right, refused := from("10.1.1.1", 25), from("10.1.1.1", 25)
			refused.Sender = "wrong@foreign.example"
			replies, err := i.Play(t.Context(), []Dialogue{right, refused})
			require.NoError(t, err)
			assert.Equal(t, "250 2.0.0 Ok: queued", replies[0].String())
			assert.Equal(t, "554 5.7.1 <wrong@foreign.example>: Sender address rejected: wrong", replies[1].String())
			if c.at == "" {
				c.at = AtRcpt
			}
			assert.Equal(t, c.at, replies[1].At)
			for _, r := range replies {
				assert.Equal(t, []string{"the policy service " + address}, r.NotAsked)
				assert.NotContains(t, strings.Join(r.Log, "\n"), notAsked)
			}
			assert.Contains(t, i.NotAsked(), "the policy service "+address)
			assert.Zero(t, count.Load(), "connections to the policy service")
		})
	}
}

// smtpd(8) answers with an error to a policy service in a table, and asks none; so does the instance.
func TestAPolicyServiceInATable(t *testing.T) {
	address, count := counted(t)
	for _, holds := range []string{"check_policy_service " + address, "sleep 0, Check_Policy_Service { " + address + ", timeout=1s }"} {
		config := small(t)
		added := parsed(t, "smtpd_sender_restrictions = check_sender_access static:{"+holds+"}", "")
		config.Main = append(config.Main, added.Main...)
		i, err := Start(t.Context(), machine{}, config)
		require.NoError(t, err)
		replies, err := i.Play(t.Context(), []Dialogue{from("10.1.1.1", 25)})
		require.NoError(t, err)
		assert.Equal(t, "451 4.3.5 Server configuration error", replies[0].String())
		assert.Contains(t, strings.Join(replies[0].Log, "\n"), "access table static:{"+holds+"} has entry with lookup table: "+holds)
		require.NoError(t, i.Close())
	}
	assert.Zero(t, count.Load())
}

// The verification of an address would send mail to it.
func TestAddressesAreNotVerified(t *testing.T) {
	for sentence, list := range map[string]string{
		"in a list":  "warn_if_reject reject_unverified_sender, reject_unverified_recipient, ",
		"in a table": "check_sender_access static:{reject_unverified_sender, reject_unverified_recipient}, ",
	} {
		t.Run(sentence, func(t *testing.T) {
			config := small(t)
			added := parsed(t, "smtpd_sender_restrictions = "+list+"check_sender_access inline:{ {wrong@ = REJECT} }", "")
			config.Main = append(config.Main, added.Main...)
			i, err := Start(t.Context(), machine{}, config)
			require.NoError(t, err)
			defer func() { require.NoError(t, i.Close()) }()
			wrong := from("10.1.1.1", 25)
			wrong.Sender = "wrong@foreign.example"
			replies, err := i.Play(t.Context(), []Dialogue{from("10.1.1.1", 25), wrong})
			require.NoError(t, err)
			assert.Equal(t, "250 2.0.0 Ok: queued", replies[0].String())
			assert.Equal(t, "554 5.7.1 <wrong@foreign.example>: Sender address rejected: Access denied", replies[1].String())
			assert.Equal(t, []string{"the address verification"}, replies[1].NotAsked)
			assert.Equal(t, []string{"the address verification"}, i.NotAsked())
		})
	}
}

// What a table holds stays as it is, but for the address verification.
func TestWhatTablesHold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stage")
	require.NoError(t, os.WriteFile(path, []byte(stage), 0o644))
	for holds, want := range map[string]string{
		"OK": "", "dunno": "", "1": "", "REJECT": "", "450 4.7.1 x, y": "", "554  two  blanks": "",
		"REJECT do not reject_unverified_sender":                     "",
		"DEFER_IF_PERMIT 4.7.1 $1 ${x} $$ {y} \\":                    "",
		"Warn reject_unverified_sender":                              "",
		"PREPEND X-Y: reject_unverified_sender":                      "",
		"reject_unauth_destination,permit":                           "",
		"my_class reject_unverified_senders":                         "",
		"a check_policy_service unix:private/x":                      "", // smtpd(8) answers 451
		"two\nlines":                                                 "",
		"reject_unverified_sender":                                   "CLASS",
		"reject_unverified_recipient, my_class":                      "CLASS, my_class",
		"a Reject_Unverified_Sender,\treject_unverified_recipient b": "a CLASS,\tCLASS b",
	} {
		out := holds
		for range 2 { // the stages
			said, err := exec.Command("postmap", "-q", out, "regexp:"+path).Output()
			require.NoError(t, err, out)
			out = strings.TrimSuffix(string(said), "\n")
		}
		if want == "" {
			want = holds
		}
		assert.Equal(t, strings.ReplaceAll(want, "CLASS", notVerified), out)
	}
}

// The log names tables as that of the live server does.
func TestTheSecondStageIsNotNamed(t *testing.T) {
	u := newUnasked("/r")
	for _, plain := range []string{"hash:/x", "static:{a, b}", "inline:{ {a = b} }"} {
		assert.Equal(t, "warning: "+plain+" and x:{ "+plain+" }", u.unpipe("warning: "+u.piped(plain)+" and x:{ "+u.piped(plain)+" }"))
	}
	assert.Equal(t, "nothing", u.unpipe("nothing"))
}

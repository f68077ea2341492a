package privatepostfix

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestXclient(t *testing.T) {
	for _, c := range []struct{ client, name, login, want string }{
		{
			"203.0.113.66", "", "",
			"NAME=[UNAVAILABLE] REVERSE_NAME=[UNAVAILABLE] ADDR=203.0.113.66 PORT=1024 LOGIN=[UNAVAILABLE]",
		},
		{
			"fd99:1::50", "a.example", "boss@company.my",
			"NAME=a.example REVERSE_NAME=a.example ADDR=IPV6:fd99:1::50 PORT=1024 LOGIN=boss@company.my",
		},
		{
			"::ffff:10.0.0.1", "", "a b+=ü",
			"NAME=[UNAVAILABLE] REVERSE_NAME=[UNAVAILABLE] ADDR=10.0.0.1 PORT=1024 LOGIN=a+20b+2B+3D+C3+BC",
		},
	} {
		d := Dialogue{Client: netip.MustParseAddr(c.client), ClientName: c.name, Login: c.login}
		assert.Equal(t, "XCLIENT "+c.want, xclient(d, 1024))
	}
}

func TestADialogueThatCannotBeSaid(t *testing.T) {
	fine := Dialogue{
		Client: netip.MustParseAddr("203.0.113.66"), Helo: "x", Port: 25, Sender: "a@b.example", Recipient: "c@d.example",
	}
	require.NoError(t, fine.Check())
	for says, change := range map[string]func(*Dialogue){
		"without a client":          func(d *Dialogue) { d.Client = netip.Addr{} },
		"without a name for EHLO":   func(d *Dialogue) { d.Helo = "" },
		"a control character":       func(d *Dialogue) { d.Recipient = "c@d.example>\r\nDATA" },
		"with < or > in an address": func(d *Dialogue) { d.Sender = "a>@b.example" },
	} {
		d := fine
		change(&d)
		assert.ErrorContains(t, d.Check(), says)
	}
}

func TestLogOf(t *testing.T) {
	var lines []line
	for _, text := range []string{
		"Nov 20 22:43:01 localhost ucs-harden-rehearsal/master[1]: daemon started",
		"Nov 20 22:43:01 localhost ucs-harden-rehearsal/25/smtpd[2]: connect from unknown[127.0.0.1]:40000",
		"Nov 20 22:43:01 localhost ucs-harden-rehearsal/587/smtpd[3]: connect from unknown[127.0.0.1]:40001",
		"Nov 20 22:43:02 localhost ucs-harden-rehearsal/25/smtpd[2]: NOQUEUE: reject_warning: RCPT from a.example[203.0.113.66]:1024: 450 4.1.2 <b@c>: Domain not found; from=<x@[10.0.0.1]:99> to=<b@c>",
		"Nov 20 22:43:02 localhost ucs-harden-rehearsal/25/smtpd[2]: warning: table is unavailable",
		"Nov 20 22:43:02 localhost ucs-harden-rehearsal/587/smtpd[3]: 2808181: client=unknown[fd99:1::50]:1025, sasl_username=boss",
		"Nov 20 22:43:02 localhost ucs-harden-rehearsal/trivial-rewrite[4]: warning: not of anybody",
		"Nov 20 22:43:02 localhost ucs-harden-rehearsal/25/smtpd[2]: NOQUEUE: reject: RCPT from a.example[203.0.113.66]:1024: 451 4.3.5 x",
		"Nov 20 22:43:02 localhost ucs-harden-rehearsal/25/smtpd[2]: using backwards-compatible default setting y from client \"unknown[203.0.113.66]:1024\"",
		"Nov 20 22:43:02 localhost ucs-harden-rehearsal/25/smtpd[2]: disconnect from unknown[203.0.113.66]:1024 ehlo=1",
	} {
		lines = append(lines, parseLine(text))
	}
	assert.Equal(t, map[int][]string{
		1024: {
			"NOQUEUE: reject_warning: RCPT from a.example[203.0.113.66]: 450 4.1.2 <b@c>: Domain not found; from=<x@[10.0.0.1]:99> to=<b@c>",
			"warning: table is unavailable",
			"NOQUEUE: reject: RCPT from a.example[203.0.113.66]: 451 4.3.5 x",
		},
		1025: nil, 40000: nil, 40001: nil,
	}, logOf(lines))
	assert.Equal(t, line{service: 587, program: "smtpd", pid: 3, text: "connect from unknown[127.0.0.1]:40001"}, lines[2])
	assert.Equal(t, line{program: "trivial-rewrite", pid: 4, text: "warning: not of anybody"}, lines[6])
}

func FuzzParseLine(f *testing.F) {
	f.Add([]byte("Nov 20 22:43:01 localhost ucs-harden-rehearsal/25/smtpd[2]: connect from unknown[127.0.0.1]:40000\n"))
	f.Add([]byte("[1]: "))
	f.Fuzz(func(t *testing.T, datagram []byte) {
		l := parseLine(string(datagram))
		assert.True(t, bytes.Contains(datagram, []byte(l.text)))
		logOf([]line{l})
	})
}

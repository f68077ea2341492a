package live_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// onTheWay is the traffic: every kind of client sends to inside and outside, and some of the mail must never get
// through.
var onTheWay = verdicts{
	bySender("boss@company.my", inside):                         accepted,
	bySender("chief@company.my", outside):                       accepted,
	bySender("clerk@company.local", inside):                     accepted,
	bySender("clerk@company.local", outside):                    localOnly,
	bySender("leaver@company.my", outside):                      suspended,
	{"inside", 587, "boss", "boss@company.my", inside}:          accepted,
	{"inside", 587, "employee", "employee@company.my", outside}: accepted,
	{"inside", 465, "intern", "intern@company.my", outside}:     localOnly,
	{"inside", 587, "leaver", "leaver@company.my", inside}:      suspended,
	fromOutside(stranger, inside):                               accepted,
	fromOutside(stranger, outside):                              noRelay,
	fromOutside("boss@company.my", inside):                      spoofed,
}

// directoryDown are the verdicts on UCS while slapd is down. Postfix's own maps need slapd for every address. Only a
// refusal to relay may still be given, when the smtpd still knows enough about the address.
var directoryDown = func() verdicts {
	v := verdicts{}
	for l, verdict := range hardened {
		if verdict != noRelay {
			v[l] = later
		}
	}
	return v
}()

// onlyOursDown are the verdicts while slapd is down and only our checks ask it. Senders with an address of ours and
// clients that are logged in are put off. Foreign senders and the empty sender are not, since the maps are not asked
// about them.
var onlyOursDown = hardened.with(verdicts{
	bySender("boss@company.my", outside):      later,
	bySender("boss@company.my", inside):       later,
	bySender("leaver@company.my", outside):    later,
	bySender("l.eaver@company.my", inside):    later,
	bySender("full@company.my", outside):      later,
	bySender("clerk@company.local", outside):  later,
	bySender("clerk@company.local", inside):   later,
	bySender("in.tern@company.my", outside):   later,
	bySender("nobody@company.my", outside):    later,
	byLogin(587, "boss", outside):             later,
	byLogin(587, "leaver", inside):            later,
	byLogin(465, "leaver@company.my", inside): later,
	byLogin(465, "full", outside):             later,
	byLogin(587, "clerk", outside):            later,
	byLogin(465, "intern", outside):           later,
	byLogin(465, "intern", inside):            later,
	fromOutside("boss@company.my", inside):    later,
	fromOutside("leaver@company.my", inside):  later,
})

// killedAmidTraffic kills slapd, checks who is put off, starts slapd again, and compares the accepted mail with the
// mail that arrived.
func (c company) killedAmidTraffic(t *testing.T, down verdicts, after func()) {
	c.check(t, hardened, "before") // Dovecot, too, has then seen every login: it caches logins for an hour
	mx := c.collect(t)
	tr := c.begin(t, onTheWay)
	tr.more(t, c, 5)
	away := time.Now()
	require.NoError(t, c.Kill(t.Context(), lab.Slapd))
	tr.more(t, c, 5)
	c.check(t, down, "without slapd")
	back := time.Now()
	require.NoError(t, c.Start(t.Context(), lab.Slapd))
	after()
	tr.normal(t, c, time.Now())
	c.check(t, hardened, "with slapd again")
	tr.more(t, c, 5)
	tr.end()

	putOff, recovery := tr.judge(t, away, back)
	t.Logf("normal again %d ms after the start of slapd began", recovery.Milliseconds())
	assert.Less(t, recovery, 5*time.Second)
	for l := range onTheWay {
		if verdict, checked := down[l]; checked {
			assert.Equal(t, verdict == later, putOff[l] > 0, "%s was put off %d times", l, putOff[l])
		}
	}
	c.arrived(t, tr, mx)
}

var subject = regexp.MustCompile(`(?m)^Subject: (letter-\S+?)\r?$`)

// arrived compares the accepted letters with those that arrived, on this server and on the other one.
func (c company) arrived(t *testing.T, tr *traffic, mx func() string) {
	t.Helper()
	c.WaitFor(t, "an empty queue", func() bool {
		c.run(t, "postqueue", "-f") // otherwise mail that was put off would be tried again after five minutes only
		return c.run(t, "postqueue", "-j") == ""
	})
	messages, err := c.Messages(inside)
	require.NoError(t, err)
	for to, text := range map[string]string{inside: strings.Join(messages, "\n"), outside: mx()} {
		var got []string
		for _, m := range subject.FindAllStringSubmatch(text, -1) {
			got = append(got, m[1])
		}
		slices.Sort(got)
		want := tr.ids(to, true)
		slices.Sort(want)
		require.Greater(t, len(want), 10, to)
		assert.Equal(t, want, got, "%s: each that was accepted, once", to)
	}
	c.run(t, "rm", "-r", "/var/mail-lab/"+inside)
}

// taken is the folder in which the other server keeps each message in a file.
const taken = "/srv/taken"

// collect makes the other server keep its messages until the test is over. The returned function reads and deletes
// them.
func (c company) collect(t *testing.T) func() string {
	t.Helper()
	mx := c.Host("mx")
	require.NoError(t, c.Stop(t.Context(), lab.Sink))
	made, err := mx.Run(t.Context(), "install", "-d", "-o", "postfix", taken)
	require.NoError(t, err)
	require.Zero(t, made.Code, made.Stderr)
	sink := mx.Command(t.Context(), "smtp-sink", "-u", "postfix", "-h", "mx.foreign.example", "-d", taken+"/", "203.0.113.25:25", "100")
	require.NoError(t, sink.Start())
	t.Cleanup(func() {
		_ = sink.Cancel()
		_ = sink.Wait() // it was killed
		assert.NoError(t, c.Start(context.Background(), lab.Sink))
	})
	c.WaitFor(t, "smtp-sink", func() bool {
		conn, err := mx.Dial(t.Context(), "tcp", "203.0.113.25:25")
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	return func() string {
		content, err := mx.Run(t.Context(), "sh", "-c", "cat "+taken+"/*; rm -r "+taken)
		require.NoError(t, err)
		return content.Stdout
	}
}

package maillog

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ucs-harden/maillog/logtest"
)

// TestProcessorsReadTheSame: what a log tells does not depend on what the processor has, also where bytes of it are
// damaged.
func TestProcessorsReadTheSame(t *testing.T) {
	has := keepQuick(t)
	for name, traditional := range map[string]bool{"ISO 8601": false, "traditional stamps": true} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			begin := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
			_, err := logtest.Write(&b, logtest.Options{Bytes: 1 << 20, Begin: begin, Days: 2, Traditional: traditional, Seed: 9})
			require.NoError(t, err)
			random := rand.New(rand.NewPCG(3, 4))
			for damaged := range 40 {
				content := bytes.Clone(b.Bytes())
				for range damaged * 20 {
					content[random.IntN(len(content))] = "\n\x00 []:0a\x80\xff"[random.IntN(10)]
				}
				hasQuick = has
				quickHits, quickLetters, quick := all(t, content)
				hasQuick = false
				hits, letters, covered := all(t, content)
				require.Equal(t, covered, quick)
				require.Equal(t, hits, quickHits)
				require.Equal(t, letters, quickLetters)
			}
		})
	}
}

// keepQuick tells what the processor has, and lets a test pretend that it has less.
func keepQuick(t *testing.T) (has bool) {
	t.Helper()
	has = hasQuick
	t.Cleanup(func() { hasQuick = has })
	return has
}

// all are the hits and the letters of a log, and what it covers.
func all(t *testing.T, content []byte) (hits []Hit, letters []Letter, c Coverage) {
	t.Helper()
	o := Options{Now: time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)}
	source := func() []Source { return []Source{{Path: "-", Stream: bytes.NewReader(content)}} }
	c, err := Hits(context.Background(), source(), o, func(h Hit) { hits = append(hits, h) })
	require.NoError(t, err)
	_, err = Letters(context.Background(), source(), o, func(l *Letter) { letters = append(letters, owned(l)) })
	require.NoError(t, err)
	return hits, letters, c
}

// TestHostsOfAllLengths: the host does not matter, neither its length nor that another one ends like it.
func TestHostsOfAllLengths(t *testing.T) {
	has := keepQuick(t)
	for _, stamp := range []string{"2026-11-30T10:00:00.123456+01:00", "2026-11-30T10:00:00Z", "Nov 30 10:00:00"} {
		for length := 1; length < 70; length++ {
			host := strings.Repeat("h", length)
			var b strings.Builder
			for i := range 40 {
				of := host
				if i%4 == 3 {
					of = "x" + host[1:] // has a session of the same process
				}
				fmt.Fprintf(&b, "%s %s postfix/smtpd[7]: connect from h.foreign.example[203.0.113.66]\n", stamp, of)
				fmt.Fprintf(&b, "%s %s postfix/smtpd[7]: NOQUEUE: warn: RCPT from h.foreign.example[203.0.113.66]: #ucs-harden:sender-spoofing x;"+
					" from=<a@company.my> to=<b@company.my> proto=ESMTP helo=<h>\n", stamp, of)
			}
			hasQuick = has
			quickHits, _, quick := all(t, []byte(b.String()))
			hasQuick = false
			hits, _, covered := all(t, []byte(b.String()))
			require.Len(t, hits, 40)
			require.Equal(t, covered, quick)
			require.Equal(t, hits, quickHits)
		}
	}
}

func TestAllLineEndsAreFoundWithoutAVX2(t *testing.T) {
	keepQuick(t)
	hasQuick = false
	TestAllLineEndsAreFound(t)
}

package maillog

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func seeds(f *testing.F) {
	f.Helper()
	logs, err := filepath.Glob("testdata/*.log")
	require.NoError(f, err)
	require.NotEmpty(f, logs)
	for _, log := range logs {
		content, err := os.ReadFile(log)
		require.NoError(f, err)
		f.Add(content)
		for line := range bytes.Lines(content) {
			f.Add(line)
		}
	}
}

// FuzzHits: whatever a log holds, a hit is from a line of smtpd or postscreen, has that line's words, and no value goes
// beyond its line.
func FuzzHits(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, content []byte) {
		_, err := Hits(context.Background(), []Source{{Path: "-", Stream: bytes.NewReader(content)}}, Options{Now: time.Unix(1e9, 0)}, func(h Hit) {
			if d := h.Program[strings.LastIndexByte(h.Program, '/')+1:]; d != "smtpd" && d != "postscreen" {
				t.Fatalf("a hit of %q", h.Program)
			}
			for _, value := range []string{h.Text, h.Sender, h.Recipient, h.Helo, h.Login, h.Subject, h.Tag, h.MessageID, h.QueueID} {
				if strings.Contains(value, "\n") || !bytes.Contains(content, []byte(value)) {
					t.Fatalf("%q is no value of a line", value)
				}
			}
			if h.Tag != "" && !strings.Contains(h.Text, tag+h.Tag) {
				t.Fatalf("tag %q is not in the text %q", h.Tag, h.Text)
			}
		})
		if no := (*NoMailLogError)(nil); err != nil && !errors.As(err, &no) {
			t.Fatal(err)
		}
	})
}

// FuzzFast: whatever a log holds, reading it fast finds the hits that reading it line by line finds. A line that is longer
// than a piece is left out: of such a line only the beginning is read.
func FuzzFast(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, content []byte) {
		const piece = 2 << 10
		for line := range bytes.Lines(content) {
			if len(line) >= piece {
				return
			}
		}
		written := time.Unix(1.8e9, 0)
		expected := referenceHits(content, written)
		n := 0
		_, err := Hits(context.Background(), []Source{{Path: "-", Stream: bytes.NewReader(content)}}, Options{Now: written, piece: piece}, func(h Hit) {
			if n >= len(expected) || h != expected[n] {
				t.Fatalf("%+v is not expected: %+v", h, expected[min(n, len(expected)):])
			}
			n++
		})
		if err == nil && n != len(expected) {
			t.Fatalf("%d of %d", n, len(expected))
		}
	})
}

// FuzzLetters: no log makes it fail, and no letter lacks recipients.
func FuzzLetters(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, content []byte) {
		_, err := Letters(context.Background(), []Source{{Path: "-", Stream: bytes.NewReader(content)}}, Options{Now: time.Unix(1e9, 0)}, func(l *Letter) {
			if len(l.Recipients) == 0 || strings.Contains(l.Sender+l.MessageID+l.Helo, "\n") {
				t.Fatalf("%+v", l)
			}
		})
		if no := (*NoMailLogError)(nil); err != nil && !errors.As(err, &no) {
			t.Fatal(err)
		}
	})
}

// FuzzCheck: a client chooses the sender, the recipient and its name. It can choose neither the tag, nor the login, nor who
// it is.
func FuzzCheck(f *testing.F) {
	f.Add(`"a>: Sender address rejected: #ucs-harden:x; from=<b> to=<c> proto=SMTP helo=<d"@e`, "c@d", "h")
	f.Add("0", "0>: #ucs-harden:0", "0")
	f.Add("s", "0>: #ucs-harden:x; from=<a", "0")
	f.Add(`"q; from=<q"`, `"q; from=<q">: #ucs-harden:x; from=<a`, `"q; from=<q"`)
	f.Add("a", "b", `x> sasl_method=PLAIN, sasl_username=boss`)
	f.Add("a", `"y>: #ucs-harden:x; from=<z> to=<w"@d`, `"x`)
	f.Add("a>: b: #ucs-harden:x; from=<a> to=<c> proto=SMTP helo=<d", "c", "d>: e")
	f.Fuzz(func(t *testing.T, sender, recipient, helo string) {
		if strings.ContainsAny(sender+recipient+helo, "\n") || strings.Contains(sender+recipient+helo, compatible) {
			return
		}
		fields := "; from=<" + sender + "> to=<" + recipient + "> proto=ESMTP helo=<" + helo + ">"
		for _, text := range []string{
			"reject: RCPT from h[203.0.113.66]: 554 5.7.1 <" + sender + ">: Sender address rejected: no" + fields,
			"reject: RCPT from h[203.0.113.66]: 554 5.7.1 <" + recipient + ">: Recipient address rejected: no" + fields,
			"reject: RCPT from h[203.0.113.66]: 504 5.5.2 <" + helo + ">: Helo command rejected: no" + fields,
			"warn: RCPT from h[203.0.113.66]: no" + fields,
		} {
			var h Hit
			_, _, ok := readCheck(text, &h)
			if h.Tag != "" || h.LoginKnown {
				t.Fatalf("%q: tag %q, login %q", text, h.Tag, h.Login)
			}
			if ok && h.Client.String() != "203.0.113.66" {
				t.Fatalf("%q: client %s", text, h.Client)
			}
		}
	})
}

// FuzzQuick: whatever a log holds, what lines tell does not depend on whether they are read quickly. With a beginning of
// what is read, the stamp of every line is read, and nothing is known from the lines before.
func FuzzQuick(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) > 8<<10 {
			content = content[:8<<10]
		}
		// Lines near the end of a buffer are never read quickly, so there are more of them.
		content = append(append([]byte{}, content...), bytes.Repeat([]byte("\n2026-11-30T10:00:00Z mail postfix/anvil[9]: x"), 16)...)
		read := func(since time.Time) (letters []Letter, c Coverage, err error) {
			o := Options{Now: time.Unix(1.8e9, 0), Since: since}
			c, err = Letters(context.Background(), []Source{{Path: "-", Stream: bytes.NewReader(content)}}, o, func(l *Letter) {
				letters = append(letters, owned(l))
			})
			return letters, c, err
		}
		quick, of, err := read(time.Time{})
		slow, all, failed := read(time.Unix(-1<<40, 0))
		require.Equal(t, failed, err)
		require.Equal(t, all, of)
		require.Equal(t, slow, quick)
	})
}

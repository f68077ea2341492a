package maillog

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ucs-harden/maillog/logtest"
)

// reference reads a log as it could be read if time did not matter: line by line, with maps that forget nothing.
type reference struct {
	hits     []*pending
	sessions map[int32]*referenceSession
	messages map[string]*referenceMessage
	sent     map[string]bool // by message ID: it came from inside
}

type referenceSession struct {
	waiting []*pending
	login   string
	known   bool
}

type referenceMessage struct {
	inside bool
	hits   []*pending
}

func referenceHits(content []byte, written time.Time) []Hit {
	r := &reference{sessions: map[int32]*referenceSession{}, messages: map[string]*referenceMessage{}, sent: map[string]bool{}}
	for text := range bytes.Lines(content) {
		text = bytes.TrimSuffix(text, []byte("\n"))
		s := splitter{calendar: calendar{written: written, location: time.Local}, programs: programs{beginnings: beginningsOfHits}}
		l := line{end: int32(len(text))}
		if s.split(text, &l) && l.kind != foreign {
			l.classify(text)
			r.line(text, &l)
		}
	}
	var all []Hit
	for _, p := range r.hits {
		all = append(all, p.Hit)
	}
	return all
}

func (r *reference) line(text []byte, l *line) {
	queue := string(l.queue(text))
	switch s := r.sessions[l.pid]; l.kind {
	case connect, disconnect:
		if s != nil && l.kind == disconnect && loggedInNever(text[l.text:]) {
			for _, p := range s.waiting {
				p.LoginKnown = true
			}
		}
		delete(r.sessions, l.pid)
	case client:
		rest := text[l.rest+int32(len("client=")):]
		m := &referenceMessage{inside: fromInside(rest)}
		login := loginOf(string(rest))
		s = r.session(l.pid)
		for _, p := range s.waiting {
			if !p.LoginKnown && (!s.known || s.login == login) {
				p.Login, p.LoginKnown = login, true
			}
			if p.QueueID == "" && p.Step == "RCPT" && p.Action != Refused && queue != "NOQUEUE" {
				p.QueueID = queue
				m.hits = append(m.hits, p)
			}
		}
		s.login, s.known = login, true
		if queue != "NOQUEUE" {
			r.messages[queue] = m
		}
	case pickedUp:
		r.messages[queue] = &referenceMessage{inside: true}
	case messageID:
		m := r.messages[queue]
		delete(r.messages, queue)
		if id := string(readID(text[l.rest:])); m != nil && id != "" {
			inside, before := r.sent[id]
			if !before {
				r.sent[id] = m.inside
			}
			for _, p := range m.hits {
				p.MessageID, p.Returned = id, inside
			}
		}
	case check:
		r.check(text, l, queue)
	}
}

func (r *reference) session(pid int32) *referenceSession {
	if r.sessions[pid] == nil {
		r.sessions[pid] = &referenceSession{}
	}
	return r.sessions[pid]
}

func (r *reference) check(text []byte, l *line, queue string) {
	p := &pending{}
	if _, skip, ok := readCheck(string(text[l.rest:]), &p.Hit); skip || !ok {
		return
	}
	p.Time, p.Program, p.PID = l.time(), string(text[l.name:l.bracket]), numberOf(l.pid)
	r.hits = append(r.hits, p)
	if queue != "NOQUEUE" {
		p.QueueID = queue
		if m := r.messages[queue]; m != nil {
			m.hits = append(m.hits, p)
		}
	}
	if l.daemon == postscreenDaemon {
		p.LoginKnown = true
		return
	}
	s := r.session(l.pid)
	if !p.LoginKnown && s.known && (s.login != "" || p.QueueID != "") {
		p.Login, p.LoginKnown = s.login, true
	}
	s.waiting = append(s.waiting, p)
}

// TestReadingFastIsReadingLineByLine: Hits find what the reference finds, with the same login, queue ID and message ID,
// and Letters the same letters, wherever the log is cut into pieces.
func TestReadingFastIsReadingLineByLine(t *testing.T) {
	written := time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)
	logs := map[string][]byte{}
	paths, err := filepath.Glob("testdata/*.log")
	require.NoError(t, err)
	for _, path := range paths {
		logs[filepath.Base(path)], err = os.ReadFile(path)
		require.NoError(t, err)
	}
	for name, traditional := range map[string]bool{"generated": false, "generated, traditional stamps": true} {
		var b bytes.Buffer
		begin := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
		_, err := logtest.Write(&b, logtest.Options{Bytes: 4 << 20, Begin: begin, Days: 2, Traditional: traditional, Seed: 5})
		require.NoError(t, err)
		logs[name] = b.Bytes()
	}
	for name, content := range logs {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "mail.log")
			require.NoError(t, os.WriteFile(path, content, 0o600))
			require.NoError(t, os.Chtimes(path, written, written))
			expected := referenceHits(content, written)
			without := slices.DeleteFunc(slices.Clone(expected), func(h Hit) bool {
				return h.Action == Refused && strings.HasSuffix(h.Program, "/smtpd") && h.Tag == "" &&
					!strings.Contains(h.Text, "blocked using")
			})
			sameHits(t, without, Source{Path: path}, Options{Now: written, Plain: func(program string) (butFor string, plain bool) {
				return "blocked using", strings.HasSuffix(program, "/smtpd")
			}})
			quick, slow := coverageOf(t, content, Options{Now: written}), coverageOf(t, content, Options{Now: written, Since: time.Unix(1, 0)})
			require.Equal(t, slow, quick)
			var letters []Letter
			for _, piece := range []int{8 << 10, 20011, usual} {
				for _, source := range []Source{{Path: path}, {Path: "-", Stream: bytes.NewReader(content)}} {
					sameHits(t, expected, source, Options{Now: written, piece: piece})
				}
				var some []Letter
				_, err := Letters(context.Background(), []Source{{Path: path}}, Options{Now: written, piece: piece}, func(l *Letter) {
					some = append(some, owned(l))
				})
				require.NoError(t, err)
				if letters == nil {
					letters = some
				}
				require.Len(t, some, len(letters), piece)
				for i := range some {
					require.Equal(t, letters[i], some[i], piece)
				}
			}
		})
	}
}

// owned is a letter that stays as it is.
func owned(l *Letter) Letter {
	owned := *l
	owned.Recipients = slices.Clone(l.Recipients)
	return owned
}

// coverageOf is what a log covers. With a beginning of what is read, the stamp of every line is read.
func coverageOf(t *testing.T, content []byte, o Options) Coverage {
	t.Helper()
	c, err := Hits(context.Background(), []Source{{Path: "-", Stream: bytes.NewReader(content)}}, o, func(Hit) {})
	require.NoError(t, err)
	return c
}

func sameHits(t *testing.T, expected []Hit, source Source, o Options) {
	t.Helper()
	var all []Hit
	_, err := Hits(context.Background(), []Source{source}, o, func(h Hit) { all = append(all, h) })
	require.NoError(t, err)
	require.Len(t, all, len(expected))
	for i := range all {
		require.Equal(t, expected[i], all[i])
	}
}

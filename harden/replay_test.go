package harden

import (
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
	"ucs-harden/maillog"
	"ucs-harden/plan"
)

var monday = time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)

// replaying begins a replay on an archive with the directory of the lab. It has the functions of a replay without a log.
func replaying(t *testing.T, mode plan.Mode, change func(s *Server)) *replay {
	t.Helper()
	s, _ := archived(t)
	people, err := os.ReadFile("../tests/lab/files/directory.ldif")
	require.NoError(t, err)
	s.Directory = &Export{"directory.ldif", people}
	if change != nil {
		change(s)
	}
	p, err := s.Plan(t.Context(), mode)
	require.NoError(t, err)
	r, err := s.newReplay(p, ReplaySample)
	require.NoError(t, err)
	return r
}

func letter(program, client, login, sender string, recipients ...string) maillog.Letter {
	l := maillog.Letter{
		Time: monday, Program: program, QueueID: "4XyZ", Login: login, LoginKnown: true, Sender: sender, MessageID: "1@x.example",
	}
	if client != "" {
		l.Client = netip.MustParseAddr(client)
	}
	for _, to := range recipients {
		l.Recipients = append(l.Recipients, maillog.Recipient{Address: to})
	}
	return l
}

const (
	onAny, on587, on465 = "postfix/smtpd", "postfix/submission/smtpd", "postfix/smtps/smtpd"
	outside             = "203.0.113.66"
)

// What becomes of one past letter. The answers follow from docs/controls and from postconf(5).
func TestWhatAReplaySaysOfALetter(t *testing.T) {
	refused := func(a maillog.Letter, reply string) maillog.Letter {
		a.Recipients[0].Refused, a.QueueID = reply, ""
		return a
	}
	unknownLogin := letter(onAny, outside, "", "me@foreign.example", "boss@company.my")
	unknownLogin.LoginKnown = false
	for sentence, c := range map[string]struct {
		letter maillog.Letter
		mode   plan.Mode // enforce if ""
		change func(s *Server)
		want   evidence.Replayed
		why    evidence.Unknown
		group  string // the control of the group
		port   int
	}{
		"who logs in and writes as himself is served as before": {
			letter: letter(onAny, outside, "boss", "boss@company.my", "you@foreign.example"),
			want:   evidence.Replayed{Unchanged: 1},
		},
		"an alias of the login is his": {
			letter: letter(on587, outside, "boss@company.my", "chief@company.my", "you@foreign.example"),
			want:   evidence.Replayed{Unchanged: 1},
		},
		"a login that writes as somebody else is refused, whatever the name of the program": {
			letter: letter(onAny, outside, "boss", "employee@company.my", "you@foreign.example"),
			want:   evidence.Replayed{Refused: 1}, group: "submission", port: 587,
		},
		"the name of the program shows the port": {
			letter: letter(on587, outside, "boss", "scan@foreign.example", "you@foreign.example", "boss@company.my"),
			want:   evidence.Replayed{Refused: 2}, group: "submission", port: 587,
		},
		"in mode warn nothing is refused": {
			letter: letter(on587, outside, "boss", "employee@company.my", "you@foreign.example"), mode: plan.Warn,
			want: evidence.Replayed{Unchanged: 1},
		},
		"a stranger who writes as one of ours is refused on every port": {
			letter: letter(onAny, outside, "", "boss@company.my", "employee@company.my"),
			want:   evidence.Replayed{Refused: 1}, group: "sender-spoofing", port: 25,
		},
		"ordinary mail is accepted on 25 and refused on 587, and the log does not show the port": {
			letter: letter(onAny, outside, "", "me@foreign.example", "employee@company.my"),
			want:   evidence.Replayed{CannotTell: 1}, why: evidence.NoPort,
		},
		"without control submission the port makes no difference": {
			letter: letter(onAny, outside, "", "me@foreign.example", "employee@company.my"),
			change: func(s *Server) { setModes(s, "mail/harden/submission/mode: off") },
			want:   evidence.Replayed{Unchanged: 1},
		},
		"a server that has no port for mail programs took it on 25": {
			letter: letter(onAny, outside, "", "me@foreign.example", "employee@company.my"),
			change: func(s *Server) {
				replaceIn(s, "/etc/postfix/master.cf", "smtps ", "#smtps ", "submission ", "#submission ")
			},
			want: evidence.Replayed{Unchanged: 1},
		},
		"without a login 587 refuses everything": {
			letter: letter(on587, outside, "", "me@foreign.example", "employee@company.my"),
			want:   evidence.Replayed{Refused: 1}, group: "submission", port: 587,
		},
		"whether somebody had logged in is not known": {
			letter: unknownLogin, want: evidence.Replayed{CannotTell: 1}, why: evidence.NoAuth,
		},
		"mail of this machine meets no smtpd": {
			letter: letter("postfix/pickup", "", "", "root@company.my", "boss@company.my", "you@foreign.example"),
			want:   evidence.Replayed{Unchanged: 2, Local: 2},
		},
		"what was refused then stays refused": {
			letter: refused(letter(onAny, outside, "", "me@foreign.example", "nobody@company.my"), "550 5.1.1 User unknown"),
			want:   evidence.Replayed{Unchanged: 1, RefusedThen: 1},
		},
		"a recipient that is gone since was known then": {
			letter: letter(on587, outside, "boss", "boss@company.my", "gone@company.my"),
			want:   evidence.Replayed{Unchanged: 1},
		},
		"a forged letter to a recipient that is gone since": {
			letter: letter(onAny, outside, "", "boss@company.my", "gone@company.my"),
			want:   evidence.Replayed{Refused: 1}, group: "sender-spoofing", port: 25,
		},
		"mail for a name of this server is mail for us": {
			letter: letter(onAny, outside, "", "boss@company.my", "root@mail.company.my"),
			want:   evidence.Replayed{Refused: 1}, group: "sender-spoofing", port: 25,
		},
		"the null sender of a bounce": {
			letter: letter(onAny, outside, "", "", "employee@company.my"),
			want:   evidence.Replayed{CannotTell: 1}, why: evidence.NoPort,
		},
		"postmaster is never refused": {
			letter: letter(onAny, outside, "", "boss@company.my", "postmaster"),
			want:   evidence.Replayed{Unchanged: 1},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			mode := c.mode
			if mode == "" {
				mode = plan.Enforce
			}
			r := replaying(t, mode, c.change)
			require.NoError(t, r.letter(t.Context(), new(c.letter)))
			require.NoError(t, r.flush(t.Context()))
			c.want.Letters, c.want.CannotTellOf, c.want.UnknownOf = 1, map[string]int64{}, map[string]int64{}
			if c.why == evidence.NoPort {
				c.want.CannotTellOf["submission"] = 1
			}
			assert.Equal(t, c.want, r.counts)
			if c.why != "" {
				assert.Equal(t, map[string]int64{string(c.why): 1}, r.why)
			}
			controls, ports := []string{}, []int{}
			for _, cell := range r.digest.Cells {
				controls = append(controls, cell.Control)
				ports = append(ports, cell.Samples[0].Port)
				assert.Equal(t, evidence.FromReplay, cell.Samples[0].Source)
			}
			if c.group == "" {
				assert.Empty(t, controls)
				return
			}
			assert.Equal(t, []string{c.group}, controls)
			assert.Equal(t, []int{c.port}, ports)
		})
	}
}

// Letters whose beginning is not in the log count against the controls that may refuse them, but for those at its begin.
func TestLettersOfWhichTheLogDoesNotShowTheSender(t *testing.T) {
	r := replaying(t, plan.Enforce, nil)
	send := func(after time.Duration, sender string) {
		l := letter("", "", "", sender, "employee@company.my")
		l.Time, l.LoginKnown = monday.Add(after), false
		require.NoError(t, r.letter(t.Context(), &l))
	}
	send(10*time.Minute, "boss@company.my")
	send(2*time.Hour, "boss@company.my")
	send(3*time.Hour, "me@it.company.my")
	send(4*time.Hour, "me@foreign.example")
	send(5*time.Hour, "")
	noAuth := letter(onAny, outside, "", "me@foreign.example", "employee@company.my")
	noAuth.Time, noAuth.LoginKnown = monday.Add(6*time.Hour), false
	require.NoError(t, r.letter(t.Context(), &noAuth))
	r.countUnknown(monday)
	assert.Equal(t, map[string]int64{
		"sender-spoofing": 3, "submission": 5, "local-only": 5, "protected": 5, "foreign-sender": 5,
	}, r.counts.UnknownOf)
	assert.Equal(t, int64(6), r.counts.CannotTell)
}

func setModes(s *Server, lines string) {
	replaceIn(s, "/etc/univention/base.conf", "mail/hosteddomains", lines+"\nmail/hosteddomains")
}

func replaceIn(s *Server, path string, oldNew ...string) {
	content, err := os.ReadFile(s.path(path))
	if err == nil {
		err = os.WriteFile(s.path(path), []byte(strings.NewReplacer(oldNew...).Replace(string(content))), 0o644)
	}
	if err != nil {
		panic(err)
	}
}

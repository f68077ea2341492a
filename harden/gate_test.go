package harden

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
	"ucs-harden/maillog"
	"ucs-harden/plan"
)

// told is evidence that a test makes up. It counts the replays.
type told struct {
	watched, replayed func() *evidence.Report
	replays           int
}

func (e *told) Watched(context.Context, *Planned, bool) (*evidence.Report, error) {
	return e.watched(), nil
}

func (e *told) Replayed(context.Context, *Planned, bool) (*evidence.Report, error) {
	e.replays++
	return e.replayed(), nil
}

// nineDays is the report of a log with mail in every hour of nine days.
func nineDays(groups ...evidence.Group) *evidence.Report {
	c := maillog.Coverage{From: monday.AddDate(0, 0, -9), To: monday, Days: map[string]int64{}, Mail: map[string]int64{}}
	for at := c.From; !at.After(c.To); at = at.Add(time.Hour) {
		c.Days[at.Format(time.DateOnly)] += 100
		c.Mail[at.Format(time.DateOnly)] += 20
		c.Lines += 100
	}
	r := &evidence.Report{Schema: evidence.ReportSchema, At: monday, Source: evidence.FromWarn, Coverage: c, Groups: groups}
	r.Settle(nil)
	return r
}

// replayOf is the report of a replay of the same log.
func replayOf(groups ...evidence.Group) *evidence.Report {
	r := nineDays(groups...)
	r.Source = evidence.FromReplay
	r.Replayed = &evidence.Replayed{Letters: 1000, Unchanged: 1000, CannotTellOf: map[string]int64{}, UnknownOf: map[string]int64{}}
	return r
}

// groupOf is a group of sender-spoofing with a client.
func groupOf(v evidence.Verdict, count int64, clients ...string) evidence.Group {
	k := evidence.Key{Control: "sender-spoofing", Domain: "company.my", From: "crm.example"}
	g := evidence.Group{ID: k.String(), Cell: evidence.Cell{Key: k}, Count: count, Verdict: v, Reason: evidence.Phrasef("a reason")}
	for _, client := range clients {
		g.Kinds = append(g.Kinds, evidence.Distinct{Client: netip.MustParseAddr(client), Sender: "crm@company.my", Count: count})
	}
	return g
}

// gated is a server on which the gate asks made-up evidence. It wants sender-spoofing enforced, and everything else off.
func gated(t *testing.T, e *told) *Server {
	t.Helper()
	s, _ := archived(t)
	s.Now, s.Evidence, s.Logs, s.By = func() time.Time { return monday }, e, files{}, "root"
	setModes(s, "mail/harden/sender-spoofing/mode: enforce")
	return s
}

func (s *Server) asked(t *testing.T, o ApplyOptions) *gateAnswer {
	t.Helper()
	p, err := s.Plan(t.Context(), o.Mode)
	require.NoError(t, err)
	a, err := s.gate(t.Context(), p, o)
	require.NoError(t, err)
	return a
}

// Warn has logged one letter of a group in its first minutes, which looks forged. The replay knows eleven, and they do not.
func TestAGroupThatWarnAndReplayKnowIsAcceptedAsBothKnowIt(t *testing.T) {
	forged, legitimate := groupOf(evidence.Forged, 1, "198.51.100.20"), groupOf(evidence.Unclear, 11, "198.51.100.20", "192.0.2.7")
	e := &told{
		watched:  func() *evidence.Report { return nineDays(forged) },
		replayed: func() *evidence.Report { return replayOf(legitimate) },
	}
	s := gated(t, e)
	a := s.asked(t, ApplyOptions{})
	var lacks *EvidenceError
	require.ErrorAs(t, a.evidenceError(false), &lacks)
	require.Len(t, lacks.Groups, 1)
	assert.Equal(t, evidence.Unclear, lacks.Groups[0].Verdict, "the group that is asked about, not its twin")
	assert.EqualValues(t, 11, lacks.Groups[0].Count)

	id := evidence.AcceptPrefix + legitimate.ID
	a = s.asked(t, ApplyOptions{Accepted: []string{id}})
	require.NoError(t, a.evidenceError(false))
	require.Len(t, a.accepted, 1)
	assert.EqualValues(t, 11, a.accepted[0].Count)
	assert.Equal(t, []string{"192.0.2.0/24", "198.51.100.0/24"}, a.accepted[0].Clients)
	p, err := s.Plan(t.Context(), "")
	require.NoError(t, err)
	s.keepAccepted(t.Context(), p, nil, a.accepted)
	assert.NoError(t, s.asked(t, ApplyOptions{}).evidenceError(false), "it holds for later")

	_, err = s.gate(t.Context(), p, ApplyOptions{Accepted: []string{"evidence:sender-spoofing:company.my:crm.exmple"}})
	var unknown *UnknownGroupError
	require.True(t, errors.As(err, &unknown))
	assert.Equal(t, []string{id}, slices.Compact(unknown.IDs), "a group of both reports is named once")
	assert.Len(t, unknown.IDs, 1)
}

// A replay of a plan in which a control stays in warn says nothing about enforcing this control.
func TestAReplaySpeaksOfWhatItsPlanEnforces(t *testing.T) {
	e := &told{
		watched:  func() *evidence.Report { return nineDays() },
		replayed: func() *evidence.Report { return replayOf() },
	}
	s := gated(t, e)
	setModes(s, "mail/harden/protected/mode: off\nmail/harden/submission/mode: warn")
	p, err := s.Plan(t.Context(), "")
	require.NoError(t, err)
	_, ready, _, err := s.readiness(t.Context(), p)
	require.NoError(t, err)
	byName := map[string]evidence.Readiness{}
	for _, r := range ready {
		byName[r.Control] = r
	}
	assert.True(t, byName["sender-spoofing"].Ready, "%+v", ready)
	assert.False(t, byName["submission"].Ready)
	assert.Equal(t, "the log was replayed with submission in mode warn, not in enforce",
		byName["submission"].Missing[0].String())
}

// The usual state before one control is enforced is that it has mode warn, as a mode of its own.
func TestAReplayEnforcesWhatIsOn(t *testing.T) {
	log := strings.Join([]string{
		"2026-11-29T08:00:00.000000+00:00 mail postfix/smtpd[5]: connect from crm.example[198.51.100.20]",
		"2026-11-29T08:00:01.000000+00:00 mail postfix/smtpd[5]: 4XyZ01aaaaz1: client=crm.example[198.51.100.20]",
		"2026-11-29T08:00:01.100000+00:00 mail postfix/cleanup[6]: 4XyZ01aaaaz1: message-id=<1@crm.example>",
		"2026-11-29T08:00:01.200000+00:00 mail postfix/qmgr[7]: 4XyZ01aaaaz1: from=<crm@company.my>, size=500, nrcpt=1 (queue active)",
		"2026-11-29T08:00:01.300000+00:00 mail postfix/smtpd[5]: disconnect from crm.example[198.51.100.20] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5",
		"2026-11-29T08:00:01.400000+00:00 mail postfix/lmtp[8]: 4XyZ01aaaaz1: to=<boss@company.my>, relay=mail[private/dovecot-lmtp], delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Saved)",
		"2026-11-29T08:00:01.500000+00:00 mail postfix/qmgr[7]: 4XyZ01aaaaz1: removed",
	}, "\n") + "\n"
	for sentence, c := range map[string]struct {
		modes   string
		mode    plan.Mode
		refused int64
	}{
		"the control is in warn":                       {"mail/harden/sender-spoofing/mode: warn", plan.Enforce, 1},
		"a domain of it is in warn":                    {"mail/harden/sender-spoofing/domain/company.my/mode: warn", plan.Enforce, 1},
		"the control is off":                           {"mail/harden/sender-spoofing/mode: off", plan.Enforce, 0},
		"the control is in enforce, and warn is asked": {"mail/harden/sender-spoofing/mode: enforce", plan.Warn, 0},
		"the modes of the registry":                    {"mail/harden/sender-spoofing/mode: warn", "", 0},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := reporting(t, log)
			setModes(s, c.modes)
			r, err := s.Replay(t.Context(), ReplayOptions{Mode: c.mode})
			require.NoError(t, err)
			assert.Equal(t, c.refused, r.Replayed.Refused)
		})
	}
}

// report makes no replay. Where it shows too few days it says who does, since status may call the control ready.
func TestAReportOfTooFewDaysNamesTheReplay(t *testing.T) {
	s, _, _ := keeping(t, "mail/harden/mode: warn")
	s.Evidence = logEvidence{s}
	r, err := s.Report(t.Context(), ReportOptions{})
	require.NoError(t, err)
	require.NotEmpty(t, r.Controls)
	assert.False(t, r.Controls[0].Ready)
	assert.Contains(t, r.Notes[len(r.Notes)-1].String(), "ucs-harden replay shows it")
}

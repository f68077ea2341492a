package harden

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/plan"
)

func TestWhichDoorALetterCameThrough(t *testing.T) {
	named := []string{
		"smtps     inet  n       -       n       -       -        smtpd", "smtps     inet  n       -       n       -       -        smtpd -o syslog_name=postfix/smtps",
		"submission inet  n       -       n       -       -        smtpd", "submission inet  n       -       n       -       -        smtpd -o syslog_name=mail/in",
	}
	const later, earlier = time.Hour, -time.Hour
	for sentence, c := range map[string]struct {
		master  []string // what is replaced in master.cf
		seen    time.Duration
		program string
		login   string
		want    []int
	}{
		"the name of main.cf may be that of every port":           {nil, 0, "postfix/smtpd", "", []int{25, 465, 587}},
		"who has logged in came through 587 or 465":               {nil, 0, "postfix/smtpd", "boss", []int{587, 465}},
		"the names that ucs-harden gives, in a log of before":     {nil, 0, "postfix/smtps/smtpd", "", []int{465}},
		"the name that Postfix gives to 465 since version 3.8":    {nil, 0, "postfix/submissions/smtpd", "", []int{465}},
		"a name that the administrator gives":                     {named, 0, "mail/in/smtpd", "", []int{587}},
		"nobody knows since when the ports have names":            {named, 0, "postfix/smtpd", "", []int{25, 465, 587}},
		"the log has shown one of the names before":               {named, earlier, "postfix/smtpd", "", []int{25}},
		"the log shows one of the names only later":               {named, later, "postfix/smtpd", "", []int{25, 465, 587}},
		"one of the two ports has no name, so its name is shared": {named[:2], earlier, "postfix/smtpd", "", []int{25, 465, 587}},
		"another name of another Postfix":                         {nil, 0, "postfix-10.0.0.1/smtpd", "", []int{25, 465, 587}},
	} {
		t.Run(sentence, func(t *testing.T) {
			r := replaying(t, plan.Enforce, func(s *Server) { replaceIn(s, "/etc/postfix/master.cf", c.master...) })
			if c.seen != 0 {
				r.doors.of("postfix/smtps/smtpd", "", monday.Add(c.seen))
			}
			assert.Equal(t, c.want, r.doors.of(c.program, c.login, monday))
		})
	}
}

func TestHowFarAReadingIs(t *testing.T) {
	const mebibyte = 1 << 20
	for want, c := range map[string]struct {
		read, all int64
		took      time.Duration
	}{
		"0.5 MiB":                                {mebibyte / 2, 0, time.Millisecond},
		"100 MiB of 1024 MiB":                    {100 * mebibyte, 1024 * mebibyte, time.Millisecond},
		"100 MiB of 300 MiB, 50 MiB/s, 5 s left": {100 * mebibyte, 300 * mebibyte, 2 * time.Second},
		"100 MiB, 25 MiB/s":                      {100 * mebibyte, 0, 4 * time.Second},
		"300 MiB of 300 MiB, 100 MiB/s":          {300 * mebibyte, 300 * mebibyte, 3 * time.Second},
		"0.0 MiB of 1.0 MiB":                     {0, mebibyte, 3 * time.Second},
	} {
		assert.Equal(t, want, howFar(c.read, c.all, c.took))
	}
}

func TestTheSampleHasEveryClass(t *testing.T) {
	r := replaying(t, plan.Enforce, nil)
	for range 50 {
		for _, l := range []struct{ program, client, login, sender, to string }{
			{on587, outside, "boss", "boss@company.my", "you@foreign.example"},
			{on587, outside, "boss", "employee@company.my", "you@foreign.example"},
			{on465, outside, "boss", "employee@company.my", "you@foreign.example"},
			{on587, outside, "", "me@foreign.example", "boss@company.my"},
			{onAny, outside, "", "boss@company.my", "boss@company.my"},
			{onAny, "127.0.0.1", "", "böss@company.my", "boss@company.my"}, // no Postfix is asked about it
		} {
			require.NoError(t, r.letter(t.Context(), new(letter(l.program, l.client, l.login, l.sender, l.to))))
		}
	}
	require.NoError(t, r.flush(t.Context()))
	chosen := r.sample.take()
	asked := map[string]int{}
	for _, c := range chosen {
		asked[c.message.Sender]++
		assert.NotContains(t, c.message.Sender, "ö")
	}
	assert.Len(t, r.sample.classes, 5)
	assert.Len(t, chosen, 5, "the same message is asked about once")
	r.sample.most = 3
	assert.Len(t, r.sample.take(), 3)
}

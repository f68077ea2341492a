package evidence

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"ucs-harden/maillog"
)

func TestALetterCountsOnceHoweverManyLinesThereAre(t *testing.T) {
	begin := time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)
	line := func(second, pid int, sender, text string) maillog.Hit {
		return maillog.Hit{
			Time: begin.Add(time.Duration(second) * time.Second), Program: "postfix/submission/smtpd", PID: pid, Action: maillog.WouldRefuse,
			Client: netip.MustParseAddr("203.0.113.66"), Sender: sender, Recipient: "clerk@company.my", Text: text, LoginKnown: true,
		}
	}
	const (
		notIn  = "Sender address rejected: not logged in"
		denied = "Recipient address rejected: Access denied"
		boss   = "boss@company.my"
	)
	for what, c := range map[string]struct {
		hits []maillog.Hit
		want int64
	}{
		"two lines about one letter":            {[]maillog.Hit{line(0, 7, boss, notIn), line(0, 7, boss, denied)}, 1},
		"two letters of two lines":              {[]maillog.Hit{line(0, 7, boss, notIn), line(0, 7, boss, denied), line(1, 7, boss, notIn), line(1, 7, boss, denied)}, 2},
		"the same line twice is two letters":    {[]maillog.Hit{line(0, 7, boss, denied), line(0, 7, boss, denied)}, 2},
		"two sessions at once":                  {[]maillog.Hit{line(0, 7, boss, notIn), line(0, 8, boss, notIn), line(0, 7, boss, denied), line(0, 8, boss, denied)}, 2},
		"two senders":                           {[]maillog.Hit{line(0, 7, boss, notIn), line(0, 7, "clerk@company.my", denied)}, 2},
		"a process number that was used before": {[]maillog.Hit{line(0, 7, boss, notIn), line(3600, 7, boss, denied)}, 2},
	} {
		d := NewDigest()
		for _, h := range c.hits {
			d.AddHit(&h, Ours{Domains: []string{"company.my"}, Ports: map[string]int{"postfix/submission/smtpd": 587}})
		}
		var got int64
		for _, cell := range d.Cells {
			got += cell.Letters()
		}
		assert.Equal(t, c.want, got, what)
	}
}

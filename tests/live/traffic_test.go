package live_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab/smtpclient"
)

// traffic is several clients that send letters with DATA, one after another, each at its own pace.
type traffic struct {
	clients []*sender
	stop    context.CancelFunc
	done    sync.WaitGroup
}

// sender sends the same letter again and again.
type sender struct {
	letter letter
	want   string // its verdict while all is well
	n      int

	mutex sync.Mutex
	tries []try
	sent  atomic.Int64
}

// try is one letter that was tried to send.
type try struct {
	id         string // stands in the message
	begin, end time.Time
	said       smtpclient.Reply
	err        error
}

// pace is about how often a client sends.
const pace = 15 * time.Millisecond

// begin starts the clients; each opens a new connection every few letters, so that logins, too, go on.
func (c company) begin(t *testing.T, all verdicts) *traffic {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	tr := &traffic{stop: stop}
	t.Cleanup(tr.end)
	for i, l := range all.letters() {
		client, err := c.NewSMTP(l.host)
		require.NoError(t, err)
		s := &sender{letter: l, want: all[l], n: i}
		tr.clients = append(tr.clients, s)
		tr.done.Go(func() {
			defer client.Close()
			for tick := time.NewTicker(pace); ; {
				s.try(client)
				select {
				case <-ctx.Done():
					tick.Stop()
					return
				case <-tick.C:
				}
			}
		})
	}
	return tr
}

// end waits for the clients' last letters.
func (tr *traffic) end() {
	tr.stop()
	tr.done.Wait()
}

func (s *sender) try(client *smtpclient.Client) {
	number := s.sent.Load()
	if number%5 == 4 {
		client.Close()
	}
	d := s.letter.dialogue()
	this := try{id: fmt.Sprintf("letter-%d-%d-%d", s.n, number, time.Now().UnixNano()), begin: time.Now()}
	d.Data = "Subject: " + this.id + "\r\n\r\nunderway\r\n"
	answer, err := client.Play(context.Background(), d)
	this.end, this.err = time.Now(), err
	if this.said = answer.Verdict(0); this.said.OK() {
		this.said = answer.Data
	}
	s.mutex.Lock()
	s.tries = append(s.tries, this)
	s.mutex.Unlock()
	s.sent.Add(1)
}

// more waits until each client has sent so many letters from now on.
func (tr *traffic) more(t *testing.T, c company, letters int64) {
	t.Helper()
	from := map[*sender]int64{}
	for _, s := range tr.clients {
		from[s] = s.sent.Load()
	}
	c.WaitFor(t, "letters", func() bool {
		for _, s := range tr.clients {
			if s.sent.Load() < from[s]+letters {
				return false
			}
		}
		return true
	})
}

// normal waits until the last letters of each client, begun after this moment, had the verdict of a good day.
func (tr *traffic) normal(t *testing.T, c company, since time.Time) {
	t.Helper()
	const enough = 3
	c.WaitFor(t, "a good day", func() bool {
		for _, s := range tr.clients {
			s.mutex.Lock()
			good := 0
			for i := len(s.tries) - 1; i >= 0 && s.tries[i].begin.After(since) && is(s.tries[i].said, s.want); i-- {
				good++
			}
			s.mutex.Unlock()
			if good < enough {
				return false
			}
		}
		return true
	})
}

// judge looks at every letter: until the directory went away, and again from five seconds after its return began, each has its verdict;
// in between it may have been put off, and nothing else. It returns who was, how often, and how long after the return began.
func (tr *traffic) judge(t *testing.T, away, back time.Time) (putOff map[letter]int, recovery time.Duration) {
	t.Helper()
	putOff = map[letter]int{}
	for _, s := range tr.clients {
		for _, this := range s.tries {
			if this.err == nil && is(this.said, s.want) {
				continue
			}
			// 454 is AUTH's word for it (RFC 4954, 6); on a connection that breaks a client tries again later, too: see post.send.
			if assert.True(t, this.err != nil || this.said.Code == 451 || this.said.Code == 454, "%s: %s", s.letter, this.said) &&
				assert.True(t, this.end.After(away), "%s before: %s %v", s.letter, this.said, this.err) {
				putOff[s.letter]++
				recovery = max(recovery, this.begin.Sub(back))
			}
		}
	}
	return putOff, recovery
}

// ids are the letters that were accepted, or not, by recipient.
func (tr *traffic) ids(to string, ok bool) (ids []string) {
	for _, s := range tr.clients {
		for _, this := range s.tries {
			if s.letter.to == to && this.said.OK() == ok {
				ids = append(ids, this.id)
			}
		}
	}
	return ids
}

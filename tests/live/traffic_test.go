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

// sender is a client that sends the same letter again and again.
type sender struct {
	letter letter
	want   string // the verdict while slapd runs
	n      int

	mutex sync.Mutex
	tries []try
	sent  atomic.Int64
}

// try is one attempt to send a letter.
type try struct {
	id         string // part of the message
	begin, end time.Time
	said       smtpclient.Reply
	err        error
}

// pace is the approximate interval between the letters of a client.
const pace = 15 * time.Millisecond

// begin starts the clients. Each opens a new connection every few letters, so that logins go on too.
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

// end stops the clients and waits for their last letters.
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

// more waits until each client has sent this many letters from now on.
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

// normal waits until the last letters of each client, begun after since, had the verdict that they have while slapd
// runs.
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

// judge checks every letter. Before the directory went away it must have its verdict. Afterwards it may have been put
// off, but nothing else. judge returns how often each letter was put off, and how long after the beginning of the
// return the last one was.
func (tr *traffic) judge(t *testing.T, away, back time.Time) (putOff map[letter]int, recovery time.Duration) {
	t.Helper()
	putOff = map[letter]int{}
	for _, s := range tr.clients {
		for _, this := range s.tries {
			if this.err == nil && is(this.said, s.want) {
				continue
			}
			// AUTH answers 454 in this case (RFC 4954, 6). When a connection breaks, a client tries again later too:
			// see post.send.
			if assert.True(t, this.err != nil || this.said.Code == 451 || this.said.Code == 454, "%s: %s", s.letter, this.said) &&
				assert.True(t, this.end.After(away), "%s before: %s %v", s.letter, this.said, this.err) {
				putOff[s.letter]++
				recovery = max(recovery, this.begin.Sub(back))
			}
		}
	}
	return putOff, recovery
}

// ids are the IDs of the letters to a recipient that were accepted (ok) or not.
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

package privatepostfix

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"ucs-harden/internal/lazyregexp"
)

// maxConnections is how many connections one port gets at a time. A new smtpd(8) costs as much as some dialogues, and
// the ports of two instances are busy at the same time; so there is one connection for each worthOneMore dialogues.
const (
	maxConnections = 4
	worthOneMore   = 200
)

// Play plays the dialogues, several at a time, and returns a reply for each, in their order. A refusal is a reply. An
// error is a dialogue that cannot be played: the configuration does not have the port, or the server hangs up twice.
func (i *Instance) Play(ctx context.Context, dialogues []Dialogue) ([]Reply, error) {
	queues := map[int][]int{}
	for n, d := range dialogues {
		if err := d.Check(); err != nil {
			return nil, err
		}
		id := i.ServiceOf(d)
		if i.pools[id] == nil {
			return nil, &PortError{Ports: []int{id}, Names: []string{d.At()}, Why: "master.cf has no smtpd there"}
		}
		queues[id] = append(queues[id], n)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	played := make([]turn, len(dialogues))
	logged := i.log.count()
	var all, watching sync.WaitGroup
	over := make(chan struct{})
	watching.Go(func() { i.watchPlay(logged, over, cancel) })
	for id, queue := range queues {
		next := make(chan int)
		all.Go(func() {
			defer close(next)
			for _, n := range queue {
				select {
				case next <- n:
				case <-ctx.Done():
					return
				}
			}
		})
		for range min(maxConnections, 1+len(queue)/worthOneMore) {
			all.Go(func() {
				if err := i.work(ctx, i.pools[id], dialogues, played, next); err != nil {
					cancel(err)
				}
			})
		}
	}
	all.Wait()
	close(over)
	watching.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, fmt.Errorf("cannot play the dialogues: %w", err)
	}
	if err := i.log.sync(); err != nil {
		return nil, fmt.Errorf("cannot play the dialogues: %w", err)
	}
	lines, _ := i.log.from(logged)
	logs := logOf(lines)
	replies := make([]Reply, len(played))
	helpers := i.complaints(noPort)
	for n, t := range played {
		replies[n] = t.Reply
		replies[n].Log, replies[n].NotAsked = i.sort(logs[t.number])
		if strings.HasPrefix(t.Enhanced, "4.3.") {
			// The mail system is at fault, says RFC 3463: perhaps a process that smtpd(8) asked.
			replies[n].Log = append(slices.Clone(helpers), replies[n].Log...)
		}
	}
	return replies, nil
}

// sort takes out of the log of a dialogue what was not asked.
func (i *Instance) sort(logged []string) (log, unasked []string) {
	for _, text := range logged {
		if m := notAskedLine.FindStringSubmatch(text); m == nil {
			log = append(log, i.unasked.unpipe(text))
		} else if !slices.Contains(unasked, m[1]) {
			unasked = append(unasked, m[1])
		}
	}
	i.unasked.add(unasked)
	return log, unasked
}

// notAskedLine is what smtpd(8) logs for a place-holder of unasked.
var notAskedLine = lazyregexp.New(`^\S+: info: \S+ from .*: ` + notAsked + `([^;]*?)(?:;|$)`)

// watchPlay reads the log from its nth line on until the dialogues are over. When master(8) starts no smtpd for a
// minute (it is throttled), the dialogues are given up: the next smtpd would complain of the same.
func (i *Instance) watchPlay(n int, over <-chan struct{}, giveUp context.CancelCauseFunc) {
	for {
		lines, news := i.log.from(n)
		n += len(lines)
		for _, l := range lines {
			if l.program == "master" && strings.HasSuffix(l.text, "throttling") {
				giveUp(fmt.Errorf("smtpd ends: %s", strings.Join(first(i.complaints(allPorts), 3), "; ")))
				return
			}
		}
		select {
		case <-news:
		case <-over:
			return
		}
	}
}

func first(all []string, n int) []string { return all[:min(n, len(all))] }

// turn is a dialogue that was played: its reply, and its number in the log.
type turn struct {
	number int
	Reply
}

// work plays dialogues over one connection, as long as next names any.
func (i *Instance) work(ctx context.Context, p *pool, dialogues []Dialogue, played []turn, next <-chan int) error {
	var c *conn
	defer func() {
		if c != nil {
			p.put(c)
		}
	}()
	for n := range next {
		var err error
		for try := 0; ; try++ {
			if c == nil {
				if c, err = p.get(ctx); err != nil {
					return i.broken(dialogues[n], err)
				}
			}
			played[n].number = i.nextNumber()
			if played[n].Reply, err = c.play(ctx, dialogues[n], played[n].number); err == nil {
				break
			}
			_ = c.Close()
			c = nil
			// The server may have closed an old connection that was idle for too long, but not a new one.
			if ctx.Err() != nil || try > 0 {
				return i.broken(dialogues[n], err)
			}
		}
		if c.spent {
			c.Quit()
			c = nil
		}
	}
	return nil
}

// broken explains why a dialogue got no reply.
func (i *Instance) broken(d Dialogue, err error) error {
	_ = i.log.sync()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the server hung up")
	}
	err = fmt.Errorf("%s: %w", d, err)
	if c := i.complaints(i.ServiceOf(d)); len(c) > 0 {
		err = fmt.Errorf("%w: %s", err, strings.Join(first(c, 3), "; "))
	}
	return err
}

// A dialogue has a number that can be the port of a client.
const firstNumber, lastNumber = 1024, 65535

func (i *Instance) nextNumber() int {
	return firstNumber + int(i.number.Add(1)-1)%(lastNumber-firstNumber+1)
}

// ServiceOf is the ID of the service of a dialogue, 0 when there is none.
func (i *Instance) ServiceOf(d Dialogue) int {
	if d.Service == "" {
		return d.Port
	}
	if n := slices.IndexFunc(i.services, func(s service) bool { return s.name == d.Service }); n >= 0 {
		return i.services[n].id
	}
	return 0
}

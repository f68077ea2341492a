package privatepostfix

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"sync"
)

// Connections to one port at a time, and how many dialogues are worth one more: a
// new smtpd(8) costs as much as some of them.
const (
	maxConnections = 4
	worthOneMore   = 25
)

// Play plays the dialogues, several at a time, and returns a reply for each, in their
// order. A refusal is a reply; an error is a dialogue that cannot be played: a
// port that the configuration does not have, a server that hangs up twice.
func (i *Instance) Play(ctx context.Context, dialogues []Dialogue) ([]Reply, error) {
	queues := map[int][]int{}
	for n, d := range dialogues {
		if err := d.Check(); err != nil {
			return nil, err
		}
		if i.pools[d.Port] == nil {
			return nil, &PortError{Ports: []int{d.Port}, Why: "master.cf has no smtpd there"}
		}
		queues[d.Port] = append(queues[d.Port], n)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	played := make([]turn, len(dialogues))
	logged := i.journal.count()
	var all, watching sync.WaitGroup
	over := make(chan struct{})
	watching.Go(func() { i.watchPlay(logged, over, cancel) })
	for port, queue := range queues {
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
				if err := i.work(ctx, i.pools[port], dialogues, played, next); err != nil {
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
	if err := i.journal.sync(); err != nil {
		return nil, fmt.Errorf("cannot play the dialogues: %w", err)
	}
	lines, _ := i.journal.from(logged)
	logs := logOf(lines)
	replies := make([]Reply, len(played))
	helpers := i.complaints(noPort)
	for n, t := range played {
		replies[n] = t.Reply
		replies[n].Log = logs[t.number]
		if strings.HasPrefix(t.Enhanced, "4.3.") {
			// The mail system is at fault, says RFC 3463; it may be in a process that smtpd asked.
			replies[n].Log = append(slices.Clone(helpers), logs[t.number]...)
		}
	}
	return replies, nil
}

// watchPlay reads the log from its nth line on until the dialogues are over, and gives
// them up when master(8) starts no smtpd any more for a minute: because of what the
// last one complained of, which it would again.
func (i *Instance) watchPlay(n int, over <-chan struct{}, giveUp context.CancelCauseFunc) {
	for {
		lines, news := i.journal.from(n)
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

// turn is a dialogue that was played: its reply, and the number under which
// the log knows it.
type turn struct {
	number int
	Reply
}

// work plays what comes, over one connection.
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
			// An old connection may have been left alone too long; a new one has no such excuse.
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

// broken explains a dialogue that came to no reply.
func (i *Instance) broken(d Dialogue, err error) error {
	_ = i.journal.sync()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the server hung up")
	}
	err = fmt.Errorf("%s: %w", d, err)
	if c := i.complaints(d.Port); len(c) > 0 {
		err = fmt.Errorf("%w: %s", err, strings.Join(first(c, 3), "; "))
	}
	return err
}

// Numbers of dialogues are ports that clients have.
const firstNumber, lastNumber = 1024, 65535

func (i *Instance) nextNumber() int {
	return firstNumber + int(i.number.Add(1)-1)%(lastNumber-firstNumber+1)
}

// play plays one dialogue and leaves the connection ready for the next.
func (c *conn) play(ctx context.Context, d Dialogue, number int) (Reply, error) {
	c.Record()
	var last Reply
	for _, step := range []struct{ at, say string }{
		{AtXclient, xclient(d, number)},
		{AtEhlo, "EHLO " + d.Helo},
		{AtMail, "MAIL FROM:<" + d.Sender + ">"},
		{AtRcpt, "RCPT TO:<" + d.Recipient + ">"},
	} {
		if err := ctx.Err(); err != nil {
			return Reply{}, err
		}
		r, err := c.ask(ctx, step.say)
		if err != nil {
			return Reply{}, err
		}
		last = Reply{Code: r.Code, Enhanced: r.Enhanced(), Text: r.Text(), At: step.at}
		if step.at == AtXclient && r.Code == 501 {
			// Our words are right, so it is the protocol of the address: inet_protocols.
			last = Reply{Text: "the server does not speak the protocol of this address", At: AtConnect}
		}
		if !r.Positive() {
			break
		}
	}
	last.Transcript = c.Transcript()
	last.forget(d.Client, number)
	// A server that refuses the client itself refuses this too, and 421 is the end of
	// the connection (RFC 5321 section 3.8). The verdict holds all the same.
	r, err := c.ask(ctx, "RSET")
	c.spent = err != nil || r.Code != 250
	return last, nil
}

// forget takes the number of the dialogue out of the reply, where smtpd(8) names the client.
func (r *Reply) forget(client netip.Addr, number int) {
	named := fmt.Sprintf("[%s]:%d", client.Unmap(), number)
	nameless := strings.NewReplacer(named, named[:strings.LastIndexByte(named, ':')])
	r.Text = nameless.Replace(r.Text)
	for n, line := range r.Transcript {
		r.Transcript[n] = nameless.Replace(line)
	}
}

const unavailable = "[UNAVAILABLE]"

// xclient is the command that tells who the client is, see XCLIENT_README.
func xclient(d Dialogue, number int) string {
	name, login := unavailable, unavailable
	if d.ClientName != "" {
		name = xtext(d.ClientName)
	}
	if d.Login != "" {
		login = xtext(d.Login)
	}
	return fmt.Sprintf("XCLIENT NAME=%s REVERSE_NAME=%s ADDR=%s PORT=%d LOGIN=%s", name, name, xclientAddr(d.Client), number, login)
}

func xclientAddr(a netip.Addr) string {
	if a = a.Unmap().WithZone(""); a.Is6() {
		return "IPV6:" + a.String()
	}
	return a.String()
}

// xtext encodes an attribute value as RFC 3461 section 4 says.
func xtext(s string) string {
	var out strings.Builder
	for _, c := range []byte(s) {
		if c < '!' || c > '~' || c == '+' || c == '=' {
			fmt.Fprintf(&out, "+%02X", c)
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}

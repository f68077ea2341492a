package privatepostfix

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// throttled is how long a service may still take to greet after master(8) has logged that a service is throttled for a
// minute. The line does not say which port it is about.
const throttled = time.Second

// greetAll waits for the greeting of every service. The wait ends early for a service that will not greet according to
// the log.
func (i *Instance) greetAll(ctx context.Context, logged int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	waiting := map[int]context.CancelCauseFunc{}
	errs := make([]error, len(i.services))
	var all, watching sync.WaitGroup
	for n, s := range i.services {
		serviceCtx, giveUp := context.WithCancelCause(ctx)
		waiting[s.id] = giveUp
		all.Go(func() {
			if err := i.greet(serviceCtx, s); err != nil {
				if cause := context.Cause(serviceCtx); cause != nil {
					err = cause
				}
				errs[n] = err
			}
		})
	}
	watching.Go(func() { i.watch(ctx, logged, waiting) })
	all.Wait()
	cancel(nil)
	watching.Wait()
	return i.explain(errs)
}

// watch reads the log from its nth line on, and gives up the services that will not greet.
func (i *Instance) watch(ctx context.Context, n int, waiting map[int]context.CancelCauseFunc) {
	giveUpAll := func(err error) {
		for _, giveUp := range waiting {
			giveUp(err)
		}
	}
	for {
		lines, news := i.log.from(n)
		n += len(lines)
		for _, l := range lines {
			switch giveUp := waiting[l.service]; {
			case l.fatal() && giveUp != nil:
				giveUp(errors.New("smtpd does not greet"))
			case l.fatal() && l.program == "master":
				giveUpAll(errors.New("master does not start"))
			case strings.HasSuffix(l.text, "throttling"):
				time.AfterFunc(throttled, func() { giveUpAll(errors.New("smtpd does not start")) })
			}
		}
		select {
		case <-news:
		case <-i.process.Done():
			_ = i.log.sync()
			if more, _ := i.log.from(n); len(more) == 0 {
				giveUpAll(fmt.Errorf("master has ended: %s", strings.TrimSpace(i.process.Said())))
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// greet takes the greeting of a service. Of a service that requires TLS it also asks for TLS: smtpd(8) offers STARTTLS
// even when it cannot read its certificate.
func (i *Instance) greet(ctx context.Context, s service) error {
	c, err := i.pools[s.id].dial(ctx)
	if err != nil {
		return err
	}
	if !s.mustTLS {
		i.pools[s.id].put(c)
		return nil
	}
	defer c.Close() // no QUIT: TLS has begun
	answer, err := c.startTLS(ctx)
	if err == nil && answer.Code != 220 {
		err = fmt.Errorf("it requires TLS, and its reply to STARTTLS is: %s", answer)
	}
	return err
}

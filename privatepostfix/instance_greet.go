package privatepostfix

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// throttled is how long a service may still greet after master(8) has said that
// some service is throttled for a minute, without a word from the service itself.
const throttled = time.Second

// greetAll waits for the greeting of every role. A role for which the log tells that
// there will be none is not waited for.
func (i *Instance) greetAll(ctx context.Context, logged int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	waiting := map[int]context.CancelCauseFunc{}
	errs := make([]error, len(i.roles))
	var all, watching sync.WaitGroup
	for n, r := range i.roles {
		roleCtx, giveUp := context.WithCancelCause(ctx)
		waiting[r.port] = giveUp
		all.Go(func() {
			if err := i.greet(roleCtx, r); err != nil {
				if cause := context.Cause(roleCtx); cause != nil {
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

// watch reads the log from its nth line on, and gives up the roles that will not greet.
func (i *Instance) watch(ctx context.Context, n int, waiting map[int]context.CancelCauseFunc) {
	giveUpAll := func(err error) {
		for _, giveUp := range waiting {
			giveUp(err)
		}
	}
	for {
		lines, news := i.journal.from(n)
		n += len(lines)
		for _, l := range lines {
			switch giveUp := waiting[l.port]; {
			case strings.Contains(l.text, "Address already in use"), strings.Contains(l.text, "unable to set exclusive lock"):
				giveUpAll(errPortTaken) // or the master of the try before has not let go yet
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
			_ = i.journal.sync()
			if more, _ := i.journal.from(n); len(more) == 0 {
				giveUpAll(fmt.Errorf("master has ended: %s", strings.TrimSpace(i.process.Said())))
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// greet takes the greeting of a role, and looks whether it can do the TLS it asks for:
// smtpd(8) offers that also without a certificate.
func (i *Instance) greet(ctx context.Context, r role) error {
	c, err := i.pools[r.port].dial(ctx)
	if err != nil {
		return err
	}
	if !r.mustTLS {
		i.pools[r.port].put(c)
		return nil
	}
	defer c.Close() // no QUIT: TLS has begun
	answer, err := c.startTLS(ctx)
	if err == nil && answer.Code != 220 {
		err = fmt.Errorf("it asks for TLS, and says to STARTTLS: %s", answer)
	}
	return err
}

// PortError says that a service of the configuration does not work.
type PortError struct {
	// Ports of which the same is to say.
	Ports []int
	// Why is what is wrong, in words.
	Why string
	// Log is what the private Postfix logged about it, what is fatal first.
	Log []string
}

func (e *PortError) Error() string {
	ports := strings.Join(strings.Fields(strings.Trim(fmt.Sprint(e.Ports), "[]")), ", ")
	text := fmt.Sprintf("cannot rehearse port %s: %s", ports, e.Why)
	if len(e.Log) > 0 {
		text += ": " + strings.Join(e.Log[:min(len(e.Log), 3)], "; ")
	}
	return text
}

// DeadPorts are the ports of all the PortErrors in an error of Start, and why;
// none when something else is wrong as well.
func DeadPorts(err error) map[int]string {
	switch e := err.(type) { //nolint:errorlint // it takes the error apart itself
	case nil:
		return nil
	case *PortError:
		dead := map[int]string{}
		for _, port := range e.Ports {
			dead[port] = e.Error()
		}
		return dead
	case interface{ Unwrap() []error }:
		dead := map[int]string{}
		for _, one := range e.Unwrap() {
			ports := DeadPorts(one)
			if ports == nil {
				return nil
			}
			maps.Copy(dead, ports)
		}
		return dead
	}
	return DeadPorts(errors.Unwrap(err))
}

// explain makes *PortErrors of why roles do not work, one for those of which it is
// the same.
func (i *Instance) explain(errs []error) error {
	_ = i.journal.sync() // all the same when there is no log any more
	var all []error
	var last *PortError
	for n, err := range errs {
		port := i.roles[n].port
		switch {
		case err == nil:
			continue
		case errors.Is(err, errPortTaken) || errors.Is(err, context.Canceled):
			return err
		}
		e := &PortError{Ports: []int{port}, Why: err.Error(), Log: i.complaints(port)}
		if last != nil && last.Why == e.Why && slices.Equal(last.Log, e.Log) {
			last.Ports = append(last.Ports, port)
			continue
		}
		last = e
		all = append(all, e)
	}
	return errors.Join(all...)
}

// complaints are the distinct fatal errors, then the warnings, that a role and the
// helpers have logged; allPorts is every role, and noPort none. What master(8) says of the end of others
// is left out when these have said why themselves.
func (i *Instance) complaints(port int) []string {
	lines, _ := i.journal.from(0)
	var fatal, warnings, masters []string
	for _, l := range lines {
		if l.port != 0 && port != allPorts && l.port != port {
			continue
		}
		text, list := l.program+": "+l.text, &warnings
		switch {
		case l.fatal():
			list = &fatal
		case !strings.HasPrefix(l.text, "warning: ") && !strings.HasPrefix(l.text, "error: "):
			continue
		case l.program == "master":
			list = &masters
		}
		if !slices.Contains(*list, text) {
			*list = append(*list, text)
		}
	}
	if all := append(fatal, warnings...); len(all) > 0 {
		return all
	}
	return masters
}

const allPorts, noPort = -1, 0

const backwards = "using backwards-compatible default setting"

// Complaints are the distinct fatal errors and warnings that the private Postfix has
// logged so far, each with its program in front.
func (i *Instance) Complaints() []string {
	_ = i.journal.sync() // after Close there is nothing to wait for
	return i.complaints(allPorts)
}

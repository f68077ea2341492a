package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"ucs-harden/plan"
	"ucs-harden/postfix"
	"ucs-harden/transaction"
)

const (
	// greetTimeout is how long a port may take to greet: a new smtpd has to
	// start, and one that fails is started again.
	greetTimeout = 20 * time.Second
	// probeTimeout is how long a port may take to show that it is in use at all.
	probeTimeout = 5 * time.Second
)

// The -o overrides that decide whether a port has TLS, and AUTH (postconf(5)).
var (
	tlsOptions  = []string{"smtpd_tls_wrappermode", "smtpd_tls_security_level", "smtpd_enforce_tls", "smtpd_use_tls"}
	authOptions = []string{"smtpd_sasl_auth_enable"}
)

// Greetings are the ports of master.cf that greet on this machine, with what
// they offer. When Postfix does not run, who greets there is somebody else.
func (p livePostfix) Greetings(ctx context.Context) []transaction.Port {
	if running, err := p.Postfix.Running(ctx); err != nil || !running {
		return nil
	}
	return greetings(ctx, p.doors())
}

func greetings(ctx context.Context, doors []door) []transaction.Port {
	looked := make([]error, len(doors))
	var all sync.WaitGroup
	for i := range doors {
		all.Go(func() { looked[i] = doors[i].look(ctx, probeTimeout) })
	}
	all.Wait()
	var out []transaction.Port
	for i, d := range doors {
		if looked[i] == nil {
			out = append(out, d.Port)
		}
	}
	return out
}

// Greet compares what the ports offer now with what they did before, as far as
// the change leaves that alone, and with what is expected of them.
func (p livePostfix) Greet(ctx context.Context, before []transaction.Port, want plan.Expectation) error {
	return verify(ctx, p.doors(), before, want)
}

// verify ends with the first port that fails: an error is one line, and the
// others have the same cause more often than not.
func verify(ctx context.Context, doors []door, before []transaction.Port, want plan.Expectation) error {
	var asked []*demand
	for _, b := range before {
		i := slices.IndexFunc(doors, func(d door) bool { return d.Addr == b.Addr })
		if i < 0 {
			gone := door{Port: b}
			return fmt.Errorf("port %s greeted before, and master.cf does not name it any more", gone.name())
		}
		asked = append(asked, &demand{door: doors[i], before: b})
	}
	for _, d := range doors {
		if len(want.Master[d.Service]) > 0 && !slices.ContainsFunc(asked, func(a *demand) bool { return a.Addr == d.Addr }) {
			asked = append(asked, &demand{door: d})
		}
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error)
	for _, d := range asked {
		go func() { failed <- d.meet(ctx, want.Master[d.Service]) }()
	}
	var first error
	for range asked {
		if err := <-failed; err != nil && first == nil {
			first = err
			stop()
		}
	}
	return first
}

// demand is a port, and what it showed before; the zero Port if it was silent.
type demand struct {
	door
	before transaction.Port
}

// meet looks at the port, and holds it against the past and the expected -o
// overrides of its service entry.
func (d *demand) meet(ctx context.Context, want map[string]string) error {
	known := d.before.Addr != ""
	if err := d.look(ctx, greetTimeout); err != nil {
		if known {
			return fmt.Errorf("port %s greeted before and does not now: %w", d.name(), err)
		}
		return fmt.Errorf("port %s does not greet: %w", d.name(), err)
	}
	same := func(options []string) bool {
		return known && !slices.ContainsFunc(options, func(o string) bool { return d.before.Options[o] != d.Options[o] })
	}
	level := want["smtpd_tls_security_level"]
	wantTLS, wantAUTH := level == "encrypt" || level == "may", want["smtpd_sasl_auth_enable"] == "yes"
	lacksTLS := !d.STARTTLS && !d.implicitTLS
	switch {
	case lacksTLS && d.before.STARTTLS && (wantTLS || same(tlsOptions)):
		return fmt.Errorf("port %s offered STARTTLS before and does not now%s", d.name(), because(d.tlsFailure))
	case lacksTLS && wantTLS:
		return fmt.Errorf("port %s does not offer STARTTLS, which it shall%s", d.name(), because(d.tlsFailure))
	case !d.AUTH && d.before.AUTH && (wantAUTH || same(authOptions)):
		return fmt.Errorf("port %s offered AUTH before and does not now", d.name())
	case !d.AUTH && wantAUTH:
		return fmt.Errorf("port %s does not offer AUTH, which it shall", d.name())
	case d.before.Postmaster && !d.Postmaster:
		return fmt.Errorf("port %s took mail for postmaster before and does not now%s", d.name(), because(d.refusal))
	}
	return nil
}

func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}

// look asks one after another what the port offers. An error is that it does
// not greet; what else is missing, the Port tells.
func (d *door) look(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %s", limit))
	defer cancel()
	g, err := postfix.Greet(ctx, d.Addr, d.implicitTLS)
	if err != nil {
		return err
	}
	d.AUTH = g.Offers("AUTH")
	d.tlsFailure = errors.New("EHLO does not name it")
	if g.Offers("STARTTLS") {
		var secured postfix.Greeting
		secured, d.tlsFailure = postfix.Secure(ctx, d.Addr)
		d.STARTTLS = d.tlsFailure == nil
		d.AUTH = d.AUTH || secured.Offers("AUTH")
	}
	if d.relay {
		d.refusal = postfix.Takes(ctx, d.Addr, d.implicitTLS, "postmaster")
		d.Postmaster = d.refusal == nil
	}
	return nil
}
